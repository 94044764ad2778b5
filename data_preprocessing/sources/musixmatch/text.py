"""Reads the musiXmatch text files, `mxm_dataset_train.txt` and `mxm_dataset_test.txt`."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from representation_music.data_preprocessing.songs.bags_of_words import BagsOfWords, offsets
from representation_music.data_preprocessing.sources.files.bad_rows import STOP, BadRows
from representation_music.data_preprocessing.sources.files.text import (
    FETCH_AGAIN,
    cut_line_error,
    decode_line,
    line_blocks,
    open_text_source,
)
from representation_music.data_preprocessing.sources.identifiers import (
    check_track_id,
    repeated_rows,
)
from representation_music.data_preprocessing.sources.musixmatch.block import Rows, parse_block
from representation_music.data_preprocessing.sources.musixmatch.row import parse_row
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError


def read_musixmatch_text(
    path: Path | str, bad_rows: BadRows = STOP, check_id: Callable[..., bytes] = check_track_id
) -> BagsOfWords:
    """Reads a musiXmatch text file, or a zip that holds one.

    Comments start with `#`, and are no rows then; the word list starts with `%`; each other line is
    `track_id,mxm_id,index:count,...` with indices from 1, ascending. Whether the songs are
    musiXmatch's test songs stands in the comments, or else in the file's name.

    Args:
        path: The `.txt` or `.zip` file.
        bad_rows: Receives the rows that cannot be read.
        check_id: Gives an id as bytes, or raises an InputError; also takes the place. Ids of MSD's
            tracks are read many times as fast as others.

    Raises:
        InputError: if the file is damaged, naming the first bad line; if bad
            rows are skipped, only if there is no word list or no good row.
    """
    path = Path(path)
    parts: list[Rows] = []
    line_numbers: list[np.ndarray] = []
    with open_text_source(path) as (stream, size), progress(f"Reading {path.name}", size) as done:
        words, is_test, line_number = _read_header(stream, path)
        for block in line_blocks(stream):
            rows = parse_block(block, len(words))
            if rows is None:
                rows, numbers = _parse_by_row(
                    block, len(words), path, line_number, bad_rows, check_id
                )
                line_number += block.count(b"\n")
            else:
                numbers = np.arange(line_number, line_number + len(rows.lengths))
                line_number += len(rows.lengths)
            parts.append(rows)
            line_numbers.append(numbers)
            done(len(block))
    if not any(len(rows.lengths) for rows in parts):
        raise InputError(path, "no song", "at least one row after the word list", FETCH_AGAIN)
    track_ids = np.concatenate([rows.track_ids for rows in parts])
    bags = BagsOfWords(
        words=words,
        track_ids=track_ids,
        indptr=offsets(np.concatenate([rows.lengths for rows in parts])),
        indices=np.concatenate([rows.indices for rows in parts]),
        counts=np.concatenate([rows.counts for rows in parts]),
        is_test=np.full(len(track_ids), is_test),
    )
    return _without_repeated_songs(bags, np.concatenate(line_numbers), path, bad_rows)


def _read_header(stream: BinaryIO, path: Path) -> tuple[list[str], bool, int]:
    """Reads up to the word list: (words, whether a test file, number of the next line)."""
    is_test = "test" in path.name.lower()
    for number, raw in enumerate(iter(stream.readline, b""), start=1):
        place = f"{path}:{number}"
        text = decode_line(raw, place).rstrip("\r\n")
        if text.startswith("#"):
            if "TESTING SET" in text or "TRAINING SET" in text:
                is_test = "TESTING SET" in text
            continue
        if not text.startswith("%"):
            break
        if not raw.endswith(b"\n"):
            raise cut_line_error(place, raw)
        words = text[1:].split(",")
        if not all(words) or len(set(words)) < len(words):
            raise InputError(place, "an empty or repeated word", "a list of different words")
        return words, is_test, number + 1
    raise InputError(path, "no word list", "a line %word,word,... before the songs", FETCH_AGAIN)


def _parse_by_row(
    block: bytes,
    num_words: int,
    path: Path,
    line_number: int,
    bad_rows: BadRows,
    check_id: Callable[..., bytes],
) -> tuple[Rows, np.ndarray]:
    """Reads the good rows of a block that is not flawless: (rows, their line numbers)."""
    track_ids, indices, counts, lengths, numbers = [], [], [], [], []
    lines = block.split(b"\n")
    cut = lines.pop()
    for number, line in enumerate(lines, start=line_number):
        place, is_comment = f"{path}:{number}", line.startswith(b"#")
        try:
            track_id, song_indices, song_counts = parse_row(line, num_words, place, check_id)
        except InputError as error:
            if not is_comment:
                bad_rows.add(error)
            continue
        if is_comment:
            found = f"a row of the id {track_id[:40].decode(errors='replace')!r}"
            bad_rows.add(InputError(place, found, "ids that no # begins, as it does comments"))
            continue
        track_ids.append(track_id)
        indices += song_indices
        counts += song_counts
        lengths.append(len(song_indices))
        numbers.append(number)
    if cut:
        bad_rows.add(cut_line_error(f"{path}:{line_number + len(lines)}", cut))
    rows = Rows(
        np.array(track_ids, "S"),
        np.array(lengths, np.int64),
        np.array(indices, np.int32),
        np.array(counts, np.int32),
    )
    return rows, np.array(numbers, np.int64)


def _without_repeated_songs(
    bags: BagsOfWords, line_numbers: np.ndarray, path: Path, bad_rows: BadRows
) -> BagsOfWords:
    """Keeps the first row of every track id; the others are bad rows."""
    repeated = repeated_rows(bags.track_ids)
    if not repeated:
        return bags
    keep = np.ones(bags.num_songs, bool)
    for song, first in repeated:
        keep[song] = False
        bad_rows.add(
            InputError(
                f"{path}:{line_numbers[song]}",
                f"the track id {bags.track_ids[song].decode()} of line {line_numbers[first]} again",
                "each track once",
            )
        )
    return bags.keep(keep)
