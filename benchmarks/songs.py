"""The synthetic songs that training is measured on, made once in `benchmarks/data/`."""

from dataclasses import replace
from pathlib import Path

from measuring import repmusic
from peers.problem import DEFAULT, PAPER, Regime, problem_of

DATA = Path(__file__).parent / "data"
TASKS = ("pop", "pop rock", "ballad")
#: As many songs as the official files have bags of words of.
FULL_SCALE = 237_662


def songs_file(songs: int = FULL_SCALE) -> Path:
    """A songs file of synthetic songs, of which 85 % are for training."""
    path = DATA / f"songs-{songs}.h5"
    if not path.exists():
        raw = DATA / f"raw-{songs}"
        repmusic("synthesize", raw, "--songs", songs)
        repmusic("preprocess", raw, "-o", path, "--proportions", 85, 5, 10)
    return path


def problem_file(
    num_songs: int, of: int = FULL_SCALE, num_tasks: int = len(TASKS), regime: Regime = PAPER
) -> Path:
    """The peers' problem of so many songs of a songs file, with the first tasks."""
    preset = "default" if regime == DEFAULT else "paper"
    path = DATA / f"problem-{num_songs}-of-{of}-{num_tasks}-tasks-{preset}.npz"
    if not path.exists():
        training, _ = problem_of(songs_file(of), num_songs, TASKS, regime)
        replace(training, labels=training.labels[:, :num_tasks]).save(path)
    return path
