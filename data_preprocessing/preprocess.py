"""`repmusic preprocess`: joins a folder of official files into one songs file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import numpy as np
import tyro

from representation_music.data_preprocessing.sources.find import ROLES, Sources, find_sources
from representation_music.utils.console import print_next, print_table, progress
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import STUDY_TASKS, Kind

if TYPE_CHECKING:
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.data_preprocessing.sources.read import SourceContents

#: Songs with bags of words in the official files.
FULL_SIZE = 237_662
#: The format that is no plugin's: a folder of MSD's and musiXmatch's own files.
OFFICIAL = "official"


@dataclass(frozen=True)
class PreprocessSettings:
    """Which songs, labels and splits the songs file holds.

    Args:
        format: What lies at RAW_DIR: the official files, or one of the formats that
            REPMUSIC_PLUGINS adds (see CONTRIBUTING.md); --seed, --proportions and --splits then
            hold as well, all other settings are of the official files.
        tags: Tags by artist: The Echo Nest's terms, as in the study, or MusicBrainz' tags. The
            tags of an artist without any row in that table are missing, not absent; with
            artist_mbtag that is most artists, so far fewer songs carry a label.
        labels: CSV or TSV files of your own with a track_id column. A column artist_id (or
            group) names the artist where no other file does; each other column is a label. Cells
            such as NA, ?, - or nothing are missing. A column is binary if it holds two different
            words, or only 0 and 1 (1 is true, yes, y, t, on; of other words the second in
            alphabetical order); multiclass if it holds more words; a regression if at least half
            of its cells are numbers. Whole numbers up to 20 of at most 12 different values may be
            codes or amounts: --kind must say which. An error are numbers with decimal commas or
            other marks, and texts of which most are a class of their own. What was taken for what
            is printed.
        kind: NAME=KIND of a column of --labels, such as mood=multiclass; may be repeated. KIND is
            regression, binary (of two numbers, 1 is the larger) or multiclass.
        exclude: Files of songs to leave out: ids, one per line, or MSD's own lists of mismatches
            (sid_mismatches.txt) and of duplicates (msd_duplicates.txt; of each group the first
            song stays).
        require: Keep only songs that carry all these labels, such as: year "pop rock".
        protocol: "paper" keeps songs with every label of the 2016 study and makes its random
            split: 25,000/6,000/25,000 songs, or as many in these proportions. "all" keeps every
            song with a bag of words and marks what is missing as missing.
        splits: Splits to make: no known artist in two parts; the official one; random.
        official: Test songs of the official split: those of musiXmatch, or those of the artists
            in artists_test.txt. Validation songs are taken from train by artist.
        proportions: Train, validation and test songs. The study's 25:6:25 gave as many songs to
            the test as to training; with few labels, training needs more of them.
        seed: Seed of the splits.
        track_files: Take numeric labels from per-track files even if there is a summary file.
        resume_dir: Folder that keeps what was read of per-track files, so that a run that was
            interrupted goes on from there; none if not named.
        skip_bad_rows: Leave out rows that cannot be read, and list them, instead of stopping.
    """

    format: str = OFFICIAL
    tags: Literal["artist_term", "artist_mbtag"] = "artist_term"
    labels: tuple[Path, ...] = ()
    kind: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    exclude: tuple[Path, ...] = ()
    require: tuple[str, ...] = ()
    protocol: Literal["all", "paper"] = "all"
    splits: tuple[Literal["artist", "official", "random"], ...] = ("artist", "official", "random")
    official: Literal["musixmatch", "artist-lists"] = "musixmatch"
    proportions: tuple[float, float, float] = (60.0, 15.0, 25.0)
    seed: int = 0
    track_files: bool = False
    resume_dir: Path | None = None
    skip_bad_rows: bool = False

    def __post_init__(self):
        if not all(0 < share < float("inf") for share in self.proportions):
            expected = "a positive share each of train, validation and test songs"
            raise InputError("--proportions", f"{self.proportions}", expected)
        for text in self.kind:
            name, _, kind = text.rpartition("=")
            if not name or kind not in get_args(Kind):
                raise InputError("--kind", repr(text), f"NAME={', NAME='.join(get_args(Kind))}")

    @property
    def kinds(self) -> dict[str, Kind]:
        """Kinds of the user's own columns, by name, where they are named."""
        named = (text.rpartition("=") for text in self.kind)
        return {name: kind for name, _, kind in named}

    def as_provenance(self) -> dict:
        """Settings that decide the content, with files by name only."""
        settings = asdict(self) | {"labels": [path.name for path in self.labels]}
        settings["exclude"] = [path.name for path in self.exclude]
        del settings["resume_dir"]
        return settings


DEFAULTS = PreprocessSettings()


def preprocess(
    raw_dir: tyro.conf.Positional[Path],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("songs.h5"),
    settings: tyro.conf.OmitArgPrefixes[PreprocessSettings] = DEFAULTS,
    part: str = "",
) -> None:
    """Joins the official files in a folder, by track id, into one songs file.

    Args:
        raw_dir: Folder of the official files, there or one level below, as text or .txt.zip.
        output: The songs file to write.
        settings: Which songs, labels and splits it holds.
        part: PART/PARTS, such as 3/16: only read that part of a tree of per-track files into
            --resume-dir, for a job array; `preprocess` without it then makes the songs file.

    Raises:
        InputError: if there is nothing to read, a file cannot be read, two files have no songs
            in common, no song carries the labels asked for, or the disk is full.
    """
    if settings.format != OFFICIAL:
        _preprocess_format(Path(raw_dir), output, settings)
        return
    # Imported here, as it takes longer than `--help` may.
    from representation_music.data_preprocessing.sources.read import read_sources

    sources = find_sources(Path(raw_dir))
    if part:
        _keep_part(part, sources, settings)
        return
    contents = read_sources(
        sources,
        tags=settings.tags,
        label_tables=settings.labels,
        kinds=settings.kinds,
        exclude=settings.exclude,
        track_files=settings.track_files,
        resume_dir=settings.resume_dir,
        artist_lists=settings.official == "artist-lists",
        skip_bad_rows=settings.skip_bad_rows,
    )
    _print_sources(raw_dir, sources, contents.records)
    with progress("Joining", 2) as done:
        dataset, excluded = _join(contents, settings, is_synthetic=sources.synthetic is not None)
        dataset.provenance = {
            "version": version("representation-music"),
            "settings": settings.as_provenance(),
            "sources": contents.records,
            "skipped_rows": contents.skipped_rows,
            "excluded": excluded,
        }
        done(text=f"Writing {output.name}")
        dataset.save(output)
    own = [name for _, table in contents.label_tables for name in table.columns]
    for name, songs in excluded.items():
        print(f"Left out by {name}: {songs:,} songs")
    _print_result(dataset, own, settings, contents.skipped_rows)


def _preprocess_format(path: Path, output: Path, settings: PreprocessSettings) -> None:
    """Makes a songs file of what one of `FORMATS` reads."""
    from representation_music.data_preprocessing.sources.formats import FORMATS

    of_official = ("labels", "kind", "exclude", "require", "resume_dir", "track_files")
    if given := [name for name in of_official if getattr(settings, name)]:
        flag = "--" + given[0].replace("_", "-")
        raise InputError(flag, f"it with --format {settings.format}", "one of the two")
    dataset = FORMATS[settings.format]().read(path)
    dataset.splits = _make_splits(dataset, np.zeros(dataset.num_songs, bool), (), settings)
    dataset.provenance |= {
        "version": version("representation-music"),
        "format": settings.format,
        "source": path.name,
        "settings": settings.as_provenance(),
    }
    dataset.save(output)
    shown = replace(settings, splits=tuple(dataset.splits))
    _print_result(dataset, list(dataset.columns), shown, ())


def _keep_part(part: str, sources: Sources, settings: PreprocessSettings) -> None:
    """Reads a part of the tree of per-track files and keeps it in the folder to resume from."""
    from representation_music.data_preprocessing.sources.bad_rows import BadRows
    from representation_music.data_preprocessing.sources.million_songs.track_files import keep_part
    from representation_music.data_preprocessing.sources.read import needs_track_files

    number, _, parts = part.partition("/")
    if not (number.isdigit() and parts.isdigit() and 1 <= int(number) <= int(parts)):
        raise InputError("--part", repr(part), "PART/PARTS, such as 3/16")
    if not settings.resume_dir:
        raise InputError("--part", "no --resume-dir", "a folder for the parts, the same for all")
    if settings.track_files:
        sources = replace(sources, summary=None)
    tree = sources.track_files
    if not (needs_track_files(sources) and tree.is_dir()):
        raise InputError(
            "--part",
            f"nothing to divide ({tree or 'no per-track files'})",
            "a tree of per-track files that is needed",
            "Run `preprocess` without --part: it does without the tree, or reads the archive.",
        )
    options = {"tags": settings.tags, "bad_rows": BadRows(settings.skip_bad_rows)}
    files = keep_part(tree, int(number), int(parts), settings.resume_dir, **options)
    print(f"Part {part} of {tree}: {files:,} files, kept in {settings.resume_dir}.")
    print("When all parts are read, the same command without --part makes the songs file.")


def _join(
    contents: "SourceContents", settings: PreprocessSettings, is_synthetic: bool
) -> tuple["SongDataset", dict[str, int]]:
    """The dataset, and how many songs each list of songs to leave out took from it."""
    from representation_music.data_preprocessing.join import (
        join_lyrics,
        join_songs,
        keep_songs,
    )
    from representation_music.data_preprocessing.sources.exclusions import count_left_out

    lyrics = join_lyrics(contents.lyrics)
    dataset = join_songs(
        lyrics, contents.tables, contents.artist_tags, contents.genres, contents.label_tables
    )
    is_full = dataset.num_songs == FULL_SIZE
    dataset.kind = "synthetic" if is_synthetic else "full" if is_full else "sample"
    is_test = lyrics.is_test
    names = [name for name, _ in contents.exclusions]
    left_out, numbers = count_left_out([of for _, of in contents.exclusions], dataset.ids)
    if left_out.all():
        raise InputError(", ".join(names), "every song", "some that stay")
    if left_out.any():
        dataset, is_test = keep_songs(dataset, ~left_out), is_test[~left_out]
    required = (STUDY_TASKS if settings.protocol == "paper" else ()) + settings.require
    if required:
        keep = _carries_all(dataset, required)
        dataset, is_test = keep_songs(dataset, keep), is_test[keep]
    dataset.splits = _make_splits(dataset, is_test, contents.artist_lists, settings)
    return dataset, dict(zip(names, numbers, strict=True))


def _carries_all(dataset: "SongDataset", names: Sequence[str]) -> np.ndarray:
    """[songs] whether a song carries all these labels."""
    carries = {}
    for name in names:
        try:
            carries[name] = ~np.isnan(dataset.labels(name))
        except InputError as error:
            place = f"labels to keep songs by ({', '.join(names)})"
            raise InputError(place, error.found, error.expected) from error
    keep = np.all(list(carries.values()), axis=0)
    if not keep.any():
        found = ", ".join(f"{name} {known.sum():,}" for name, known in carries.items())
        advice = "Ask for fewer labels, or add the files that hold them."
        raise InputError(
            "songs with all labels asked for", f"none (songs with each: {found})", "", advice
        )
    return keep


def _make_splits(
    dataset: "SongDataset",
    is_test: np.ndarray,
    artist_lists: Sequence[np.ndarray],
    settings: PreprocessSettings,
) -> dict[str, np.ndarray]:
    """The splits asked for; the official one only if its train and test songs are known."""
    from representation_music.data_preprocessing.songs import splits

    ids = dataset.ids, dataset.groups
    draw = {"seed": settings.seed, "proportions": settings.proportions}
    is_train = ~is_test
    if settings.official == "artist-lists":
        lists = artist_lists or [np.zeros(0, "S18")] * 2
        is_train, is_test = (np.isin(dataset.groups, artists) for artists in lists)
    made = {}
    if "artist" in settings.splits:
        made["artist"] = splits.group_split(*ids, **draw)
    if "official" in settings.splits and is_train.any() and is_test.any():
        made["official"] = splits.official_split(*ids, is_train, is_test, **draw)
    if "random" in settings.splits and settings.protocol == "paper":
        made["random"] = splits.study_split(dataset.ids, settings.seed)
    elif "random" in settings.splits:
        made["random"] = splits.random_split(dataset.ids, **draw)
    return made


def _print_sources(raw_dir: Path, sources: Sources, records: Sequence[dict]) -> None:
    """What was found and read, what was found and left alone, and what is lacking."""
    rows = []
    for role, gives in ROLES.items():
        read = [record for record in records if record["role"] == role]
        rows += [(role, gives, record["name"], f"{record['rows']:,}") for record in read]
        if not read:
            unused = ", ".join(path.name for path in sources.of_role(role))
            rows.append((role, gives, unused or "lacking", "not used" if unused else "-"))
    print_table(f"Sources in {raw_dir}", ("source", "gives", "file", "rows"), rows)


def _print_result(
    dataset: "SongDataset",
    own_columns: Sequence[str],
    settings: PreprocessSettings,
    skipped_rows: Sequence[str],
) -> None:
    from representation_music.data_preprocessing.songs.unknown_groups import (
        tasks_on_unknown,
        unknown_by_part,
        warning_of,
    )

    if skipped_rows:
        print(f"Skipped {len(skipped_rows):,} bad rows:")
        print("\n".join(f"  {text}" for text in skipped_rows))
    labelled = {name: column.known for name, column in dataset.columns.items()}
    labelled["tags"] = dataset.tags.known
    print("Songs with", ", ".join(f"{name} {known.sum():,}" for name, known in labelled.items()))
    for name in own_columns:
        own = dataset.columns[name]
        how = f"{len(own.class_names):,} classes" if own.kind == "multiclass" else own.unit
        named = ", as named by --kind" if name in settings.kinds else ""
        print(f"Own column {name}: {own.kind}{f' ({how})' if how else ''}{named}")
    for name in settings.splits:
        if name not in dataset.splits:
            print(f"No {name} split: songs of both its train and its test part are needed.")
            continue
        parts = dataset.split(name).items()
        sizes = ", ".join(f"{part} {len(songs):,}" for part, songs in parts)
        unknown = ", ".join(f"{part} {n:,}" for part, n in unknown_by_part(dataset, name).items())
        print(f"Split {name}: {sizes}; of unknown artists {unknown}")
        if warning := warning_of(name, tasks_on_unknown(dataset, name, list(dataset.columns))):
            print(warning)
        if empty := [part for part, songs in parts if not len(songs)]:
            print(f"Warning: split {name} has no song for {' and '.join(empty)}.")
    print(f"{dataset.path}: {dataset.describe_source()}")
    print_next("repmusic", "describe", dataset.path)
