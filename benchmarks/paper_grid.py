"""The 2016 study's grid: how many hours it takes, projected from measured parts or really run.

110 runs: single tasks (target, dependent 1-4) and low-level, high-level, interspersed sharing of
the tight and the loose task set, at ten training sizes, one seed, 50 epochs, on full-scale
synthetic songs. `python benchmarks/paper_grid.py project` measures steps and the cost of a run
beside its steps; `run` trains and evaluates all of it by the product's own manifest. Stopped, the
same command goes on, and the hours add up.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import tyro
from measuring import answer_of
from peers.problem import BATCH, LEARNING_RATE, Problem
from peers.turns import Entrant, compare
from songs import FULL_SCALE, TASKS, problem_file, songs_file

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


def project(configs: list[RunConfig], rounds: int = 3, steps: int = 32) -> None:
    """Prints the hours that the runs will take two workers of one thread each."""
    largest = max(config.training_size for config in configs)
    ends = (min(1000, largest), largest)
    inputs = {
        size: Problem.load(problem_file(size)).num_inputs
        for size in {*ends, *(config.training_size for config in configs)}
    }
    overhead = answer_of(__file__, "overhead")
    rows, total = [], 0.0
    with progress("steps", None) as advance:
        for architecture in ("no_sharing", *SHARING):
            runs = [config for config in configs if config.network.architecture == architecture]
            measured = [
                _seconds_a_step(architecture, size, rounds, min(steps, size // BATCH), advance)
                for size in ends
            ]
            seconds = len(runs) * overhead / WORKERS
            for config in runs:
                # A step's time is linear in the inputs, which are the words that some song has.
                at = inputs[config.training_size]
                a_step = np.interp(at, [inputs[size] for size in ends], measured)
                seconds += a_step * config.num_epochs * -(-config.training_size // BATCH)
            total += seconds / 3600
            a_step = [f"{1e3 * median:.1f}" for median in measured]
            rows.append([architecture, str(len(runs)), *a_step, f"{seconds / 3600:.2f}"])
    columns = ["", "runs", f"ms per step, {ends[0]:,} songs", f"{largest:,} songs", "hours"]
    print_table("Two workers of one thread; a step of either", columns, rows)
    print(f"Beside its steps a run takes a worker {overhead:.1f} s: graph, weights, evaluations.")
    print(f"Projected: {total:.2f} hours for {len(configs)} runs.")


def _seconds_a_step(architecture: str, size: int, rounds: int, steps: int, advance) -> float:
    """Median over rounds of the time of a step, of two workers' together."""
    num_tasks = 1 if architecture == "no_sharing" else len(TASKS)
    entrant = Entrant("ours", WORKERS, 1)
    pattern = sharing_pattern(NetworkConfig(architecture))
    path = problem_file(size, num_tasks=num_tasks)
    return float(np.median(compare(path, pattern, [entrant], rounds, steps, advance)[entrant].wall))


def measure_overhead(configs: list[RunConfig]) -> float:
    """Seconds of a run on a new engine beside its steps; asks for a process of its own."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.training.evaluation import evaluate_run
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
    from representation_music.experiments.training.train_run import train_run

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
