"""The 2016 study's grid: how many hours it takes, projected from measured parts or really run.

110 runs: single tasks (target, dependent 1-4) and low-level, high-level, interspersed sharing of
the tight and the loose task set, at ten training sizes, one seed, 50 epochs, on full-scale
synthetic songs. `python benchmarks/paper_grid.py project` measures steps and the cost of a run
beside its steps; `run` trains and evaluates all of it by the product's own manifest. Stopped, the
same command goes on, and the hours add up.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import tyro
from peers.problem import BATCH, LEARNING_RATE, Problem
from songs import FULL_SCALE, problem_file, single_task, songs_file
from throughput import Entrant, compare

from representation_music.experiments.runs.config import PAPER, RunConfig
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import sharing_pattern
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, progress
from representation_music.utils.files import write_text
from representation_music.utils.tasks import TASK_SETS, TRAINING_SIZES

Mode = tyro.conf.Positional[Literal["project", "run", "overhead"]]
EPOCHS = 50
WORKERS = 2
SHARING = ("low_level_sharing", "high_level_sharing", "interspersed_sharing")
SINGLE = ("target", "dependent_1", "dependent_2", "dependent_3", "dependent_4")


def paper_grid(
    dataset: Path, sizes: Sequence[int] = TRAINING_SIZES, num_epochs: int = EPOCHS
) -> list[RunConfig]:
    """The runs: the paper preset with weights and a learning rate that learn."""
    base = PAPER.replace(
        num_epochs=num_epochs,
        initialization="he",
        learning_rate=LEARNING_RATE,
        warmup_steps=100,
        dataset=str(dataset),
    )
    nets = [("no_sharing", name) for name in SINGLE]
    nets += [(net, f"{tasks}_coupled") for tasks in ("tightly", "loosely") for net in SHARING]
    return [
        base.replace(
            architecture=architecture,
            tasks=TASK_SETS[task_set],
            training_size=size,
            experiment_name=f"{architecture}-{task_set}",
        )
        for architecture, task_set in nets
        for size in sizes
    ]


def project(configs: list[RunConfig], rounds: int = 3, steps: int = 32) -> float:
    """Hours that the runs will take two workers of one thread each."""
    largest = max(config.training_size for config in configs)
    smallest = min(1000, largest)
    inputs = [Problem.load(problem_file(size)).num_inputs for size in (smallest, largest)]
    entrant = Entrant("ours", WORKERS, 1)
    seconds_a_step = {}
    with progress("steps", None) as advance:
        for architecture in ("no_sharing", *SHARING):
            medians = []
            for size in (smallest, largest):
                path = problem_file(size)
                path = single_task(path) if architecture == "no_sharing" else path
                pattern, fitting = (
                    sharing_pattern(NetworkConfig(architecture)),
                    min(steps, size // BATCH),
                )
                times = compare(path, pattern, [entrant], rounds, fitting, advance)
                medians.append(float(np.median(times[entrant.label].wall)))
            seconds_a_step[architecture] = medians
    overhead = run_overhead()
    rows, total = [], 0.0
    for architecture, medians in seconds_a_step.items():
        runs = [config for config in configs if config.network.architecture == architecture]
        step_seconds = 0.0
        for config in runs:
            size = config.training_size
            # A step's time is linear in the inputs, which are the words that some song has.
            used = Problem.load(problem_file(size)).num_inputs
            a_step = float(np.interp(used, inputs, medians))
            step_seconds += a_step * config.num_epochs * -(-size // BATCH)
        hours = (step_seconds + len(runs) * overhead / WORKERS) / 3600
        total += hours
        a_step = [f"{1e3 * median:.1f}" for median in medians]
        rows.append([architecture, str(len(runs)), *a_step, f"{hours:.2f}"])
    columns = ["", "runs", f"ms a step, {smallest} songs", f"{largest:,} songs", "hours"]
    print_table("Two workers of one thread; a step of either", columns, rows)
    print(f"Beside its steps a run takes a worker {overhead:.1f} s: graph, weights, evaluations.")
    print(f"Projected: {total:.2f} hours for {len(configs)} runs.")
    return total


def run_overhead() -> float:
    """Seconds of a run on a new engine beside its steps, in a process of its own."""
    command = [sys.executable, __file__, "overhead"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output.splitlines()[-1])


def measure_overhead(configs: list[RunConfig]) -> float:
    """What `run_overhead` asks another process for: a run on a new engine less its steps."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.training.evaluation import evaluate_run
    from representation_music.experiments.training.run import train_run
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow(1)
    dataset = SongDataset.load(configs[0].dataset)
    low = [c for c in configs if c.network.architecture == "low_level_sharing"]
    config = min(low, key=lambda c: c.training_size)
    with tempfile.TemporaryDirectory() as runs:
        began = time.perf_counter()
        record = train_run(config, Path(runs), dataset=dataset, figures=False)
        evaluate_run(Path(record["folder"]), dataset=dataset)
        first = time.perf_counter() - began
        # The second run finds its engine traced: its training time is that of the steps alone.
        again = config.replace(seed=1)
        steps = train_run(again, Path(runs), dataset=dataset, figures=False)["seconds"]["training"]
    return first - steps


def run(configs: list[RunConfig], folder: Path, workers: int = 0) -> int:
    """Trains and evaluates the runs; prints and keeps the hours of all sessions so far."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.grid.manifest import write_manifest
    from representation_music.experiments.grid.pool import run_manifest

    dataset = SongDataset.load(configs[0].dataset)
    manifest, clock = folder / "manifest.jsonl", folder / "hours.json"
    write_manifest(manifest, configs, lambda _: dataset)
    hours = json.loads(clock.read_text()) if clock.exists() else 0.0
    began = time.monotonic()
    code = run_manifest(manifest, folder / "runs", workers=workers)
    hours += (time.monotonic() - began) / 3600
    write_text(clock, json.dumps(hours) + "\n")
    print(f"{hours:.2f} hours in all sessions; {'complete' if code == 0 else 'not complete'}.")
    return code


def main(
    mode: Mode,
    folder: Path = Path("runs/paper-grid"),
    sizes: tuple[int, ...] = TRAINING_SIZES,
    num_epochs: int = EPOCHS,
    workers: int = 0,
    songs: int = FULL_SCALE,
) -> int:
    """Project the hours of the paper's grid from measured parts, or really run it.

    Args:
        mode: project, run, or overhead (a part of project: one run's cost beside its steps).
        folder: Where the runs, their manifest and the hours go.
        sizes, num_epochs: Training sizes and passes over the songs; fewer for a look.
        workers: Worker processes of `run`; 0: as many as `repmusic run-manifest` takes.
        songs: Synthetic songs that `run` trains on.
    """
    configs = paper_grid(songs_file(songs), sizes, num_epochs)
    if mode == "run":
        return run(configs, folder, workers)
    if mode == "project":
        project(configs)
    else:
        print(measure_overhead(configs))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
