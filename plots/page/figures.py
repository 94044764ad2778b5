"""Which interactive figures a study has, by the figure that it names as its answer."""

from collections.abc import Mapping, Sequence

from representation_music.plots.drawing.names import cell_names
from representation_music.plots.studies.results import levels
from representation_music.utils.results_format import PERMUTED_TARGET

#: Title and kind (see `template/charts.js`) of the figures that go with a study's own.
GAINS = ("Gains over every rival", "gains")
USUAL = (("Test scores", "scores"), GAINS)
FIGURES = {
    "training-size": (
        ("Test scores by training songs", "sizes"),
        ("Gains by training songs", "gain_sizes"),
    ),
    "sharing-degree": (("Gain by sharing pattern", "grid"), GAINS),
    "label-counts": (("Gain by labels of target and auxiliaries", "grid"), GAINS),
}
#: Factors that make the rows of a grid; what else differs makes its columns.
GRID_ROWS = ("pattern", "architecture", "auxiliary", "songs")
#: The control that the table alone shows.
NULL = "null"


def figures_of(study: Mapping) -> list[dict]:
    """A study's figures as JSON types, in their order; `labels` names each one's cells."""
    cells = study["cells"]
    if levels(cells, "control"):
        controls = [cell["factors"].get("control") for cell in cells]
        gains = [n for n, control in enumerate(controls) if control not in (PERMUTED_TARGET, NULL)]
        flat = [n for n, control in enumerate(controls) if control == PERMUTED_TARGET]
        found = [_figure(cells, gains, *GAINS)] if gains else []
        title = "Labels of the target permuted, or aligned with songs"
        return found + ([_figure(cells, flat, title, "sizes")] if flat else [])
    drawn = FIGURES.get(study["figure"], USUAL) if cells else ()
    return [_figure(cells, range(len(cells)), title, kind) for title, kind in drawn]


def _figure(cells: Sequence[Mapping], numbers: Sequence[int], title: str, kind: str) -> dict:
    names, shared = cell_names([cells[number] for number in numbers])
    differing = [
        factor
        for factor in dict.fromkeys(name for cell in cells for name in cell["factors"])
        if len(levels(cells, factor)) > 1
    ]
    rows = [factor for factor in differing if factor in GRID_ROWS]
    return {
        "title": title,
        "shared": shared,
        "kind": kind,
        "rows": rows or differing[:1],
        "columns": [factor for factor in differing if factor not in rows],
        "labels": dict(zip(numbers, names, strict=True)),
    }
