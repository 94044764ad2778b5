"""Forest plots: a row per cell, its gain against each rival with its interval, and its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from representation_music.plots.drawing.arms import Arm, arm_named
from representation_music.plots.drawing.names import cell_names, short_words
from representation_music.plots.drawing.panels import draw_point, every_label_once, finish, spread
from representation_music.plots.drawing.style import (
    COLOURS,
    LETTERS_PER_INCH,
    NARROW,
    WIDTH,
    shared_style,
    wrap_to,
)
from representation_music.plots.studies.panels import (
    foremost,
    gain_name,
    margin_handle,
    mark_constant_and_linear,
    set_gain_axis,
    set_score_axis,
    sources,
    verdict_handles,
    verdict_text,
    write_verdict,
)
from representation_music.plots.studies.results import chosen_metric, gain, rivals_of, score
from representation_music.utils.results_format import SINGLE

#: Inches that a line of text and the axis below a panel take.
LINE, AROUND = 0.15, 0.7
#: Inches between panels, and of them what a text above or below its panel may take.
BETWEEN, BEYOND = 0.15, 0.12
#: Inches that the names of rows take at most, in a narrow and a wide figure.
NAMES = (1.0, 2.1)


@dataclass(frozen=True)
class Block:
    """Cells with the same rivals, a row each, in panels that share their rows.

    Without looks, colours and markers, all are blue dots.
    """

    cells: Sequence[dict]
    names: Sequence[str]
    looks: Sequence[Arm] = field(default=())
    title: str = ""

    def name_lines(self, inches: float) -> list[str]:
        """The lines of all names."""
        return [line for name in self.names for line in wrap_to(inches, name).split("\n")]

    @property
    def rivals(self) -> list[str]:
        """The rivals of all its cells that are drawn."""
        return foremost(rivals_of(self.cells))


def forest_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """Every cell of any study; cells with the same rivals stand together.

    Methods are set apart by task set and songs, so that a row is a method. In a narrow figure all
    rivals share a panel. None where there is no cell with a rival. Arguments
    as `figure_kinds` has them.
    """
    metric = chosen_metric(results, metric)
    groups: dict[tuple, list] = {}
    for cell in results["cells"]:
        if rivals := rivals_of([cell]):
            factors = cell["factors"] if "method" in cell["factors"] else {}
            setting = [value for name, value in factors.items() if name != "method"]
            groups.setdefault((*rivals, *setting), []).append(cell)
    if not groups:
        return None
    named = [(cells, *cell_names(cells, short_words)) for cells in groups.values()]
    alone = len(named) == 1
    blocks = [Block(cells, names, (), "" if alone else same) for cells, names, same in named]
    target = ", ".join(dict.fromkeys(cell["target"] for cell in results["cells"]))
    title = f"{results['study'].replace('_', ' ')}: {gain_name(results, metric)} of {target}"
    title += " on test songs" + (f", {named[0][2]}" if alone and named[0][2] else "")
    return rows_figure(results, metric, width, blocks, title)


def rows_figure(
    results: dict,
    metric: str,
    width: float,
    blocks: Sequence[Block],
    title: str,
    scores: bool = False,
) -> Figure:
    """A row per cell: gains on each rival in a panel each, or in one if the figure is narrow.

    Blocks stand below each other. With `scores` a first panel shows the scores, with the single
    task's in the first row, beside the constant predictor's and the linear model's.
    """
    narrow = width < NARROW
    names_width = NAMES[0 if narrow else 1]
    cells = [cell for block in blocks for cell in block.cells]
    verdicts = max(len(verdict_text(cell, metric, narrow)) for cell in cells)
    lines = [line for block in blocks for line in _panels_of(block, narrow, scores)]
    columns = max(len(groups) for _, groups in lines)
    names = [line for block in blocks for line in block.name_lines(names_width)]
    letters = verdicts + max(map(len, [*names, SINGLE]))
    inches = (width - letters / LETTERS_PER_INCH) / columns - BETWEEN
    heights = [_rows_height(block, groups, names_width) for block, groups in lines]
    around = sum(AROUND + LINE * _heading_lines(block, groups, inches) for block, groups in lines)
    score_panels: list[Axes] = []
    gain_panels: list[Axes] = []
    with shared_style():
        figure = Figure(figsize=(width, sum(heights) + around))
        grid = figure.add_gridspec(len(lines), columns, height_ratios=heights)
        for number, (block, groups) in enumerate(lines):
            panels = _add_panels(figure, grid, number, len(groups), columns)
            first = int(groups[0] is None)  # the single task's row comes before
            headings = _headings(block, groups, inches)
            for axes, group, heading in zip(panels, groups, headings, strict=True):
                if group is None:
                    _draw_scores(axes, metric, block)
                    score_panels.append(axes)
                else:
                    _draw_gains(axes, metric, block, group, first)
                    gain_panels.append(axes)
                axes.set_title(heading, fontsize=8)
                _set_rows(axes, block, first, names_width, axes is panels[0])
            if groups[-1] is not None:
                for row, cell in enumerate(block.cells, first):
                    write_verdict(panels[-1], row, cell, metric, short=narrow)
        for axes in score_panels:
            set_score_axis(axes, results, metric, inches)
        for axes in gain_panels:
            set_gain_axis(axes, results, metric, inches)
            axes.set_xlabel(wrap_to(inches + BEYOND, gain_name(results, metric)))
        for panels in (score_panels, gain_panels):
            _share_limits(panels)
        handles, _ = every_label_once(score_panels)
        if narrow:
            handles += [_rival_handle(rival) for rival in foremost(rivals_of(cells))]
            if any(cell.get("passes") is not None for cell in cells):
                handles += verdict_handles(cells, metric)
        handles += margin_handle(results, metric)
        finish(figure, title, handles, sources(results, metric, cells, rivals_of(cells)))
    return figure


def _panels_of(block: Block, narrow: bool, scores: bool) -> list[tuple[Block, list]]:
    """The lines of panels that a block takes; each panel shows scores (None) or some rivals."""
    of_scores: list = [None] if scores else []
    if narrow:
        return [*([(block, of_scores)] if scores else []), (block, [block.rivals])]
    return [(block, [*of_scores, *([rival] for rival in block.rivals)])]


def _headings(block: Block, groups: Sequence[list | None], inches: float) -> list[str]:
    """What stands above each panel of a line: the block's title, the rival where there is one."""
    headings = [
        "against\n" + wrap_to(inches + BEYOND, group[0]) if group and len(group) == 1 else ""
        for group in groups
    ]
    title = wrap_to(inches, block.title)
    return ["\n".join(filter(None, [title, headings[0]])), *headings[1:]]


def _heading_lines(block: Block, groups: Sequence[list | None], inches: float) -> int:
    return max(text.count("\n") + 1 for text in _headings(block, groups, inches))


def _rows_height(block: Block, groups: Sequence[list | None], names_width: float) -> float:
    """Inches that the rows of a line of panels take."""
    lines = max(wrap_to(names_width, name).count("\n") + 1 for name in block.names)
    rivals_a_row = max(len(group or [""]) for group in groups)
    row = max(0.2, 0.11 * rivals_a_row, LINE * lines + 0.06)
    return row * (len(block.names) + (None in groups))


def _add_panels(figure: Figure, grid, line: int, number: int, columns: int) -> list[Axes]:
    """So many panels in a line of the grid; the last one takes what columns are left."""
    places = [grid[line, place] for place in range(number - 1)] + [grid[line, number - 1 :]]
    panels: list[Axes] = []
    for place in places:
        panels.append(figure.add_subplot(place, sharey=panels[0] if panels else None))
    return panels


def _draw_scores(axes: Axes, metric: str, block: Block) -> None:
    mark_constant_and_linear(axes, metric, block.cells)
    draw_point(axes, score(block.cells[0], metric, SINGLE), 0, arm_named(SINGLE))
    for row, (cell, arm) in enumerate(zip(block.cells, _looks(block), strict=True), 1):
        draw_point(axes, score(cell, metric), row, arm)


def _draw_gains(axes: Axes, metric: str, block: Block, rivals: Sequence[str], first: int) -> None:
    """Row by row; rivals that share the panel stand below each other, each with its own look."""
    for rival, shift in zip(rivals, spread(len(rivals), 0.24), strict=True):
        for row, (cell, arm) in enumerate(zip(block.cells, _looks(block), strict=True), first):
            look = arm if len(rivals) == 1 else arm_named(rival)
            size = 6 if len(rivals) == 1 else 4.5
            draw_point(axes, gain(cell, metric, rival), row + shift, look, size)


def _set_rows(axes: Axes, block: Block, first: int, names_width: float, named: bool) -> None:
    names = [*[SINGLE] * first, *block.names]
    if named:
        axes.set_yticks(range(len(names)), [wrap_to(names_width, name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelleft=named)


def _looks(block: Block) -> Sequence[Arm]:
    return block.looks or [Arm(name, COLOURS[0], "o", 0) for name in block.names]


def _rival_handle(rival: str) -> Line2D:
    arm = arm_named(rival)
    return Line2D([], [], color=arm.colour, marker=arm.marker, label=f"against {rival}")


def _share_limits(panels: Sequence[Axes]) -> None:
    """Gives all panels limits that hold what each shows."""
    if panels:
        lows, highs = np.array([axes.get_xlim() for axes in panels]).T
        for axes in panels:
            axes.set_xlim(lows.min(), highs.max())
