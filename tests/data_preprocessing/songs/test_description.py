import json

import numpy as np
import pytest

from representation_music.data_preprocessing.songs.description import describe_songs, usual_labels


@pytest.fixture(scope="module")
def numbers(song_dataset) -> dict:
    return describe_songs(song_dataset, "artist", ["pop", "year", "genre", "jazz"])


def by_name(numbers: dict) -> dict:
    return {task["name"]: task for task in numbers["tasks"]}


def test_coverage_and_base_rate_of_a_tag_are_those_of_each_part(song_dataset, numbers):
    labels = song_dataset.labels("pop")
    for part, songs in song_dataset.split("artist").items():
        of_part = by_name(numbers)["pop"]["parts"][part]
        known = [value for value in labels[songs] if value == value]
        assert of_part["songs"] == len(known)
        assert of_part["coverage"] == pytest.approx(len(known) / len(songs))
        assert of_part["base_rate"] == pytest.approx(sum(known) / len(known))


def test_a_regression_label_has_mean_sd_and_a_histogram_of_every_song(song_dataset, numbers):
    year = by_name(numbers)["year"]
    for part, songs in song_dataset.split("artist").items():
        of_part = year["parts"][part]
        values = song_dataset.labels("year")[songs]
        assert of_part["mean"] == pytest.approx(np.nanmean(values))
        assert of_part["sd"] == pytest.approx(np.nanstd(values))
        assert sum(of_part["histogram"]) == of_part["songs"] == (~np.isnan(values)).sum()
    assert set(np.diff(year["edges"]) % 1) == {0}, "bins of years hold whole years"


def test_a_multiclass_label_names_its_commonest_class_and_its_share(song_dataset, numbers):
    genre = by_name(numbers)["genre"]
    labels = song_dataset.labels("genre")
    commonest = np.bincount(labels[~np.isnan(labels)].astype(int)).argmax()
    assert genre["num_classes"] == 4
    assert genre["commonest_class"] == song_dataset.class_names("genre")[commonest]
    train = labels[song_dataset.split("artist")["train"]]
    expected = (train == commonest).sum() / (~np.isnan(train)).sum()
    assert genre["parts"]["train"]["base_rate"] == pytest.approx(expected)


def test_labels_that_no_song_carries_are_listed_as_lacking(numbers):
    assert numbers["lacking"] == ["jazz"]


def test_splits_count_their_songs_and_the_artists_in_several_parts(song_dataset, numbers):
    assert numbers["splits"]["artist"]["shared_artists"] == 0
    random = numbers["splits"]["random"]
    parts = song_dataset.split("random")
    assert [random[part] for part in parts] == [len(songs) for songs in parts.values()]
    artists = [set(song_dataset.groups[songs]) for songs in parts.values()]
    several = (artists[0] & artists[1]) | (artists[0] & artists[2]) | (artists[1] & artists[2])
    assert random["shared_artists"] == len(several) > 0


def test_words_a_song_agree_with_the_dense_counts(song_dataset, numbers):
    dense = song_dataset.counts.toarray()
    for name, lengths in (("distinct_words", (dense > 0).sum(1)), ("tokens", dense.sum(1))):
        described = numbers[name]["parts"]["all"]
        assert described["mean"] == pytest.approx(lengths.mean())
        assert described["p95"] == pytest.approx(np.percentile(lengths, 95))
        assert sum(described["histogram"]) == song_dataset.num_songs


def test_the_numbers_can_be_kept_as_json_and_name_the_kind_of_data(numbers):
    assert json.loads(json.dumps(numbers)) == numbers
    assert numbers["source"] == "synthetic songs (600 songs)"


def test_labels_are_the_studys_tasks_then_the_other_columns_then_the_commonest_tags(song_dataset):
    names = usual_labels(song_dataset, top_tags=2)
    assert names == ["pop", "pop rock", "ballad", "loudness", "year", "genre"]
