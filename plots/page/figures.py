"""Which interactive figures a study has: what each draws, of which cells."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from representation_music.plots.page.words import cell_labels, factor_value
from representation_music.plots.studies.results import cells_with, levels

#: Figures of the 2016 paper by study and task set.
NUMBERS = {
    ("benefit", "tight"): "Figure 3",
    ("coupling", "tight"): "Figure 4",
    ("coupling", "loose"): "Figure 5",
    ("training_size", "tight"): "Figure 6",
    ("training_size", "loose"): "Figure 7",
}


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        title: Its title.
        kind: `scores` (an interval an arm), `sizes` (scores against training songs), `gains`
            (an interval a rival), `gain_sizes` (gains against training songs) or `grid` (gains
            as colours).
        where: Factors that its cells have.
        rows: Of a grid: factors that tell its rows apart.
        columns: Of a grid: factors that tell its columns apart.
    """

    title: str
    kind: Literal["scores", "sizes", "gains", "gain_sizes", "grid"]
    where: dict = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def figures_of(study: Mapping) -> list[dict]:
    """A study's figures as JSON types, in their order; `labels` names each one's cells."""
    cells = study["cells"]
    if not cells:
        return []
    if levels(cells, "control"):
        found = _controls(cells)
    elif levels(cells, "pattern"):
        found = _sharing_degree(cells)
    elif levels(cells, "auxiliary songs"):
        found = _auxiliary_sizes(cells)
    else:
        found = _architectures(study)
    return [asdict(figure) | {"labels": _labels(cells, figure.where)} for figure in found]


def _labels(cells: list[dict], where: Mapping) -> dict[int, str]:
    """By number, the cells that have these factors, and what tells them apart."""
    chosen = cells_with(cells, **where)
    labels = dict(zip(map(id, chosen), cell_labels(chosen), strict=True))
    return {number: labels[id(c)] for number, c in enumerate(cells) if id(c) in labels}


def _architectures(study: Mapping) -> list[Figure]:
    """A figure of scores and one of gains for each task set."""
    cells = study["cells"]
    by_size = len(levels(cells, "songs")) > 2
    found = []
    for coupling in levels(cells, "coupling") or [None]:
        where = {} if coupling is None else {"coupling": coupling}
        if not cells_with(cells, **where):
            continue
        number = NUMBERS.get((study["study"], coupling), "")
        tasks = f", {coupling} task set" if coupling else ""
        start = f"{number} of the 2016 paper, redone: " if number else "Test "
        if by_size:
            found.append(Figure(f"{start}scores against training songs{tasks}", "sizes", where))
            found.append(Figure(f"Gains against training songs{tasks}", "gain_sizes", where))
        else:
            found.append(Figure(f"{start}scores{tasks}", "scores", where))
            found.append(Figure(f"Gains over every rival{tasks}", "gains", where))
    return found


def _sharing_degree(cells: list[dict]) -> list[Figure]:
    columns = tuple(f for f in ("coupling", "widths", "songs") if len(levels(cells, f)) > 1)
    found = [Figure("Gain by sharing pattern", "grid", {}, ("pattern",), columns)]
    return found + [
        Figure(f"Gains over every rival, {coupling} task set", "gains", {"coupling": coupling})
        for coupling in levels(cells, "coupling")
    ]


def _auxiliary_sizes(cells: list[dict]) -> list[Figure]:
    found = []
    column = "auxiliary songs"
    rows = tuple(
        factor
        for factor in ("architecture", "auxiliary", "songs")
        if factor == "songs" or len(levels(cells, factor)) > 1
    )
    for coupling in levels(cells, "coupling") or [None]:
        where = {} if coupling is None else {"coupling": coupling}
        tasks = f", {coupling} task set" if coupling else ""
        title = f"Gain by labels of target and auxiliaries{tasks}"
        found.append(Figure(title, "grid", where, rows, (column,)))
        found.append(Figure(f"Gains over every rival{tasks}", "gains", where))
    return found


def _controls(cells: list[dict]) -> list[Figure]:
    titles = {
        "related": "Positive controls: auxiliaries correlated with the target",
        "unrelated": "Auxiliaries not correlated with the target",
        "permuted auxiliaries": "Negative control: permuted auxiliaries",
        "permuted target": "The flat line of 2016: labels of the target permuted, or aligned",
        "null": "Null control: an arm against itself with other seeds",
    }
    kinds = {"permuted target": "sizes"}
    return [
        Figure(titles.get(control, factor_value("control", control)), kind, {"control": control})
        for control in levels(cells, "control")
        for kind in [kinds.get(control, "gains")]
    ]
