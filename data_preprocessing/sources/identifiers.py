"""Track and artist ids of the Million Song Dataset, and ids of any form; none is cut or padded."""

import re

import numpy as np

from representation_music.data_preprocessing.songs.ids import id_bytes
from representation_music.utils.errors import InputError

#: Bytes of a track or artist id.
ID_LENGTH = 18
ID_TYPE = f"S{ID_LENGTH}"

TRACK_ID_FORM = "TR and 16 capital letters or digits"
ARTIST_ID_FORM = "AR and 16 capital letters or digits"

_TRACK_ID = re.compile(r"TR[A-Z0-9]{16}")
_ARTIST_ID = re.compile(r"AR[A-Z0-9]{16}")
#: What people put in the place of a track id.
_OTHER_IDS = {"song": re.compile(r"SO[A-Z0-9]{16}"), "artist": _ARTIST_ID}
_ADVICE = {"song": "`unique_tracks.txt` gives the track of each song."}


def check_track_id(text: str, place) -> bytes:
    """The track id as 18 bytes.

    Raises:
        InputError: if `text` is not `TR` and 16 capital letters or digits.
    """
    if not _TRACK_ID.fullmatch(text):
        other = next((what for what, form in _OTHER_IDS.items() if form.fullmatch(text)), None)
        found = f"the {other or 'track'} id {text[:40]!r}"
        expected = f"a track id, {TRACK_ID_FORM}" if other else TRACK_ID_FORM
        raise InputError(place, found, expected, _ADVICE.get(other, ""))
    return text.encode("ascii")


def check_artist_id(text: str, place) -> bytes:
    """The artist id as 18 bytes.

    Raises:
        InputError: if `text` is not `AR` and 16 capital letters or digits.
    """
    if not _ARTIST_ID.fullmatch(text):
        raise InputError(place, f"the artist id {text[:40]!r}", ARTIST_ID_FORM)
    return text.encode("ascii")


def check_any_id(text: str, place) -> bytes:
    """An id of any form, as UTF-8.

    Raises:
        InputError: if it is empty, too long, or holds a zero byte.
    """
    if not text.strip():
        raise InputError(place, "an empty id", "an id")
    return id_bytes([text], str(place))[0]


def are_track_ids(joined: bytes) -> bool:
    """Whether `joined` is nothing but whole track ids in a row."""
    if len(joined) % ID_LENGTH:
        return False
    return bool(valid_ids(np.frombuffer(joined, ID_TYPE), b"TR").all())


def valid_ids(ids: np.ndarray, prefix: bytes) -> np.ndarray:
    """Which of `ids`, bytes of any length [rows], are `prefix` and 16 capitals or digits."""
    if ids.dtype.itemsize < ID_LENGTH:
        return np.zeros(len(ids), bool)
    characters = np.ascontiguousarray(ids).view(np.uint8).reshape(len(ids), -1)
    rest = characters[:, len(prefix) : ID_LENGTH]
    # Unsigned differences wrap round, so one comparison tests both ends of a range.
    letters = rest - np.uint8(ord("A")) < 26
    digits = rest - np.uint8(ord("0")) < 10
    right_start = characters[:, : len(prefix)] == np.frombuffer(prefix, np.uint8)
    nothing_more = (characters[:, ID_LENGTH:] == 0).all(axis=1)
    return right_start.all(axis=1) & (letters | digits).all(axis=1) & nothing_more


def repeated_rows(ids: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (row, earlier row) of every id [rows] that an earlier row carries, by row."""
    distinct, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    if len(distinct) == len(ids):
        return []
    again = np.flatnonzero(first[inverse] != np.arange(len(ids)))
    return [(int(row), int(first[inverse[row]])) for row in again]
