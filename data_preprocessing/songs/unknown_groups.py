"""Songs whose group (their artist) is unknown: no split can keep them beside the group's others."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.splits import shared_groups
from representation_music.utils.errors import InputError

#: Share of a task's labelled test songs from which on an unknown artist is worth a warning.
WORTH_A_WARNING = 0.1
#: Of more tasks than this only as many are listed, and the rest counted.
MOST_LISTED = 10


def unknown_by_part(dataset: SongDataset, split: str) -> dict[str, int]:
    """How many songs of each part of a split have no known artist."""
    unknown = dataset.groups == b""
    return {part: int(unknown[songs].sum()) for part, songs in dataset.split(split).items()}


def tasks_on_unknown(
    dataset: SongDataset, split: str, names: Sequence[str]
) -> list[tuple[str, int, int]]:
    """Tasks whose test rests on songs of unknown artists: name, such songs, labelled test songs.

    Tags, which songs carry or lack together, are one task "tags", whether named or not. None of a
    split that does not keep the songs of an artist together anyway.
    """
    if shared_groups(dataset.split_codes(split), dataset.groups):
        return []
    test, found = dataset.split(split)["test"], []
    carried = {"tags": dataset.tags.known} if dataset.tags.names else {}
    for name in names:
        if name not in dataset.tags.positions:
            with suppress(InputError):  # no song carries it
                carried[name] = ~np.isnan(dataset.labels(name))
    for name, known in carried.items():
        labelled = test[known[test]]
        unknown = int((dataset.groups[labelled] == b"").sum())
        if unknown > WORTH_A_WARNING * len(labelled):
            found.append((name, unknown, len(labelled)))
    return found


def groups_are(kind: str) -> str:
    """What groups are called: those of a set of the user's own may be anything."""
    return "groups" if kind == "own" else "artists"


def warning_of(split: str, tasks: Sequence[tuple[str, int, int]], noun: str, groups: str) -> str:
    """What to say of `tasks_on_unknown`, of examples and groups so called; empty for no tasks."""
    if not tasks:
        return ""
    listed = tasks[:MOST_LISTED]
    counts = ", ".join(f"{name} {unknown:,} of {of:,}" for name, unknown, of in listed)
    if len(tasks) > MOST_LISTED:
        counts += f" and {len(tasks) - MOST_LISTED:,} more labels"
    return (
        f"Warning: split {split} keeps known {groups} apart, but many labelled test {noun} are "
        f"of none that is known: {counts}."
    )
