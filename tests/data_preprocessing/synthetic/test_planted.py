import dataclasses

import numpy as np
import pytest

from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.planted import planted_songs
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.experiments.studies.controls import PLANTED
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
def test_in_the_worlds_of_controls_ten_components_of_the_lyrics_say_little_of_the_target():
    told = []
    for dials in ({}, PLANTED):
        songs = planted_songs(SyntheticSettings(songs=2500, seed=6, **dials))
        scores = decomposed(songs.counts, "tfidf").scores(songs.counts)[:, :10]
        label = songs.labels("pop") - songs.labels("pop").mean()
        rest = label - scores @ np.linalg.lstsq(scores, label, rcond=None)[0]
        told.append(1 - rest.var() / label.var())
    assert told[0] > 0.12
    assert told[1] < told[0] / 3


def test_each_extra_tag_has_its_own_dials():
    settings = SyntheticSettings(
        extra_tags=4, extra_correlations=(0.0, 0.9), extra_shared_themes=(0.0, 1.0)
    )
    dials = settings.auxiliaries
    assert [dials[f"extra {n}"] for n in (1, 2, 3, 4)] == [(0.0, 0.0), (0.9, 1.0)] * 2
    assert dials["pop rock"] == (0.9, 1.0)
