"""Every dataset format by its name, and which of them a path is of.

A format is a file with a subclass of `Format`, and its name in the list below; a file that
`REPMUSIC_PLUGINS` names registers its own.
"""

from pathlib import Path

from representation_music.data_preprocessing.sources.arff import Arff
from representation_music.data_preprocessing.sources.format import Format
from representation_music.data_preprocessing.sources.musixmatch_ids import MusixmatchAnyIds
from representation_music.data_preprocessing.sources.official import Official
from representation_music.data_preprocessing.sources.svmlight import Svmlight
from representation_music.data_preprocessing.sources.table import Table
from representation_music.utils.errors import InputError
from representation_music.utils.reading import exists, missing_file
from representation_music.utils.registry import Registry

FORMATS: Registry[Format] = Registry(
    "--format", (Official, MusixmatchAnyIds, Arff, Svmlight, Table)
)


def format_of(path: Path, name: str = "") -> Format:
    """The format called `name`; if empty, the one that recognises what lies at `path`.

    Raises:
        InputError: if there is no such format, nothing at `path`, or not one that recognises it.
    """
    if name:
        return FORMATS[name]()
    if not exists(path):
        expected = "a folder with the official files, or a file of another format"
        raise missing_file(path, expected, what="file or folder")
    found = [FORMATS[each] for each in FORMATS.names() if FORMATS[each].recognises(path)]
    if len(found) == 1:
        return found[0]()
    known = ", ".join(f"{each} ({FORMATS[each].holds})" for each in FORMATS.names())
    what = " or ".join(each.name for each in found) or "no format that its name tells"
    raise InputError(path, what, "one format", f"Name it by --format: {known}.")
