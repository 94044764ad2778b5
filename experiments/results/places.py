"""Where the results stand that a user names."""

from pathlib import Path

from representation_music.utils.errors import InputError
from representation_music.utils.reading import exists


def place_of(study: Path, runs: Path) -> Path:
    """The folder, or the results, that a study's name or path stands for."""
    for place in (study, runs / study):
        if exists(place):
            return place
    expected = f"a study's folder, or its name in {runs}"
    raise InputError(study, "nothing of that name", expected, "`repmusic study` makes studies.")
