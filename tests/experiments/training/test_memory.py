import json
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags

SONGS, WORDS, WORDS_A_SONG = 20_000, 5_000, 40
DENSE_MEGABYTES = SONGS * WORDS * 4 / 1e6

#: Prints the process's peak memory in MB after the set-up and after a training, whitened by the
#: whole split, the linear model beside it, and relatedness.
TRAIN = """
import resource, sys
from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

def peak():
    unit = 1e6 if sys.platform == "darwin" else 1e3  # macOS counts bytes, Linux kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

configure_tensorflow(1)
import keras, scipy.stats, sklearn.linear_model, sklearn.metrics
before = peak()
from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.train_run import train_run

config = DEFAULT.replace(
    dataset=sys.argv[1], split="random", training_size=0, word_floor=1, input_transform="raw",
    widths=(16, 8), dropout=(0.0, 0.5), architecture="SP", num_steps=60, evaluate_every=30,
    tasks=("pop", "year"), whitening="split",
)
from pathlib import Path
record = train_run(config, Path(sys.argv[2]), figures=False)
evaluate_run(Path(record["folder"]))
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.relatedness.label_statistics import label_relatedness
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.training import linear_model
songs = SongDataset.load(config.dataset)
linear_model.INVERSE_L2 = (0.0003, 0.001)
linear = linear_model.train_linear_model(LinearConfig.beside(config), songs, Path(sys.argv[2]))
evaluate_run(Path(linear["folder"]))
assert label_relatedness(songs, "pop", "random", ("year",), resamples=2)
print([before, peak(), record["training_songs"]])
"""


def many_songs() -> SongDataset:
    """20,000 songs of 40 random words out of 5,000, all with labels."""
    rng = np.random.default_rng(0)
    starts = np.arange(0, SONGS * WORDS_A_SONG + 1, WORDS_A_SONG)
    # One word out of each 125, so that a song's words are sorted and differ.
    steps = WORDS // WORDS_A_SONG
    words = np.arange(WORDS_A_SONG) * steps + rng.integers(steps, size=(SONGS, WORDS_A_SONG))
    counts = rng.integers(1, 4, words.size).astype(np.float32)
    year = rng.integers(1960, 2011, SONGS).astype(float)
    carried = csr_array((rng.random((SONGS, 1)) < 0.7).astype(np.int8))
    split = np.zeros(SONGS, np.int8)
    split[-200:], split[-100:] = 1, 2
    return SongDataset(
        ids=np.array([f"TR{n:016d}" for n in range(SONGS)], "S18"),
        groups=np.array([f"AR{n:016d}" for n in range(SONGS)], "S18"),
        words=[f"word{n}" for n in range(WORDS)],
        counts=csr_array((counts, words.ravel().astype(np.int32), starts), shape=(SONGS, WORDS)),
        columns={"year": LabelColumn("regression", year)},
        tags=Tags(["pop"], np.ones(SONGS, bool), carried),
        splits={"random": split},
        kind="synthetic",
        provenance={"made": "for tests"},
    )


@pytest.mark.slow
def test_no_array_of_the_size_of_all_songs_by_all_words_is_made(tmp_path):
    many_songs().save(tmp_path / "songs.h5")
    command = [sys.executable, "-c", TRAIN, str(tmp_path / "songs.h5"), str(tmp_path / "runs")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    before, after, training_songs = json.loads(printed.splitlines()[-1])
    assert training_songs == SONGS - 200
    assert after - before < 0.6 * DENSE_MEGABYTES, f"{before:.0f} MB grew to {after:.0f} MB"
