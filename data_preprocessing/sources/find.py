"""Finds the official files in a folder by their names, there or one level below."""

from dataclasses import dataclass
from pathlib import Path

from representation_music.utils.errors import InputError
from representation_music.utils.files import sha256_of

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
    "years": "years missing above",
    "genres": "genre",
    "artist lists": "split by artist lists",
    "own labels": "labels of your own",
}


@dataclass(frozen=True)
class Sources:
    """Paths of the official files of one folder; None or empty where a file is lacking."""

    lyrics: tuple[Path, ...]
    summary: Path | None
    track_files: Path | None
    artist_terms: Path | None
    years: Path | None
    genres: Path | None
    artist_lists: tuple[Path, ...]
    synthetic: Path | None

    def of_role(self, role: str) -> tuple[Path, ...]:
        """The files found for one of `ROLES`; none for the user's own labels."""
        found = {
            "lyrics": self.lyrics,
            "summary": self.summary,
            "track files": self.track_files,
            "tags": self.artist_terms,
            "years": self.years,
            "genres": self.genres,
            "artist lists": self.artist_lists,
        }.get(role)
        return (found,) if isinstance(found, Path) else found or ()


def find_sources(raw_dir: Path) -> Sources:
    """Looks for the official files in `raw_dir` and in its folders.

    A file directly in `raw_dir` goes before one in a folder, unpacked text before its zip, text
    before the database of lyrics, a tree of per-track files before an archive of them.

    Raises:
        InputError: if the folder is missing, holds no bags of words, or holds a folder under the
            name of an official file and not the file.
    """
    if not raw_dir.is_dir():
        raise InputError(raw_dir, "no such folder", "a folder with the official files")
    folders = [raw_dir, *sorted(path for path in raw_dir.iterdir() if path.is_dir())]

    def first(*names: str) -> Path | None:
        places = [folder / name for name in names for folder in folders]
        found = next((place for place in places if place.is_file()), None)
        folder = next((place for place in places if place.is_dir()), None)
        if folder and not found:
            advice = "Put the file there, or rename the folder."
            raise InputError(folder, "a folder", "an official file of this name", advice)
        return found

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
        summary=first("msd_summary_file.h5"),
        track_files=_find_track_tree(folders) or first(*TRACK_ARCHIVES) or _any_archive(folders),
        artist_terms=first("artist_term.db"),
        years=first("tracks_per_year.txt"),
        genres=first(*GENRES, *(f"{name}.zip" for name in GENRES)),
        artist_lists=lists if len(lists) == 2 else (),
        synthetic=first("synthetic.json"),
    )


def source_record(role: str, path: Path) -> dict:
    """What provenance keeps of a source: role, name, bytes, SHA-256; never where it lay.

    Of a tree of files, the number, total size and a hash of all names and sizes.
    """
    if path.is_file():
        size = path.stat().st_size
        return {"role": role, "name": path.name, "bytes": size, "sha256": sha256_of(path)}
    import hashlib

    sizes = {file.relative_to(path).as_posix(): file.stat().st_size for file in path.rglob("*.h5")}
    listing = "".join(f"{name} {size}\n" for name, size in sorted(sizes.items()))
    return {
        "role": role,
        "name": path.name,
        "files": len(sizes),
        "bytes": sum(sizes.values()),
        "sha256_of_listing": hashlib.sha256(listing.encode()).hexdigest(),
    }


def _find_track_tree(folders: list[Path]) -> Path | None:
    """The folder that holds A/B/C/TRABC….h5, among the folders and their `data`."""
    candidates = [*folders, *(folder / "data" for folder in folders)]
    return next((folder for folder in candidates if any(folder.glob("[A-Z]/[A-Z]/[A-Z]"))), None)


def _any_archive(folders: list[Path]) -> Path | None:
    archives = (path for folder in folders for path in sorted(folder.glob("*.tar.gz")))
    return next((path for path in archives if path.is_file()), None)
