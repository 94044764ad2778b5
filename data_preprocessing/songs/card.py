"""The dataset card: what `repmusic describe` found, as a page of Markdown beside the data."""

from collections.abc import Sequence

from representation_music.utils.console import visible
from representation_music.utils.decimals import decimal

PARTS = ("train", "validation", "test")
#: At most so many labels and files are listed, and the rest counted.
MOST_ROWS = 100


def dataset_card(numbers: dict, figure: str) -> str:
    """The card of what `describe_songs` found, with the figure of this name beside it."""
    groups, near, noun = numbers["groups"], numbers["near_equal"], numbers["noun"]
    facts = [
        ("Examples", f"{numbers['songs']:,} {noun}, {numbers['words']:,} words"),
        ("Licence", numbers["licence"] or "not known"),
        ("Groups", f"{groups['groups']:,}, the largest of {groups['largest']:,} {noun}"),
        ("Of unknown group", f"{groups['unknown']:,} {noun}"),
        (
            "Same words as another",
            f"{groups['repeated']:,} {noun}, {groups['repeated_apart']:,} outside its group",
        ),
        (
            f"Near-equal across the {numbers['split']} split",
            f"{len(near['songs']):,} of {near['looked_at']:,} test {noun} looked at are so to one "
            f"in training (cosine {near['cosine']:g} or more)",
        ),
        ("Made with", f"representation-music {numbers['made_with']}".strip()),
    ]
    sections = [
        f"# {_cell(numbers['source'])}",
        _table(("", ""), facts),
        f"![Labels, base rates and words by split]({figure})",
        "## Source",
        _table(
            ("file", "read as", "rows", "SHA-256"),
            [
                (
                    record["name"],
                    record["role"],
                    f"{record.get('rows', 0):,}",
                    record.get("sha256", record.get("sha256_of_listing", "")),
                )
                for record in numbers["files"]
            ],
        ),
        "## Splits",
        _table(
            ("split", *PARTS, "outside", "groups in several parts", "of unknown group"),
            split_rows(numbers),
        ),
        f"## {labels_title(numbers)}",
        _table(("label", "kind", *PARTS), [_label_row(task) for task in numbers["tasks"]]),
    ]
    return "\n\n".join(sections) + "\n"


def split_rows(numbers: dict) -> list[tuple[str, ...]]:
    """By split: its name, songs in each part and outside, known groups in several, unknown ones."""
    return [
        (
            name,
            *(f"{sizes[part]:,}" for part in (*PARTS, "outside", "shared_artists")),
            " / ".join(f"{n:,}" for n in sizes["unknown_artist"].values()),
        )
        for name, sizes in numbers["splits"].items()
    ]


def labels_title(numbers: dict) -> str:
    """What a table of labels is headed by; of tags it says how many there are."""
    title = f"Labels by the {numbers['split']} split"
    return f"{title}; {numbers['tags']:,} tags, the commonest first" if numbers["tags"] else title


def _label_row(task: dict) -> tuple[str, ...]:
    kind = task["kind"]
    if kind == "multiclass":
        kind += f", {task['num_classes']:,} classes; share of {task['commonest_class']}"
    elif task["unit"]:
        kind += f" ({task['unit']})"
    return task["name"], kind, *(_part(task["parts"][part]) for part in PARTS)


def _part(numbers: dict) -> str:
    found = centre(numbers)
    return f"{numbers['songs']:,}" + (f": {found}" if found else "")


def centre(numbers: dict) -> str:
    """A label's share, or mean and standard deviation, in a part of a split; empty without any."""
    if "base_rate" in numbers:
        return f"{numbers['base_rate']:.1%}"
    return f"{decimal(numbers['mean'], 2)} ± {numbers['sd']:.2f}" if "mean" in numbers else ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "None."
    lines = [columns, ["---"] * len(columns), *rows[:MOST_ROWS]]
    text = "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)
    more = len(rows) - MOST_ROWS
    return text + (f"\n\n{more:,} more rows are left out." if more > 0 else "")


def _cell(text: str) -> str:
    """A text on one line in which no mark ends a cell or is read as Markdown's or HTML's."""
    text = visible(" ".join(str(text).split()))
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, "\\" + mark)
    return text
