"""`repmusic download`: fetches public data and unpacks them, each file whole or not at all."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import tyro

from representation_music.data_preprocessing.fetched_file import require_kind, require_whole
from representation_music.data_preprocessing.licence import note_licence
from representation_music.data_preprocessing.resuming_download import (
    ResumingDownloader,
    Unreachable,
    remote_size,
)
from representation_music.data_preprocessing.sources.files.zipped import open_zip
from representation_music.utils.console import print_table, progress, say
from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path, sha256_of, write_text
from representation_music.utils.lock import hold
from representation_music.utils.reading import open_file, read_bytes

MSD = "http://millionsongdataset.com/sites/default/files/AdditionalFiles/"
TAGTRAUM = "https://www.tagtraum.com/genres/"
SUBSET = "http://labrosa.ee.columbia.edu/~dpwe/tmp/"
CORDOBA = "http://www.uco.es/grupos/kdis/MLLResources/ucobigfiles/Datasets/Full/"
MENDELEY = "https://data.mendeley.com/public-api/zip/3t9vbwxgr5/download/"


@dataclass(frozen=True)
class PublicFile:
    """A file as the project uses it, and where it comes from.

    Args:
        base: Folder of the URL.
        archived: Whether the server holds it in a zip.
        holds: What for.
        sha256: Of the unpacked file, where known. None is published: these are second hand.
        licence: Under what terms it may be used, or where they stand.
        remote: Its name on the server, if it is another.
    """

    base: str
    archived: bool
    holds: str
    sha256: str = ""
    licence: str = "for research; terms at millionsongdataset.com"
    remote: str = ""


OF_TAGTRAUM = "for research; terms at tagtraum.com/msd_genre_datasets.html"

#: Name of the unpacked file: the file.
PUBLIC_FILES = {
    "mxm_dataset_train.txt": PublicFile(
        MSD,
        True,
        "bags of words of 210,519 songs",
        "d4ab4c245379625515d70318aa13f0150303cbf8c01d13ad1cf4b40713a1fc77",
    ),
    "mxm_dataset_test.txt": PublicFile(
        MSD,
        True,
        "bags of words of 27,143 songs",
        "9a4c76109685ccbb7d787a108ab38941307d7e3fae840a9047790f886ad79b8f",
    ),
    "msd_summary_file.h5": PublicFile(MSD, False, "loudness, year and more of all songs"),
    "artist_term.db": PublicFile(MSD, False, "the artists' tags"),
    "tracks_per_year.txt": PublicFile(MSD, False, "years"),
    "msd_tagtraum_cd1.cls": PublicFile(TAGTRAUM, True, "genres", licence=OF_TAGTRAUM),
    "msd_tagtraum_cd2.cls": PublicFile(
        TAGTRAUM, True, "genres, stricter vote", licence=OF_TAGTRAUM
    ),
    "msd_tagtraum_cd2c.cls": PublicFile(TAGTRAUM, True, "genres, unanimous", licence=OF_TAGTRAUM),
    "mxm_dataset.db": PublicFile(MSD, False, "bags of words as a database"),
    "track_metadata.db": PublicFile(MSD, False, "titles and names of all songs"),
    "unique_tracks.txt": PublicFile(MSD, False, "titles and names of all songs"),
    "millionsongsubset.tar.gz": PublicFile(SUBSET, False, "10,000 complete per-track files"),
    "Delicious.arff": PublicFile(
        CORDOBA,
        True,
        "16,105 pages, 983 tags",
        licence="none stated; cite Tsoumakas, Katakis, Vlahavas 2008",
        remote="Delicious_Meka.zip",
    ),
    "Bibtex.arff": PublicFile(
        CORDOBA,
        True,
        "7,395 entries of bibliographies, 159 tags",
        licence="none stated; cite Katakis, Tsoumakas, Vlahavas 2008",
        remote="Bibtex_Meka.zip",
    ),
    "tcc_ceds_music.csv": PublicFile(
        MENDELEY,
        True,
        "lyrics, artists, audio features of 28,372 songs",
        licence="CC BY 4.0; cite Moura et al., doi:10.17632/3t9vbwxgr5.2",
        remote="2",
    ),
}
#: Files by the name of a set of them.
SETS = {
    "delicious": ("Delicious.arff",),
    "bibtex": ("Bibtex.arff",),
    "tcc": ("tcc_ceds_music.csv",),
}

#: Where the digests of all fetched files are kept, beside them.
DIGESTS = "SHA256SUMS"

#: Every input and label of the study, in well under 1 GB.
STUDY_FILES = tuple(PUBLIC_FILES)[:6]


def download(
    files: tyro.conf.Positional[tuple[str, ...]] = STUDY_FILES,
    out_dir: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("data"),
    base_url: str = os.environ.get("REPMUSIC_BASE_URL", ""),
    dry_run: bool = False,
    check: bool = True,
) -> None:
    """Fetches public data, and unpacks them; their licences are shown first.

    Files that are there are left alone; a broken download goes on where it stopped. The digest of
    every file is printed and kept in SHA256SUMS beside the files, its licence in LICENCE.txt.

    Args:
        files: Names of the unpacked files, or of a set: delicious, bibtex (pages and entries with
            tags), tcc (lyrics with audio features). Last.fm's tags of tracks are no set of these:
            data_preprocessing/README.md tells where they are. If none is named, the files of the
            study, of the Million Song Dataset and musiXmatch.
        out_dir: Folder to put them in.
        base_url: A mirror that holds all files in one place, instead of the official addresses.
        dry_run: Only say what would be fetched, and how large it is if the server can be reached.
        check: Compare SHA-256 digests: with the known one, or with that of the file's last fetch.

    Raises:
        InputError: for an unknown name, a full disk, a server that fails or a damaged file.
        Held: if another process fetches one of the files into the folder.
    """
    known_names = (*SETS, *PUBLIC_FILES)
    if unknown := [name for name in files if name not in known_names]:
        raise InputError("FILES", repr(unknown[0]), f"some of {', '.join(known_names)}")
    files = [name for named in files for name in SETS.get(named, (named,))]
    wanted = [name for name in dict.fromkeys(files) if not (out_dir / name).exists()]
    urls = {name: _url(name, base_url) for name in wanted}
    sizes, unreached = _remote_sizes(urls, allow_unreached=dry_run)
    print_table(
        f"Public files for {out_dir}",
        ["file", "holds", "licence", "to fetch", "from"],
        [
            (
                name,
                PUBLIC_FILES[name].holds,
                PUBLIC_FILES[name].licence,
                _megabytes(sizes[name]) if name in wanted else "there",
                urls.get(name, ""),
            )
            for name in dict.fromkeys(files)
        ],
    )
    known = sum(size or 0 for size in sizes.values())
    total = _megabytes(known if known or not unreached else None)
    say(f"{len(wanted)} files, {total} to fetch")
    if unreached:
        say(f"Sizes are unknown where the server was not reached: {', '.join(unreached)}")
    if dry_run or not wanted:
        return
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        _require_space(out_dir, known)
        for name in wanted:
            with hold(out_dir / f".{name}.lock"):
                if (out_dir / name).exists():  # by another process, meanwhile
                    say(f"{out_dir / name}: there")
                    continue
                digest = _fetch(name, urls[name], sizes[name], out_dir, check)
            say(f"{out_dir / name}: SHA-256 {digest}")
    except OSError as error:
        raise InputError(
            out_dir,
            f"that it cannot be written ({error.strerror or error})",
            "",
            "Free some space or name another folder with --out-dir.",
        ) from error


def _url(name: str, base_url: str) -> str:
    file = PUBLIC_FILES[name]
    base = base_url.rstrip("/") + "/" if base_url else file.base
    return base + (file.remote or name + (".zip" if file.archived else ""))


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


def _fetch(name: str, url: str, size: int | None, out_dir: Path, check: bool) -> str:
    """Fetches one file, unpacks and checks it, and moves it into place; gives its SHA-256."""
    import pooch

    pooch.get_logger().setLevel("WARNING")
    packed_name = name + (".zip" if PUBLIC_FILES[name].archived else "")
    fetched = f".{packed_name}.fetched"
    with progress(name, None if size is None else size / 1e6) as advance:
        archive = Path(
            pooch.retrieve(
                url,
                known_hash=None,
                fname=fetched,
                path=out_dir,
                downloader=ResumingDownloader(
                    out_dir / f".{name}.download", lambda amount: advance(amount / 1e6), size=size
                ),
            )
        )
    try:
        require_kind(archive, packed_name, url)
        with atomic_path(out_dir / name) as temporary:
            if PUBLIC_FILES[name].archived:
                _unpack(archive, name, url, temporary)
            else:
                shutil.move(archive, temporary)  # to another disk, where the name is a link to one
            require_kind(temporary, name, url)
            require_whole(temporary, name, url)
            digest = sha256_of(temporary)
            if check:
                _require_digest(digest, name, url, out_dir)
        with hold(out_dir / f".{DIGESTS}.lock"):  # which fetches of other files write too
            _keep_digest(digest, name, out_dir)
            note_licence(out_dir / name, PUBLIC_FILES[name].licence)
    finally:
        archive.unlink(missing_ok=True)
    return digest


def _unpack(archive: Path, name: str, url: str, destination: Path) -> None:
    """Unpacks the member called `name`; the zip's own checksums are compared on the way."""
    with open_file(archive) as file, open_zip(file, url, name) as (source, size):
        _require_space(destination.parent, size)
        with open(destination, "wb") as unpacked:
            shutil.copyfileobj(source, unpacked, 1 << 20)


def _require_digest(found: str, name: str, url: str, out_dir: Path) -> None:
    expected, origin = PUBLIC_FILES[name].sha256, "second hand, for none is published"
    if not expected:
        expected, origin = _kept_digests(out_dir).get(name, ""), f"as in {DIGESTS}"
    if expected and found != expected:
        raise InputError(
            url,
            f"a file with SHA-256 {found}",
            f"{expected} ({origin})",
            "Try again; if the official file has changed, take it with --no-check.",
        )


def _keep_digest(digest: str, name: str, out_dir: Path) -> None:
    """Notes a file's digest in the form that `sha256sum -c` reads."""
    digests = _kept_digests(out_dir) | {name: digest}
    write_text(out_dir / DIGESTS, "".join(f"{digests[n]}  {n}\n" for n in sorted(digests)))


def _kept_digests(out_dir: Path) -> dict[str, str]:
    """Digests of files that were fetched before, by name."""
    if not (out_dir / DIGESTS).exists():
        return {}
    lines = read_bytes(out_dir / DIGESTS).decode(errors="replace").splitlines()
    found = [re.fullmatch(r"([0-9a-f]{64})  (\S+)", line) for line in lines]
    return {match[2]: match[1] for match in found if match}
