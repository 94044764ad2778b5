"""The first format: a folder of the Million Song Dataset's and musiXmatch's official files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.format import Format, ReadOptions
from representation_music.data_preprocessing.sources.identifiers import check_track_id
from representation_music.data_preprocessing.sources.million_songs.track_files import keep_part
from representation_music.data_preprocessing.sources.official_files.find import (
    ROLES,
    Sources,
    find_sources,
)
from representation_music.data_preprocessing.sources.official_files.join import (
    join_lyrics,
    join_songs,
)
from representation_music.data_preprocessing.sources.official_files.read import (
    needs_track_files,
    read_sources,
)
from representation_music.utils.console import print_table, progress, say
from representation_music.utils.errors import InputError

#: Songs with bags of words in the official files.
FULL_SIZE = 237_662


class Official(Format):
    """Official files in a folder or one level below, joined by track id."""

    name = "official"
    holds = "a folder of MSD's and musiXmatch's files"
    options = ("tags", "official", "track_files", "resume_dir")
    id_column = "track_id"
    check_id = staticmethod(check_track_id)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Every folder is taken for one of official files."""
        return path.is_dir()

    def read(self, path: Path, bad_rows: BadRows, options: ReadOptions) -> SongDataset:
        """The songs of every lyrics file, with what the other files say of them."""
        sources = find_sources(path)
        with_lists = options.official == "artist-lists"
        contents = read_sources(
            sources,
            bad_rows,
            tags=options.tags,
            track_files=options.track_files,
            resume_dir=options.resume_dir,
            artist_lists=with_lists,
        )
        print_sources(path, sources, contents.records)
        with progress("Joining", None):
            lyrics = join_lyrics(contents.lyrics)
            dataset = join_songs(
                lyrics, contents.tables, contents.artist_tags, contents.genres, self.label_groups
            )
        is_full = dataset.num_songs == FULL_SIZE
        dataset.kind = "synthetic" if sources.synthetic else "full" if is_full else "sample"
        is_train, is_test = ~lyrics.is_test, lyrics.is_test
        if with_lists:
            lists = contents.artist_lists or [np.zeros(0, "S18")] * 2
            is_train, is_test = (np.isin(dataset.groups, artists) for artists in lists)
        dataset.splits["official"] = np.select([is_test, is_train], [2, 0], -1).astype(np.int8)
        dataset.provenance["sources"] = contents.records
        return dataset


def keep_part_of_tree(part: str, raw_dir: Path, options: ReadOptions, skip_bad_rows: bool) -> None:
    """Reads a part of the tree of per-track files and keeps it in the folder to resume from.

    Raises:
        InputError: if there is no such part, no such folder, or no tree that is needed.
    """
    number, _, parts = part.partition("/")
    if not (number.isdigit() and parts.isdigit() and 1 <= int(number) <= int(parts)):
        raise InputError("--part", repr(part), "PART/PARTS, such as 3/16")
    if not options.resume_dir:
        raise InputError("--part", "no --resume-dir", "a folder for the parts, the same for all")
    sources = find_sources(raw_dir)
    if options.track_files:
        sources = replace(sources, summary=None)
    tree = sources.track_files
    if not (needs_track_files(sources) and tree.is_dir()):
        raise InputError(
            "--part",
            f"nothing to divide ({tree or 'no per-track files'})",
            "a tree of per-track files that is needed",
            "Run `preprocess` without --part: it does without the tree, or reads the archive.",
        )
    how = {"tags": options.tags, "bad_rows": BadRows(skip_bad_rows)}
    files = keep_part(tree, int(number), int(parts), options.resume_dir, **how)
    say(f"Part {part} of {tree}: {files:,} files, kept in {options.resume_dir}.")
    say("When all parts are read, the same command without --part makes the songs file.")


def print_sources(raw_dir: Path, sources: Sources, records: Sequence[dict]) -> None:
    """What was found and read, what was found and left alone, and what is lacking."""
    rows = []
    for role, gives in ROLES.items():
        read = [record for record in records if record["role"] == role]
        rows += [(role, gives, record["name"], f"{record['rows']:,}") for record in read]
        if not read:
            unused = ", ".join(path.name for path in sources.of_role(role))
            rows.append((role, gives, unused or "lacking", "not used" if unused else "-"))
    print_table(f"Sources in {raw_dir}", ("source", "gives", "file", "rows"), rows)
