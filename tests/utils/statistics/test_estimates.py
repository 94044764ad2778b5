import numpy as np
import pytest
from scipy import stats

from representation_music.utils.statistics.estimates import estimate, foreseen


def test_two_sources_alike_have_the_degrees_of_freedom_of_welchs_test():
    random = np.random.default_rng(1)
    one, other = random.normal(size=5), random.normal(size=9)
    resampled = np.sqrt(other.var(ddof=1) / 9) * np.array([-1, 0, 1])  # variance as that of a mean
    ours = estimate(one, resampled, num_groups=9)
    welch = stats.ttest_ind(one, other, equal_var=False)
    assert ours.df == pytest.approx(welch.df)
    assert ours.error == pytest.approx((one.mean() - other.mean()) / welch.statistic)


def test_folds_widen_the_paired_t_by_the_songs_that_they_share():
    one, two = np.random.default_rng(5).normal(0.02, 0.01, (2, 10))
    plain = estimate(one - two)
    folds = estimate(one - two, overlap=1 / 4)  # of five folds, two repeats
    assert plain.error == pytest.approx(stats.sem(one - two))
    # Nadeau & Bengio 2003: the naive variance times 1 + folds / (folds - 1) * repeats
    assert (folds.error / plain.error) ** 2 == pytest.approx(1 + 10 / 4)
    assert folds.mean == plain.mean and folds.df == plain.df == 9


def gain(values, of_groups=0.0):
    """Of seeds that gained so much, on test groups that give such a variance."""
    return estimate(values, of_groups**0.5 * np.array([-1, 0, 1]), num_groups=300)


def test_what_all_seeds_may_gain_is_what_they_gain_in_95_of_100_cells():
    random = np.random.default_rng(6)
    seeds = random.normal(0.03, 0.02, (2000, 10))
    inside = 0
    for row in seeds:
        low, *_, high = foreseen(gain(row[:4]), 4, planned=10)
        inside += low.mean <= row.mean() <= high.mean
    assert inside / 2000 == pytest.approx(0.95, abs=0.015)
    now = gain(seeds[0, :4], of_groups=4e-4)
    wide, narrow = foreseen(now, 4, planned=10)[2:4]  # the mean as it is
    of_seeds = seeds[0, :4].var(ddof=1) / 10
    assert wide.error**2 == pytest.approx(of_seeds + 4e-4)
    assert narrow.error**2 == pytest.approx(of_seeds + 4e-4 * 4 / 10)
    with_all = gain(seeds[0], of_groups=4e-4)
    for same in foreseen(with_all, 10, planned=10):
        assert (same.mean, same.error) == pytest.approx((with_all.mean, with_all.error))
