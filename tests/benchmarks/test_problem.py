"""What peers train on is read as it was written, and dense peers see what sparse ones do."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from representation_music.experiments.runs.config import PRESETS

MODULE = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "peers" / "problem.py"))
DEFAULT, PAPER, Problem = MODULE["DEFAULT"], MODULE["PAPER"], MODULE["Problem"]


def problem(regime):
    rng = np.random.default_rng(0)
    counts = csr_array(rng.poisson(0.5, (6, 5)).astype(np.float32))
    mean, inverse_sd = rng.random((2, 5), np.float32)
    return Problem(counts, np.ones((6, 2), np.float32), mean, inverse_sd, "made up", regime)


@pytest.mark.parametrize(("name", "regime"), [("paper", PAPER), ("default", DEFAULT)])
def test_regimes_are_those_of_the_presets(name, regime):
    preset = PRESETS[name]
    found = regime.batch, regime.l2, regime.word_dropout
    assert found == (preset.batch_size, preset.l2, preset.network.word_dropout)


def test_a_problem_keeps_its_regime_in_its_file(tmp_path):
    problem(DEFAULT).save(tmp_path / "problem.npz")
    assert Problem.load(tmp_path / "problem.npz").regime == DEFAULT


def test_dense_peers_whiten_after_words_are_dropped():
    counts = problem(DEFAULT).counts.toarray()
    np.testing.assert_array_equal(problem(DEFAULT).dense_inputs(), counts)
    np.testing.assert_array_equal(problem(PAPER).dense_inputs(), problem(PAPER).whitened())
