import dataclasses

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mutual_info_score
from small_runs import with_values

from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.experiments.relatedness.label_statistics import label_relatedness
from representation_music.experiments.relatedness.task_sets import (
    paper_task_sets,
    propose_task_sets,
    spread_over_relatedness,
)
from representation_music.utils.errors import InputError
from representation_music.utils.statistics.association import MEASURES


@pytest.fixture(scope="module")
def rows(song_dataset):
    return label_relatedness(song_dataset, "pop", resamples=200)


def by_name(rows):
    return {row["name"]: row for row in rows}


def both_labels(dataset, target, name, split="artist"):
    train = dataset.split(split)["train"]
    x, y = dataset.labels(target)[train], dataset.labels(name)[train]
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


def test_every_pair_is_measured_on_the_training_songs_that_carry_both_labels(song_dataset, rows):
    names = {row["name"] for row in rows}
    assert {"pop rock", "ballad", "year", "loudness", "genre", "genre:Rap"} <= names
    assert "pop" not in names and "tempo" not in names
    for row in rows:
        x, y = both_labels(song_dataset, "pop", row["name"])
        assert row["songs"] == len(x)
        if row["kind"] == "multiclass":
            assert np.isnan(row["pearson"][0])
            continue
        assert row["pearson"][0] == pytest.approx(stats.pearsonr(x, y).statistic)
        assert row["spearman"][0] == pytest.approx(stats.spearmanr(x, y).statistic)
        if row["kind"] == "binary":
            assert row["positives"] == y.sum()
            # What the bias takes away is a few thousandths of a nat here.
            assert row["mutual_information"][0] == pytest.approx(mutual_info_score(x, y), abs=0.01)


def test_the_most_correlated_label_comes_first_and_intervals_hold_the_value(rows):
    sizes = [abs(row["pearson"][0]) for row in rows if row["kind"] != "multiclass"]
    assert sizes == sorted(sizes, reverse=True)
    assert rows[-1]["name"] == "genre"  # no correlation
    for row in rows:
        for measure in MEASURES:
            value, low, high = row[measure]
            assert np.isnan(value) or low <= value <= high


def test_labels_of_the_other_parts_of_the_split_change_nothing(song_dataset, rows):
    elsewhere = np.setdiff1d(np.arange(600), song_dataset.split("artist")["train"])
    year = song_dataset.labels("year").copy()
    year[elsewhere] = 1900
    changed = dataclasses.replace(song_dataset, columns=with_values(song_dataset, year=year))
    again = by_name(label_relatedness(changed, "pop", resamples=200))["year"]
    assert again == by_name(rows)["year"]


def test_rare_labels_are_left_out_by_artists_not_songs(song_dataset):
    groups = song_dataset.group_codes()
    train = song_dataset.split("artist")["train"]
    known = train[np.isfinite(song_dataset.labels("pop")[train])]
    few = np.isin(groups, np.unique(groups[known])[:5]).astype(float)
    changed = dataclasses.replace(song_dataset, columns={"few": LabelColumn("binary", few)})
    assert few[known].sum() > 5
    assert "few" in by_name(label_relatedness(changed, "pop", floor=5, resamples=2))
    assert "few" not in by_name(label_relatedness(changed, "pop", floor=6, resamples=2))
    named = label_relatedness(changed, "pop", names=["few"], floor=6, resamples=2)
    assert [row["name"] for row in named] == ["few"]


def test_a_target_of_several_classes_or_all_alike_is_refused(song_dataset):
    with pytest.raises(InputError, match="genre:Blues"):
        label_relatedness(song_dataset, "genre")
    alike = dataclasses.replace(song_dataset, columns={"same": LabelColumn("binary", np.ones(600))})
    with pytest.raises(InputError, match="all alike"):
        label_relatedness(alike, "same")
    with pytest.raises(InputError, match="no label that 500 artists"):
        label_relatedness(song_dataset, "pop", floor=500)


def test_a_genre_is_not_compared_with_the_label_that_holds_it(song_dataset):
    names = by_name(label_relatedness(song_dataset, "genre:Rap", resamples=2))
    assert "genre" not in names and "genre:Blues" in names


@pytest.mark.slow
def test_intervals_cover_the_truth_about_as_often_as_they_say(song_dataset):
    """Tags of 150 artists with four songs each, whose scores correlate by .5."""
    random = np.random.default_rng(0)

    def tags(artists):
        x, y = random.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], artists).T
        return (x > 0).astype(float), (y > 0.5).astype(float)

    truth = np.corrcoef(*tags(400_000))[0, 1]
    artists = np.arange(600) // 4
    hits = []
    for _ in range(150):
        columns = [LabelColumn("binary", of_artist[artists]) for of_artist in tags(150)]
        songs = dataclasses.replace(
            song_dataset,
            groups=np.array([f"AR{artist:016d}" for artist in artists], "S18"),
            columns=dict(zip(("a", "b"), columns, strict=True)),
            splits={"artist": np.zeros(600, np.int8)},
        )
        (row,) = label_relatedness(songs, "a", names=["b"], resamples=200)
        hits.append(row["pearson"][1] <= truth <= row["pearson"][2])
    # Intervals over songs would be half as wide, and cover about .7.
    assert 0.89 <= np.mean(hits) <= 0.99


def test_the_ranking_finds_planted_correlations(tmp_path):
    settings = SyntheticSettings(
        songs=3000, extra_tags=6, extra_correlations=(1.0, 0.6, 0.0), shared_themes=0.0, noise=0.1
    )
    synthesize(tmp_path / "files", settings)
    preprocess(tmp_path / "files", output=tmp_path / "songs.h5")
    from representation_music.data_preprocessing.songs.dataset import SongDataset

    rows = label_relatedness(SongDataset.load(tmp_path / "songs.h5"), "pop", resamples=100)
    extras = [row["name"] for row in rows if row["name"].startswith("extra")]
    assert {*extras[:2]} == {"extra 1", "extra 4"}
    assert {*extras[2:4]} == {"extra 2", "extra 5"}
    assert set(propose_task_sets(rows, "pop")["tight"]) == {"pop", "extra 1", "extra 4"}
    unrelated = [by_name(rows)[name]["pearson"] for name in ("extra 3", "extra 6")]
    assert all(low < 0.05 and high > -0.05 for _, low, high in unrelated)


def test_proposed_sets_are_the_most_correlated_and_a_seeded_draw_near_zero():
    def row(name, r, half=0.05):
        return {"name": name, "pearson": [r, r - half, r + half]}

    correlations = [-0.9, 0.8, 0.5, *np.linspace(0.3, 0.01, 20)]
    rows = [row(f"tag {n}", r) for n, r in enumerate(correlations)]
    rows.append(row("hardly known", 0.0, half=0.6))
    rows.append({"name": "genre", "pearson": [np.nan] * 3})
    sets = [propose_task_sets(rows, "pop", seed) for seed in range(20)]
    assert all(of["tight"] == ["pop", "tag 1", "tag 2"] for of in sets)  # opposites left aside
    drawn = {name for of in sets for name in of["loose"][1:]}
    assert drawn <= {f"tag {n}" for n in range(13, 23)}
    assert len(drawn) > 2 and all(len(set(of["loose"])) == 3 for of in sets)
    assert sets[0] == propose_task_sets(rows, "pop", 0)


def test_the_papers_sets_are_shown_for_its_target_where_the_songs_carry_them(song_dataset):
    sets = paper_task_sets(song_dataset, "pop")
    assert sets == {"tight": ["pop", "pop rock", "ballad"], "loose": ["pop", "loudness", "year"]}
    assert paper_task_sets(song_dataset, "ballad") == {}


def test_a_shortlist_is_spread_over_the_correlations():
    rows = [{"name": f"tag {n}", "pearson": [n / 10, 0, 1]} for n in range(10, -1, -1)]
    assert spread_over_relatedness(rows, 3) == ["tag 10", "tag 5", "tag 0"]
    assert len(spread_over_relatedness(rows, 50)) == 11
