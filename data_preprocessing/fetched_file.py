"""Whether a fetched file is of its kind and whole, as far as its own bytes tell."""

import gzip
import zlib
from pathlib import Path

from representation_music.utils.errors import InputError
from representation_music.utils.reading import refusal

#: How files start, by suffix.
FIRST_BYTES = {
    ".h5": b"\x89HDF\r\n",
    ".db": b"SQLite format 3\0",
    ".gz": b"\x1f\x8b",
    ".zip": b"PK\3\4",
}
#: How no text file of songs starts, but web pages and errors of servers do.
MARKUP = (b"<", b"{")


def require_kind(path: Path, name: str, place: str) -> None:
    """Refuses what is not of the kind that its name's suffix says, such as a web page in its place.

    Errors name the `place` that it came from.

    Raises:
        InputError: if it is of another kind.
    """
    kind = Path(name).suffix
    with open(path, "rb") as file:
        start = file.read(512)
    if kind in FIRST_BYTES:
        good = start.startswith(FIRST_BYTES[kind])
    else:
        text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        good = text and not text.startswith(MARKUP) and b"\0" not in start
    if not good:
        raise InputError(
            place,
            f"content that starts with {start[:16]!r}",
            f"a {kind} file",
            "The file may have moved: look for its new address and name it with --base-url.",
        )


def require_whole(path: Path, name: str, place: str) -> None:
    """Refuses a file that lacks its end, for not every server says how long it should be.

    Arguments as of `require_kind`.

    Raises:
        InputError: if its end is missing.
    """
    if not _ENDS.get(Path(name).suffix, _text_ends)(path):
        raise InputError(place, "a file without its end", "a whole file", "Try again.")


def _text_ends(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, 2)
        return file.read() == b"\n"


def _hdf5_ends(path: Path) -> bool:
    import h5py

    try:
        h5py.File(path, "r").close()  # compares the length in its header
    except OSError as error:
        if unreadable := refusal(path, error):
            raise unreadable from error
        return False
    return True


def _database_ends(path: Path) -> bool:
    with open(path, "rb") as file:
        header = file.read(100)
    page_bytes, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    return path.stat().st_size >= max(512, (65_536 if page_bytes == 1 else page_bytes) * pages)


def _gzip_ends(path: Path) -> bool:
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return True


_ENDS = {".h5": _hdf5_ends, ".db": _database_ends, ".gz": _gzip_ends}
