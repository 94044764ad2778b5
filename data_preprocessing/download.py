"""`repmusic download`: fetches the official files and unpacks them, each whole or not at all."""

import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import tyro

from representation_music.data_preprocessing.resuming_download import (
    ResumingDownloader,
    Unreachable,
    remote_size,
)
from representation_music.utils.console import print_table, progress
from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path, sha256_of

MSD = "http://millionsongdataset.com/sites/default/files/AdditionalFiles/"
TAGTRAUM = "https://www.tagtraum.com/genres/"
SUBSET = "http://labrosa.ee.columbia.edu/~dpwe/tmp/"


@dataclass(frozen=True)
class OfficialFile:
    """A file as the project uses it, and where it comes from.

    Args:
        base: Folder of the URL.
        archived: Whether the server holds it as `NAME.zip`.
        sha256: Of the unpacked file, where known. None is published: these are second hand.
        holds: What for.
    """

    base: str
    archived: bool
    holds: str
    sha256: str = ""


#: Name of the unpacked file: the file.
OFFICIAL_FILES = {
    "mxm_dataset_train.txt": OfficialFile(
        MSD,
        True,
        "bags of words of 210,519 songs",
        "d4ab4c245379625515d70318aa13f0150303cbf8c01d13ad1cf4b40713a1fc77",
    ),
    "mxm_dataset_test.txt": OfficialFile(
        MSD,
        True,
        "bags of words of 27,143 songs",
        "9a4c76109685ccbb7d787a108ab38941307d7e3fae840a9047790f886ad79b8f",
    ),
    "msd_summary_file.h5": OfficialFile(MSD, False, "loudness, year and more of all songs"),
    "artist_term.db": OfficialFile(MSD, False, "the artists' tags"),
    "tracks_per_year.txt": OfficialFile(MSD, False, "years"),
    "msd_tagtraum_cd1.cls": OfficialFile(TAGTRAUM, True, "genres"),
    "msd_tagtraum_cd2.cls": OfficialFile(TAGTRAUM, True, "genres, stricter vote"),
    "msd_tagtraum_cd2c.cls": OfficialFile(TAGTRAUM, True, "genres, unanimous"),
    "mxm_dataset.db": OfficialFile(MSD, False, "bags of words as a database"),
    "track_metadata.db": OfficialFile(MSD, False, "titles and names of all songs"),
    "unique_tracks.txt": OfficialFile(MSD, False, "titles and names of all songs"),
    "millionsongsubset.tar.gz": OfficialFile(SUBSET, False, "10,000 complete per-track files"),
}

#: How files start, by suffix.
FIRST_BYTES = {".h5": b"\x89HDF\r\n", ".db": b"SQLite format 3\0", ".gz": b"\x1f\x8b"}

#: Every input and label of the study, in well under 1 GB.
STUDY_FILES = tuple(OFFICIAL_FILES)[:6]


def download(
    files: tyro.conf.Positional[tuple[str, ...]] = STUDY_FILES,
    out_dir: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("data"),
    base_url: str = os.environ.get("REPMUSIC_BASE_URL", ""),
    dry_run: bool = False,
    check: bool = True,
) -> None:
    """Fetches official files of the Million Song Dataset and musiXmatch, and unpacks them.

    Files that are there are left alone; a broken download goes on where it stopped.

    Args:
        files: Names of the unpacked files; those of the study if none is named.
        out_dir: Folder to put them in.
        base_url: A mirror that holds all files in one place, instead of the official addresses.
        dry_run: Only say what would be fetched, and how large it is if the server can be reached.
        check: Compare checksums where one is known.

    Raises:
        InputError: for an unknown name, a full disk, a server that fails or a damaged file.
    """
    unknown = [name for name in files if name not in OFFICIAL_FILES]
    if unknown:
        raise InputError("FILES", repr(unknown[0]), f"some of {', '.join(OFFICIAL_FILES)}")
    wanted = [name for name in dict.fromkeys(files) if not (out_dir / name).exists()]
    urls = {name: _url(name, base_url) for name in wanted}
    sizes, unreached = _remote_sizes(urls, allow_unreached=dry_run)
    print_table(
        f"Official files for {out_dir}",
        ["file", "holds", "to fetch", "from"],
        [
            (
                name,
                OFFICIAL_FILES[name].holds,
                _megabytes(sizes[name]) if name in wanted else "there",
                urls.get(name, ""),
            )
            for name in dict.fromkeys(files)
        ],
    )
    known = sum(size or 0 for size in sizes.values())
    total = _megabytes(known if known or not unreached else None)
    print(f"{len(wanted)} files, {total} to fetch")
    if unreached:
        print(f"Sizes are unknown where the server was not reached: {', '.join(unreached)}")
    if dry_run or not wanted:
        return
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        _require_space(out_dir, known)
        for name in wanted:
            _fetch(name, urls[name], sizes[name], out_dir, check)
            print(out_dir / name)
    except OSError as error:
        raise InputError(
            out_dir,
            f"that it cannot be written ({error.strerror or error})",
            "",
            "Free some space or name another folder with --out-dir.",
        ) from error


def _url(name: str, base_url: str) -> str:
    file = OFFICIAL_FILES[name]
    base = base_url.rstrip("/") + "/" if base_url else file.base
    return base + name + (".zip" if file.archived else "")


def _remote_sizes(
    urls: dict[str, str], allow_unreached: bool
) -> tuple[dict[str, int | None], list[str]]:
    """Size in bytes by file, None where not known; and the servers that were not reached."""
    sizes, unreached = {}, []
    for name, url in urls.items():
        server = urlsplit(url).netloc
        sizes[name] = None
        if server in unreached:  # a second wait for it would tell nothing new
            continue
        try:
            sizes[name] = remote_size(url)
        except Unreachable:
            if not allow_unreached:
                raise
            unreached.append(server)
    return sizes, unreached


def _megabytes(size: int | None) -> str:
    return "unknown" if size is None else f"{size / 1e6:,.1f} MB"


def _require_space(out_dir: Path, size: int) -> None:
    free = shutil.disk_usage(out_dir).free
    if free < size:
        raise InputError(
            out_dir,
            f"{_megabytes(free)} of free space",
            f"at least {_megabytes(size)}",
            "Free some space or name another folder with --out-dir.",
        )


def _fetch(name: str, url: str, size: int | None, out_dir: Path, check: bool) -> None:
    """Fetches one file, unpacks and checks it, and moves it into place."""
    import pooch

    pooch.get_logger().setLevel("WARNING")
    fetched = f".{url.rpartition('/')[2]}.fetched"
    with progress(name, None if size is None else size / 1e6) as advance:
        archive = Path(
            pooch.retrieve(
                url,
                known_hash=None,
                fname=fetched,
                path=out_dir,
                downloader=ResumingDownloader(
                    out_dir / f".{name}.download", lambda amount: advance(amount / 1e6)
                ),
            )
        )
    try:
        with atomic_path(out_dir / name) as temporary:
            if OFFICIAL_FILES[name].archived:
                _unpack(archive, name, url, temporary)
            else:
                os.replace(archive, temporary)
            _require_content(temporary, name, url)
            if check:
                _require_checksum(temporary, OFFICIAL_FILES[name].sha256, url)
    finally:
        archive.unlink(missing_ok=True)


def _unpack(archive: Path, name: str, url: str, destination: Path) -> None:
    """Unpacks the member called `name`; the zip's own checksums are compared on the way."""
    try:
        with zipfile.ZipFile(archive) as members:
            inside = [member for member in members.namelist() if Path(member).name == name]
            if not inside:
                raise InputError(url, f"{members.namelist()[:3]} in the archive", f"a file {name}")
            with members.open(inside[0]) as source, open(destination, "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
    except (zipfile.BadZipFile, EOFError) as error:
        raise InputError(url, f"a damaged archive ({error})", "a zip file", "Try again.") from error


def _require_content(path: Path, name: str, url: str) -> None:
    """Refuses what is not of the file's kind, such as a web page sent in its place."""
    with open(path, "rb") as file:
        start = file.read(16)
    if not start.startswith(FIRST_BYTES.get(Path(name).suffix, b"")) or start[:1] in (b"", b"<"):
        raise InputError(
            url,
            f"content that starts with {start!r}",
            f"a {Path(name).suffix} file",
            "The file may have moved: look for its new address and name it with --base-url.",
        )


def _require_checksum(path: Path, expected: str, url: str) -> None:
    if expected and (found := sha256_of(path)) != expected:
        raise InputError(
            url,
            f"a file with SHA-256 {found}",
            expected,
            "Try again; if the official file has changed, take it with --no-check.",
        )
