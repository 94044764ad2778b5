"""`repmusic preprocess`: makes one songs file of data in any format."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import tyro

from representation_music.data_preprocessing.settings import PreprocessSettings
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.utils.console import print_next, say
from representation_music.utils.errors import InputError

DEFAULTS = PreprocessSettings()


def preprocess(
    path: tyro.conf.Positional[Path],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("songs.h5"),
    settings: tyro.conf.OmitArgPrefixes[PreprocessSettings] = DEFAULTS,
    part: str = "",
) -> None:
    """Makes one songs file of bags of words and labels, joined by id.

    Args:
        path: A folder of official files (there or one level below, as text or .txt.zip), or a file
            of another format.
        output: The songs file to write.
        settings: Which examples, labels and splits it holds.
        part: PART/PARTS, such as 3/16: only read that part of a tree of per-track files into
            --resume-dir, for a job array; `preprocess` without it then makes the songs file.

    Raises:
        InputError: if there is nothing to read, a file cannot be read, two files have no songs
            in common, no song carries the labels asked for, or the disk is full.
    """
    # Imported here, as they take longer than `--help` may.
    from representation_music.data_preprocessing import complete, result_lines
    from representation_music.data_preprocessing.licence import licence_beside
    from representation_music.data_preprocessing.songs.groups import groups_with_equals
    from representation_music.data_preprocessing.sources.formats import format_of
    from representation_music.data_preprocessing.sources.official import Official, keep_part_of_tree
    from representation_music.data_preprocessing.sources.official_files.find import source_record

    path = Path(path)
    form = format_of(path, settings.format)
    settings.require_fit(form)
    if part:
        if not isinstance(form, Official):
            raise InputError(f"--part with the format {form.name}", "both", "a folder of tracks")
        keep_part_of_tree(part, path, settings, settings.skip_bad_rows)
        return
    bad_rows = BadRows(settings.skip_bad_rows)
    tables = complete.read_own_tables(form, settings, bad_rows)
    form.label_groups = tuple(
        (own.path.name, own.table.ids, own.table.groups)
        for own in tables
        if own.table.groups is not None
    )
    dataset = form.read(path, bad_rows, settings)
    of_format = list(dataset.columns) if dataset.kind == "own" else []
    dataset.noun = settings.noun or dataset.noun
    dataset.name = settings.name or dataset.name
    dataset = complete.add_labels(dataset, tables)
    own_columns = [*of_format, *(name for own in tables for name in own.table.columns)]
    complete.require_named(list(dataset.columns), settings, form, tables)
    dataset = complete.with_kinds(dataset, settings.kinds)
    dataset = complete.with_units(dataset, settings.unit)
    joined = [own.coverage(dataset) for own in tables]
    dataset, excluded, lists = complete.filtered(dataset, settings, bad_rows)
    if settings.group_equal_inputs:
        dataset.groups = groups_with_equals(dataset.ids, dataset.groups, dataset.counts)
    dataset.splits = complete.make_splits(dataset, settings)
    records = dataset.provenance.get("sources") or [
        source_record("examples", path) | {"rows": dataset.num_songs}
    ]
    records += [
        source_record("own labels", own.path) | {"rows": len(own.table.ids)} for own in tables
    ]
    dataset.provenance = dataset.provenance | {
        "version": version("representation-music"),
        "format": form.name,
        "licence": settings.licence or licence_beside(path),
        "settings": settings.as_provenance(),
        "sources": records + lists,
        "skipped_rows": bad_rows.with_names_only(path, *settings.labels, *settings.exclude),
        "excluded": excluded,
    }
    dataset.save(output)
    for line in joined:
        say(line)
    result_lines.print_result(dataset, own_columns, settings)
    print_next("repmusic", "describe", dataset.path)
