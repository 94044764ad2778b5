"""The split of tasks into groups, a network each, that pairwise measurements promise most of.

Task affinity grouping (TAG, Fifty et al. 2021, arXiv:2109.04617, section 3.3): what a task gains in
a group is the mean of what its companions give it, and 0 alone; the best split has the largest sum.
TAG's groups may overlap, each task being served by the best network that learns it; ours are a
partition: each task has one network. |Pearson| is never negative, so all apart never wins by it;
only the other measures can find that tasks harm each other.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations
from typing import Literal, get_args

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.relatedness.label_statistics import label_relatedness
from representation_music.experiments.relatedness.networks import (
    GRADIENT_MEASURES,
    PairSettings,
    gradients_over_seeds,
    measure_pairs,
    pair,
    pair_base,
    require_at_least,
)
from representation_music.utils.errors import InputError

#: Between groups, in the words of a command.
BETWEEN = "/"
#: Up to so many tasks every split is looked at.
MOST_EXACT = 10
#: Splits that are followed at a time beyond that.
BEAM = 30

Measure = Literal["pearson", "gradient_cosine", "affinity", "transfer_gain", "gain_over_weights_0"]
Split = tuple[tuple[int, ...], ...]


@dataclasses.dataclass(frozen=True)
class GroupSettings:
    """How tasks are split into groups, instead of ranking labels.

    Args:
        groups: The tasks to split, two or more.
        group_by: What a task is to another: |Pearson| of the labels, or what networks measure of
            each pair (minutes per pair).
        most_groups: Networks that may be trained; 0: as many as there are tasks.
    """

    groups: tuple[str, ...] = ()
    group_by: Measure = "affinity"
    most_groups: int = 0

    def __post_init__(self):
        require_at_least("most_groups", self.most_groups, 0)
        if self.groups and len(set(self.groups)) < max(2, len(self.groups)):
            raise InputError("--groups", " ".join(self.groups), "two different tasks or more")


def best_split(gains: np.ndarray, most_groups: int = 0) -> Split:
    """The best split into groups; exact up to `MOST_EXACT` tasks, by a beam of merges above.

    Args:
        gains: `[tasks, tasks]`; in row i, column j what task j gives task i. Not finite: 0.
        most_groups: Of the split; 0: no limit.
    """
    gains = np.where(np.isfinite(gains), gains, 0.0)
    most = most_groups or len(gains)
    find = _best_of_all if len(gains) <= MOST_EXACT else _best_of_beam
    return tuple(sorted(find(gains, most)))


def promise(gains: np.ndarray, split: Iterable[Sequence[int]]) -> float:
    """The sum over tasks of the mean of what their companions give them."""
    return sum(
        float(gains[np.ix_(group, group)].sum() - np.trace(gains[np.ix_(group, group)]))
        / (len(group) - 1)
        for group in split
        if len(group) > 1
    )


def _best_of_all(gains: np.ndarray, most: int) -> Split:
    """Dynamic programming over sets of tasks, each a number whose bits are its tasks."""
    members = [
        tuple(task for task in range(len(gains)) if number >> task & 1)
        for number in range(1 << len(gains))
    ]
    value = [promise(gains, [group]) for group in members]
    # By set: the sum of its best split into at most so many groups, and that split.
    best: dict[int, tuple[float, Split]] = {0: (0.0, ())}
    for _ in range(most):
        before, best = best, {0: (0.0, ())}
        for number in range(1, len(members)):
            first = number & -number  # some group holds the set's first task
            options = [
                (before[number ^ group][0] + value[group], group)
                for group in _subsets_with(first, number)
                if number ^ group in before
            ]
            if options:
                total, group = max(options)
                best[number] = total, (members[group], *before[number ^ group][1])
    return best[len(members) - 1][1]


def _subsets_with(first: int, number: int) -> Iterator[int]:
    """The subsets of a set that hold a task of it."""
    part = rest = number ^ first
    while part:
        yield part | first
        part = (part - 1) & rest
    yield first


def _best_of_beam(gains: np.ndarray, most: int) -> Split:
    """From single tasks on, the `BEAM` best splits of each number of groups are merged further."""

    @cache
    def value(group: tuple[int, ...]) -> float:
        return promise(gains, [group])

    totals = {tuple((task,) for task in range(len(gains))): 0.0}
    found: list[tuple[float, Split]] = []
    while totals:
        if len(next(iter(totals))) <= most:
            found += [(total, split) for split, total in totals.items()]
        merged = {}
        for split, total in totals.items():
            for one, other in combinations(split, 2):
                both = tuple(sorted(one + other))
                left = [group for group in split if group not in (one, other)]
                merged[tuple(sorted([*left, both]))] = (
                    total + value(both) - value(one) - value(other)
                )
        ranked = sorted(merged.items(), key=lambda item: (-item[1], item[0]))
        totals = dict(ranked[:BEAM])
    return max(found)[1]


def pairwise_gains(
    dataset: SongDataset,
    tasks: Sequence[str],
    split: str,
    by: Measure = "pearson",
    settings: PairSettings | None = None,
) -> tuple[int, np.ndarray]:
    """What every task is to every other, on training and validation songs.

    Returns:
        An exit code; and if it is 0 `[tasks, tasks]`, in row i, column j what task j gives task i;
        NaN where it is not defined.
    """
    if by not in get_args(Measure):
        raise InputError("--group-by", by, f"one of {', '.join(get_args(Measure))}")
    settings = settings or PairSettings()
    gains = np.zeros((len(tasks), len(tasks)))
    for row, target in enumerate(tasks):
        others = [task for task in tasks if task != target]
        if by == "pearson":
            rows = label_relatedness(dataset, target, split, names=others, resamples=2)
            found = {each["name"]: {by: np.abs(each[by])} for each in rows}
        elif by in GRADIENT_MEASURES:
            base = pair_base(dataset, target, split, settings)
            pairs = [pair(base, name) for name in others]
            measured = gradients_over_seeds(pairs, dataset, settings)
            found = {name: of[name] for name, of in zip(others, measured, strict=True)}
        else:
            code, _, found = measure_pairs(dataset, target, split, others, settings)
            if code:
                return code, gains
        for column, name in enumerate(tasks):
            if name != target:
                gains[row, column] = found[name][by][0] if name in found else np.nan
    return 0, gains


def as_words(groups: Iterable[Sequence[str]]) -> list[str]:
    """Groups as the words of a flag."""
    words = [word for group in groups for word in (*group, BETWEEN)]
    return words[:-1]


def from_words(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The groups that such words are."""
    groups: list[list[str]] = [[]]
    for word in words:
        if word == BETWEEN:
            groups.append([])
        else:
            groups[-1].append(word)
    tasks = [task for group in groups for task in group]
    if not all(groups) or len(set(tasks)) < len(tasks):
        expected = f"tasks, each once, with {BETWEEN!r} between groups"
        raise InputError("--groups", " ".join(words) or "nothing", expected)
    return [tuple(group) for group in groups]
