import re

import pytest
from scipy.stats import binomtest

from representation_music.data_preprocessing.songs.description import describe_songs, usual_labels
from representation_music.plots.songs.dataset import draw_dataset, wilson_interval


@pytest.fixture(scope="module")
def numbers(song_dataset) -> dict:
    return describe_songs(song_dataset, "artist", usual_labels(song_dataset, 3))


def test_the_figure_names_the_data_the_labels_and_their_units(numbers, tmp_path):
    png, svg = draw_dataset(numbers, tmp_path / "songs")
    assert png.read_bytes().startswith(b"\x89PNG")
    texts = set(re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text()))
    assert any("synthetic songs (600 songs)" in text for text in texts)
    assert {"pop", "pop rock", "ballad", "year", "years", "loudness", "dB", "train"} <= texts


@pytest.mark.slow
def test_the_same_numbers_give_the_same_files(numbers, tmp_path):
    first = [path.read_bytes() for path in draw_dataset(numbers, tmp_path / "a")]
    second = [path.read_bytes() for path in draw_dataset(numbers, tmp_path / "b")]
    assert first == second


def test_a_file_without_labels_is_drawn_as_well(song_dataset, tmp_path):
    numbers = describe_songs(song_dataset, "artist", ["jazz"])
    assert all(path.stat().st_size > 1000 for path in draw_dataset(numbers, tmp_path / "songs"))


@pytest.mark.parametrize(("positives", "songs"), [(0, 5), (3, 10), (705, 1000), (20, 20)])
def test_intervals_are_wilsons(positives, songs):
    expected = binomtest(positives, songs).proportion_ci(0.95, method="wilson")
    low, high = wilson_interval(positives / songs, songs)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-4)
