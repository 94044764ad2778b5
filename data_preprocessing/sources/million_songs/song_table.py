"""Numeric labels of songs as the official files give them, with NaN where a value is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.identifiers import (
    ARTIST_ID_FORM,
    ID_TYPE,
    TRACK_ID_FORM,
    repeated_rows,
    valid_ids,
)
from representation_music.utils.errors import InputError

#: Columns to read of each table, the same in the summary file and the per-track files.
COLUMNS_BY_TABLE = {
    "analysis/songs": (
        "track_id",
        "loudness",
        "tempo",
        "duration",
        "key",
        "mode",
        "time_signature",
    ),
    "metadata/songs": ("artist_id", "song_hotttnesss", "artist_hotttnesss", "artist_familiarity"),
    "musicbrainz/songs": ("year",),
}

#: Numeric labels and their units.
UNITS = {
    "loudness": "dB",
    "year": "years",
    "tempo": "beats/min",
    "duration": "s",
    "key": "pitch class, 0 is C",
    "mode": "0 minor, 1 major",
    "time_signature": "beats/bar",
    "song_hotttnesss": "0 to 1",
    "artist_hotttnesss": "0 to 1",
    "artist_familiarity": "0 to 1",
}

# The Echo Nest wrote 0, and at places -1, for what it had not computed. Key 0 is C, mode 0 is
# minor, and 0 dB is a loudness: those are values.
_MISSING_UNLESS_POSITIVE = (
    "year",
    "tempo",
    "time_signature",
    "duration",
    "song_hotttnesss",
    "artist_hotttnesss",
    "artist_familiarity",
)

_RANGES = {"key": (0, 11), "mode": (0, 1)}


@dataclass
class SongTable:
    """Labels of songs.

    Attributes:
        track_ids: Bytes [songs], no two alike.
        artist_ids: Bytes [songs]; empty where unknown.
        labels: Values of each label that the source has, float64 [songs], NaN where missing,
            by a name and in the unit of `UNITS`.
        name_keys: Bytes [songs] that stand for the artist's name (`name_key`), empty where
            unknown; None where the source has no names.
    """

    track_ids: np.ndarray
    artist_ids: np.ndarray
    labels: dict[str, np.ndarray]
    name_keys: np.ndarray | None = None

    def columns(self) -> dict[str, LabelColumn]:
        """The labels with their units, by name."""
        return {
            name: LabelColumn("regression", values, unit=UNITS[name])
            for name, values in self.labels.items()
        }


def with_missing_as_nan(label: str, values: np.ndarray) -> np.ndarray:
    """Values of a label as in the official files [songs], missing ones as NaN: float64."""
    values = np.asarray(values, np.float64)
    if label in _MISSING_UNLESS_POSITIVE:
        return np.where(values > 0, values, np.nan)
    return values


def checked_song_table(
    track_ids: np.ndarray,
    artist_ids: np.ndarray,
    labels: Mapping[str, np.ndarray],
    places: Callable[[int], str],
    bad_rows: BadRows,
) -> SongTable:
    """Makes a table of raw columns [songs]: missing values as NaN, bad rows left out.

    A bad row has a track or artist id that is none, a track id seen before, an infinite value, or a
    key or mode out of its range. An empty artist id is an unknown artist. Ids are bytes of any
    length; `places` says for a row's position where it stands, for messages.
    """
    problems: dict[int, tuple[str, str]] = {}
    for row in np.flatnonzero(~valid_ids(track_ids, b"TR")):
        problems[int(row)] = f"the track id {bytes(track_ids[row])!r}", TRACK_ID_FORM
    for row in np.flatnonzero(~valid_ids(artist_ids, b"AR") & (artist_ids != b"")):
        problems.setdefault(int(row), (f"the artist id {bytes(artist_ids[row])!r}", ARTIST_ID_FORM))
    for row, first in repeated_rows(track_ids):
        found = f"the track id {track_ids[row].decode(errors='replace')} of {places(first)} again"
        problems.setdefault(row, (found, "each track once"))
    for name, values in labels.items():
        low, high = _RANGES.get(name, (-np.inf, np.inf))
        for row in np.flatnonzero((values < low) | (values > high) | np.isinf(values)):
            expected = f"a value from {low} to {high}" if name in _RANGES else "a finite value"
            problems.setdefault(int(row), (f"{name} {values[row]}", expected))
    for row in sorted(problems):
        bad_rows.add(InputError(places(row), *problems[row]))
    keep = np.ones(len(track_ids), bool)
    keep[list(problems)] = False
    return SongTable(
        track_ids[keep].astype(ID_TYPE),
        artist_ids[keep].astype(ID_TYPE),
        {name: with_missing_as_nan(name, values[keep]) for name, values in labels.items()},
    )
