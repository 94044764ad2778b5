"""How strongly labels go together, for many resamples of the artists at once.

Weights are those of `bootstrap.draw_groups`, `[groups, resamples]`; a column of ones gives the
songs as they are. Every measure is a function of weighted sums, so that thousands of tags and
resamples are a few sparse products.
"""

import numpy as np
from scipy.sparse import csr_array

from representation_music.utils.bootstrap import blocks
from representation_music.utils.tasks import Kind

MEASURES = ("pearson", "spearman", "mutual_information")

#: Equally full bins that a number is sorted into for its mutual information.
NUM_BINS = 5


def associations_with_tags(
    target: np.ndarray, kind: Kind, tags: csr_array, groups: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """Pearson and Spearman correlation and mutual information of a label with 0/1 labels.

    Mutual information (nats) is the plug-in estimate: that of the table of weighted counts, the
    numbers of a regression label sorted into `NUM_BINS` equally full bins first (a lower bound,
    as binning can only lose information). Ranks are those within each resample, ties in their
    middle.

    Args:
        target: `[songs]`, none missing.
        kind: Its kind; a multi-class label has no correlations, they are NaN.
        tags: `[songs, tags]`, 1 where a song carries a tag.
        groups: `[songs]`, each song's row in `weights`.
        weights: `[groups, resamples]`.

    Returns:
        `[tags, resamples]` by measure; NaN where a label does not vary.
    """
    codes, centred = codes_of(target, kind), target - target.mean()
    by_class = [
        _sums_by_group(tags[codes == k], groups[codes == k], len(weights))
        for k in range(codes.max() + 1)
    ]
    products = _sums_by_group(tags * centred[:, None], groups, len(weights))

    def of_block(drawn: np.ndarray) -> dict[str, np.ndarray]:
        songs = drawn[groups]
        classes = np.stack([songs[codes == k].sum(axis=0) for k in range(len(by_class))])
        carried = np.stack([of_class.T @ drawn for of_class in by_class])
        absent = classes[:, None] - carried
        measures = {"mutual_information": mutual_information(np.stack([absent, carried]))}
        number, positive = classes.sum(axis=0), carried.sum(axis=0)

        def with_tags(values, sums):
            totals = (values * songs).sum(axis=0), (values**2 * songs).sum(axis=0)
            return _correlation(number, positive, positive, *totals, sums)

        measures["pearson"] = with_tags(centred[:, None], products.T @ drawn)
        measures["spearman"] = measures["pearson"]  # ranks of two values are those values
        if kind == "regression":
            ranks = middle_ranks(target, songs)
            measures["spearman"] = with_tags(ranks, tags.T @ (ranks * songs))
        return _without_correlations(measures) if kind == "multiclass" else measures

    return _over_blocks(of_block, weights)


def associations(
    target: np.ndarray,
    kind: Kind,
    other: np.ndarray,
    other_kind: Kind,
    groups: np.ndarray,
    weights: np.ndarray,
) -> dict[str, np.ndarray]:
    """The same of two labels of any kind: `[1, resamples]` by measure."""
    codes, other_codes = codes_of(target, kind), codes_of(other, other_kind)
    shape = other_codes.max() + 1, codes.max() + 1
    cells = other_codes * shape[1] + codes
    table = _sums_by_group(_indicator(cells, shape[0] * shape[1]), groups, len(weights))
    x, y = ((values - values.mean())[:, None] for values in (other, target))

    def of_block(drawn: np.ndarray) -> dict[str, np.ndarray]:
        counts = (table.T @ drawn).reshape(*shape, 1, -1)
        measures = {"mutual_information": mutual_information(counts)}
        songs = drawn[groups]

        def correlation(x, y):
            sums = [(of * songs).sum(axis=0) for of in (x, x**2, y, y**2, x * y)]
            return _correlation(songs.sum(axis=0), *sums)[None]

        measures["pearson"] = correlation(x, y)
        measures["spearman"] = correlation(middle_ranks(other, songs), middle_ranks(target, songs))
        return _without_correlations(measures) if "multiclass" in (kind, other_kind) else measures

    return _over_blocks(of_block, weights)


def mutual_information(tables: np.ndarray) -> np.ndarray:
    """Mutual information (nats) of the first two axes of tables of counts `[a, b, ...]`."""
    total = tables.sum(axis=(0, 1))
    expected = tables.sum(axis=1, keepdims=True) * tables.sum(axis=0, keepdims=True) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = tables * np.log(tables / expected)
    return np.where(tables > 0, terms, 0).sum(axis=(0, 1)) / total


def codes_of(values: np.ndarray, kind: Kind) -> np.ndarray:
    """`[songs]` class of each label; numbers in equally full bins, equal ones in the same."""
    if kind != "regression":
        return values.astype(np.int64)
    # By middle ranks, so that a value of most songs does not swallow all the others.
    shares = middle_ranks(values, np.ones((len(values), 1)))[:, 0] / len(values) + 0.5
    return np.unique((NUM_BINS * shares).astype(np.int64), return_inverse=True)[1]


def middle_ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ranks of `values` `[songs]` where each counts `weights` `[songs, resamples]` times.

    Ties share the middle of their ranks; the mean rank of each resample is 0.
    """
    unique, places = np.unique(values, return_inverse=True)
    each = _indicator(places, len(unique)).T @ weights
    ends = np.cumsum(each, axis=0)
    return (ends - each / 2 - ends[-1] / 2)[places]


def _correlation(number, x, xx, y, yy, xy) -> np.ndarray:
    """Pearson correlation from weighted sums; NaN where one does not vary."""
    x_variation, y_variation = xx - x**2 / number, yy - y**2 / number
    varies = (x_variation > 1e-9 * xx) & (y_variation > 1e-9 * yy)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (xy - x * y / number) / np.sqrt(x_variation * y_variation)
    return np.where(varies, r.clip(-1, 1), np.nan)


def _without_correlations(measures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    nothing = np.full_like(measures["mutual_information"], np.nan)
    return measures | {"pearson": nothing, "spearman": nothing}


def _over_blocks(function, weights: np.ndarray) -> dict[str, np.ndarray]:
    found = [function(weights[:, block].astype(np.float64)) for block in blocks(weights)]
    return {name: np.concatenate([part[name] for part in found], axis=1) for name in MEASURES}


def _indicator(places: np.ndarray, size: int) -> csr_array:
    """`[songs, size]`, 1 at each song's place."""
    ones, ends = np.ones(len(places)), np.arange(len(places) + 1)
    return csr_array((ones, places, ends), shape=(len(places), size))


def _sums_by_group(columns, groups: np.ndarray, number: int) -> csr_array:
    """Columns `[songs, labels]` summed over the songs of each group: `[groups, labels]`."""
    return csr_array(_indicator(groups, number).T @ csr_array(columns))
