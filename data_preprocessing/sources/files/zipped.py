"""The one file that matters in a zip, whatever was packed with it; damage is one clear error."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from representation_music.utils.errors import InputError

FETCH_AGAIN = "Fetch the file again."

#: Texts of the kinds read here shrink to a third or a tenth; a zip of zeros to a thousandth.
LARGEST_RATIO = 200
#: Bytes that any archive may unpack to, however small it is.
SMALL = 1 << 24

#: What `zipfile` raises for a damaged table of contents, and for damaged content.
_TABLE_ERRORS = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error)
_CONTENT_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,  # of bz2; the disk's own have become an InputError
)


@contextmanager
def open_zip(file: BinaryIO, place: Path | str, name: str = "") -> Iterator[tuple[BinaryIO, int]]:
    """Opens the only member of a zip; yields (stream, bytes it will give).

    Args:
        file: The zip.
        place: Its name for messages.
        name: Count only members of this name, in whatever folder they lie.

    Raises:
        InputError: if the zip is cut, damaged, encrypted, packed by an unknown method, unpacks to
            far more than a text would, or does not hold one such file; also while the stream is
            read.
    """
    try:
        archive = zipfile.ZipFile(file)
        members = [member for member in archive.infolist() if not is_litter(member.filename)]
    except _TABLE_ERRORS as error:
        raise _damaged(place, error) from error
    member = _only(members, name, place)
    refuse_bomb(member.file_size, file.seek(0, 2), place)
    try:
        with archive, archive.open(member) as stream:
            yield stream, member.file_size
    except _CONTENT_ERRORS as error:
        raise _damaged(place, error) from error


def is_litter(name: str) -> bool:
    """Whether a path is a folder or what a file manager leaves beside people's files."""
    path = PurePosixPath(name.replace("\\", "/"))
    return (
        name.endswith("/")
        or "__MACOSX" in path.parts
        or path.name.startswith(("._", ".DS_Store"))
        or path.name.lower() in ("thumbs.db", "desktop.ini")
    )


def _only(members: list[zipfile.ZipInfo], name: str, place: Path | str) -> zipfile.ZipInfo:
    if name:
        named = [m for m in members if PurePosixPath(m.filename).name == name]
        if not named:
            found = f"{[member.filename for member in members[:3]]} in the archive"
            raise InputError(place, found, f"a file {name}")
        members = named
    if len(members) != 1:
        found = f"{len(members)} files {name + ' ' if name else ''}inside"
        raise InputError(place, found, f"one {name or 'text file'} in the zip")
    if members[0].flag_bits & 1:
        raise InputError(place, "an encrypted zip file", "a zip file without password")
    return members[0]


def refuse_bomb(size: int, packed: int, place: Path | str) -> None:
    """Refuses an archive of `packed` bytes that would unpack to far more than data do.

    Raises:
        InputError: if `size`, of what it unpacks to, is too much.
    """
    if size > max(SMALL, LARGEST_RATIO * packed):
        found = f"{packed:,} bytes that unpack to {size:,}"
        raise InputError(place, found, f"at most {LARGEST_RATIO} times as many", FETCH_AGAIN)


def _damaged(place: Path | str, error: Exception) -> InputError:
    found = f"a cut or damaged zip file ({error})"
    return InputError(place, found, "a whole zip file", FETCH_AGAIN)
