import numpy as np
import pytest

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    path = tmp_path_factory.mktemp("noise") / "noise.h5"
    noise_songs(seed=1).save(path)
    return SongDataset.load(path)


def test_the_split_is_750_100_150_and_artist_disjoint(noise):
    split = noise.split("artist")
    assert {part: len(songs) for part, songs in split.items()} == {
        "train": 750,
        "validation": 100,
        "test": 150,
    }
    assert len(np.unique(noise.group_codes())) == 1000


def test_two_tasks_are_regressions_and_one_is_a_classification(noise):
    assert [noise.task(name).kind for name in NOISE_TASKS] == ["binary", "regression", "regression"]


def test_the_constant_predictor_errs_in_a_fifth_of_every_part(noise):
    labels = noise.labels("classification")
    for songs in noise.split().values():
        assert labels[songs].mean() == 0.8


def test_words_tell_nothing(noise):
    from sklearn.linear_model import Ridge
    from sklearn.metrics import roc_auc_score

    split = noise.split()
    train, rest = split["train"], np.concatenate([split["validation"], split["test"]])
    words = noise.counts[:, :300].toarray()
    model = Ridge(100.0).fit(words[train], noise.labels("classification")[train])
    auc = roc_auc_score(noise.labels("classification")[rest], model.predict(words[rest]))
    assert auc == pytest.approx(0.5, abs=0.15)


def test_it_passes_for_synthetic_and_the_seed_decides_it(noise):
    assert noise.kind == "synthetic"
    assert noise_songs(1).fingerprint == noise.fingerprint != noise_songs(2).fingerprint
