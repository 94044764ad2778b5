import dataclasses

import numpy as np
import pytest

from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.experiments.relatedness.stacking import stacked_gain
from representation_music.experiments.runs.config import RunConfig


@pytest.fixture(scope="module")
def songs():
    """Songs whose label `twin` is the target with little noise, and `coin` means nothing."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset

    random = np.random.default_rng(0)
    counts = (random.random((1500, 60)) < 0.3).astype(np.float32)
    score = counts @ random.normal(size=60)
    target = score + random.normal(0, 2, 1500) > np.median(score)
    labels = {
        "target": target.astype(float),
        "twin": (score > np.median(score)).astype(float),
        "coin": (random.random(1500) < 0.5).astype(float),
        "amount": score + random.normal(0, 1, 1500),
    }
    columns = {
        name: LabelColumn("regression" if name == "amount" else "binary", values)
        for name, values in labels.items()
    }
    words = [f"w{n}" for n in range(60)]
    return SongDataset.from_bags(counts, words, [str(n) for n in range(1500)], None, columns)


def config(*tasks, **settings):
    return RunConfig(tasks=tasks, **({"training_size": 80, "auxiliary_size": 600} | settings))


def test_a_related_auxiliary_adds_to_the_linear_model_and_a_coin_does_not(songs):
    twin, low, high = stacked_gain(config("target", "twin"), songs)
    assert low <= twin <= high and twin > 0.02
    assert stacked_gain(config("target", "coin"), songs)[0] < twin / 2
    assert stacked_gain(config("amount", "twin"), songs)[0] > 0.05  # in R\u00b2


def test_test_songs_have_no_say(songs):
    found = stacked_gain(config("target", "twin"), songs)
    hidden = songs.split("artist")["test"]
    columns = {
        name: dataclasses.replace(column, values=column.values.copy())
        for name, column in songs.columns.items()
    }
    for column in columns.values():
        column.values[hidden] = np.nan
    assert stacked_gain(config("target", "twin"), dataclasses.replace(songs, columns=columns)) == (
        found
    )


def test_without_further_songs_it_is_not_known(songs):
    assert np.isnan(stacked_gain(config("target", "twin", auxiliary_size=0), songs)).all()
