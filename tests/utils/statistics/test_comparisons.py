import warnings

import numpy as np
import pytest
from scipy import stats

from representation_music.utils.metrics import scores
from representation_music.utils.statistics.comparisons import Arms, TestSongs
from representation_music.utils.statistics.estimates import estimate
from representation_music.utils.statistics.verdicts import judge
from representation_music.utils.tasks import Task

POP = Task("pop", "binary")
YEAR = Task("year", "regression")


def songs_and_runs(seeds=4, songs=200, artists=60, gain=0.0):
    """Binary test songs and two arms of runs; `gain` is added to the arm's signal."""
    random = np.random.default_rng(4)
    artist = random.integers(artists, size=songs)
    labels = (random.random(songs) < 0.5).astype(float)
    evidence = random.normal(size=songs) + labels
    arms = {
        name: stats.norm.cdf(
            evidence + extra * labels + 0.3 * random.normal(size=(seeds, songs)) - 0.5
        )
        for name, extra in (("sharing", gain), ("single task", 0))
    }
    return TestSongs(POP, labels, artist), arms


def test_scores_and_gains_are_those_of_the_runs():
    songs, runs = songs_and_runs(gain=0.5)
    arms = Arms(songs, runs, "log_loss", resamples=50)
    expected = {
        name: [scores(POP, songs.labels, run)["log_loss"] for run in runs[name]] for name in runs
    }
    for name in runs:
        assert arms.scores[name] == pytest.approx(expected[name])
    gains = np.subtract(expected["single task"], expected["sharing"])  # less loss is better
    compared = arms.compare("sharing", "single task")
    assert compared.seed_gains == pytest.approx(gains)
    assert compared.gain.mean == pytest.approx(gains.mean())


def test_an_interval_adds_the_variance_over_seeds_and_that_over_songs():
    seeds, songs, resamples = 4, 60, 20000
    random = np.random.default_rng(0)
    labels = random.normal(size=songs)
    errors = np.abs(random.normal(1, 0.5, (seeds, 1)) + random.normal(0, 1.5, (seeds, songs)))
    test_songs = TestSongs(YEAR, labels, np.arange(songs))  # an artist a song
    score = Arms(test_songs, {"arm": labels + errors}, "mae", resamples=resamples).score("arm")
    # What theory gives for means: drawn anew, a song's mean error varies by its variance / songs.
    of_seeds = errors.mean(axis=1).var(ddof=1) / seeds
    of_songs = errors.mean(axis=0).var() / songs
    df = (of_seeds + of_songs) ** 2 / (of_seeds**2 / (seeds - 1) + of_songs**2 / (songs - 1))
    assert score.mean == pytest.approx(errors.mean())
    assert score.error == pytest.approx((of_seeds + of_songs) ** 0.5, rel=0.02)
    assert score.df == pytest.approx(df, rel=0.05)
    half = stats.t.isf(0.025, score.df) * score.error
    assert score.interval() == pytest.approx((score.mean - half, score.mean + half))


def test_of_worlds_the_rule_is_the_paired_t_test():
    random = np.random.default_rng(2)
    worlds, runs = [], {"sharing": [], "single task": []}
    for size in (80, 100, 120):  # every world has songs and labels of its own
        labels = np.arange(size) % 2.0
        worlds.append(TestSongs(POP, labels, np.arange(size)))
        for arm, signal in (("sharing", 1.0), ("single task", 0.5)):
            runs[arm].append(stats.norm.cdf(signal * (labels - 0.5) + random.normal(size=size)))
    compared = Arms(worlds, runs, "auc").compare("sharing", "single task")
    of_world = {
        arm: [scores(POP, of.labels, run)["auc"] for of, run in zip(worlds, runs[arm], strict=True)]
        for arm in runs
    }
    expected = stats.ttest_rel(of_world["sharing"], of_world["single task"])
    assert compared.gain.p == pytest.approx(expected.pvalue)
    assert compared.gain.interval() == pytest.approx(expected.confidence_interval())


def test_intervals_are_wider_when_the_songs_belong_to_few_artists():
    random = np.random.default_rng(2)
    artist = np.repeat(np.arange(30), 10)
    labels = np.zeros(300)
    predictions = random.normal(size=30)[artist][None] + 0.1 * random.normal(size=(3, 300))
    width = {}
    for name, groups in (("artists", artist), ("songs", np.arange(300))):
        score = Arms(TestSongs(YEAR, labels, groups), {"arm": predictions}, "mae").score("arm")
        width[name] = np.diff(score.interval())
    # Ten copies of each artist's luck: the spread of 30 draws, not of 300.
    assert width["artists"] / width["songs"] == pytest.approx(10**0.5, rel=0.15)


def test_one_seed_has_a_mean_and_neither_interval_nor_claim():
    songs, runs = songs_and_runs(seeds=1)
    compared = Arms(songs, runs, "auc", resamples=20).compare("sharing", "single task")
    assert np.isfinite(compared.gain.mean) and np.isnan(compared.gain.interval()).all()
    assert compared.gain.p == 1


def test_tasks_with_the_same_artists_share_their_draws():
    songs, runs = songs_and_runs()
    gap = TestSongs(POP, np.where(np.arange(200) < 20, np.nan, songs.labels), songs.artists)
    whole, part = (Arms(part, runs, "error", resamples=300) for part in (songs, gap))
    together = np.corrcoef(*(of.resampled["sharing"].mean(axis=0) for of in (whole, part)))
    assert together[0, 1] > 0.9


def test_arms_that_predict_the_same_show_no_gain_and_no_warning():
    songs, runs = songs_and_runs()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arms = Arms(songs, {"a": runs["sharing"], "b": runs["sharing"]}, "auc", resamples=100)
        same = arms.compare("a", "b")
    assert same.gain.to_json() == [0, 0, 0]
    assert same.gain.p == 1
    assert judge({"cell": {"b": same}})["cell"].verdict == "no material difference"


def test_a_contrast_is_the_difference_of_two_gains_resample_by_resample():
    songs, runs = songs_and_runs(gain=0.5)
    _, others = songs_and_runs(gain=1.5)
    runs |= {"other": others["sharing"], "other single": others["single task"][::-1]}
    arms = Arms(songs, runs, "log_loss", resamples=400)
    found = arms.contrast(("other", "other single"), ("sharing", "single task"))
    one, two = arms.compare("other", "other single"), arms.compare("sharing", "single task")
    assert found.seed_gains == pytest.approx(one.seed_gains - two.seed_gains)
    sharing, single, other, other_single = (arms.resampled[arm].mean(axis=0) for arm in runs)
    differences = (other_single - other) - (single - sharing)  # less loss is better
    expected = estimate(one.seed_gains - two.seed_gains, differences, arms.num_groups)
    assert found.gain.to_json() == pytest.approx(expected.to_json())


def test_of_gains_over_one_rival_the_contrast_compares_the_arms_whatever_the_rival_scored():
    songs, runs = songs_and_runs(gain=0.5)
    runs["undefined"] = np.full_like(runs["sharing"], np.nan)
    arms = Arms(songs, runs, "log_loss", resamples=100)
    found = arms.contrast(("sharing", "undefined"), ("single task", "undefined"))
    assert found.gain == arms.compare("sharing", "single task").gain


def test_a_large_gain_is_a_benefit_and_the_other_way_round_harm():
    songs, runs = songs_and_runs(gain=1.5)
    arms = Arms(songs, runs, "auc", resamples=500)
    better, worse = arms.compare("sharing", "single task"), arms.compare("single task", "sharing")
    low, high = better.gain.interval()
    assert low > 0.02
    assert worse.gain.interval() == pytest.approx((-high, -low))
    verdicts = judge({"better": {"rival": better}, "worse": {"rival": worse}})
    assert verdicts["better"].verdict == "benefit"
    assert verdicts["worse"].verdict == "harm"


def test_a_label_that_no_test_song_has_gives_no_evidence():
    songs, runs = songs_and_runs()
    unlabelled = TestSongs(POP, np.full(200, np.nan), songs.artists)
    compared = Arms(unlabelled, runs, "auc", resamples=20).compare("sharing", "single task")
    assert np.isnan(compared.gain.mean)
    assert judge({"cell": {"single task": compared}})["cell"].verdict == "no evidence"


def test_arms_with_fewer_seeds_are_compared_at_the_first_ones_of_the_others():
    songs, runs = songs_and_runs(seeds=5, gain=0.5)
    whole = Arms(songs, runs, "auc", resamples=100)
    cut = {"sharing": runs["sharing"], "single task": runs["single task"][:3]}
    first = Arms(songs, {arm: of[:3] for arm, of in runs.items()}, "auc", resamples=100)
    expected = first.compare("sharing", "single task").gain
    assert Arms(songs, cut, "auc", resamples=100).compare("sharing", "single task").gain == expected
    assert whole.compare("sharing", "single task", 3).gain == expected
    assert whole.contrast(("sharing", "single task"), (), 3).gain == expected
    assert whole.compare("sharing", "single task").gain != expected


@pytest.mark.parametrize("other", [(), ("single task", "single task")])
def test_runs_against_themselves_gain_nothing(other):
    songs, runs = songs_and_runs()
    arms = Arms(songs, runs, "auc", resamples=20)
    assert arms.contrast(("sharing", "sharing"), other).gain.to_json() == [0, 0, 0]
    assert arms.compare("sharing", "sharing").gain.to_json() == [0, 0, 0]
    same = arms.contrast(("sharing", "single task"), ("sharing", "single task"))
    assert same.gain.to_json() == [0, 0, 0]
