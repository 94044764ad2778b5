"""Under what terms data may be used: a file beside them, as downloads leave it."""

import os
from pathlib import Path

from representation_music.utils.files import write_text
from representation_music.utils.reading import read_bytes

#: Beside public data; a line is a licence, or `FILE: LICENCE` where files have their own.
LICENCE = "LICENCE.txt"


def licence_beside(path: Path) -> str:
    """The licence of the file or folder `path` in LICENCE.txt; empty where there is none.

    It is that of the line of its name; else the first line, without the name of a file that is
    there.
    """
    folder = path if path.is_dir() else path.parent
    lines = _lines(folder)
    for line in lines:
        if line.startswith(f"{path.name}: "):
            return line.removeprefix(f"{path.name}: ")[:500]
    name, _, licence = (lines or [""])[0].partition(": ")
    # Not `Path.is_file`, which raises where a line is too long for a name.
    named = licence and os.path.isfile(folder / name)
    return (licence if named else (lines or [""])[0])[:500]


def note_licence(path: Path, licence: str) -> None:
    """Notes the licence of a file in LICENCE.txt beside it, in place of an earlier note."""
    others = [line for line in _lines(path.parent) if not line.startswith(f"{path.name}: ")]
    lines = sorted([*others, f"{path.name}: {licence}"])
    write_text(path.parent / LICENCE, "".join(f"{line}\n" for line in lines))


def _lines(folder: Path) -> list[str]:
    place = folder / LICENCE
    if not place.is_file():
        return []
    lines = read_bytes(place).decode(errors="replace").splitlines()
    return [line.strip() for line in lines if line.strip()]
