"""1,000 songs for 50 epochs as a process of its own, and again as the second run of the process.

Ours trains as `repmusic train` does, checkpoints and record included, but for the figure of error
curves; Keras builds and fits its model on dense arrays. Both score the same validation songs every
ten epochs. Run by `training.py`, as `python whole_process.py PEER SONGS_FILE`.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from songs import TASKS

SONGS, EPOCHS, EVALUATE_EVERY = 1000, 50, 10


def measure(peer: str, songs_file: Path) -> tuple[float, float]:
    """Seconds from the start of a process to the end of its first run, and of its second run."""
    began = time.time()
    command = [sys.executable, __file__, peer, str(songs_file)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    first_end, second = json.loads(output.splitlines()[-1])
    return first_end - began, second


def run_config(songs_file: Path, seed: int = 0):
    """The run: low-level sharing of three tasks, as the paper preset but for its learning rate."""
    from peers.problem import LEARNING_RATE

    from representation_music.experiments.runs.config import PAPER

    return PAPER.replace(
        tasks=TASKS,
        training_size=SONGS,
        num_epochs=EPOCHS,
        evaluate_every=EVALUATE_EVERY,
        learning_rate=LEARNING_RATE,
        initialization="he",
        seed=seed,
        dataset=str(songs_file),
    )


def train_ours(songs_file: Path) -> tuple[float, float]:
    """When the first run ended, and seconds of the second."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.training.run import train_run
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow()
    with tempfile.TemporaryDirectory() as runs:
        dataset = SongDataset.load(songs_file)
        train_run(run_config(songs_file), Path(runs), dataset=dataset, figures=False)
        first_end, began = time.time(), time.perf_counter()
        train_run(run_config(songs_file, seed=1), Path(runs), dataset=dataset, figures=False)
        return first_end, time.perf_counter() - began


def train_keras(songs_file: Path) -> tuple[float, float]:
    """When the first run ended, and seconds of the second: a new model on the same arrays."""
    from peers.keras_fit import keras_model
    from peers.problem import BATCH, problem_of

    training, validation = problem_of(songs_file, SONGS, TASKS)
    inputs, labels = training.whitened(), list(training.labels.T[:, :, None])
    held_out = validation.whitened(), list(validation.labels.T[:, :, None])

    def run() -> None:
        model = keras_model("SSPP", training.num_inputs, training.num_tasks)
        model.fit(
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


if __name__ == "__main__":
    train = {"ours": train_ours, "Keras fit": train_keras}[sys.argv[1]]
    print(json.dumps(train(Path(sys.argv[2]))))
