"""Reads what a report is made of: results of studies, descriptions of songs files, relatedness."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from representation_music.plots.studies.results import load_results
from representation_music.utils.errors import InputError
from representation_music.utils.reading import exists
from representation_music.utils.records import read_json

#: What a file's keys tell it by; the first sort that fits counts.
SORTS = {
    "against_gain": {"study", "points", "correlations"},
    "study": {"study", "cells"},
    "songs": {"source", "kind", "splits", "tasks"},
    "relatedness": {"proposal", "paper", "labels"},
}
#: Files of a study's folder that a report reads.
OF_STUDY = ("results.json", "*relatedness*.json")


@dataclass(frozen=True)
class Record:
    """One file of a report.

    Attributes:
        name: What a text calls it: the file's name without ending, or its study's folder.
        path: Where it stands.
        content: What it holds.
    """

    name: str
    path: Path
    content: dict


@dataclass(frozen=True)
class Evidence:
    """All that a report is made of, by sort of file.

    Attributes:
        studies: Results of studies.
        songs: What `repmusic describe` says of songs files.
        relatedness: What `repmusic relatedness` writes of songs files.
        against_gain: What it writes of studies by `repmusic relatedness-gain`.
    """

    studies: list[Record] = field(default_factory=list)
    songs: list[Record] = field(default_factory=list)
    relatedness: list[Record] = field(default_factory=list)
    against_gain: list[Record] = field(default_factory=list)


def sort_of(content: dict) -> str:
    """Which of `SORTS` a file is; empty for any other."""
    return next((sort for sort, keys in SORTS.items() if keys <= content.keys()), "")


def read_evidence(*places: Path) -> Evidence:
    """Reads files, studies' folders, and folders of such files and folders.

    Raises:
        InputError: if there is no study's record, or a file that is damaged or of another sort.
    """
    found: dict[str, list[Record]] = {"study": [], "songs": [], "relatedness": []}
    found["against_gain"] = []
    for path in dict.fromkeys(path for place in places for path in _files(place)):
        content = read_json(path)
        sort = sort_of(content)
        if not sort:
            raise InputError(
                path,
                "none of them",
                "a study's results, a description of songs, or relatedness",
                "Make it again, or move it away.",
            )
        if sort == "study":
            content = _load_study(path)
        found[sort].append(Record(_name(path, found[sort]), path, content))
    if not found["study"]:
        raise InputError(
            ", ".join(map(str, places)),
            "no study's record",
            "one or more",
            "`repmusic results STUDY` writes them.",
        )
    found["study"].sort(key=lambda record: record.content["order"])
    return Evidence(*found.values())


def _load_study(path: Path) -> dict:
    with damage_named(path):
        content = load_results(path)
        if not isinstance(content["order"], int):
            raise TypeError(f"{content['order']!r} is no place among studies")
    if not content["cells"]:
        raise InputError(path, "no cell whose runs are all done", "one or more")
    return content


def _files(place: Path) -> Iterable[Path]:
    """The files of a place, in the order of their names."""
    if not place.is_dir():
        return [place]
    if exists(place / "results.json") or exists(place / "study.json"):
        needed = {place / "results.json"}
        return sorted(needed.union(*(place.glob(pattern) for pattern in OF_STUDY)))
    of_studies = (place.glob(f"*/{pattern}") for pattern in OF_STUDY)
    return sorted(set(place.glob("*.json")).union(*of_studies))


def _name(path: Path, others: Sequence[Record]) -> str:
    """A name that no other record of this sort has."""
    name = path.resolve().parent.name if path.name == "results.json" else path.stem
    return str(path) if any(name == other.name for other in others) else name


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """What goes wrong in this block is put down to the file, which is not as it was written."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        found = f"a damaged record ({type(error).__name__}: {error})"
        raise InputError(path, found, "all that it was written with", "Make it again.") from error
