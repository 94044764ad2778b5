"""Text sources, plain or as the one file in a zip, read as bytes or as checked UTF-8 lines."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from representation_music.data_preprocessing.sources.bad_rows import BadRows
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError

FETCH_AGAIN = "Fetch the file again."
CONVERT_LINE_ENDS = "Windows line ends: convert them, as by `sed -i 's/\\r$//' FILE`."


@contextmanager
def open_text_source(path: Path | str) -> Iterator[tuple[BinaryIO, int]]:
    """Opens a plain file, or the one file inside a zip; yields (stream, bytes it will give).

    Raises:
        InputError: if there is no such file, or the zip is cut, damaged, encrypted, or holds
            another number of files than one; also while the stream is read.
    """
    path = Path(path)
    try:
        with ExitStack() as stack:
            file = stack.enter_context(open(path, "rb"))
            magic = file.read(2)
            file.seek(0)
            if path.suffix == ".zip" or magic == b"PK":
                archive = stack.enter_context(zipfile.ZipFile(file))
                member = _only_member(archive, path)
                yield stack.enter_context(archive.open(member)), member.file_size
            else:
                yield file, path.stat().st_size
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise InputError(path, f"that it cannot be opened ({error.strerror})", "a file") from error
    # A damaged header may name a compression that does not exist: zipfile has it not implemented.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(
            path, f"a cut or damaged zip file ({error})", "a whole zip file", FETCH_AGAIN
        ) from error


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise InputError(path, f"{len(members)} files inside", "one text file in the zip")
    if members[0].flag_bits & 1:
        raise InputError(path, "an encrypted zip file", "a zip file without password")
    return members[0]


def decode_line(raw: bytes, place) -> str:
    """The line as text.

    Raises:
        InputError: if it is not UTF-8.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            place,
            f"the byte 0x{raw[error.start]:02x} at column {error.start + 1}",
            "UTF-8 text",
            "Fetch the file again, or convert it to UTF-8.",
        ) from None


def cut_line_error(place, raw: bytes) -> InputError:
    """The error for a last line without its end, which may have lost part of its value."""
    return InputError(
        place, f"a last line without its line end ({raw[-40:]!r})", "a whole line", FETCH_AGAIN
    )


def refuse_windows_line_end(place, raw: bytes) -> None:
    """Raises an `InputError` if the line ends in carriage return and line feed."""
    if raw.endswith(b"\r\n"):
        found = "a carriage return before the line end"
        raise InputError(place, found, "lines that end in a line feed alone", CONVERT_LINE_ENDS)


def numbered_lines(path: Path | str) -> Iterator[tuple[int, bytes]]:
    """Yields (line number from 1, line with its end), under a progress bar."""
    name = Path(path).name
    with open_text_source(path) as (stream, size), progress(f"Reading {name}", size) as done:
        unreported = 0
        for number, raw in enumerate(stream, start=1):
            yield number, raw
            unreported += len(raw)
            if unreported > 1 << 20:  # to move the bar takes longer than to read a line
                done(unreported)
                unreported = 0


def read_lines(path: Path | str, bad_rows: BadRows) -> Iterator[tuple[int, str]]:
    """Yields (line number from 1, text without its line end) of every line but `#` comments.

    A last line without line end, an empty line and a line that is not UTF-8 are bad rows.

    Raises:
        InputError: for a bad row unless they are skipped, and for a file with Windows line ends.
    """
    for number, raw in numbered_lines(path):
        if number == 1:
            refuse_windows_line_end(f"{path}:1", raw)
        if raw.startswith(b"#"):
            continue
        place = f"{path}:{number}"
        try:
            if not raw.endswith(b"\n"):
                raise cut_line_error(place, raw)
            text = decode_line(raw[:-1], place)
            if not text.strip():
                raise InputError(place, "an empty row", "one entry a line")
        except InputError as error:
            bad_rows.add(error)
        else:
            yield number, text
