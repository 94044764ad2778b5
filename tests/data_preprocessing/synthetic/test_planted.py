import dataclasses

import numpy as np
import pytest

from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.planted import planted_songs
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.experiments.training.lyrics import decomposed

SETTINGS = SyntheticSettings(songs=400, seed=5, extra_tags=2, missing=0.1, background_themes=4)


def test_planted_songs_are_those_of_the_official_files(tmp_path):
    synthesize(tmp_path / "official", SETTINGS)
    preprocess(tmp_path / "official", tmp_path / "songs.h5")
    through_files, at_once = SongDataset.load(tmp_path / "songs.h5"), planted_songs(SETTINGS)
    np.testing.assert_array_equal(through_files.ids, at_once.ids)
    np.testing.assert_array_equal(through_files.groups, at_once.groups)
    assert through_files.words == at_once.words
    assert not (through_files.counts != at_once.counts).nnz
    for name in ("pop", "ballad", "extra 1", "extra 2", "loudness", "year"):
        ours = at_once.labels(name)
        np.testing.assert_allclose(through_files.labels(name), ours, atol=1e-4, err_msg=name)
    at_once.save(tmp_path / "planted.h5")
    assert SongDataset.load(tmp_path / "planted.h5").fingerprint == at_once.fingerprint


def test_background_themes_move_words_and_no_label():
    plain = planted_songs(dataclasses.replace(SETTINGS, background_themes=0))
    moved = planted_songs(SETTINGS)
    assert (plain.counts.sum(axis=0) != moved.counts.sum(axis=0)).any()
    for name in plain.columns:
        np.testing.assert_array_equal(plain.labels(name), moved.labels(name))


@pytest.mark.slow
def test_with_background_and_many_themes_lyrics_have_no_few_components_that_stand_out():
    settings = SyntheticSettings(songs=2500, seed=6)
    real_like = dataclasses.replace(
        settings, themes=40, theme_concentration=0.04, background_themes=8
    )
    falls = []
    for these in (settings, real_like):
        variance = decomposed(planted_songs(these).counts, "tfidf").variance
        falls.append(variance[4] / variance[29])
    # In real lyrics 3.1 (a sample of 10,244 songs) and 1.7 (lyrics without common words).
    assert falls[0] > 2.2 > falls[1]


def test_each_extra_tag_has_its_own_dials():
    settings = SyntheticSettings(
        extra_tags=4, extra_correlations=(0.0, 0.9), extra_shared_themes=(0.0, 1.0)
    )
    dials = settings.auxiliaries
    assert [dials[f"extra {n}"] for n in (1, 2, 3, 4)] == [(0.0, 0.0), (0.9, 1.0)] * 2
    assert dials["pop rock"] == (0.9, 1.0)
