"""The grid of sharing patterns: the gain of each with either task set, as colour and number."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from representation_music.plots.drawing.names import PATTERN_NAMES, short_words
from representation_music.plots.drawing.panels import finish
from representation_music.plots.drawing.style import GREY, NARROW, WIDTH, shared_style
from representation_music.plots.studies.panels import (
    VERDICT_LOOKS,
    gain_name,
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
    songs_in_words,
    verdict,
)
from representation_music.utils.decimals import decimal
from representation_music.utils.metrics import METRICS
from representation_music.utils.results_format import plain

COLUMN_FACTORS = ("coupling", "songs", "widths")
#: Blue is better, red is worse, and the pale middle tells them apart in grey as well.
COLOURS_OF_GAINS = "RdBu"
#: Least gain at the end of the colours, so that noise does not look like a result.
LEAST_END = 0.02
#: Inches of a row, of all rows at least, and of what stands above and below them.
ROW, LEAST, AROUND = 0.2, 2.2, 1.5


def sharing_degree_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """A row per pattern, from no to all layers shared; a column per task set and rule for widths.

    None where no cell is of a pattern against a rival. Arguments as `figure_kinds` has them.
    """
    metric = chosen_metric(results, metric)
    cells = [c for c in results["cells"] if "pattern" in c["factors"] and rivals_of([c])]
    if not cells:
        return None
    patterns = sorted(levels(cells, "pattern"), key=lambda pattern: (pattern.count("S"), pattern))
    columns = _columns(cells)
    rivals = rivals_drawn(cells, width)
    at, shape = _at(cells, patterns, columns), (len(patterns), len(columns))
    gains = {against: gains_at(at, shape, metric, against) for against in rivals}
    end = end_of_colours(gains.values(), metric)
    with shared_style():
        figure = Figure(figsize=(width, max(LEAST, ROW * len(patterns)) + AROUND))
        panels = figure.subplots(1, len(rivals), sharey=True, squeeze=False)[0]
        for axes, against in zip(panels, rivals, strict=True):
            mesh = draw_gains(axes, gains[against], at, metric, end)
            _name_columns(axes, cells, columns)
            axes.set_title(f"against\n{against}", fontsize=8)
        names = [_pattern_name(pattern) if width >= NARROW else pattern for pattern in patterns]
        panels[0].set_yticks(np.arange(len(patterns)) + 0.5, names)
        panels[0].set_ylim(len(patterns), 0)
        panels[0].set_ylabel("sharing pattern")
        unit = add_bar(figure, mesh, panels, results, metric)
        songs = songs_in_words(levels(cells, "songs"))
        of_songs = f", {songs}" if songs else ""
        finish(
            figure,
            f"{gain_title(results, metric, unit)} on test songs by sharing "
            f"pattern (fc1 first, S shared){of_songs}",
            verdict_handles(cells, metric),
            sources(results, metric),
        )
    return figure


def gain_scale(metric: str) -> int:
    """100, which makes short numbers of gains, unless they have a unit."""
    return 1 if metric in METRICS and METRICS[metric].has_unit else 100


def _columns(cells: Sequence[dict]) -> list[dict]:
    """The columns' factors: every combination that occurs, in order."""
    factors = [factor for factor in COLUMN_FACTORS if levels(cells, factor)]
    found = {tuple(cell["factors"].get(factor) for factor in factors): None for cell in cells}
    place = {factor: levels(cells, factor).index for factor in factors}
    ordered = sorted(
        found,
        key=lambda column: [
            -1 if value is None else place[factor](value)
            for factor, value in zip(factors, column, strict=True)
        ],
    )
    return [dict(zip(factors, column, strict=True)) for column in ordered]


def _at(cells: Sequence[dict], patterns: Sequence[str], columns: Sequence[dict]) -> dict:
    """Cells by row and column; those that are missing are not there."""
    found = {}
    for row, pattern in enumerate(patterns):
        for place, column in enumerate(columns):
            for cell in cells_with(cells, pattern=pattern, **column)[:1]:
                found[row, place] = cell
    return found


def gains_at(at: dict[tuple, dict], shape: tuple[int, int], metric: str, rival: str) -> np.ndarray:
    """Gains of cells by row and column, as `gain_scale` has them; NaN where there is none."""
    gains = np.full(shape, np.nan)
    for place, cell in at.items():
        gains[place] = gain_scale(metric) * gain(cell, metric, rival)[0]
    return gains


def end_of_colours(gains: Iterable[np.ndarray], metric: str) -> float:
    """The gain at either end of the colours of several grids."""
    finite = np.abs(np.concatenate([of.ravel() for of in gains]))
    largest = float(np.nanmax(finite, initial=0, where=np.isfinite(finite)))
    return max(LEAST_END * gain_scale(metric), largest)


def draw_gains(
    axes: Axes,
    gains: np.ndarray,
    at: dict,
    metric: str,
    end: float,
    bold: Iterable[tuple] = (),
    places: int = -1,
) -> QuadMesh:
    """A grid of gains as colours and numbers.

    Args:
        axes: Where to.
        gains: `[rows, columns]`, as `gain_scale` has them, NaN where there is none.
        at: Cells by row and column, of those whose verdicts are marked.
        metric: The metric drawn.
        end: The gain at either end of the colours.
        bold: Rows and columns of the gains that are printed bold.
        places: Decimal places; if below 0, as many as a narrow column has room for.
    """
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(gains),
        cmap=COLOURS_OF_GAINS,
        vmin=-end,
        vmax=end,
        edgecolors="white",
        linewidth=0.8,
    )
    places = places if places >= 0 else int(end < 10)
    _write_gains(axes, gains, at, metric, end, set(bold), places)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return mesh


def add_bar(figure: Figure, mesh: QuadMesh, panels: Iterable[Axes], results, metric: str) -> str:
    """Adds the scale of colours beside the panels; gives what titles say of the numbers' unit."""
    bar = figure.colorbar(mesh, ax=list(panels), aspect=35, pad=0.02)
    unit = " (hundredths)" if gain_scale(metric) == 100 else ""
    bar.set_label(gain_name(results, metric) + unit)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:+.3g}" if value else "0")
    return unit


def _write_gains(
    axes: Axes, gains: np.ndarray, at: dict, metric: str, end: float, bold: set[tuple], places: int
) -> None:
    """Each gain as a number with the sign of the cell's verdict, framed if that is a difference."""
    for (row, column), value in np.ndenumerate(gains):
        middle = {"x": column + 0.5, "y": row + 0.52, "ha": "center", "va": "center"}
        if not np.isfinite(value):
            axes.text(s="·", color=GREY, **middle)
            continue
        found = verdict(at[row, column], metric) if (row, column) in at else ""
        differs = plain(found) in ("benefit", "harm")
        sign = VERDICT_LOOKS[found][0] if found else ""
        axes.text(
            s=decimal(value, places, signed=True) + sign,
            color="white" if abs(value) > 0.65 * end else "black",
            fontsize=7.5,
            fontweight="bold" if (row, column) in bold else "normal",
            **middle,
        )
        if differs:
            place = (column + 0.04, row + 0.06)
            axes.add_patch(Rectangle(place, 0.92, 0.88, fill=False, linewidth=1.1))


def _name_columns(axes: Axes, cells: Sequence[dict], columns: Sequence[dict]) -> None:
    """Names below the grid: the factors that differ."""
    differing = [factor for factor in COLUMN_FACTORS if len(levels(cells, factor)) > 1]
    names = [
        ", ".join(
            short_words(factor, column[factor]).removesuffix(" widths")
            for factor in differing
            if column.get(factor) is not None
        )
        for column in columns
    ]
    axes.set_xticks(np.arange(len(columns)) + 0.5, names, rotation=90)


def _pattern_name(pattern: str) -> str:
    name = PATTERN_NAMES.get(pattern, "").removesuffix(" sharing").removesuffix("-level")
    return f"{name} {pattern}" if name and name != "no" else pattern
