"""The phase diagram: gains by labels of the target and further songs with auxiliary labels."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from representation_music.plots.drawing.panels import finish
from representation_music.plots.drawing.style import NARROW, WIDTH, shared_style
from representation_music.plots.studies.label_counts import AUXILIARY
from representation_music.plots.studies.panels import (
    gain_title,
    rivals_drawn,
    sources,
    verdict_handles,
)
from representation_music.plots.studies.results import (
    cells_with,
    chosen_metric,
    gain,
    levels,
    rivals_of,
)
from representation_music.plots.studies.sharing_degree import (
    add_bar,
    draw_gains,
    end_of_colours,
    gains_at,
)
from representation_music.utils.results_format import (
    LINEAR_MULTI_TASK,
    LYRIC_MADE,
    LYRICS_ONLY,
    SINGLE,
    WEIGHTS_0,
)

#: Inches of a row, of what stands above a grid, and of what stands around all of them.
ROW, ABOVE, AROUND = 0.25, 0.32, 1.45
#: What numbers and signs mean, below the figure.
BOLD = "bold: the interval of this gain excludes 0; sign, frame: the verdict over all rivals"
#: Rivals that tell what of a gain is labels, and what is lyrics: not all fit on a page.
TELLING = (SINGLE, WEIGHTS_0, LYRICS_ONLY, LYRIC_MADE, LINEAR_MULTI_TASK)


def phase_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """A row of grids for each rival, the task sets side by side; target by auxiliary labels.

    None where there are not two numbers of either label, or several architectures. Arguments as
    `figure_kinds` has them.
    """
    metric = chosen_metric(results, metric)
    cells = [cell for cell in results["cells"] if AUXILIARY in cell["factors"]]
    narrow, sizes, known = width < NARROW, levels(cells, "songs"), rivals_of(cells)
    rivals = rivals_drawn(cells, width) if narrow else [name for name in known if name in TELLING]
    rivals = rivals or known
    couplings = levels(cells, "coupling") or [None]
    by_coupling = {coupling: cells_with(cells, coupling=coupling) for coupling in couplings}
    columns = _columns(list(by_coupling.values()), sizes)
    if not rivals or min(len(sizes), len(columns)) < 2 or len(levels(cells, "architecture")) > 1:
        return None
    places = [(coupling, rival) for rival in rivals for coupling in couplings]
    at = {coupling: _at(of, sizes) for coupling, of in by_coupling.items()}
    numbers = len(sizes), len(columns)
    gains = {(of, rival): gains_at(at[of], numbers, metric, rival) for of, rival in places}
    end = end_of_colours(gains.values(), metric)
    shape = (len(places), 1) if narrow else (len(rivals), len(couplings))
    with shared_style():
        height = (ROW * len(sizes) + ABOVE) * shape[0] + AROUND
        figure = Figure(figsize=(width, height))
        grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
        for axes, (coupling, against) in zip(grid.flat, places, strict=True):
            bold = [
                place
                for place, cell in at[coupling].items()
                if math.prod(gain(cell, metric, against)[1:]) > 0
            ]
            of = gains[coupling, against]
            judged = at[coupling] if against == rivals[0] else {}
            mesh = draw_gains(axes, of, judged, metric, end, bold, places=1)
            named = f"{coupling}, " if coupling and len(couplings) > 1 else ""
            axes.set_title(f"{named}against {against}", fontsize=8)
        grid[0, 0].set_yticks(np.arange(len(sizes)) + 0.5, [f"{size:,}" for size in sizes])
        grid[0, 0].set_xticks(np.arange(len(columns)) + 0.5, columns)
        unit = add_bar(figure, mesh, grid.flat, results, metric)
        for axes in grid[:, 0]:
            axes.set_ylabel("target labels")
        for axes in grid[-1]:
            axes.set_xlabel("further examples with auxiliary labels")
        title = f"{gain_title(results, metric, unit)} by numbers of target and auxiliary labels"
        finish(figure, title, verdict_handles(cells, metric), [*sources(results, metric), BOLD])
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
