"""How strongly labels go together, for many resamples of the artists at once.

Weights are those of `bootstrap.draw_groups`, `[groups, resamples]`; a column of ones gives the
songs as they are. Every measure is a function of weighted sums, so that thousands of tags and
resamples are a few sparse products.
"""

import numpy as np
import scipy

from representation_music.utils.statistics.bootstrap import blocks
from representation_music.utils.tasks import Kind

MEASURES = ("pearson", "spearman", "mutual_information")

#: Equally full bins that a number is sorted into for its mutual information.
NUM_BINS = 5
#: Numbers of more distinct values than this are ranked by so many equally full levels.
MOST_VALUES, LEVELS = 2000, 200


def associations_with_tags(
    target: np.ndarray,
    kind: Kind,
    tags: "scipy.sparse.csr_array",
    groups: np.ndarray,
    weights: np.ndarray,
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
    number_of_classes = codes.max() + 1
    by_class = [
        sums_by_group(tags[codes == k], groups[codes == k], len(weights))
        for k in range(number_of_classes)
    ]
    class_sizes = sums_by_group(_indicator(codes, number_of_classes), groups, len(weights))
    products = sums_by_group(tags * centred[:, None], groups, len(weights))
    squares = sums_by_group(np.stack([centred, centred**2], axis=1), groups, len(weights))

    def of_block(drawn: np.ndarray) -> dict[str, np.ndarray]:
        classes = class_sizes.T @ drawn
        carried = np.stack([of_class.T @ drawn for of_class in by_class])
        absent = classes[:, None] - carried
        measures = {"mutual_information": mutual_information(np.stack([absent, carried]))}
        number, positive = classes.sum(axis=0), carried.sum(axis=0)
        sums = squares.T @ drawn
        measures["pearson"] = _correlation(
            number, positive, positive, sums[0], sums[1], products.T @ drawn
        )
        measures["spearman"] = measures["pearson"]  # ranks of two values are those values
        if kind == "regression":
            songs = drawn[groups]
            ranks = middle_ranks(target, songs)
            weighted = ranks * songs
            squared = (ranks * weighted).sum(axis=0)
            measures["spearman"] = _correlation(
                number, positive, positive, weighted.sum(axis=0), squared, tags.T @ weighted
            )
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
    table, classes, other_classes = _cells(
        codes_of(target, kind), codes_of(other, other_kind), groups, len(weights)
    )
    joint = np.zeros((other_classes.max() + 1, classes.max() + 1, 1, 1))
    x, y = other - other.mean(), target - target.mean()
    products = np.stack([np.ones(len(x)), x, x**2, y, y**2, x * y], axis=1)
    sums = sums_by_group(products, groups, len(weights))
    ranked, levels, other_levels = _cells(_levels(target), _levels(other), groups, len(weights))

    def of_block(drawn: np.ndarray) -> dict[str, np.ndarray]:
        counts = np.repeat(joint, drawn.shape[1], axis=3)
        counts[other_classes, classes, 0] = table.T @ drawn
        measures = {
            "mutual_information": mutual_information(counts),
            "pearson": _correlation(*(sums.T @ drawn))[None],
        }
        if "multiclass" in (kind, other_kind):
            return _without_correlations(measures)
        times = ranked.T @ drawn
        x, y = middle_ranks(other_levels, times), middle_ranks(levels, times)
        of_ranks = [(values * times).sum(axis=0) for values in (x, x**2, y, y**2, x * y)]
        measures["spearman"] = _correlation(times.sum(axis=0), *of_ranks)[None]
        return measures

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


def _levels(values: np.ndarray) -> np.ndarray:
    """`[songs]` place of each value among the distinct ones; of very many, an equally full level.

    With `LEVELS` of them a rank correlation moves by some 1e-5, and takes a tenth of the time.
    """
    unique, places, times = np.unique(values, return_inverse=True, return_counts=True)
    if len(unique) <= MOST_VALUES:
        return places
    middle = (np.cumsum(times) - times / 2) / len(values)
    return (LEVELS * middle).astype(np.int64)[places]


def _cells(
    codes: np.ndarray, other_codes: np.ndarray, groups: np.ndarray, number: int
) -> tuple["scipy.sparse.csr_array", np.ndarray, np.ndarray]:
    """Songs by group and pair of codes, `[groups, pairs]`, and both codes of each pair."""
    size = codes.max() + 1
    pairs, places = np.unique(other_codes * size + codes, return_inverse=True)
    table = sums_by_group(_indicator(places, len(pairs)), groups, number)
    return table, pairs % size, pairs // size


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


def _indicator(places: np.ndarray, size: int) -> "scipy.sparse.csr_array":
    """`[songs, size]`, 1 at each song's place."""
    ones, ends = np.ones(len(places)), np.arange(len(places) + 1)
    return scipy.sparse.csr_array((ones, places, ends), shape=(len(places), size))


def sums_by_group(columns, groups: np.ndarray, number: int) -> "scipy.sparse.csr_array":
    """Columns `[songs, labels]` summed over the songs of each group: `[groups, labels]`."""
    return scipy.sparse.csr_array(_indicator(groups, number).T @ scipy.sparse.csr_array(columns))
