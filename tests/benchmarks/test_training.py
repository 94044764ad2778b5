"""What `make bench` makes of its samples, and what it leaves out of them."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array


def test_the_default_preset_is_told_by_the_faster_layout_of_each_peer(module):
    times = {
        "ours, 2 processes x 1 thread": {"wall": [0.004, 0.005, 0.9]},
        "ours, 1 process x 2 threads": {"wall": [0.008]},
        "Keras fit, 1 process x 2 threads": {"wall": [0.012]},
        "Keras fit, 2 processes x 1 thread": {"wall": [0.01]},
        "the floor, all cores": {"wall": [0.0025]},
    }
    torch = {
        "PyTorch dense, fused, 2 processes x 1 thread": {"wall": [0.02]},
        "PyTorch compiled, 2 processes x 1 thread": {"wall": [0.015]},
    }
    step_times = {
        "low-level sharing": times,
        "no sharing, default preset": times | torch,
        "single task, default preset": times,
    }
    head, _, *rows = module("training").default_preset_table(step_times).splitlines()
    assert head.count("|") == rows[0].count("|") == rows[1].count("|")
    assert rows == [
        "| no sharing | 2.5 | 5.0 | 10.0 | 20.0 | 15.0 | 2.00 | 2.00 | 3.00 |",
        "| single task | 2.5 | 5.0 | 10.0 |  |  | 2.00 | 2.00 |  |",
    ]


def test_every_network_is_measured_in_the_default_preset_in_both_layouts(module):
    training = module("training")
    of_default = [c for c in training.FULL.comparisons if c.title.endswith(", default preset")]
    assert [(c.pattern, c.num_tasks) for c in of_default] == [
        ("SSPP", 3),
        ("PPPP", 3),
        ("PSSS", 3),
        ("SPSS", 3),
        ("PPPP", 1),
    ]
    for comparison in of_default:
        layouts = [(e.peer, e.processes) for e in (training.OURS, *comparison.rivals)]
        for peer in ("ours", "Keras fit", "PyTorch dense, fused"):
            assert {(peer, 1), (peer, 2)} <= set(layouts)
        assert ("PyTorch compiled", 2) in layouts


@pytest.mark.parametrize(("num_songs", "warm_up"), [(1000, 1000), (2048, 6 * 64)])
def test_a_smaller_last_batch_is_compiled_before_anything_is_measured(
    module, monkeypatch, num_songs, warm_up
):
    turns, measured = module("peers.turns"), []

    class Contestant:
        def __init__(self, *arguments):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def wait_until_ready(self):
            pass

        def measure(self, first, last):
            measured.append(last - first)
            return 1.0, 1.0

    class Problem:
        @staticmethod
        def load(path):
            problem = Problem()
            problem.num_songs = num_songs
            return problem

    monkeypatch.setattr(turns, "Contestant", Contestant)
    monkeypatch.setattr(turns, "Problem", Problem)
    entrant = turns.Entrant("ours", 1, 1, 64)
    turns.compare(Path(), "SSPP", [entrant], rounds=2, steps=32, advance=lambda: None)
    assert measured == [warm_up, *[min(num_songs, 2048)] * 2]


def test_the_floor_counts_the_words_that_word_dropout_leaves(module):
    floor, problems = module("floor"), module("peers.problem")
    counts = csr_array(np.random.default_rng(0).poisson(0.5, (6, 5)).astype(np.float32))
    statistics = np.zeros((2, 5), np.float32)
    labels = np.zeros((6, 2), np.float32)
    problem = problems.Problem(counts, labels, *statistics, "made up", problems.DEFAULT)
    machine = floor.Machine(operations=1.0, bytes=float("inf"))
    of_words = 64 * 0.3 * counts.nnz / 6 + 5  # in the mean row all
    above = 3 * 64 * (1024 * 512 + 512 * 256 + 256 * 128)
    expected = 2 * 2 * of_words * 1024 + 2 * above
    assert floor.step_floor(problem, "SSSS", machine) == pytest.approx(expected)
