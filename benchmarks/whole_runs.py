"""Whole runs in processes of their own: short ones beside Keras's, and the memory of a large one.

Ours trains as `repmusic train` does, checkpoints and record included, but for the figure of error
curves; Keras builds and fits its model on dense arrays. Both score the same validation songs every
ten epochs. Run by `training.py`, as `python whole_runs.py RUN SONGS_FILE`.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from measuring import answer_of, run_python
from songs import TASKS

SONGS, EPOCHS, EVALUATE_EVERY = 1000, 50, 10
#: Steps of a run whose memory is measured.
STEPS = 40


def seconds_of(peer: str, songs_file: Path) -> tuple[float, float]:
    """Seconds from the start of a process to the end of its first run, and of its second run."""
    began = time.time()
    first_end, second = answer_of(__file__, peer, songs_file)
    return first_end - began, second


def memory_of(songs_file: Path, num_songs: int) -> float:
    """GB by which training so many songs exceeds a process that imports TensorFlow only."""
    bare = run_python(__file__, "import", songs_file)
    return run_python(__file__, num_songs, songs_file).gigabytes - bare.gigabytes


def train_ours(songs_file: Path) -> tuple[float, float]:
    """When the first of two runs ended, and seconds of the second; low-level sharing."""
    from peers.problem import LEARNING_RATE

    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.runs.config import PAPER
    from representation_music.experiments.training.train_run import train_run

    config = PAPER.replace(
        tasks=TASKS,
        training_size=SONGS,
        num_epochs=EPOCHS,
        evaluate_every=EVALUATE_EVERY,
        learning_rate=LEARNING_RATE,
        initialization="he",
        dataset=str(songs_file),
    )
    with tempfile.TemporaryDirectory() as runs:
        dataset = SongDataset.load(songs_file)
        train_run(config, Path(runs), dataset=dataset, figures=False)
        first_end, began = time.time(), time.perf_counter()
        train_run(config.replace(seed=1), Path(runs), dataset=dataset, figures=False)
        return first_end, time.perf_counter() - began


def train_keras(songs_file: Path) -> tuple[float, float]:
    """The same of a new model on the same arrays."""
    from peers.keras_fit import keras_model
    from peers.problem import BATCH, problem_of

    training, validation = problem_of(songs_file, SONGS, TASKS)
    inputs, labels = training.whitened(), list(training.labels.T[:, :, None])
    held_out = validation.whitened(), list(validation.labels.T[:, :, None])

    def run() -> None:
        keras_model(training, "SSPP").fit(
            inputs,
            labels,
            batch_size=BATCH,
            epochs=EPOCHS,
            validation_data=held_out,
            validation_freq=EVALUATE_EVERY,
            verbose=0,
        )

    run()
    first_end, began = time.time(), time.perf_counter()
    run()
    return first_end, time.perf_counter() - began


def train_many(
    songs_file: Path, num_songs: int, objective: str = "sum", num_tasks: int = len(TASKS)
) -> None:
    """A whole run of the product, only short: load, train, evaluate, checkpoint, record."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.runs.config import PAPER
    from representation_music.experiments.training.train_run import train_run

    others = [name for name in SongDataset.load(songs_file).task_names() if name not in TASKS]
    config = PAPER.replace(
        split="artist",
        tasks=(*TASKS, *others)[:num_tasks],
        objective=objective,
        training_size=num_songs,
        num_epochs=0,
        num_steps=STEPS,
        evaluate_every=STEPS // 2,
        dataset=str(songs_file),
    )
    with tempfile.TemporaryDirectory() as runs:
        record = train_run(config, Path(runs), figures=False)
    assert record["training_songs"] == num_songs, record


if __name__ == "__main__":
    what, songs = sys.argv[1], Path(sys.argv[2])
    if what == "Keras fit":  # as its users start it
        print(json.dumps(train_keras(songs)))
    else:
        from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

        configure_tensorflow()
        if what == "ours":
            print(json.dumps(train_ours(songs)))
        elif what != "import":
            objective, num_tasks = sys.argv[3:] or ("sum", len(TASKS))
            train_many(songs, int(what), objective, int(num_tasks))
