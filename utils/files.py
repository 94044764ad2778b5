"""Writing files so that nothing is ever half written, and telling files apart by content."""

import glob
import hashlib
import json
import os
import re
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from representation_music.utils.errors import InputError
from representation_music.utils.machine import machine, process_began
from representation_music.utils.reading import missing_file, open_file, refusal

#: Seconds after which a temporary file of another machine is a dead process's.
UNTOUCHED = 86_400
#: The key of a digest of all else in an object of JSON.
SEAL = "seal"


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Gives a temporary name beside `path`; moves it into place if the block succeeds.

    The temporary file is flushed to disk before the move and removed if the block fails, so
    `path` holds either its old content or the whole new one.

    Raises:
        InputError: if the folder cannot be written or the disk is full, or `path` is a link into a
            folder that is not there.
    """
    path = Path(path)
    if path.is_symlink():
        path = _target_of(path)
    temporary = part_beside(path)
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


def part_beside(path: Path) -> Path:
    """A temporary name beside `path` that tells whose it is; what the dead left there is cleared.

    Another machine's process is dead when it has not written for `UNTOUCHED` seconds.
    """
    here = hashlib.sha256(machine().encode()).hexdigest()[:8] if machine() else "anywhere"
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with suppress(OSError):
            if owner := re.search(rf"\.{here}-(\d+)-(\d+)-\w+\.part$", part.name):
                dead = process_began(int(owner[1])) != owner[2]
            else:
                dead = time.time() - part.stat().st_mtime > UNTOUCHED
            if dead:
                part.unlink()
    process = os.getpid()
    owner = f"{here}-{process}-{process_began(process)}-{uuid.uuid4().hex[:12]}"
    return path.with_name(f".{path.name}.{owner}.part")


def _target_of(link: Path) -> Path:
    """Where a link leads, so that it is written through and not replaced."""
    target = Path(os.path.realpath(link))
    try:
        os.stat(link)
    except FileNotFoundError as error:
        if not target.parent.is_dir():  # nor is it made, for the disk may not be mounted
            raise missing_file(link) from error
    except OSError as error:  # links that lead to each other
        raise refusal(link, error) or error from error
    return target


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


def seal_of(content: dict) -> str:
    """A digest of the content of a JSON object, but for its seal."""
    unsealed = {name: value for name, value in content.items() if name != SEAL}
    return hashlib.sha256(json.dumps(unsealed, sort_keys=True).encode()).hexdigest()[:16]


def write_json(path: Path | str, content, indent: int | None = 1) -> None:
    """Writes JSON types to `path` whole or not at all, null for what is not finite.

    An object is sealed with a digest of its content: `records.read_json` refuses one that was
    damaged or edited.
    """
    content = without_nan(content)
    if isinstance(content, dict):
        content = content | {SEAL: seal_of(content)}
    write_text(path, json.dumps(content, indent=indent, allow_nan=False) + "\n")


def sha256_of(path: Path | str) -> str:
    """The SHA-256 of a file's content, in hexadecimal.

    Raises:
        Unreadable: if it cannot be read.
    """
    with open_file(path) as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
