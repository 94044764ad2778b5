import runpy
from pathlib import Path

import numpy as np
import pytest

from representation_music.utils.metrics import area_under_roc

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "verdict_error_rates.py"


@pytest.fixture(scope="module")
def simulation():
    return runpy.run_path(str(SCRIPT))


def test_simulated_arms_have_the_auc_they_are_meant_to_have(simulation):
    world = simulation["World"](gains=(0.1, 0.0), luck=0.1, num_songs=20000, num_artists=20000)
    songs, predictions = simulation["simulate"](world, 12, np.random.default_rng(0))
    auc = {
        arm: np.mean([area_under_roc(songs.labels == 1, run) for run in runs])
        for arm, runs in predictions.items()
    }
    # Twelve seeds' mean spreads by .025 / sqrt 12 = .007, of which arms share most.
    assert auc["single task"] == pytest.approx(0.75, abs=0.025)
    assert auc["sharing"] - auc["single task"] == pytest.approx(0.1, abs=0.02)
    assert auc["auxiliary weights 0"] - auc["single task"] == pytest.approx(0, abs=0.02)


@pytest.mark.slow
def test_the_verdict_keeps_its_error_rate_where_naive_procedures_do_not(simulation):
    trials = 200
    error = (0.05 * 0.95 / trials) ** 0.5
    worlds, error_rates = simulation["WORLDS"], simulation["error_rates"]
    nothing = error_rates(worlds["no difference"], 5, trials, resamples=200)
    assert nothing["nested"] <= 0.05 + 2 * error
    assert nothing["bootstrap, test songs only"] > 0.05 + 2 * error
    assert nothing["bootstrap, seeds only"] > 0.05 + 2 * error

    stream = error_rates(worlds["the stream helps, sharing does not"], 5, trials, resamples=200)
    assert stream["nested and paired t"] > 0.3  # against the single task alone: misled
    assert stream["benefit"] + stream["harm"] <= 0.05 + 2 * error

    helps = error_rates(worlds["sharing helps"], 5, trials, resamples=200)
    assert helps["benefit"] > 0.3
    assert helps["no material difference"] + helps["harm"] <= 0.025 + 2 * error
