import numpy as np
import pytest

from representation_music.experiments.grid import job_array
from representation_music.experiments.grid.job_array import (
    MOST_TASKS,
    START_UP_SECONDS,
    START_UP_SHARE,
    divide,
    enough_runs,
    ranges,
)
from representation_music.experiments.grid.manifest import chosen_lines
from representation_music.utils.errors import InputError


def start_up_shares(seconds, runs, workers):
    """Share of its time that each full task spends on starting TensorFlow."""
    full = [sum(seconds[n : n + runs]) for n in range(0, len(seconds) - runs + 1, runs)]
    return [START_UP_SECONDS / (START_UP_SECONDS + work / workers) for work in full]


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("longest", [2.0, 20.0, 400.0])
def test_tasks_are_as_short_as_start_up_allows(workers, longest):
    seconds = np.random.default_rng(0).uniform(1, longest, 600).tolist()
    runs = enough_runs(seconds, workers)
    assert max(start_up_shares(seconds, runs, workers)) <= START_UP_SHARE
    if runs > workers:  # every worker of a task has at least one run
        assert max(start_up_shares(seconds, runs - 1, workers)) > START_UP_SHARE


def test_a_short_manifest_is_one_task_and_a_long_one_no_more_than_slurm_takes():
    assert enough_runs([1.0] * 5, 1) == 5
    assert enough_runs([1000.0] * 5, 1) == 1
    assert -(-2500 // enough_runs([1000.0] * 2500, 1)) <= MOST_TASKS


@pytest.mark.parametrize(
    ("numbers", "text"), [([3], "3"), ([2, 1, 3], "1-3"), ([1, 2, 4, 9, 8], "1-2,4,8-9")]
)
def test_numbers_are_written_as_sbatch_reads_them(numbers, text):
    assert ranges(numbers) == text


def test_every_run_is_in_one_task_and_tasks_that_are_done_are_left_out():
    seconds = [1.0] * 7
    assert divide([True] * 7, seconds, runs_per_task=3) == (3, "1-3")
    lines = [line for task in (1, 2, 3) for line in chosen_lines(f"{3 * task - 2}-{3 * task}", 7)]
    assert lines == list(range(7))
    assert divide([False] * 4 + [True] * 3, seconds, runs_per_task=3) == (3, "2-3")
    assert divide([False] * 7, seconds, runs_per_task=3) == (3, "")


def test_more_tasks_than_slurm_takes_are_refused_with_the_least_runs_per_task(monkeypatch):
    monkeypatch.setattr(job_array, "MOST_TASKS", 3)
    with pytest.raises(InputError, match=r"RUNS_PER_TASK.*4 tasks for 7 runs, expected 3 or more"):
        divide([True] * 7, [1.0] * 7, runs_per_task=2)
    assert divide([True] * 7, [1.0] * 7, runs_per_task=3) == (3, "1-3")
