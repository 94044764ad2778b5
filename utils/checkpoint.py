"""Checkpoints that survive a kill at any moment: whole or absent, the last two of a series kept."""

import json
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path
from representation_music.utils.reading import Unreadable, open_file, refusal

#: What reading a damaged archive of arrays raises, whichever byte it is that is wrong.
DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def save_checkpoint(
    path: Path, arrays: Sequence[np.ndarray], state: dict, keep_previous: bool = False
) -> None:
    """Writes arrays and a JSON `state` to one file; with `keep_previous` the old one stays beside.

    Raises:
        InputError: if the disk is full or the folder cannot be written.
    """
    # The number of arrays too: a damaged table of contents can lose some and still be read.
    content = {"arrays": len(arrays), "state": state}
    text = np.frombuffer(json.dumps(content).encode(), np.uint8)
    with atomic_path(path) as temporary:
        with open(temporary, "wb") as file:
            np.savez(file, content=text, **{f"a{n}": array for n, array in enumerate(arrays)})
        if keep_previous and path.exists():
            os.replace(path, previous_of(path))


def previous_of(path: Path) -> Path:
    """Where the checkpoint before the one at `path` is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def load_checkpoint(path: Path) -> tuple[list[np.ndarray], dict]:
    """Arrays and state of a checkpoint.

    Raises:
        InputError: if it is missing, cannot be read or is damaged (the file's checksums tell).
    """
    advice = "Remove the run's folder and train again."
    arrays = load_arrays(path, "a checkpoint", advice, "Train the run first.")
    try:
        content = json.loads(arrays["content"].tobytes())
        return [arrays[f"a{n}"] for n in range(content["arrays"])], content["state"]
    except (ValueError, KeyError, TypeError) as error:
        found = f"a damaged file ({error!r})"
        raise InputError(path, found, "a checkpoint", advice) from error


def load_arrays(path: Path, expected: str, advice: str, missing: str) -> dict[str, np.ndarray]:
    """Every array of an `.npz` file by name, after its checksums were compared.

    Errors say what the file should be, and what to do where it is damaged or `missing`.

    Raises:
        InputError: if it is missing, cannot be read or is damaged.
    """
    try:
        with open_file(path, expected, missing) as opened:
            with zipfile.ZipFile(opened) as archive:
                if damaged := archive.testzip():
                    raise ValueError(f"the checksum of {damaged} does not fit")
            opened.seek(0)
            with np.load(opened, allow_pickle=False) as file:
                return dict(file)
    except (OSError, *DAMAGE) as error:
        raise InputError(path, f"a damaged file ({error})", expected, advice) from error


def load_newest(path: Path) -> tuple[list[np.ndarray], dict] | None:
    """The checkpoint at `path`, or the previous one where that is missing or damaged, or None.

    What is passed over is said on standard error.

    Raises:
        Unreadable: if one cannot be read that may be whole: training would start anew.
    """
    for candidate in (path, previous_of(path)):
        try:
            os.lstat(candidate)
            return load_checkpoint(candidate)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise refusal(candidate, error) or error from error
        except Unreadable:
            raise
        except InputError as error:
            say(f"passed over: {error}", file=sys.stderr)
    return None
