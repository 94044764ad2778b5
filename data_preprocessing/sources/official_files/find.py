"""Finds the official files in a folder by their names, there or one level below."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from representation_music.data_preprocessing.sources.files.sqlite import LOG, beside
from representation_music.data_preprocessing.sources.million_songs.track_tree import walk_tree
from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import sha256_of
from representation_music.utils.reading import dangling_link, missing_file, refusal, require_file

LYRICS_TEXTS = ("mxm_dataset_train.txt", "mxm_dataset_test.txt")
LYRICS_DATABASE = "mxm_dataset.db"
GENRES = ("msd_tagtraum_cd1.cls", "msd_tagtraum_cd2.cls", "msd_tagtraum_cd2c.cls")
TRACK_ARCHIVES = ("millionsongsubset.tar.gz", "millionsongsubset_full.tar.gz")


#: What each source is for, by the role that provenance gives it.
ROLES = {
    "lyrics": "bags of words",
    "summary": "numeric labels, artist ids",
    "track files": "numeric labels, artist ids, tags",
    "tags": "tags of artists",
    "years": "years missing above, names of artists",
    "artist names": "artists whose id is unknown",
    "genres": "genre",
    "artist lists": "split by artist lists",
}


@dataclass(frozen=True)
class Sources:
    """Paths of one folder's official files by role; None or empty where a file is lacking."""

    lyrics: tuple[Path, ...]
    summary: Path | None
    track_files: Path | None
    tags: Path | None
    years: Path | None
    artist_names: Path | None
    genres: Path | None
    artist_lists: tuple[Path, ...]
    synthetic: Path | None

    def of_role(self, role: str) -> tuple[Path, ...]:
        """The files found for one of `ROLES`."""
        found = getattr(self, role.replace(" ", "_"))
        return (found,) if isinstance(found, Path) else found or ()


def find_sources(raw_dir: Path) -> Sources:
    """Looks for the official files in `raw_dir` and in its folders.

    A file directly in `raw_dir` goes before one in a folder, unpacked text before its zip, text
    before the database of lyrics, a tree of per-track files before an archive of them, and a file
    of all songs before that of the published subset. A folder that cannot be read is passed over,
    which standard error says.

    Raises:
        InputError: if the folder is missing, holds no bags of words, holds a folder under the name
            of an official file and not the file, a link to nowhere where a source may be, or a
            source that cannot be opened.
    """
    folders = _readable_folders(raw_dir)

    def first(*names: str) -> Path | None:
        places = [folder / name for name in names for folder in folders]
        folder = next(filter(os.path.isdir, places), None)
        for place in places:
            if os.path.lexists(place) and not os.path.isdir(place):
                require_file(place, "an official file")
                return place
        if folder:
            advice = "Put the file there, or rename the folder."
            raise InputError(folder, "a folder", "an official file of this name", advice)
        return None

    def of_songs(name: str) -> Path | None:
        return first(name, f"subset_{name}")

    texts = tuple(filter(None, (first(name, f"{name}.zip") for name in LYRICS_TEXTS)))
    lyrics = texts or tuple(filter(None, [first(LYRICS_DATABASE)]))
    if not lyrics:
        raise InputError(
            raw_dir,
            "no bags of words",
            f"{', '.join(LYRICS_TEXTS)} (or .txt.zip) or {LYRICS_DATABASE}, there or one level "
            "below",
            "Fetch them with `repmusic download`, or make songs with `repmusic synthesize`.",
        )
    lists = tuple(filter(None, (first("artists_train.txt"), first("artists_test.txt"))))
    return Sources(
        lyrics=lyrics,
        summary=of_songs("msd_summary_file.h5"),
        track_files=_find_track_tree(folders) or first(*TRACK_ARCHIVES) or _any_archive(folders),
        tags=of_songs("artist_term.db"),
        years=of_songs("tracks_per_year.txt"),
        artist_names=of_songs("unique_tracks.txt"),
        genres=first(*GENRES, *(f"{name}.zip" for name in GENRES)),
        artist_lists=lists if len(lists) == 2 else (),
        synthetic=first("synthetic.json"),
    )


def source_record(role: str, path: Path) -> dict:
    """What provenance keeps of a source: role, name, bytes, SHA-256; never where it lay.

    Of a tree of files, the number, total size and a hash of all names and sizes. Of a database with
    a write-ahead log, the log's SHA-256 too.
    """
    if path.is_file():
        size = path.stat().st_size
        record = {"role": role, "name": path.name, "bytes": size, "sha256": sha256_of(path)}
        if path.suffix == ".db" and (log := beside(path, LOG)).exists():
            record["sha256_of_log"] = sha256_of(log)
        return record
    import hashlib

    sizes = {
        Path(place).relative_to(path).as_posix(): os.stat(place).st_size
        for place in walk_tree(path).places
        if os.path.exists(place)
    }
    listing = "".join(f"{name} {size}\n" for name, size in sorted(sizes.items()))
    return {
        "role": role,
        "name": path.name,
        "files": len(sizes),
        "bytes": sum(sizes.values()),
        "sha256_of_listing": hashlib.sha256(listing.encode()).hexdigest(),
    }


def _readable_folders(raw_dir: Path) -> list[Path]:
    """`raw_dir` and the folders in it, without those that cannot be read.

    Raises:
        InputError: if `raw_dir` cannot be read, or for a link to nowhere, or to a forbidden place,
            that may be a folder of sources.
    """
    expected = "a folder with the official files"
    try:
        os.stat(raw_dir / ".")  # what is in it can be looked at, not only listed
        entries = sorted(raw_dir.iterdir())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing_file(raw_dir, expected, what="folder") from error
    except OSError as error:
        raise refusal(raw_dir, error) or error from error
    for path in entries:
        if path.suffix or path.name.startswith("."):
            continue
        try:
            os.stat(path)
        except OSError as error:
            raise refusal(path, error, expected) or error from error
    return [raw_dir, *filter(_is_readable, filter(os.path.isdir, entries))]


def _is_readable(folder: Path) -> bool:
    try:
        next(folder.iterdir(), None)
        os.stat(folder / ".")
    except OSError as error:
        say(f"passed over: {refusal(folder, error) or error}", file=sys.stderr)
        return False
    return True


def _find_track_tree(folders: list[Path]) -> Path | None:
    """The folder that holds A/B/C/TRABC….h5, among the folders and their `data`."""
    candidates = [*folders, *(folder / "data" for folder in folders)]
    for folder in candidates:
        if any(folder.glob("[A-Z]/[A-Z]/[A-Z]")):
            return folder
        for link in (folder, *folder.glob("[A-Z]")):
            if dangling_link(link):
                raise missing_file(link, "a folder of tracks")
    return None


def _any_archive(folders: list[Path]) -> Path | None:
    for folder in folders:
        for path in sorted(folder.glob("[!.]*.tar.gz")):
            if not os.path.isdir(path):
                require_file(path, "an archive of tracks")
                return path
    return None
