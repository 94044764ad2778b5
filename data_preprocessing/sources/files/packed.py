"""Content of gzip and bzip2 files; damage is one clear error."""

import bz2
import gzip
import zlib
from pathlib import Path
from typing import BinaryIO

from representation_music.data_preprocessing.sources.files.zipped import (
    FETCH_AGAIN,
    LARGEST_RATIO,
    SMALL,
)
from representation_music.utils.errors import InputError

#: How packed files start: what opens them, and what they are called.
PACKED = {b"\x1f\x8b": (gzip.open, "gzip"), b"BZh": (bz2.open, "bzip2")}
#: What both raise for damaged content; the disk's own errors have become an InputError.
_DAMAGE = (EOFError, OSError, ValueError, zlib.error)


def unpacked(file: BinaryIO, place: Path | str) -> bytes:
    """The content of a gzip or bzip2 file, opened at its start; messages call it `place`.

    Raises:
        InputError: if it is cut or damaged, or unpacks to far more than a text would.
    """
    start = file.peek(4)[:4]
    opener, kind = next(PACKED[mark] for mark in PACKED if start.startswith(mark))
    packed = file.seek(0, 2)
    file.seek(0)
    most = max(SMALL, LARGEST_RATIO * packed)
    try:
        with opener(file) as stream:
            content = stream.read(most + 1)
    except _DAMAGE as error:
        found = f"a cut or damaged {kind} file ({error})"
        raise InputError(place, found, f"a whole {kind} file", FETCH_AGAIN) from error
    if len(content) > most:
        found = f"{packed:,} bytes that unpack to more than {most:,}"
        raise InputError(place, found, f"at most {LARGEST_RATIO} times as many", FETCH_AGAIN)
    return content
