"""`repmusic array MANIFEST`: how a manifest divides into the tasks of a Slurm job array."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import tyro

from representation_music.experiments.design.tuning import is_tuning
from representation_music.experiments.grid.manifest import read_manifest
from representation_music.experiments.grid.pool import run_seconds
from representation_music.experiments.runs.folder import is_done
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.errors import InputError

#: Seconds that importing TensorFlow and tracing the first step take, once a worker.
START_UP_SECONDS = 5.0
#: The most that this may be of a task's time.
START_UP_SHARE = 0.05
#: Slurm takes task numbers up to 1,000 unless the site says otherwise.
MOST_TASKS = 1000


def array(
    manifest: tyro.conf.Positional[Path],
    runs_per_task: int = 0,
    workers: int = 1,
) -> int:
    """Print runs a task, and the tasks with a run that is not done as `sbatch --array` takes them.

    Task number N takes the Nth lines of the manifest; `8 1-4,9` are eight lines each, and five
    tasks. Nothing is printed if all runs are done.

    Args:
        manifest: File of JSON lines, one run's config a line.
        runs_per_task: Runs a task; 0: as few as keep TensorFlow's start-up under 5 % of its time.
        workers: Runs side by side in a task: its cores, or two a GPU.
    """
    if runs_per_task < 0 or workers < 1:
        found = f"{runs_per_task} and {workers}"
        raise InputError("--runs-per-task, --workers", found, "0 or more, and 1 or more")
    configs = read_manifest(manifest)
    if not runs_per_task:
        runs_per_task = enough_runs([run_seconds(config) for config in configs], workers)
    least = -(-len(configs) // MOST_TASKS)
    if runs_per_task < least:
        found = (
            f"{runs_per_task}: {-(-len(configs) // runs_per_task)} tasks for {len(configs)} runs"
        )
        expected = f"{least} or more, for Slurm takes {MOST_TASKS} tasks"
        raise InputError("RUNS_PER_TASK (--runs-per-task)", found, expected)
    evaluated = not is_tuning(manifest)
    runs = Runs(manifest.parent)
    tasks = {
        line // runs_per_task + 1
        for line, config in enumerate(configs)
        if not is_done(runs.folder_of(config), evaluated)
    }
    if tasks:
        print(runs_per_task, ranges(tasks))
    return 0


def enough_runs(seconds: Sequence[float], workers: int) -> int:
    """The fewest runs a task with which no full task spends too much of its time on starting up.

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
