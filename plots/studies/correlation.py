"""The controls' figure: gains against the planted correlation of labels, and what passes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.arms import Arm
from representation_music.plots.drawing.panels import draw_line, every_label_once, finish, spread
from representation_music.plots.drawing.style import COLOURS, MARKERS, NARROW, WIDTH, shared_style
from representation_music.plots.studies.panels import (
    VERDICT_LOOKS,
    gain_name,
    gain_title,
    margin_handle,
    rivals_drawn,
    set_gain_axis,
    sources,
    verdict_handles,
    verdict_style,
)
from representation_music.plots.studies.results import (
    cells_with,
    chosen_metric,
    gain,
    levels,
    verdict,
)

THEMES = "shared themes"
SHARES = {0.0: "none", 0.5: "half", 1.0: "all"}
#: Inches of a panel with its title and the name of its axis.
HEIGHT = 1.75


def correlation_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """A row per number of target labels, a column per rival, a line per share of common themes.

    The last column tells each cell's verdict, and PASS or FAIL where the truth is known; in a
    narrow figure it stands below. None where the study planted no correlations. Arguments as
    `figure_kinds` has them.
    """
    metric = chosen_metric(results, metric)
    cells = [cell for cell in results["cells"] if "correlation" in cell["factors"]]
    rivals = rivals_drawn(cells, width)
    if not rivals:
        return None
    sizes, shares = levels(cells, "songs") or [None], levels(cells, THEMES) or [None]
    correlations = levels(cells, "correlation")
    number = len(rivals) + 1
    across = number if width >= NARROW else 1
    down = len(sizes) * number // across
    with shared_style():
        figure = Figure(figsize=(width, HEIGHT * down))
        ratios = [1] * (across - 1) + [1.35] if across > 1 else [1]
        grid = figure.subplots(down, across, squeeze=False, width_ratios=ratios)
        grid = grid.reshape(len(sizes), number)
        for row, songs in zip(grid, sizes, strict=True):
            of_size = cells_with(cells, songs=songs)
            for axes, against in zip(row[:-1], rivals, strict=True):
                _draw_gains(axes, metric, of_size, against, correlations, shares)
                set_gain_axis(axes, results, metric, HEIGHT - 0.6, upright=True)
                axes.set_xlabel("correlation of labels" if len(rivals) < 3 else "correlation")
                axes.set_title(f"against\n{against}".replace("-made ", "-made\n"), fontsize=8)
            row[0].set_ylabel(f"{_songs(songs)}{gain_name(results, metric)}")
            _write_verdicts(row[-1], metric, of_size, correlations, shares)
        _share_limits(grid[:, :-1])
        handles, _ = every_label_once(grid.flat)
        handles += [*margin_handle(results, metric), *verdict_handles(cells, metric)]
        by = "by planted correlation of labels and shared themes"
        title = f"{gain_title(results, metric)} {by}"
        finish(figure, title, handles, sources(results, metric, cells, rivals))
    return figure


def _draw_gains(
    axes: Axes,
    metric: str,
    cells: Sequence[dict],
    rival: str,
    correlations: Sequence[float],
    shares: Sequence[float],
) -> None:
    # Side by side, or intervals that are alike would hide each other.
    for number, (share, shift) in enumerate(zip(shares, spread(len(shares), 0.14), strict=True)):
        of_share = {c["factors"]["correlation"]: c for c in cells_with(cells, **{THEMES: share})}
        gains = [
            gain(of_share[value], metric, rival) if value in of_share else [np.nan] * 3
            for value in correlations
        ]
        name = f"themes in common: {_share_name(share)}"
        look = Arm(name, COLOURS[number % 7], MARKERS[number % 7], number)
        draw_line(axes, np.arange(len(correlations)) + shift, gains, look)
    axes.set_xticks(range(len(correlations)), [f"{value:g}" for value in correlations])


def _write_verdicts(
    axes: Axes,
    metric: str,
    cells: Sequence[dict],
    correlations: Sequence[float],
    shares: Sequence[float],
) -> None:
    """A small table: a row per share of themes, a column per correlation."""
    for row, share in enumerate(shares):
        for column, value in enumerate(correlations):
            for cell in cells_with(cells, correlation=value, **{THEMES: share})[:1]:
                _write_one(axes, row, column, cell, metric)
    axes.set_xticks(range(len(correlations)), [f"{value:g}" for value in correlations])
    axes.set_yticks(range(len(shares)), [_share_name(share) for share in shares])
    axes.set(xlim=(-0.5, len(correlations) - 0.5), ylim=(-0.5, len(shares) - 0.5))
    axes.set_xlabel("correlation of labels")
    axes.set_ylabel("themes in common")
    axes.set_title("verdict over the\nrivals of its level", fontsize=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _write_one(axes: Axes, row: int, column: int, cell: dict, metric: str) -> None:
    found, passes = verdict(cell, metric), cell.get("passes")
    if not found:
        return
    check = "" if passes is None else "\nPASS" if passes else "\nFAIL"
    axes.text(
        column,
        row,
        VERDICT_LOOKS[found][0] + check,
        ha="center",
        va="center",
        **verdict_style(cell, metric),
    )


def _share_name(share: float | None) -> str:
    return "" if share is None else SHARES.get(share, f"{share:g}")


def _songs(songs: int | None) -> str:
    return "" if songs is None else f"{songs:,} target labels\n"


def _share_limits(panels: np.ndarray) -> None:
    lows, highs = np.array([axes.get_ylim() for axes in panels.flat]).T
    for axes in panels.flat:
        axes.set_ylim(lows.min(), highs.max())
    for axes in panels[:, 1:].flat:
        axes.tick_params(labelleft=False)
