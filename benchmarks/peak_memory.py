"""Peak memory of training on 200,000 songs, above that of a process that imports TensorFlow only.

Run by `training.py`, as `python peak_memory.py` (import only) or with a songs file and a size.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from songs import TASKS

STEPS = 40


def measure(songs_file: Path, num_songs: int) -> float:
    """GB by which training `num_songs` songs exceeds the bare import."""
    return _peak(str(songs_file), str(num_songs)) - _peak()


def _peak(*words: str) -> float:
    """Peak resident memory in GB of this script in a process of its own."""
    command = [sys.executable, __file__, *words]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output.splitlines()[-1])


def train(songs_file: Path, num_songs: int) -> None:
    """A whole run of the product, only short: load, train, evaluate, checkpoint, record."""
    from representation_music.experiments.runs.config import PAPER
    from representation_music.experiments.training.run import train_run

    config = PAPER.replace(
        split="artist",
        tasks=TASKS,
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
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow()
    if sys.argv[1:]:
        train(Path(sys.argv[1]), int(sys.argv[2]))
    unit = 1e9 if sys.platform == "darwin" else 1e6  # macOS counts bytes, Linux kilobytes
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
