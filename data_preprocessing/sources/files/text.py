"""Text sources, plain, in gzip or bzip2, or as the one file in a zip: bytes or UTF-8 lines.

A byte order mark, Windows line ends and blank lines at the end are passed over here, so that every
reader takes them alike.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.files.packed import PACKED, unpacked
from representation_music.data_preprocessing.sources.files.zipped import FETCH_AGAIN, open_zip
from representation_music.utils.console import progress, say
from representation_music.utils.errors import InputError
from representation_music.utils.reading import open_file

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Small enough for the processor's cache with all that is computed from it.
BLOCK_BYTES = 1 << 18


@contextmanager
def open_text_source(path: Path | str) -> Iterator[tuple[BinaryIO, int]]:
    """Opens a plain or packed file, or the one file inside a zip; yields (stream, its bytes).

    Raises:
        InputError: if there is no such file, it cannot be read, or what it is packed in is damaged
            or unpacks to far more than a text would; also while the stream is read.
    """
    path = Path(path)
    with open_file(path) as file:
        if file.peek(2)[:2] == b"PK" or path.suffix == ".zip":
            with open_zip(file, path) as (stream, size):
                yield _without_mark(stream), size
        elif any(file.peek(4).startswith(mark) for mark in PACKED):
            content = unpacked(file, path)
            yield _without_mark(io.BufferedReader(io.BytesIO(content))), len(content)
        else:
            yield _without_mark(file), path.stat().st_size


def _without_mark(stream):
    if stream.peek(3)[:3] == BYTE_ORDER_MARK:
        stream.read(3)
    return stream


def line_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yields runs of whole lines, each ended by a line feed alone; the last may lack its end.

    Lines without text at the end of the file are left out.
    """
    rest = b""
    while block := stream.read(BLOCK_BYTES):
        block = rest + block
        # What follows the last line with text may be blank to the end of the file, so it waits.
        text_end = len(block.rstrip())
        end = text_end and (block.find(b"\n", text_end) + 1 or block.rfind(b"\n", 0, text_end) + 1)
        rest = block[end:]
        if end:
            yield block[:end].replace(b"\r\n", b"\n")
    if rest.strip():
        yield rest


def decode_line(raw: bytes, place) -> str:
    """The line as text.

    Raises:
        InputError: if it is not UTF-8, or has a zero byte.
    """
    try:
        text, wrong = raw.decode("utf-8"), raw.find(b"\0")
    except UnicodeDecodeError as error:
        text, wrong = "", error.start
    if wrong >= 0:
        raise InputError(
            place,
            f"the byte 0x{raw[wrong]:02x} at column {wrong + 1}",
            "UTF-8 text",
            "Fetch the file again, or convert it to UTF-8.",
        )
    return text


def cut_line_error(place, raw: bytes) -> InputError:
    """The error for a last line without its end, which may have lost part of its value."""
    return InputError(
        place, f"a last line without its line end ({raw[-40:]!r})", "a whole line", FETCH_AGAIN
    )


def numbered_lines(path: Path | str) -> Iterator[tuple[int, bytes]]:
    """Yields (line number from 1, line with its end), under a progress bar."""
    name = Path(path).name
    with open_text_source(path) as (stream, size), progress(f"Reading {name}", size) as done:
        number = 0
        for block in line_blocks(stream):
            for raw in io.BytesIO(block):
                number += 1
                yield number, raw
            done(len(block))


def lines_perhaps_cut(path: Path | str) -> Iterator[tuple[int, bytes]]:
    """`numbered_lines`, for formats whose last line often lacks its end; then it is said.

    Not of a sparse ARFF row, whose brace tells that it is whole.
    """
    number, raw = 0, b"\n"
    for number, raw in numbered_lines(path):
        yield number, raw
    if not raw.endswith((b"\n", b"}")):
        say(
            f"Warning: {path}:{number}: the last line has no line end (it closes with "
            f"{raw[-20:].decode(errors='replace')!r}): if the file was cut, so is its last value."
        )


def read_lines(path: Path | str, bad_rows: BadRows) -> Iterator[tuple[int, str]]:
    """Yields (line number from 1, text without its line end) of every line but `#` comments.

    A last line without line end, an empty line before others and a line that is not UTF-8 are bad
    rows.

    Raises:
        InputError: for a bad row unless they are skipped.
    """
    for number, raw in numbered_lines(path):
        if raw.startswith(b"#"):
            continue
        place = f"{path}:{number}"
        try:
            if not raw.endswith(b"\n"):
                raise cut_line_error(place, raw)
            text = decode_line(raw[:-1], place)
            if not text.strip():
                raise InputError(place, "an empty row", "one entry per line")
        except InputError as error:
            bad_rows.add(error)
        else:
            yield number, text
