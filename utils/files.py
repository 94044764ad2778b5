"""Writing files so that nothing is ever half written, and telling files apart by content."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from representation_music.utils.errors import InputError


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Gives a temporary name beside `path`; moves it into place if the block succeeds.

    The temporary file is flushed to disk before the move and removed if the block fails, so
    `path` holds either its old content or the whole new one.

    Raises:
        InputError: if the folder cannot be written or the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(
            path,
            f"that it cannot be written ({error.strerror or error})",
            "",
            "Free some space or name another place.",
        ) from error
    finally:
        with suppress(OSError):  # such as a folder that is none
            temporary.unlink(missing_ok=True)


def require_writable(folder: Path | str, flag: str) -> None:
    """Refuses a folder that nothing can be written to, before any work is done.

    Raises:
        InputError: that names the `flag` by which a user chooses another.
    """
    folder = Path(folder)
    try:
        existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        found = f"a folder that cannot be written ({error.strerror or error})"
        raise InputError(folder, found, "", f"Name another by {flag}.") from error


def write_text(path: Path | str, text: str) -> None:
    """Writes `text` to `path` whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def without_nan(value):
    """JSON types with null for every number that is not finite, which JSON cannot say.

    `records.read_json` takes null among scores as NaN again.
    """
    return json.loads(json.dumps(value), parse_constant=lambda _: None)


def write_json(path: Path | str, content) -> None:
    """Writes JSON types to `path` whole or not at all, null for what is not finite."""
    write_text(path, json.dumps(without_nan(content), indent=1, allow_nan=False) + "\n")


def sha256_of(path: Path | str) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
