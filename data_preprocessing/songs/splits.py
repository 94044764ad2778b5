"""Splits of songs into train, validation and test: by group (artist), official, random, or folds.

Every draw is a hash of (seed, id), not a shuffle, so a group or song keeps its place when
other songs are added or removed.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from representation_music.utils.results_format import FOLD

#: Names of a split's parts by their code; -1 is a song outside the split.
SPLIT_PARTS = ("train", "validation", "test")

#: Share of groups outside a fold that validate; the rest trains.
FOLD_VALIDATION = 0.2

#: Songs in train, validation and test of the 2016 study.
STUDY_SIZES = (25_000, 6_000, 25_000)


def group_keys(ids: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """[songs] the group, or the song's own id where the group is unknown."""
    return np.where(groups == b"", ids, groups)


@dataclass(frozen=True)
class Fold:
    """A split in which one of K parts is the test, so that over all K every song is there once.

    Its name, such as `fold-2-of-5-repeat-1`, is the whole split: the parts follow from it and the
    songs' groups. Repeats are other partitions of the same songs. Numbers start from 1.
    """

    number: int
    of: int
    repeat: int = 1

    @classmethod
    def of_name(cls, name: str) -> "Fold | None":
        """The fold of this name; None if it names none."""
        match = re.fullmatch(FOLD + r"(\d{1,4})-of-(\d{1,4})-repeat-(\d{1,4})", name)
        fold = cls(*map(int, match.groups())) if match else None
        return fold if fold and 1 <= fold.number <= fold.of >= 2 and fold.repeat else None

    @property
    def name(self) -> str:
        """The split's name."""
        return f"{FOLD}{self.number}-of-{self.of}-repeat-{self.repeat}"

    def siblings(self, repeats: int) -> list["Fold"]:
        """Every fold of so many repeats, repeat after repeat."""
        return [
            Fold(number, self.of, repeat)
            for repeat in range(1, repeats + 1)
            for number in range(1, self.of + 1)
        ]

    def codes(self, ids: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """[songs] int8 part codes; all songs of a group are in one part."""
        keys = group_keys(ids, groups)
        fold = (hash_fractions(keys, f"folds {self.of} {self.repeat}") * self.of).astype(int)
        validates = hash_fractions(keys, f"validation {self.name}") < FOLD_VALIDATION
        return np.where(fold == self.number - 1, 2, validates).astype(np.int8)


def hash_fractions(ids: np.ndarray, seed: int | str) -> np.ndarray:
    """[ids] float64 in [0, 1), uniform, and a function of the id and the seed alone."""
    unique, positions = np.unique(ids, return_inverse=True)
    salt = f"{seed} ".encode()
    digests = b"".join(
        hashlib.blake2b(salt + key, digest_size=8).digest() for key in unique.tolist()
    )
    return (np.frombuffer(digests, ">u8") / 2.0**64)[positions]


def group_split(
    ids: np.ndarray, groups: np.ndarray, seed: int, proportions: Sequence[float]
) -> np.ndarray:
    """[songs] int8 part codes; all songs of a group are in one part.

    `proportions` (train, validation, test) hold in expectation over groups, so the number of
    songs in a part varies a little, more so with few groups.
    """
    return _parts(hash_fractions(group_keys(ids, groups), seed), proportions)


def official_split(
    ids: np.ndarray,
    groups: np.ndarray,
    is_train: np.ndarray,
    is_test: np.ndarray,
    seed: int,
    proportions: Sequence[float],
) -> np.ndarray:
    """[songs] int8 part codes: test as given, validation by group out of the train songs.

    Validation takes the share of train that `proportions` gives it. Songs in neither are -1.
    """
    train, validation, _ = proportions
    codes = group_split(ids, groups, seed, (train, validation, 0))
    codes[~is_train] = -1
    codes[is_test] = 2
    return codes


def random_split(ids: np.ndarray, seed: int, proportions: Sequence[float]) -> np.ndarray:
    """[songs] int8 part codes of a split that ignores groups, in exact proportions.

    The study's split: artists are in several parts, so labels that belong to the artist leak.
    """
    shares = np.cumsum(proportions) / np.sum(proportions)
    return _by_rank(ids, seed, np.round(shares * len(ids)))


def study_split(ids: np.ndarray, seed: int) -> np.ndarray:
    """[songs] int8 part codes of 25,000/6,000/25,000 songs, or as many in that proportion.

    Songs beyond the study's 56,000 are outside the split (-1).
    """
    if len(ids) < sum(STUDY_SIZES):
        return random_split(ids, seed, STUDY_SIZES)
    return _by_rank(ids, seed, np.cumsum(STUDY_SIZES))


def shared_groups(codes: np.ndarray, groups: np.ndarray) -> int:
    """Number of known groups with songs in more than one part of a split."""
    used = (codes >= 0) & (groups != b"")
    number = np.unique(groups[used], return_inverse=True)[1]
    pairs = np.unique(number * len(SPLIT_PARTS) + codes[used]) // len(SPLIT_PARTS)
    return int((np.unique(pairs, return_counts=True)[1] > 1).sum())


def _parts(fractions: np.ndarray, proportions: Sequence[float]) -> np.ndarray:
    bounds = np.cumsum(proportions)[:2] / np.sum(proportions)
    return np.searchsorted(bounds, fractions, side="right").astype(np.int8)


def _by_rank(ids: np.ndarray, seed: int, ends: np.ndarray) -> np.ndarray:
    """Codes by the rank of a song's hash: part p takes ranks up to `ends[p]`."""
    codes = np.full(len(ids), -1, np.int8)
    order = np.argsort(hash_fractions(ids, seed), kind="stable")
    start = 0
    for code, end in enumerate(ends.astype(int)):
        codes[order[start:end]] = code
        start = end
    return codes
