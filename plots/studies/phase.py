"""The phase diagram: gains by labels of the target and further songs with auxiliary labels."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from representation_music.plots.drawing.panels import finish
from representation_music.plots.drawing.style import WIDTH, shared_style
from representation_music.plots.studies.label_counts import AUXILIARY
from representation_music.plots.studies.panels import (
    gain_title,
    panel_title,
    rivals_drawn,
    sources,
    verdict_handles,
)
from representation_music.plots.studies.results import cells_with, chosen_metric, gain, levels
from representation_music.plots.studies.sharing_degree import (
    add_bar,
    draw_gains,
    end_of_colours,
    gain_scale,
)

#: Inches of a row, and of what stands above and below a grid.
ROW, AROUND = 0.3, 0.9


def phase_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """A grid for each task set and rival: rows of target labels, columns of auxiliary labels.

    None where there are not two numbers of either label, or several architectures. Arguments as
    `figure_kinds` has them.
    """
    metric = chosen_metric(results, metric)
    cells = [cell for cell in results["cells"] if AUXILIARY in cell["factors"]]
    sizes, rivals = levels(cells, "songs"), rivals_drawn(cells, width)
    couplings = levels(cells, "coupling") or [None]
    by_coupling = {coupling: cells_with(cells, coupling=coupling) for coupling in couplings}
    columns = _columns(list(by_coupling.values()), sizes)
    if not rivals or min(len(sizes), len(columns)) < 2 or len(levels(cells, "architecture")) > 1:
        return None
    places = [(coupling, rival) for coupling in couplings for rival in rivals]
    at = {coupling: _at(of, sizes) for coupling, of in by_coupling.items()}
    gains = {}
    for coupling, against in places:
        gains[coupling, against] = np.full((len(sizes), len(columns)), np.nan)
        for place, cell in at[coupling].items():
            gains[coupling, against][place] = gain_scale(metric) * gain(cell, metric, against)[0]
    end = end_of_colours(gains.values(), metric)
    with shared_style():
        height = (ROW * len(sizes) + AROUND) * len(couplings) + AROUND
        figure = Figure(figsize=(width, height))
        shape = len(couplings), len(rivals)
        grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
        for axes, (coupling, against) in zip(grid.flat, places, strict=True):
            mesh = draw_gains(axes, gains[coupling, against], at[coupling], metric, end)
            axes.set_title(panel_title(coupling, couplings, against), fontsize=8)
        grid[0, 0].set_yticks(np.arange(len(sizes)) + 0.5, [f"{size:,}" for size in sizes])
        grid[0, 0].set_xticks(np.arange(len(columns)) + 0.5, columns)
        for axes in grid[:, 0]:
            axes.set_ylabel("target labels")
        for axes in grid[-1]:
            axes.set_xlabel("further songs with\nauxiliary labels")
            axes.tick_params(axis="x", rotation=90)
        unit = add_bar(figure, mesh, grid.flat, results, metric)
        title = f"{gain_title(results, metric, unit)} by numbers of target and auxiliary labels"
        finish(figure, title, verdict_handles(cells, metric), sources(results, metric))
    return figure


def _ranked(cells: Sequence[dict], size: int) -> list[int]:
    """Numbers of further songs beside so many target labels; all there are, where cut."""
    return levels(cells_with(cells, songs=size), AUXILIARY)


def _columns(grids: Sequence[Sequence[dict]], sizes: Sequence[int]) -> list[str]:
    """Names of the columns: the n-th number of every row; it differs where it is all there are."""
    rows = [_ranked(cells, size) for cells in grids for size in sizes]
    longest = max(map(len, rows), default=0)
    numbers = [sorted({row[n] for row in rows if n < len(row)}) for n in range(longest)]
    return [f"{of[0]:,}" + (f" to\n{of[-1]:,}" if of[1:] else "") for of in numbers]


def _at(cells: Sequence[dict], sizes: Sequence[int]) -> dict[tuple[int, int], dict]:
    """Cells by row and column."""
    return {
        (row, column): cell
        for row, size in enumerate(sizes)
        for column, number in enumerate(_ranked(cells, size))
        for cell in cells_with(cells, songs=size, **{AUXILIARY: number})[:1]
    }
