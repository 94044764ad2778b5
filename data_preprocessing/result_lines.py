"""What `repmusic preprocess` prints of the file it made: labels, groups, splits, bad rows."""

from collections.abc import Sequence

from representation_music.data_preprocessing.settings import PreprocessSettings
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.groups import describe_groups
from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.songs.unknown_groups import (
    groups_are,
    tasks_on_unknown,
    unknown_by_part,
    warning_of,
)
from representation_music.utils.console import say

#: A group of this share of all examples leaves too few others for the parts of a split.
LARGE_GROUP = 0.9
#: Of more columns than this only as many are listed, and the rest counted.
MOST_LISTED = 30


def print_result(
    dataset: SongDataset, own_columns: Sequence[str], settings: PreprocessSettings
) -> None:
    """Prints all of it."""
    noun, provenance = dataset.noun, dataset.provenance
    for name, songs in provenance["excluded"].items():
        say(f"Left out by {name}: {songs:,} {noun}")
    if skipped := provenance["skipped_rows"]:
        say(f"Skipped {len(skipped):,} bad rows:")
        say("\n".join(f"  {text}" for text in skipped))
    for text in provenance.get("guessed", ()):
        say(text)
    if not dataset.counts.nnz:
        say(f"Warning: none of the {noun} has a word: every input is 0.")
    _print_labels(dataset, own_columns, settings)
    for line in group_lines(dataset):
        say(line)
    for name in settings.splits:
        _print_split(dataset, name)
    say(f"{dataset.path}: {dataset.describe_source()}")


def _print_labels(
    dataset: SongDataset, own_columns: Sequence[str], settings: PreprocessSettings
) -> None:
    labelled = {name: column.known for name, column in dataset.columns.items()}
    labelled["tags"] = dataset.tags.known
    listed = [f"{name} {known.sum():,}" for name, known in labelled.items()]
    say(dataset.noun.capitalize(), "with", ", ".join(_first(listed)))
    lines = []
    for name in dict.fromkeys([*own_columns, *settings.kinds]):
        column, what = dataset.columns[name], "Own column" if name in own_columns else "Column"
        how = f"{len(column.class_names):,} classes" if column.kind == "multiclass" else column.unit
        named = ", as named by --kind" if name in settings.kinds else ""
        lines.append(f"{what} {name}: {column.kind}{f' ({how})' if how else ''}{named}")
    for line in _first(lines):
        say(line)
    alike = [name for name in own_columns if _is_constant(dataset.columns[name])]
    if alike:
        say(
            "Warning: nothing to learn in labels of one value for all that carry them:",
            ", ".join(_first(alike)),
        )
    if names := dataset.tags.names:
        say(f"Tags: {len(names):,}, the commonest {', '.join(names[:5])}")


def _is_constant(column: LabelColumn) -> bool:
    known = column.values[column.known]
    return len(known) > 0 and bool((known == known[0]).all())


def _first(texts: list[str]) -> list[str]:
    more = len(texts) - MOST_LISTED
    return texts[:MOST_LISTED] + ([f"... and {more:,} more"] if more > 0 else [])


def group_lines(dataset: SongDataset) -> list[str]:
    """What to say of groups: their number, and what no split keeps apart."""
    found, noun = describe_groups(dataset.groups, dataset.counts), dataset.noun
    if not found["groups"]:
        lines = [
            f"Warning: no group is known: {noun} of one artist, author or site may stand in two "
            "parts of a split. Name a column of groups by --group-column."
        ]
    else:
        lines = [
            f"Groups: {found['groups']:,}, the largest of {found['largest']:,} {noun}; "
            f"{found['unknown']:,} {noun} of unknown group"
        ]
    if found["largest"] >= LARGE_GROUP * dataset.num_songs:
        share = found["largest"] / dataset.num_songs
        lines.append(
            f"Warning: the group {found['largest_name']!r} holds {share:.0%} of the {noun}, and "
            "no split parts it: name another column by --group-column."
        )
    if found["repeated_apart"]:
        lines.append(
            f"{found['repeated_apart']:,} {noun} have the very words of another outside their "
            "group: --group-equal-inputs keeps those together."
        )
    return lines


def _print_split(dataset: SongDataset, name: str) -> None:
    if name not in dataset.splits:
        if name == "official" and dataset.kind == "own":
            return  # no format of one's own promises one
        say(f"No {name} split: {dataset.noun} of both its train and its test part are needed.")
        return
    parts = dataset.split(name).items()
    sizes = ", ".join(f"{part} {len(songs):,}" for part, songs in parts)
    unknown = ", ".join(f"{part} {n:,}" for part, n in unknown_by_part(dataset, name).items())
    who = groups_are(dataset.kind)
    say(f"Split {name}: {sizes}; of unknown {who} {unknown}")
    warning = warning_of(
        name, tasks_on_unknown(dataset, name, list(dataset.columns)), dataset.noun, who
    )
    if warning and (dataset.groups != b"").any():  # else it was said of all
        say(warning)
    if empty := [part for part, songs in parts if not len(songs)]:
        say(f"Warning: split {name} has no {dataset.noun} for {' and '.join(empty)}.")
