"""The synthetic songs that training is measured on, made once in `benchmarks/data/`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
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


def repeated_file(times: int, songs: int = 10_000) -> Path:
    """Synthetic songs, each so often under ids and artists of its own; 85 % are for training.

    The file is as large as one of `times * songs` songs, and made in seconds.
    """
    from representation_music.data_preprocessing.songs.dataset import SongDataset

    path = DATA / f"songs-{songs}-times-{times}.h5"
    if not path.exists():
        once = SongDataset.load(songs_file(songs))
        copies, rows = np.divmod(np.arange(times * once.num_songs), once.num_songs)
        ids, artists = (
            [f"{name.decode()} {copy}" for name, copy in zip(names[rows], copies, strict=True)]
            for names in (once.ids, once.groups)
        )
        labels = {name: column.take(rows) for name, column in once.columns.items()}
        rest = ids, artists, labels, once.tags.keep(rows)
        more = {"name": f"synthetic songs, {times} times", "proportions": (85, 5, 10)}
        SongDataset.from_bags(once.counts[rows], once.words, *rest, **more).save(path)
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
