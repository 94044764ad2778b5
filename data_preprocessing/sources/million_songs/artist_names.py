"""Artists known by name only: `unique_tracks.txt`, and keys that stand for names beside ids."""

import base64
import hashlib
import re
import unicodedata
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows, read_by_id
from representation_music.data_preprocessing.sources.files.text import read_lines
from representation_music.data_preprocessing.sources.identifiers import (
    ID_LENGTH,
    ID_TYPE,
    check_track_id,
)
from representation_music.data_preprocessing.sources.million_songs.song_table import SongTable
from representation_music.utils.errors import InputError

#: What no artist id starts with.
PREFIX = b"name:"

_GUESTS = re.compile(r"\s\W*(feat|featuring|ft)\b.*", re.IGNORECASE | re.DOTALL)


def name_key(name: str) -> bytes:
    """18 bytes that stand for an artist's name; none for an empty one.

    Case, punctuation and guests (`featuring ...`) make no difference.
    """
    text = unicodedata.normalize("NFKC", _GUESTS.sub("", name)).casefold()
    letters = "".join(filter(str.isalnum, text)) or "".join(name.split())
    if not letters:
        return b""
    digest = base64.b32encode(hashlib.blake2b(letters.encode(), digest_size=10).digest())
    return PREFIX + digest[: ID_LENGTH - len(PREFIX)]


def read_unique_tracks(path: Path | str, bad_rows: BadRows = STOP) -> SongTable:
    """Artists' names as keys, of a `.txt` file or a zip of it; no artist ids, no labels.

    A line is `track_id<SEP>song_id<SEP>artist<SEP>title`; artist and title may be empty.

    Raises:
        InputError: if the file is damaged, naming the first bad line, or has no good row.
    """
    lines = read_lines(path, bad_rows)
    track_ids, names, _ = read_by_id(path, lines, _parse, "track", bad_rows)
    return SongTable(
        track_ids=track_ids,
        artist_ids=np.zeros(len(track_ids), ID_TYPE),
        labels={},
        name_keys=np.array([name_key(name) for name in names], ID_TYPE),
    )


def _parse(text: str, place: str) -> tuple[bytes, str]:
    fields = text.split("<SEP>")
    if len(fields) != 4:
        raise InputError(place, f"{text[:60]!r}", "track_id<SEP>song_id<SEP>artist<SEP>title")
    return check_track_id(fields[0], place), fields[2]
