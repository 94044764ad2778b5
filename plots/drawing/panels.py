"""Parts that several figures are made of: points with intervals, lines over sizes, legends."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from representation_music.plots.drawing.arms import Arm
from representation_music.plots.drawing.style import GREY, LETTERS_PER_INCH, name_data, wrap_to
from representation_music.utils.metrics import METRICS

#: Least span of an axis of shares, so that a difference of one song does not look large.
LEAST_SPAN = 0.05
CONSTANT_STYLE = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1.3, "zorder": 1}
TITLE_POINTS = 9
#: Room that a legend's entry takes beside its words, in letters.
LEGEND_MARK = 10


def draw_point(
    axes: Axes, estimate: Sequence[float], row: float, arm: Arm, size: float = 6
) -> None:
    """A mean in a row with its interval (mean, low, high); NaN ends draw none."""
    mean, low, high = estimate
    if is_finite(estimate):
        axes.plot([low, high], [row, row], color=arm.colour, linewidth=1.6, zorder=2)
    axes.plot(
        mean,
        row,
        arm.marker,
        color=arm.colour,
        markerfacecolor=arm.marker_face,
        markersize=size,
        zorder=3,
    )


def draw_line(
    axes: Axes, places: Sequence[float], estimates: Sequence[Sequence[float]], arm: Arm
) -> None:
    """A line through means with bars to the ends of their intervals; what is NaN leaves a gap."""
    means, lows, highs = np.array(estimates, float).reshape(-1, 3).T
    axes.errorbar(
        places,
        means,
        # A single seed has no interval; a bar of length 0 draws none.
        yerr=np.clip(np.nan_to_num([means - lows, highs - means]), 0, None),
        color=arm.colour,
        marker=arm.marker,
        markerfacecolor=arm.marker_face,
        linestyle=arm.linestyle,
        markersize=4.5,
        linewidth=1.2,
        elinewidth=0.9,
        label=arm.name,
    )


def spread(number: int, step: float = 1.0) -> list[float]:
    """Shifts around 0 that set so many marks side by side."""
    return [step * (place - (number - 1) / 2) for place in range(number)]


def set_size_axis(axes: Axes, sizes: Sequence[int], inches: float) -> None:
    """A logarithmic axis with labels at the sizes (sorted, above 0) that fit its printed inches."""
    axes.set_xscale("log")
    # Room for the longest label, and a space.
    share = (len(f"{max(sizes):,}") + 1.5) / LETTERS_PER_INCH / inches
    factor = max(1.2, (max(sizes) / min(sizes)) ** share)
    axes.xaxis.set_major_locator(FixedLocator(sizes_apart(sizes, factor)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    if len(sizes) == 1:
        axes.set_xlim(sizes[0] / 2, sizes[0] * 2)


def sizes_apart(sizes: Sequence[int], factor: float) -> list[int]:
    """Sizes that can be labelled without touching: the ends, powers of ten, then the others."""
    ends = (max(sizes), min(sizes))
    powers = [size for size in sizes if str(size).strip("0") == "1"]
    kept: list[int] = []
    for size in dict.fromkeys([*ends, *powers, *sizes]):
        if all(max(size, other) >= factor * min(size, other) for other in kept):
            kept.append(size)
    return sorted(kept)


def widen(metric: str, low: float, high: float) -> tuple[float, float]:
    """The ends of an axis of scores, at least `LEAST_SPAN` apart unless the metric has a unit."""
    has_unit = metric in METRICS and METRICS[metric].has_unit
    missing = 0 if has_unit else max(0, LEAST_SPAN - (high - low))
    return low - missing / 2, high + missing / 2


def every_label_once(panels: Iterable[Axes]) -> tuple[list, list[str]]:
    """Handles and labels of a legend for all panels."""
    handles = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    return list(handles.values()), list(handles)


def finish(figure: Figure, title: str, handles: Sequence, sources: Sequence[str]) -> None:
    """Title and legend in one, so that they share the space above; below, the name of the data.

    The figure grows by what they take, so that the panels keep their height.
    """
    width = figure.get_figwidth()
    legend = figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=legend_columns([handle.get_label() for handle in handles], width),
        title=wrap_to(width, title, TITLE_POINTS),
        title_fontsize=TITLE_POINTS,
        alignment="left",
        borderpad=0.1,
    )
    data = name_data(figure, sources)
    taken = legend.get_window_extent().height + data.get_window_extent().height
    figure.set_figheight(figure.get_figheight() + taken / figure.dpi)


def legend_columns(labels: Sequence[str], inches: float) -> int:
    """How many columns a legend of so many inches has room for; it is filled column by column."""
    letters = [len(label) + LEGEND_MARK for label in labels]
    for columns in range(len(labels), 1, -1):
        widths = [column.max() for column in np.array_split(letters, columns)]
        if sum(widths) <= inches * LETTERS_PER_INCH:
            return columns
    return 1


def is_finite(estimate: Sequence[float]) -> bool:
    """Whether there is a mean and an interval."""
    return all(map(is_number, estimate))


def is_number(value: float | None) -> bool:
    """Whether a value is there: files have None where a number is missing."""
    return value is not None and math.isfinite(value)
