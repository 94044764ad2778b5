"""The 2016 study's grid: how many hours it takes on full-scale synthetic songs.

110 runs: single tasks (target, dependent 1-4) and low-level, high-level, interspersed sharing of
the tight and the loose task set, at ten training sizes, one seed, 50 epochs. They are trained and
evaluated by the product's own manifest. Stopped, the same command goes on, and the hours add up.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from peers.problem import LEARNING_RATE
from songs import FULL_SCALE, songs_file

from representation_music.experiments.grid.manifest import write_manifest
from representation_music.experiments.grid.pool import run_manifest
from representation_music.experiments.runs.config import PAPER, RunConfig
from representation_music.utils.command_line import run_command
from representation_music.utils.files import write_text
from representation_music.utils.tasks import TASK_SETS, TRAINING_SIZES

SHARING = ("low_level_sharing", "high_level_sharing", "interspersed_sharing")
SINGLE = ("target", "dependent_1", "dependent_2", "dependent_3", "dependent_4")


def paper_grid(dataset: Path, sizes: Sequence[int], num_epochs: int) -> list[RunConfig]:
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


def run(
    folder: Path = Path("runs/paper-grid"),
    sizes: tuple[int, ...] = TRAINING_SIZES,
    num_epochs: int = 50,
    workers: int = 2,
    songs: int = FULL_SCALE,
) -> int:
    """Train and evaluate the paper's grid; print and keep the hours of all sessions so far.

    Args:
        folder: Where the runs, their manifest and the hours go.
        sizes, num_epochs: Training sizes and passes over the songs; fewer for a look.
        workers: Worker processes.
        songs: Synthetic songs.
    """
    manifest, clock = folder / "manifest.jsonl", folder / "hours.json"
    write_manifest(manifest, paper_grid(songs_file(songs), sizes, num_epochs))
    hours = json.loads(clock.read_text()) if clock.exists() else 0.0
    began = time.monotonic()
    code = run_manifest(manifest, folder / "runs", workers)
    hours += (time.monotonic() - began) / 3600
    write_text(clock, json.dumps(hours) + "\n")
    print(f"{hours:.2f} hours in all sessions; {'complete' if code == 0 else 'not complete'}.")
    return code


if __name__ == "__main__":
    sys.exit(run_command(run))
