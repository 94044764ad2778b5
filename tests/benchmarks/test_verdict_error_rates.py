import numpy as np
import pytest

from representation_music.utils.metrics import area_under_roc
from representation_music.utils.statistics.comparisons import Arms


def test_simulated_arms_have_the_auc_they_are_meant_to_have(module):
    worlds = module("verdicts.worlds")
    world = worlds.World(gains=(0.1, 0.0), luck=0.1, num_songs=20000, num_artists=20000)
    songs, predictions = worlds.simulate(world, 12, np.random.default_rng(0))
    auc = {
        arm: np.mean([area_under_roc(songs.labels == 1, run) for run in runs])
        for arm, runs in predictions.items()
    }
    # Twelve seeds' mean spreads by .025 / sqrt 12 = .007, of which arms share most.
    assert auc["single task"] == pytest.approx(0.75, abs=0.025)
    assert auc["sharing"] - auc["single task"] == pytest.approx(0.1, abs=0.02)
    assert auc["auxiliary weights 0"] - auc["single task"] == pytest.approx(0, abs=0.02)


def test_the_rule_that_is_simulated_is_the_one_that_judges(module):
    worlds = module("verdicts.worlds")
    songs, predictions = worlds.simulate(worlds.World(), 4, np.random.default_rng(1))
    rival = "single task"
    intervals = module("verdicts.rules").gain_intervals(songs, predictions, rival, 50, 3)
    gain = Arms(songs, predictions, "auc", 50, seed=3).compare("sharing", rival).gain
    assert intervals["the rule"] == pytest.approx(
        np.array([gain.interval(0.05), gain.interval(0.1)])
    )


@pytest.mark.slow
def test_the_rule_covers_and_keeps_its_error_rate_where_naive_procedures_do_not(module):
    trials = 200
    error = (0.05 * 0.95 / trials) ** 0.5
    worlds, error_rates = module("verdicts.worlds").WORLDS, module("verdicts.rules").error_rates
    lucky = error_rates(worlds["lucky artists"], 10, trials)
    assert lucky["the rule"]["covers"] >= 0.95 - 2 * error
    assert lucky["seeds alone (paired t)"]["covers"] < 0.85
    assert lucky["test artists alone"]["covers"] < 0.95 - 2 * error

    stream = error_rates(worlds["the stream helps, sharing does not"], 5, trials)
    assert stream["the rule"]["benefit, true gain .050"] > 0.3  # the single task alone: misled
    assert stream["the rule"]["benefit over both"] <= 0.05 + 2 * error

    # A gain of the margin is seldom called immaterial, none at all more often.
    precise = error_rates(worlds["more test songs"], 5, trials)["the rule"]
    assert precise["not material, true gain .020"] <= 0.05 + 2 * error
    assert precise["not material, true gain .000"] > 0.2


def test_the_correction_covers_where_folds_share_training_songs_and_the_plain_t_does_not(
    module,
):
    world = module("verdicts.worlds").World(seed_sd=0.03, num_songs=400, num_artists=200)
    folds = module("verdicts.folds")
    rates = folds.fold_rates(world, folds.Folds(4, 4, shared=0.3), 60)
    assert rates["folds, corrected"]["covers"] >= 0.9
    assert rates["folds, plain t"]["covers"] < 0.85
    ratio = rates["folds, corrected"]["width"] / rates["folds, plain t"]["width"]
    assert ratio == pytest.approx((1 + 16 / 3) ** 0.5)


def test_of_cells_that_stop_early_runs_are_saved_and_those_without_a_look_stay_as_they_are(module):
    world = module("verdicts.worlds").World(num_songs=200, num_artists=60, seed_sd=0.003)
    rates = module("verdicts.early").early_rates(world, (3, 6), 5, resamples=30)
    assert set(rates) == {(seeds, 1, gain) for seeds in (3, 6) for gain in (0.0, 0.03, 0.05)}
    for (seeds, _, _), of in rates.items():
        if seeds == 3:  # the fewest that are looked at
            assert of["same verdict"] == 1 and of["runs saved"] == 0
            assert of["covers, early"] == of["covers, all seeds"]
    assert max(of["runs saved"] for of in rates.values()) > 0
