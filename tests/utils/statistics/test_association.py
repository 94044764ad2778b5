import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array
from sklearn.metrics import mutual_info_score

from representation_music.utils.statistics.association import (
    NUM_BINS,
    associations,
    associations_with_tags,
    codes_of,
    middle_ranks,
)
from representation_music.utils.statistics.bootstrap import draw_groups

SONGS, ARTISTS = 300, 90


@pytest.fixture(scope="module")
def songs():
    """A binary, a numeric (with ties) and a three-class label, five tags, artists, weights."""
    random = np.random.default_rng(3)
    binary = (random.random(SONGS) < 0.4).astype(float)
    labels = {
        "binary": binary,
        "regression": np.round(random.normal(size=SONGS) + binary, 1),
        "multiclass": (binary + random.integers(2, size=SONGS)).astype(float),
    }
    tags = (random.random((SONGS, 5)) < 0.2 + 0.3 * binary[:, None]).astype(float)
    artists = random.integers(ARTISTS, size=SONGS)
    weights = np.hstack([np.ones((ARTISTS, 1)), draw_groups(ARTISTS, 3, random)])
    return labels, tags, artists, weights


def written_out(songs):
    """The songs of each resample, as often as their artist was drawn."""
    *_, artists, weights = songs
    return [np.repeat(np.arange(SONGS), times[artists].astype(int)) for times in weights.T]


@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_tags_are_measured_as_scipy_and_scikit_learn_measure_the_drawn_songs(songs, kind):
    labels, tags, artists, weights = songs
    target, codes = labels[kind], codes_of(labels[kind], kind)
    ours = associations_with_tags(target, kind, csr_array(tags), artists, weights)
    for column, drawn in enumerate(written_out(songs)):
        for number in range(5):
            tag = tags[drawn, number]
            expected = {
                "pearson": stats.pearsonr(target[drawn], tag).statistic,
                "spearman": stats.spearmanr(target[drawn], tag).statistic,
                "mutual_information": mutual_info_score(codes[drawn], tag),
            }
            for measure, value in expected.items():
                assert ours[measure][number, column] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("kind", ["binary", "regression"])
@pytest.mark.parametrize("other_kind", ["binary", "regression", "multiclass"])
def test_two_labels_of_any_kind_are_measured_alike(songs, kind, other_kind):
    labels, _, artists, weights = songs
    target, other = labels[kind], labels[other_kind] ** 2
    if other_kind == "multiclass":
        other = labels[other_kind]
    ours = associations(target, kind, other, other_kind, artists, weights)
    codes, other_codes = codes_of(target, kind), codes_of(other, other_kind)
    for column, drawn in enumerate(written_out(songs)):
        expected = mutual_info_score(codes[drawn], other_codes[drawn])
        assert ours["mutual_information"][0, column] == pytest.approx(expected, abs=1e-9)
        if other_kind == "multiclass":
            assert np.isnan(ours["pearson"][0, column])
            continue
        pearson = stats.pearsonr(target[drawn], other[drawn]).statistic
        spearman = stats.spearmanr(target[drawn], other[drawn]).statistic
        assert ours["pearson"][0, column] == pytest.approx(pearson, abs=1e-9)
        assert ours["spearman"][0, column] == pytest.approx(spearman, abs=1e-9)


def test_binned_mutual_information_approaches_the_normal_distributions():
    random = np.random.default_rng(0)
    x, y = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 20_000).T
    ours = associations(x, "regression", y, "regression", np.arange(20_000), np.ones((20_000, 1)))
    exact = -0.5 * np.log(1 - 0.6**2)
    assert 0.75 * exact < ours["mutual_information"][0, 0] < exact


def test_bins_are_equally_full_and_keep_equal_numbers_together():
    codes = codes_of(np.arange(100.0), "regression")
    assert np.bincount(codes).tolist() == [100 // NUM_BINS] * NUM_BINS
    for share in (10, 50, 90):
        halves = np.repeat([0.0, 1.0], [share, 100 - share])
        assert len(set(codes_of(halves, "regression"))) == 2


def test_ranks_are_scipys_where_every_song_counts_once(songs):
    values = songs[0]["regression"]
    ranks = middle_ranks(values, np.ones((SONGS, 1)))[:, 0]
    assert ranks == pytest.approx(stats.rankdata(values) - (SONGS + 1) / 2)


def test_a_label_that_does_not_vary_has_no_correlation(songs):
    labels, tags, artists, weights = songs
    tags = np.column_stack([tags[:, 0], np.zeros(SONGS), np.ones(SONGS)])
    ours = associations_with_tags(labels["binary"], "binary", csr_array(tags), artists, weights)
    assert np.isfinite(ours["pearson"][0]).all()
    assert np.isnan(ours["pearson"][1:]).all()
    assert ours["mutual_information"][1:] == pytest.approx(0)


def test_very_many_values_are_ranked_by_levels_almost_exactly():
    random = np.random.default_rng(4)
    x = random.normal(size=5000)
    for other, kind in ((x + random.normal(size=5000), "regression"), ((x > 1) * 1.0, "binary")):
        ours = associations(other, kind, x, "regression", np.arange(5000), np.ones((5000, 1)))
        expected = stats.spearmanr(x, other).statistic
        assert ours["spearman"][0, 0] == pytest.approx(expected, abs=1e-4)
