"""Metrics against training size: the 2016 study's Figures 6 and 7, and why they were flat."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.arms import Arm, arm_named
from representation_music.plots.drawing.names import architecture_name
from representation_music.plots.drawing.panels import (
    CONSTANT_STYLE,
    draw_line,
    every_label_once,
    finish,
    set_size_axis,
    spread,
    widen,
)
from representation_music.plots.drawing.style import NARROW, WIDTH, shared_style
from representation_music.plots.studies.panels import LINEAR_STYLE, axis_name, sources
from representation_music.plots.studies.results import (
    ARM,
    LINEAR,
    cells_with,
    chosen_metric,
    constant,
    levels,
    metric_label,
    plain_cells,
    score,
)
from representation_music.utils.results_format import PERMUTED_TARGET, SINGLE

CONSTANT = "constant predictor"
#: What a figure's legend names last.
REFERENCES = (LINEAR, CONSTANT)
HEIGHT = 2.4


def training_size_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """Figures 6 and 7: a panel per task set, a line per architecture, and one of the single task.

    In a narrow figure the panels stand below each other. None where there are not two training
    sizes. Arguments as `figure_kinds` has them.
    """
    metric, cells = chosen_metric(results, metric), plain_cells(results)
    if len(levels(cells, "songs")) < 2:
        return None
    couplings = levels(cells, "coupling") or [None]
    panels = {
        f"{coupling} task set": cells_with(cells, coupling=coupling) for coupling in couplings
    }
    if couplings == [None]:
        panels = {"": cells}
    names = sorted(
        (architecture_name(name) for name in levels(cells, "architecture")),
        key=lambda name: arm_named(name).rank,
    )

    def lines(of_panel: Sequence[dict]) -> list[tuple]:
        of_name = {
            name: [c for c in of_panel if architecture_name(c["factors"]["architecture"]) == name]
            for name in names
        }
        return [(name, of_name[name], ARM) for name in names] + [(SINGLE, of_panel, SINGLE)]

    title = f"Test {metric_label(results, metric)} of {cells[0]['target']} by training size"
    return _figure(
        results, metric, width, panels, {key: lines(panels[key]) for key in panels}, title
    )


def flat_line_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """Aligned target labels beside permuted ones: why the lines of Figures 6 and 7 were flat.

    In the metric `error` it is those figures redrawn. Arguments as above; None where the study has
    no control of permuted target labels.
    """
    metric = chosen_metric(results, metric)
    cells = cells_with(results["cells"], control=PERMUTED_TARGET)
    cells = [cell for cell in cells if PERMUTED_TARGET in cell["arms"]]
    if not cells:
        return None
    panels = {"labels aligned with songs": cells, "labels permuted among songs": cells}
    drawn = [[(SINGLE, cells, ARM)], [(PERMUTED_TARGET, cells, PERMUTED_TARGET)]]
    lines = zip(panels, drawn, strict=True)
    title = f"The flat line: test {metric_label(results, metric)} of {cells[0]['target']}"
    title += ", single-task nets by training size"
    return _figure(results, metric, width, panels, dict(lines), title)


def _figure(
    results: dict,
    metric: str,
    width: float,
    panels: dict[str, Sequence[dict]],
    lines: dict[str, list[tuple[str, Sequence[dict], str]]],
    title: str,
) -> Figure:
    """A panel per title; each line has a name, its cells, and the arm of them that it shows."""
    across = len(panels) if width >= NARROW else 1
    down = -(-len(panels) // across)
    every_cell = [cell for cells in panels.values() for cell in cells]
    sizes = levels(every_cell, "songs")
    with shared_style():
        figure = Figure(figsize=(width, HEIGHT * down))
        grid = figure.subplots(down, across, sharey=True, sharex=True, squeeze=False)
        for axes, (name, cells) in zip(grid.flat, panels.items(), strict=True):
            # Side by side, or the intervals of arms that are alike would hide each other.
            drawn = lines[name]
            for (label, of_line, arm), shift in zip(drawn, spread(len(drawn)), strict=True):
                _draw_line(axes, metric, sizes, of_line, arm, arm_named(label), 1.015**shift)
            # Labels that say nothing tell the linear model nothing either.
            if PERMUTED_TARGET not in [arm for *_, arm in drawn]:
                _draw_reference(axes, metric, sizes, cells, LINEAR)
            _draw_reference(axes, metric, sizes, cells, CONSTANT)
            axes.set_title(name, fontsize=8)
            axes.grid(axis="y", linewidth=0.3)
        set_size_axis(grid[0, 0], sizes, (width - 0.5) / across - 0.3)
        grid[0, 0].set_ylim(widen(metric, *grid[0, 0].get_ylim()))
        for axes in grid[-1]:
            axes.set_xlabel("training songs with the target's label")
        for axes in grid[:, 0]:
            axes.set_ylabel(axis_name(results, metric))
        handles, _ = every_label_once(grid.flat)
        handles.sort(key=lambda handle: handle.get_label() in REFERENCES)
        finish(figure, title, handles, sources(results, metric, every_cell))
    return figure


def _draw_line(
    axes: Axes,
    metric: str,
    sizes: Sequence[int],
    cells: Sequence[dict],
    arm: str,
    look: Arm,
    shift: float,
) -> None:
    """The arm's scores over sizes; a size that is not done leaves a gap."""
    estimates = [_at_size(cells, songs, lambda cell: score(cell, metric, arm)) for songs in sizes]
    if np.isfinite(np.array(estimates)[:, 0]).any():
        draw_line(axes, np.array(sizes) * shift, estimates, look)


def _draw_reference(
    axes: Axes, metric: str, sizes: Sequence[int], cells: Sequence[dict], name: str
) -> None:
    def value(cell: dict) -> tuple[float]:
        is_linear = name == LINEAR
        return (score(cell, metric, LINEAR)[0] if is_linear else constant(cell, metric),)

    values = np.array([_at_size(cells, songs, value)[0] for songs in sizes])
    if np.isfinite(values).any():
        style = LINEAR_STYLE if name == LINEAR else CONSTANT_STYLE
        axes.plot(sizes, values, label=name, **style)


def _at_size(cells: Sequence[dict], songs: int, read) -> tuple:
    """What the first cell of this size that has it says; NaN where none does."""
    found = [read(cell) for cell in cells_with(cells, songs=songs)]
    finite = [values for values in found if np.isfinite(values[0])]
    return finite[0] if finite else (np.nan, np.nan, np.nan)
