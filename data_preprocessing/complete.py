"""What is added to the examples of any format: label tables, groups, filters and splits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.settings import PreprocessSettings
from representation_music.data_preprocessing.songs import splits
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.groups import joined_groups
from representation_music.data_preprocessing.songs.label_kinds import column_of
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.format import Format
from representation_music.data_preprocessing.sources.label_table import (
    GROUP_COLUMNS,
    ID_COLUMNS,
    LabelTable,
    read_label_table,
    some,
)
from representation_music.data_preprocessing.sources.official_files.exclusions import (
    count_left_out,
    read_exclusions,
)
from representation_music.data_preprocessing.sources.official_files.find import source_record
from representation_music.data_preprocessing.sources.official_files.join import (
    find_rows,
    keep_songs,
)
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import STUDY_TASKS, Kind


@dataclass(frozen=True)
class OwnTable:
    """A table of labels that was read: its file and its content."""

    path: Path
    table: LabelTable

    def coverage(self, dataset: SongDataset) -> str:
        """How many ids one of table and examples has and the other lacks, with an example each."""
        lacking = {
            f"ids of it are no {dataset.noun}": np.setdiff1d(self.table.ids, dataset.ids),
            f"{dataset.noun} have no row in it": np.setdiff1d(dataset.ids, self.table.ids),
        }
        parts = [f"{self.path.name}: {len(self.table.ids):,} rows"]
        for what, ids in lacking.items():
            if len(ids):
                parts.append(f"{len(ids):,} {what}, such as {ids[0].decode('utf-8', 'replace')!r}")
        return "; ".join(parts)


def read_own_tables(
    form: Format, settings: PreprocessSettings, bad_rows: BadRows
) -> list[OwnTable]:
    """Reads the tables that `--labels` names.

    Raises:
        InputError: for the first thing in them that cannot be read.
    """
    # Tables may call their ids otherwise than the examples do.
    usual = (form.id_column,) if form.id_column else ID_COLUMNS
    tables = []
    for path in settings.labels:
        table = read_label_table(
            path,
            bad_rows,
            settings.kinds,
            id_columns=(settings.id_column, *usual) if settings.id_column else usual,
            check_id=form.check_id,
            group_columns=(settings.group_column,) if settings.group_column else GROUP_COLUMNS,
        )
        tables.append(OwnTable(path, table))
    return tables


def add_labels(dataset: SongDataset, tables: Sequence[OwnTable]) -> SongDataset:
    """The examples with the labels and groups of each table; groups that share one are one.

    Raises:
        InputError: if a table has no id in common with the examples, or a column of it has the
            name of another label.
    """
    columns, groups, told = dict(dataset.columns), dataset.groups, []
    for own in tables:
        place, table = own.path.name, own.table
        rows = find_rows(place, table.ids, dataset.ids)
        if table.groups is not None:
            there = np.where(rows < 0, np.bytes_(b""), table.groups[rows])
            if differ := int(((groups != b"") & (there != b"") & (groups != there)).sum()):
                told.append(
                    f"{place}: {differ:,} {dataset.noun} are of another group there than "
                    "elsewhere; groups that share one are joined into one"
                )
            groups = joined_groups(groups, there)
        for name, column in table.columns.items():
            taken = {*columns, *replace(dataset, columns=columns).task_names()}
            tasks = (name, *(f"{name}:{each}" for each in column.class_names))
            if twice := next((task for task in tasks if task in taken), ""):
                what = "tag" if twice in dataset.tags.positions else "label"
                found = f"the name of a {what} that the {dataset.noun} have already"
                if twice != name:
                    found = f"a class named {twice!r} as a task, {found}"
                raise InputError(
                    f"{place}: column {name!r}",
                    found,
                    "a name of its own",
                    "Rename the column, or take the file that has the other out of the folder.",
                )
            columns[name] = column.take(rows)
    told = [*dataset.provenance.get("guessed", ()), *told]
    provenance = dataset.provenance | ({"guessed": told} if told else {})
    return replace(dataset, columns=columns, groups=groups, provenance=provenance)


def require_named(
    columns: Sequence[str], settings: PreprocessSettings, form: Format, tables: Sequence[OwnTable]
) -> None:
    """Refuses columns that --kind (of `columns`), --id-column or --group-column name and none is.

    Raises:
        InputError: naming the flag.
    """
    known = some([repr(name) for name in columns]) or "--labels FILE"
    for name in sorted(settings.kinds):
        if name not in columns:
            raise InputError("--kind", f"no column {name!r}", f"one of {known}")
    of_groups = {*form.columns, *(own.table.group_column for own in tables)}
    of_ids = {*form.columns, *(own.table.id_column for own in tables)}
    for flag, name, there in (
        ("--group-column", settings.group_column, of_groups),
        ("--id-column", settings.id_column, of_ids),
    ):
        if name and name not in there:
            found = f"no column {name!r} in any table"
            raise InputError(flag, found, f"a column beside {known}")


def with_kinds(dataset: SongDataset, kinds: Mapping[str, Kind]) -> SongDataset:
    """The examples with each column in `kinds` of that kind; official ones are read as numbers.

    Raises:
        InputError: if the values of one are not of that kind.
    """
    columns = dict(dataset.columns)
    for name, kind in kinds.items():
        column = columns[name]
        if column.kind == kind:
            continue
        names = column.class_names
        cells = [
            "" if math.isnan(value) else names[int(value)] if names else f"{value:.17g}"
            for value in column.values.tolist()
        ]
        made = column_of(f"label {name!r}", name, cells, kind)
        unit = "" if kind == "multiclass" else made.unit or column.unit
        columns[name] = replace(made, unit=unit)
    return replace(dataset, columns=columns)


def with_units(dataset: SongDataset, units: Sequence[str]) -> SongDataset:
    """The examples with units of regression labels, each named as COLUMN=UNIT.

    Raises:
        InputError: if there is no such label, or it has no unit.
    """
    columns = dict(dataset.columns)
    for text in units:
        name, equals, unit = text.rpartition("=")
        if not (name and equals and unit):
            raise InputError("--unit", repr(text), "COLUMN=UNIT, such as year=years")
        if name not in columns or columns[name].kind != "regression":
            of = [repr(each) for each, column in columns.items() if column.kind == "regression"]
            expected = f"one of {some(of)}" if of else "labels of that kind"
            raise InputError("--unit", f"no regression label {name!r}", expected)
        columns[name] = replace(columns[name], unit=unit)
    return replace(dataset, columns=columns)


def filtered(
    dataset: SongDataset, settings: PreprocessSettings, bad_rows: BadRows
) -> tuple[SongDataset, dict[str, int], list[dict]]:
    """The examples that stay; how many each list of --exclude left out; provenance of the lists.

    Raises:
        InputError: if a list cannot be read, or none stays.
    """
    lists = [read_exclusions(path, bad_rows) for path in settings.exclude]
    names = [path.name for path in settings.exclude]
    records = [
        source_record("songs to leave out", path) | {"rows": len(of.named())}
        for path, of in zip(settings.exclude, lists, strict=True)
    ]
    left_out, numbers = count_left_out(lists, dataset.ids)
    if left_out.all():
        raise InputError(", ".join(names), f"all {dataset.noun}", "some that stay")
    if left_out.any():
        dataset = keep_songs(dataset, ~left_out)
    required = (STUDY_TASKS if settings.protocol == "paper" else ()) + settings.require
    if required:
        dataset = keep_songs(dataset, _carries_all(dataset, required))
    return dataset, dict(zip(names, numbers, strict=True)), records


def _carries_all(dataset: SongDataset, names: Sequence[str]) -> np.ndarray:
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


def make_splits(dataset: SongDataset, settings: PreprocessSettings) -> dict[str, np.ndarray]:
    """The splits asked for; the official one only if the format tells its train and test part."""
    ids = dataset.ids, dataset.groups
    draw = {"seed": settings.seed, "proportions": settings.proportions}
    official = dataset.splits.get("official", np.full(dataset.num_songs, -1))
    is_train, is_test = official == 0, official == 2
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
