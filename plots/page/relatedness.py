"""What `repmusic relatedness` and `relatedness-gain` left, as the results page shows it."""

import base64
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from representation_music.plots.studies.foretelling import foretellings, ranks_of
from representation_music.utils.decimals import interval
from representation_music.utils.decimals import short_decimal as short
from representation_music.utils.errors import InputError
from representation_music.utils.records import read_json

NEEDED = ("command", "target", "data", "labels", "proposal", "paper", "training_songs", "nets")
ADVICE = "Make it again with `repmusic relatedness`."


def load_relatedness(path: Path | str) -> dict:
    """The content of a JSON file of `repmusic relatedness`.

    Raises:
        InputError: if the file cannot be read, or holds something else.
    """
    numbers = read_json(Path(path))
    if missing := [name for name in NEEDED if name not in numbers]:
        raise InputError(path, f"no {missing[0]!r}", "what `repmusic relatedness` wrote", ADVICE)
    return numbers


def found_beside(studies: Iterable[Path | str]) -> list[Path]:
    """The relatedness files in studies' folders."""
    return [file for study in studies for file in sorted(Path(study).glob("*-relatedness-*.json"))]


def foretold_on_page(numbers: Mapping) -> dict:
    """What `repmusic relatedness-gain` found: rows of two tables, and its figure."""
    from representation_music.plots.songs.gain_against_relatedness import gains_figure

    image = io.BytesIO()
    gains_figure(numbers).savefig(image, format="png", dpi=110)
    ranks = [
        (row["measure"], row["rival"], f"{row['pairs']}", interval(row["spearman"], write=short))
        for row in ranks_of(numbers)
    ]
    tried = [
        (
            *(row[name] for name in ("measure", "on", "rival")),
            interval(row["spearman"], write=short),
            row["taken"],
            *(short(row[name], signed=True) for name in ("chosen", "mean", "best")),
        )
        for row in foretellings(numbers)
    ]
    named = {name: numbers[name] for name in ("command", "target", "metric", "seeds")}
    figure = base64.b64encode(image.getvalue()).decode("ascii")
    told = {"data": "; ".join(numbers["data"]), "figure": figure, "ranks": ranks, "tried": tried}
    return named | told


def sets_of(numbers: Mapping) -> dict[str, list[str]]:
    """By label, the task sets that it is an auxiliary of: `proposal, tight`."""
    found: dict[str, list[str]] = {}
    for who, name in (("proposal", "proposal"), ("paper", "2016 paper")):
        for coupling, tasks in (numbers[who] or {}).items():
            for task in tasks[1:]:
                found.setdefault(task, []).append(f"{name}, {coupling}")
    return found


def prepared(numbers: Mapping) -> dict:
    """The numbers as the page's scripts read them: every label with its place and task sets."""
    sets = sets_of(numbers)
    labels = [
        row | {"place": place, "sets": sets.get(row["name"], [])}
        for place, row in enumerate(numbers["labels"], 1)
    ]
    return dict(numbers) | {"labels": labels}
