"""The files of a tree of per-track files, wherever its links lead, each folder read once."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.reading import missing_file, refusal


@dataclass
class TrackTree:
    """What lies below the folder of a tree.

    Attributes:
        places: Paths of all files `TR*.h5`, sorted.
        lacking: An error for every folder of tracks that cannot be read.
        passed_over: An error for every other such folder, as `lost+found`.
    """

    places: list[str] = field(default_factory=list)
    lacking: list[InputError] = field(default_factory=list)
    passed_over: list[InputError] = field(default_factory=list)


def walk_tree(tree: Path) -> TrackTree:
    """Lists a tree. Links to folders are followed, but no folder is entered twice."""
    found, entered = TrackTree(), set()

    def cannot_enter(error: OSError) -> None:
        path = Path(error.filename)
        unreadable = refusal(path, error) or InputError(path, str(error))
        of_tracks = path == tree or _is_of_tracks(path.name)
        (found.lacking if of_tracks else found.passed_over).append(unreadable)

    for folder, subfolders, names in os.walk(tree, onerror=cannot_enter, followlinks=True):
        state = os.stat(folder)
        if (state.st_dev, state.st_ino) in entered:  # by another link
            subfolders.clear()
            continue
        entered.add((state.st_dev, state.st_ino))
        subfolders.sort()
        for name in names:
            path = os.path.join(folder, name)
            if name.startswith("TR") and name.endswith(".h5"):
                found.places.append(path)
            elif _is_of_tracks(name) and not os.path.exists(path):
                found.lacking.append(missing_file(path, "a folder of tracks"))
    found.places.sort()
    return found


def track_places(tree: Path, bad_rows: BadRows) -> list[str]:
    """Paths of all files `TR*.h5` below a folder, sorted.

    A folder of tracks that cannot be read is a bad row; any other is passed over, which standard
    error says.

    Raises:
        InputError: for a bad row, unless they are skipped.
    """
    found = walk_tree(tree)
    for error in found.passed_over:
        say(f"passed over: {error}", file=sys.stderr)
    for error in found.lacking:
        bad_rows.add(error)
    return found.places


def _is_of_tracks(name: str) -> bool:
    """Whether a folder is named as those of the tree are: by one capital letter."""
    return len(name) == 1 and name.isupper()
