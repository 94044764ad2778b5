"""Under what terms data may be used: one line in a file beside them, as downloads leave it."""

from pathlib import Path

from representation_music.utils.reading import read_bytes

#: Beside public data; the first line is the licence, what follows where they came from.
LICENCE = "LICENCE.txt"


def licence_beside(path: Path) -> str:
    """The first line of the file LICENCE.txt in the folder of `path`; empty if there is none."""
    place = (path if path.is_dir() else path.parent) / LICENCE
    if not place.is_file():
        return ""
    lines = read_bytes(place).decode(errors="replace").strip().splitlines()
    return lines[0].strip()[:500] if lines else ""
