"""Reads lists of songs to leave out: ids, MSD's list of mismatches, MSD's list of duplicates."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.ids import IDS_ONLY
from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.files.text import decode_line, numbered_lines
from representation_music.utils.errors import InputError

#: A line of MSD's `sid_mismatches.txt`, and the ids of song and track in it.
_MISMATCH = re.compile(r"ERROR: <\S+ (\S+)>")


@dataclass
class Exclusions:
    """Songs to leave out: ids, and groups of duplicates of each other, of which one is kept."""

    ids: set[str] = field(default_factory=set)
    groups: list[list[str]] = field(default_factory=list)

    def named(self) -> list[str]:
        """Every song that is named, whether one of its duplicates is kept or not."""
        return [*self.ids, *(name for group in self.groups for name in group)]

    def concern(self, ids: np.ndarray) -> np.ndarray:
        """[songs] whether each song, by its id (bytes), is left out.

        Of a group of duplicates, the first that is among the songs is kept.
        """
        names = [song.decode("utf-8", "surrogateescape") for song in ids.tolist()]
        here = set(names)
        left_out = set(self.ids)
        for group in self.groups:
            left_out |= set([name for name in group if name in here and name not in self.ids][1:])
        return np.array([name in left_out for name in names], bool)


def read_exclusions(path: Path | str, bad_rows: BadRows = STOP) -> Exclusions:
    """Reads a list of songs to leave out, of any of three forms.

    One id per line; or MSD's `sid_mismatches.txt`, whose lines are `ERROR: <SONG TRACK> ...`; or
    its `msd_duplicates.txt`, where a line `%...` begins a group of duplicates, one track per line.
    Lines that begin with `#` are comments, and blank lines are passed over; the last line may lack
    its end. Below a first line `# ids only` each line is an id, also one that begins so.

    Raises:
        InputError: if the file cannot be read, naming the first bad line, or names no song.
    """
    found = Exclusions()
    group: list[str] | None = None
    ids_only = of_mismatches = False
    for number, raw in numbered_lines(path):
        place = f"{path}:{number}"
        try:
            text = decode_line(raw.rstrip(b"\r\n"), place)
        except InputError as error:
            bad_rows.add(error)
            continue
        if ids_only:
            found.ids.add(text)
        elif not text.strip() or text.startswith("#"):
            ids_only = number == 1 and text.strip() == IDS_ONLY
        elif text.startswith("%"):
            group = []
            found.groups.append(group)
        elif of_mismatches or text.startswith("ERROR:"):
            of_mismatches = True
            if mismatch := _MISMATCH.match(text):
                found.ids.add(mismatch.group(1))
            else:
                bad_rows.add(InputError(place, repr(text[:60]), "`ERROR: <SONG TRACK> ...`"))
        elif group is None:
            found.ids.add(text.strip())
        else:
            group.append(text.split()[0])
    found.ids.discard("")
    if not (found.ids or any(found.groups)):
        raise InputError(path, "no id", "songs to leave out, one id per line")
    return found


def count_left_out(lists: Iterable[Exclusions], ids: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """[songs] whether any list leaves a song out, and how many songs each list does."""
    left_out = [exclusions.concern(ids) for exclusions in lists]
    none = np.zeros(len(ids), bool)
    return np.any([none, *left_out], axis=0), [int(of_list.sum()) for of_list in left_out]
