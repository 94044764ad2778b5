"""One picture of all studies: every cell's gain with its interval, a row per study, by verdict."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from representation_music.plots.drawing.panels import finish, is_finite
from representation_music.plots.drawing.style import GREY, WIDTH, shared_style
from representation_music.plots.studies.panels import (
    VERDICT_LOOKS,
    gain_name,
    margin_handle,
    set_gain_axis,
)
from representation_music.plots.studies.results import each_once, gain, rivals_of, verdict
from representation_music.utils.statistics.estimates import LEVEL

#: Inches of a cell, between two studies, and of what stands above and below the panels.
CELL, BETWEEN, AROUND = 0.025, 0.13, 0.7
#: Inches of a panel at least: of one study with few cells no room would be left.
LEAST = 0.6
#: Panels side by side; more would leave no room for the names of studies.
COLUMNS = 3
#: Share of the intervals' ends that the axis holds; an output scaling of years dwarfs all others.
HELD = 0.97


def overview_figure(studies: Sequence[dict]) -> Figure | None:
    """A panel per data set, in it a row per study: each cell's gain over its first rival.

    Studies of controls have a figure of their own and are left out. A cell that several studies
    have is drawn with the first. None where no cell is left.
    """
    panels: dict[tuple, list[dict]] = {}
    for results in each_once(studies):
        if _cells(results):
            axis = gain_name(results, results["metric"])
            panels.setdefault((" and ".join(results["data"]), axis), []).append(results)
    if not panels:
        return None
    inches = [sum(CELL * len(_cells(r)) + BETWEEN for r in of) for of in panels.values()]
    starts = range(0, len(panels), COLUMNS)
    heights = [max(LEAST, *inches[start : start + COLUMNS]) for start in starts]
    with shared_style():
        figure = Figure(figsize=(WIDTH, sum(heights) + AROUND * len(heights)))
        shape = len(heights), min(COLUMNS, len(panels))
        grid = figure.add_gridspec(*shape, height_ratios=heights)
        for place, ((data, axis), of_panel) in enumerate(panels.items()):
            row, column = divmod(place, COLUMNS)
            axes, room = figure.add_subplot(grid[row, column]), heights[row]
            alike = [r for (_, other), rs in panels.items() if other == axis for r in rs]
            _draw_panel(axes, of_panel, room, _edge(alike))
            title = "\n(".join(fill(part, 24) for part in data.split(" ("))
            axes.set_title(title, fontsize=8)
            axes.set_xlabel(axis)
            axes.locator_params(axis="x", nbins=4)
        every = [results for of_panel in panels.values() for results in of_panel]
        found = {_verdict(results, cell) for results in every for cell in _cells(results)}
        handles = [
            Line2D([], [], color=VERDICT_LOOKS[name][1], marker=VERDICT_LOOKS[name][3], label=name)
            for name in VERDICT_LOOKS
            if name in found
        ]
        handles += margin_handle(every[0], every[0]["metric"])
        title = (
            "Gain of every cell over its first rival, by its verdict over the rivals of its level"
        )
        level = every[0].get("level", LEVEL)
        shown = f"{100 * (1 - level):.0f} % intervals"
        finish(figure, title, handles, [*dict.fromkeys(data for data, _ in panels), shown])
    return figure


def _cells(results: dict) -> list[dict]:
    cells = [cell for cell in results["cells"] if "control" not in cell["factors"]]
    return [cell for cell in cells if rivals_of([cell])]


def _verdict(results: dict, cell: dict) -> str:
    return verdict(cell, results["metric"]) or "no evidence"


def _draw_panel(axes: Axes, studies: Sequence[dict], inches: float, edge: float) -> None:
    """Studies below each other; what lies beyond the axis is shown by an arrow and its number."""
    height, names = 0.0, {}
    for results in studies:
        top = height
        for cell in _cells(results):
            _draw_cell(axes, results, cell, height, edge)
            height += CELL
        names[(top + height - CELL) / 2] = results["study"]
        height += BETWEEN
        if results is not studies[-1]:
            axes.axhline(height - (BETWEEN + CELL) / 2, color=GREY, linewidth=0.3)
    set_gain_axis(axes, studies[0], studies[0]["metric"], 2.5)
    axes.set(xlim=(-edge, edge), ylim=(inches, -BETWEEN))
    axes.set_yticks(list(names), list(names.values()))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _draw_cell(axes: Axes, results: dict, cell: dict, row: float, edge: float) -> None:
    mean, low, high = gain(cell, results["metric"], rivals_of([cell])[0])
    name = _verdict(results, cell)
    colour = VERDICT_LOOKS[name][1]
    if is_finite((mean, low, high)):
        axes.plot([low, high], [row, row], color=colour, linewidth=0.8)
    if abs(mean) <= edge or not np.isfinite(mean):
        axes.plot(mean, row, VERDICT_LOOKS[name][3], color=colour, markersize=3)
        return
    side = np.sign(mean)
    place = {"va": "center", "ha": "right" if side > 0 else "left", "fontsize": 7, "color": colour}
    axes.text(side * edge, row, f"{mean:+.3f} →" if side > 0 else f"← {mean:+.3f}", **place)


def _edge(studies: Sequence[dict]) -> float:
    """Half the length of the axis: it holds most ends of intervals, and the margin twice."""
    ends = [
        abs(value)
        for results in studies
        for cell in _cells(results)
        for value in gain(cell, results["metric"], rivals_of([cell])[0])
        if np.isfinite(value)
    ]
    margin = studies[0]["metrics"][studies[0]["metric"]]["margin"] or 0
    return max([2 * margin, 1.1 * float(np.quantile(ends, HELD, method="lower")) if ends else 0.1])
