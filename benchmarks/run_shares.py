"""What the time of a default run goes to: training, evaluation, checkpoints and the rest.

Run: `python benchmarks/run_shares.py`. Each run is a second one of its process, on one thread, so
that importing TensorFlow and tracing are not counted, as in a grid.
"""

import tempfile
import time
from pathlib import Path

import tyro
from songs import TASKS, songs_file

from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
from representation_music.utils.console import print_table

CASES = {"single task": ("no_sharing", TASKS[:1]), "low-level sharing": ("SSPP", TASKS)}


def main(num_steps: int = 0, training_size: int = 1000) -> None:
    """Print the shares of a default run of the single-task net and of low-level sharing.

    Args:
        num_steps: Steps of each run, without patience, so that it does them all; 0: a default run
            as it comes, which patience ends.
        training_size: Training songs.
    """
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.runs.config import DEFAULT
    from representation_music.experiments.training.run import train_run

    configure_tensorflow(1)
    dataset = SongDataset.load(songs_file())
    rows = []
    for name, (architecture, tasks) in CASES.items():
        config = DEFAULT.replace(
            architecture=architecture,
            tasks=tasks,
            training_size=training_size,
        )
        with tempfile.TemporaryDirectory() as runs:
            warm_up = config.replace(num_steps=config.evaluate_every, seed=1)
            train_run(warm_up, Path(runs), dataset=dataset, figures=False)
            began = time.perf_counter()
            steps = {"num_steps": num_steps, "patience": 0} if num_steps else {}
            run = config.replace(**steps)
            record = train_run(run, Path(runs), dataset=dataset, figures=False)
            seconds = time.perf_counter() - began
        parts = list(record["seconds"].values())
        shares = [f"{100 * part / seconds:.1f} %" for part in (*parts, seconds - sum(parts))]
        speed = [f"{record['steps']:,}", f"{seconds:.1f}", f"{record['songs_per_second']:,}"]
        rows.append([name, *speed, *shares])
    columns = ["", "steps", "seconds", "songs/s in training", *record["seconds"]]
    every = f"an evaluation of {DEFAULT.validation_size:,} songs every {DEFAULT.evaluate_every}"
    columns.append("start and record")
    print_table(f"Steps of {DEFAULT.batch_size} songs, {every} steps", columns, rows)


if __name__ == "__main__":
    tyro.cli(main)
