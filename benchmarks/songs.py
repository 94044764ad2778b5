"""The synthetic songs that training is measured on, made once in `benchmarks/data/`."""

import subprocess
import sys
from pathlib import Path

from peers.problem import Problem, problem_of

DATA = Path(__file__).parent / "data"
TASKS = ("pop", "pop rock", "ballad")
#: As many songs as the official files have bags of words of.
FULL_SCALE = 237_662


def songs_file(songs: int = FULL_SCALE) -> Path:
    """A songs file of synthetic songs, of which 85 % are for training."""
    path = DATA / f"songs-{songs}.h5"
    if not path.exists():
        raw = DATA / f"raw-{songs}"
        _repmusic("synthesize", str(raw), "--songs", str(songs))
        _repmusic("preprocess", str(raw), "-o", str(path), "--proportions", "85", "5", "10")
    return path


def problem_file(num_songs: int, of: int = FULL_SCALE) -> Path:
    """The peers' problem of so many songs of a songs file."""
    path = DATA / f"problem-{num_songs}-of-{of}.npz"
    if not path.exists():
        training, _ = problem_of(songs_file(of), num_songs, TASKS)
        training.save(path)
    return path


def single_task(path: Path) -> Path:
    """The same problem with its first task only."""
    single = path.with_name(f"single-{path.name}")
    if not single.exists():
        problem = Problem.load(path)
        Problem(
            problem.counts,
            problem.labels[:, :1],
            problem.mean,
            problem.inverse_sd,
            problem.source,
        ).save(single)
    return single


def _repmusic(*words: str) -> None:
    module = "representation_music.experiments.command_line"
    subprocess.run([sys.executable, "-m", module, *words], check=True, stdout=subprocess.DEVNULL)
