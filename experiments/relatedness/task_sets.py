"""Task sets made of a ranking of labels: what to train a target with."""

from collections.abc import Mapping, Sequence

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.utils.tasks import TASK_SETS

#: Labels nearest to unrelated that the loose task set is drawn from.
LOOSE_CANDIDATES = 10
#: Auxiliaries of a task set, as in the 2016 paper.
AUXILIARIES = 2


def propose_task_sets(rows: Sequence[Mapping], target: str, seed: int = 0) -> dict:
    """Tight and loose task sets in the 2016 paper's way: the most correlated, and two near zero.

    Tight are the labels of largest Pearson correlation, opposites left aside as the paper did.
    Loose are drawn with the seed from the `LOOSE_CANDIDATES` whose Pearson interval keeps nearest
    to 0, so that a label of which little is known does not pass for an unrelated one. The rows are
    those of `label_relatedness`.

    Returns:
        `{"tight": [target, ...], "loose": [target, ...]}`.
    """
    ranked = [row for row in rows if np.isfinite(row["pearson"]).all()]
    by_correlation = sorted(ranked, key=lambda row: -row["pearson"][0])
    tight = [row["name"] for row in by_correlation[:AUXILIARIES]]
    rest = by_correlation[AUXILIARIES:]
    nearest = sorted(rest, key=lambda row: max(map(abs, row["pearson"][1:])))[:LOOSE_CANDIDATES]
    size = min(AUXILIARIES, len(nearest))
    drawn = np.random.default_rng(seed).choice(len(nearest), size, replace=False)
    loose = [nearest[place]["name"] for place in drawn]
    return {"tight": [target, *tight], "loose": [target, *loose]}


def paper_task_sets(dataset: SongDataset, target: str) -> dict:
    """The 2016 paper's own task sets, where the target is its own and the songs carry them."""
    sets = {"tight": TASK_SETS["tightly_coupled"], "loose": TASK_SETS["loosely_coupled"]}
    carried = set(dataset.task_names())
    return {
        name: list(tasks)
        for name, tasks in sets.items()
        if tasks[0] == target and carried.issuperset(tasks)
    }


def spread_over_relatedness(rows: Sequence[Mapping], number: int) -> list[str]:
    """Labels whose |Pearson| is spread evenly from the largest to 0: a shortlist to try."""
    left = [row for row in rows if np.isfinite(row["pearson"][0])]
    if not left:
        return []
    chosen = []
    for wanted in np.linspace(abs(left[0]["pearson"][0]), 0, number):
        if left:
            nearest = min(left, key=lambda row: abs(abs(row["pearson"][0]) - wanted))
            left.remove(nearest)
            chosen.append(nearest["name"])
    return chosen


def drawn_over_relatedness(rows: Sequence[Mapping], number: int, seed: int) -> list[str]:
    """Labels drawn over the whole range of Pearson correlation, opposites too, by the seed alone.

    The range is cut into as many equal parts, of which each gives one label at random; what empty
    parts leave wanting is drawn from the rest.
    """
    random = np.random.default_rng(seed)
    left = sorted((row for row in rows if np.isfinite(row["pearson"][0])), key=lambda r: r["name"])
    values = np.array([row["pearson"][0] for row in left])
    if not len(left):
        return []
    edges = np.linspace(values.min(), values.max(), number + 1)
    part = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, number - 1)
    chosen = [int(random.choice(np.flatnonzero(part == each))) for each in np.unique(part)]
    rest = np.setdiff1d(np.arange(len(left)), chosen)
    wanting = min(number - len(chosen), len(rest))
    chosen += random.choice(rest, wanting, replace=False).tolist() if wanting else []
    return [left[place]["name"] for place in sorted(chosen)]


def as_words(sets: Mapping[str, Sequence[str]]) -> list[str]:
    """Task sets as the words of a study's flags."""
    return [word for name, tasks in sets.items() for word in (f"--{name}", *tasks)]
