"""The one form of labels: a column with its kind, and tags as many binary columns kept sparse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy

from representation_music.utils.tasks import Kind

#: More labels than this, of those that examples carry or lack, are tags.
MOST_COLUMNS = 50


@dataclass(frozen=True, eq=False)
class LabelColumn:
    """One label of every song.

    Attributes:
        kind: "regression", "binary" or "multiclass".
        values: [songs] float64, or what NumPy makes that of, NaN where missing: a number in the
            label's unit, 0 or 1, or the position in `class_names`.
        class_names: Names of a multi-class column's classes.
        unit: Unit of a regression column, for tables and axes.
    """

    kind: Kind
    values: np.ndarray
    class_names: list[str] = field(default_factory=list)
    unit: str = ""

    def __post_init__(self):
        object.__setattr__(self, "values", np.asarray(self.values, np.float64))

    @property
    def known(self) -> np.ndarray:
        """[songs] bool: which songs carry the label."""
        return ~np.isnan(self.values)

    def take(self, rows: np.ndarray) -> "LabelColumn":
        """The values at `rows` [songs], NaN where a row is -1; classes are those that occur."""
        values = np.where(rows < 0, np.nan, self.values[rows])
        if self.kind != "multiclass":
            return replace(self, values=values)
        used = np.unique(values[~np.isnan(values)]).astype(int)
        place = np.full(len(self.class_names) + 1, np.nan)  # the last is that of missing labels
        place[used] = np.arange(len(used))
        codes = np.where(np.isnan(values), len(self.class_names), values).astype(int)
        return replace(self, values=place[codes], class_names=[self.class_names[c] for c in used])

    def is_class(self, name: str) -> "LabelColumn":
        """One class of a multi-class column against all others, as a binary column."""
        position = self.class_names.index(name)
        return LabelColumn("binary", np.where(self.known, self.values == position, np.nan))


def classes_of(names: Sequence[str], key: Callable[[str], Any] | None = None) -> LabelColumn:
    """The multi-class column of class names [songs], empty where missing; classes sorted by key."""
    classes = sorted(set(names) - {""}, key=key)
    codes = {name: float(code) for code, name in enumerate(classes)}
    return LabelColumn("multiclass", np.array([codes.get(n, np.nan) for n in names]), classes)


@dataclass(frozen=True, eq=False)
class Tags:
    """Many binary labels that songs carry or lack together, such as an artist's tags.

    Attributes:
        names: Tags in the order of the columns of `carried`.
        known: [songs] bool; False where a song's tags are missing, not absent.
        carried: [songs, tags] int8 CSR with sorted indices: 1 for each tag that a song carries.
    """

    names: list[str]
    known: np.ndarray
    carried: "scipy.sparse.csr_array"

    @classmethod
    def none(cls, num_songs: int) -> "Tags":
        """No tags at all."""
        return cls(
            [], np.zeros(num_songs, bool), scipy.sparse.csr_array((num_songs, 0), dtype=np.int8)
        )

    @classmethod
    def ranked(
        cls, names: list[str], known: np.ndarray, carried: "scipy.sparse.csr_array"
    ) -> "Tags":
        """The tags that occur, the commonest first, then by name."""
        songs_with_tag = np.bincount(carried.indices, minlength=len(names))
        order = sorted(np.flatnonzero(songs_with_tag), key=lambda t: (-songs_with_tag[t], names[t]))
        rank = np.zeros(len(names), np.int32)
        rank[order] = np.arange(len(order))
        shape = (carried.shape[0], len(order))
        indptr = carried.indptr.astype(np.int32)
        table = scipy.sparse.csr_array(
            (np.ones(len(carried.indices), np.int8), rank[carried.indices], indptr), shape=shape
        )
        table.sort_indices()
        return cls([names[tag] for tag in order], known, table)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Column of each tag by its name."""
        return {name: position for position, name in enumerate(self.names)}

    @property
    def counts(self) -> np.ndarray:
        """[tags] songs that carry each tag."""
        return np.bincount(self.carried.indices, minlength=len(self.names))

    def column(self, name: str) -> LabelColumn:
        """One tag as a binary column."""
        entries = np.flatnonzero(self.carried.indices == self.positions[name])
        values = np.where(self.known, 0.0, np.nan)
        values[np.searchsorted(self.carried.indptr, entries, side="right") - 1] = 1.0
        return LabelColumn("binary", values)

    def keep(self, songs: np.ndarray) -> "Tags":
        """Tags of the songs at `songs`, a mask or positions, and only those that still occur."""
        return Tags.ranked(self.names, self.known[songs], self.carried[songs])


def labels_carried(
    names: Sequence[str], carried: "scipy.sparse.csr_array"
) -> tuple[dict[str, LabelColumn], Tags | None]:
    """Labels that examples carry or lack: columns by name, or tags if they are many.

    `carried` is [examples, labels], 1 for each label that an example carries; none is missing.
    """
    carried = scipy.sparse.csr_array(carried).astype(np.int8)
    carried.eliminate_zeros()
    carried.sort_indices()
    if len(names) > MOST_COLUMNS:
        return {}, Tags.ranked(list(names), np.ones(carried.shape[0], bool), carried)
    dense = carried.toarray().astype(float)
    return {name: LabelColumn("binary", dense[:, n].copy()) for n, name in enumerate(names)}, None
