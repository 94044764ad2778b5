"""How runs divide into the tasks of a Slurm job array."""

from collections.abc import Iterable, Sequence

import numpy as np

from representation_music.utils.errors import InputError

#: Seconds that importing TensorFlow and tracing the first step take, once per worker.
START_UP_SECONDS = 5.0
#: The most that this may be of a task's time.
START_UP_SHARE = 0.05
#: Slurm takes task numbers up to 1,000 unless the site says otherwise.
MOST_TASKS = 1000


def divide(
    to_do: Sequence[bool], seconds: Sequence[float], runs_per_task: int = 0, workers: int = 1
) -> tuple[int, str]:
    """Runs per task, and the tasks with a run that is to do as `sbatch --array` takes them.

    Task number N takes the Nth runs: `8, "1-4,9"` are eight runs each, and five tasks.

    Args:
        to_do: Of each run, in the manifest's order, whether it is not done.
        seconds: What each takes.
        runs_per_task: 0: as few as keep TensorFlow's start-up under 5 % of a task's time.
        workers: Runs side by side in a task: its cores, or two per GPU.

    Raises:
        InputError: if Slurm would not take as many tasks.
    """
    runs_per_task = runs_per_task or enough_runs(seconds, workers)
    least = -(-len(to_do) // MOST_TASKS)
    if runs_per_task < least:
        found = f"{runs_per_task}: {-(-len(to_do) // runs_per_task)} tasks for {len(to_do)} runs"
        expected = f"{least} or more, for Slurm takes {MOST_TASKS} tasks"
        raise InputError("RUNS_PER_TASK", found, expected)
    tasks = {line // runs_per_task + 1 for line, open_run in enumerate(to_do) if open_run}
    return runs_per_task, ranges(tasks)


def enough_runs(seconds: Sequence[float], workers: int) -> int:
    """The fewest runs per task with which no full task spends too much of its time on starting up.

    Args:
        seconds: What each run takes, in the manifest's order.
        workers: Runs side by side in a task; each starts TensorFlow once, all at the same time.
    """
    needed = START_UP_SECONDS * (1 / START_UP_SHARE - 1) * workers
    total = np.concatenate([[0.0], np.cumsum(seconds)])
    for runs in range(max(workers, -(-len(seconds) // MOST_TASKS)), len(seconds)):
        if np.diff(total[::runs]).min() >= needed:
            return runs
    return len(seconds)


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in short: `1-4,9`."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
