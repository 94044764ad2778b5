"""`repmusic describe`: prints what a songs file holds, draws it, and writes a card of it."""

from pathlib import Path

import tyro

from representation_music.data_preprocessing.songs import card
from representation_music.utils.console import print_table, say
from representation_music.utils.file_names import file_name
from representation_music.utils.files import require_writable, write_json, write_text


def describe(
    songs: tyro.conf.Positional[Path],
    *,
    split: str = "",
    top_tags: int = 0,
    figures: Path | None = None,
) -> None:
    """Prints songs, groups, coverage and base rates by split; draws a figure, writes a card.

    Args:
        songs: A songs file.
        split: Split to give numbers for; the file's first if not named.
        top_tags: Describe as many of the commonest tags beside the other labels; 20 where there
            are none.
        figures: Folder for the figure (PNG and SVG), its numbers (JSON) and the dataset card
            (Markdown: source, licence, groups, splits, labels, near-equal songs); the songs file's
            folder if not named.

    Raises:
        InputError: if the songs file cannot be read, or holds no such split.
    """
    # Imported here, as they take longer than `--help` may.
    from representation_music.data_preprocessing.songs import description, unknown_groups
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.plots.songs.dataset import draw_dataset

    folder = figures or songs.parent
    require_writable(folder, "--figures")
    dataset = SongDataset.load(songs)
    numbers = description.describe_songs(
        dataset,
        split or next(iter(dataset.splits), "artist"),
        description.usual_labels(dataset, top_tags),
    )
    _print_source(numbers)
    _print_splits(numbers)
    _print_tasks(numbers)
    _print_lengths(numbers)
    stem = folder / f"{songs.stem}-{file_name(numbers['split'])}"
    if warning := unknown_groups.warning_of(
        *(numbers[key] for key in ("split", "unknown_artists", "noun", "groups_are"))
    ):
        say(warning)
    write_json(stem.with_name(f"{stem.name}.json"), numbers)
    _list_near_equal(numbers, stem.with_name(f"{stem.name}-near-equal.txt"))
    drawn = draw_dataset(numbers, stem)
    page = stem.with_name(f"{stem.name}.md")
    write_text(page, card.dataset_card(numbers, drawn[0].name))
    for path in (*drawn, page):
        say(path)


def _print_source(numbers: dict) -> None:
    """Where the data come from, under what terms, and what belongs together in them."""
    names = ", ".join(record["name"] for record in numbers["files"]) or "not known"
    say(f"Source: {names}")
    say(f"Licence: {numbers['licence'] or 'not known'}")
    groups, noun = numbers["groups"], numbers["noun"]
    say(
        f"Groups: {groups['groups']:,}, the largest of {groups['largest']:,} {noun}; "
        f"{groups['unknown']:,} {noun} of unknown group; {groups['repeated']:,} {noun} have the "
        f"very words of another, {groups['repeated_apart']:,} of them outside its group"
    )


def _print_splits(numbers: dict) -> None:
    noun, groups = numbers["noun"], numbers["groups_are"]
    columns = ("split", *card.PARTS, "outside")
    columns += (f"known {groups} in several parts", f"{noun} of unknown {groups} in each")
    title = (
        f"{numbers['source']}: {numbers['artists']:,} known {groups}, "
        f"{numbers['songs_without_artist']:,} {noun} of none, {numbers['words']:,} words"
    )
    print_table(title, columns, card.split_rows(numbers))


def _print_tasks(numbers: dict) -> None:
    if not numbers["has_labels"]:
        say("The songs file holds no labels.")
        return
    rows = []
    for task in numbers["tasks"]:
        text = f"{task['name']} ({_measure(task)})"
        cells = []
        for part in task["parts"].values():
            cells += [f"{part['songs']:,} ({part['coverage']:.1%})", card.centre(part) or "-"]
        rows.append((text, *cells))
    rows += [(f"{name}: none carries it", *("-" * 6)) for name in numbers["lacking"]]
    columns = ["label"]
    for part in card.PARTS:
        columns += [f"{part}: {numbers['noun']}", "share or mean ± sd"]
    print_table(card.labels_title(numbers), columns, rows)


def _measure(task: dict) -> str:
    """What the numbers of a label mean: its unit, or whose share they are."""
    if task["kind"] == "multiclass":
        return f"{task['num_classes']:,} classes; share of {task['commonest_class']}"
    if task["kind"] == "binary":
        return f"share; {task['unit']}" if task["unit"] else "share"
    return task["unit"] or "value"


def _list_near_equal(numbers: dict, path: Path) -> None:
    """Says how many test songs have a nearly equal training song, and lists them in a file."""
    from representation_music.data_preprocessing.songs.ids import list_of_ids

    near = numbers["near_equal"]
    looked_at = f"{near['looked_at']:,} test {numbers['noun']}"
    if near["looked_at"] < near["of"]:
        looked_at += f" looked at (of {near['of']:,})"
    say(
        f"Nearly equal to one in training: {len(near['songs']):,} of {looked_at} (cosine of log "
        f"counts {near['cosine']:g} or more)."
    )
    if near["songs"]:
        write_text(path, list_of_ids(test for test, *_ in near["songs"]))
        say(f"{path}: their ids, which `repmusic preprocess --exclude` takes.")


def _print_lengths(numbers: dict) -> None:
    columns = ("words", "mean", "5 %", "median", "95 %")
    rows = [
        (f"{what}, {part}", *(f"{lengths[key]:.1f}" for key in ("mean", "p5", "median", "p95")))
        for what, key in (("distinct words", "distinct_words"), ("tokens", "tokens"))
        for part, lengths in numbers[key]["parts"].items()
    ]
    print_table(f"Words of the {numbers['noun']}", columns, rows)
