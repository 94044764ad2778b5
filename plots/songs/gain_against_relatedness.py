"""Figure of what sharing gained against how related the auxiliaries are, a point per cell."""

import re
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.panels import every_label_once, finish, is_finite, is_number
from representation_music.plots.drawing.style import (
    COLOURS,
    GREY,
    MARKERS,
    save_figure,
    shared_style,
    wrap_to,
)
from representation_music.utils.decimals import decimal, interval

LABELS = {
    "pearson": "|Pearson correlation|",
    "spearman": "|Spearman correlation|",
    "mutual_information": "mutual information (nats)",
    "stacked_gain": "what its linear score adds",
    "gradient_cosine": "gradient cosine",
    "affinity": "TAG affinity",
}
#: With more cells than this only the ends of each series are named, and intervals are pale.
MOST_NAMES = 16
#: Of many cells, gains are drawn so far beyond their means, in shares of the means' range.
BEYOND = 0.6
#: Inches of a panel and the space beside it, and of that space.
PANEL, SPACE = 3.1, 0.5


def draw_gains(numbers: dict, stem: Path | str) -> list[Path]:
    """Draws the content of `gain-against-relatedness.json`; saves `stem`.png and .svg."""
    return save_figure(gains_figure(numbers), stem)


def gains_figure(numbers: dict) -> Figure:
    """A column per measure, a row per rival: gain with its interval against relatedness with its.

    Cells that are not ranked together (other sizes, other architectures) have other colours; the
    rank correlation of each stands in its panel.
    """
    points = numbers["points"]
    measures = [m for m in LABELS if any(m in point["relatedness"] for point in points)]
    if all(_of(point, "spearman") == _of(point, "pearson") for point in points):
        measures = [m for m in measures if m != "spearman"]  # the labels are all binary
    many = len(points) > MOST_NAMES
    rivals = list(dict.fromkeys(rival for point in points for rival in point["gains"]))
    parts = list(dict.fromkeys(point["apart"] for point in points))
    names = {part: _with_plain_widths(part) for part in parts}
    short_names = _what_differs(names)
    with shared_style():
        figure = Figure(figsize=(max(8, PANEL * len(measures)), 0.8 + 2.7 * len(rivals)))
        panels = figure.subplots(
            len(rivals), len(measures), sharex="col", sharey="row", squeeze=False
        )
        for row, rival in enumerate(rivals):
            for axes, measure in zip(panels[row], measures, strict=True):
                for number, part in enumerate(parts):
                    of_part = [point for point in points if point["apart"] == part]
                    _draw_points(axes, of_part, measure, rival, number, names[part], many)
                axes.axhline(0, color="black", linewidth=0.8, zorder=0)
                axes.grid(linewidth=0.3)
                above = _correlations(numbers, measure, rival, short_names)
                inches = figure.get_figwidth() / len(measures) - SPACE
                lines = (wrap_to(inches, line, points=7) for line in above)
                axes.set_title("\n".join(lines), fontsize=7)
            if many and (means := _means(points, rival)):
                spare = BEYOND * (max(means) - min(means))
                panels[row][0].set_ylim(min(means) - spare, max(means) + spare)
            panels[row][0].set_ylabel(f"gain over {rival}\n(test {numbers['metric']})")
        for axes, measure in zip(panels[-1], measures, strict=True):
            axes.set_xlabel(LABELS[measure])
            axes.margins(x=0.15)
        title = (
            f"Study {numbers['study']}: gain in {numbers['target']} against relatedness of the "
            "auxiliaries"
        )
        cut = ", cut where they are longer" if many else ""
        what = (
            f"95 % intervals{cut}; above each panel Spearman's rank correlation; single task "
            f"{decimal(numbers['single_task'])}, constant predictor {decimal(numbers['constant'])}"
        )
        last = f"{numbers['data'][-1]}, {numbers['seeds']} seeds; {what}"
        handles, _ = every_label_once(panels.flat)
        finish(figure, title, handles, [*numbers["data"][:-1], last])
    return figure


def _with_plain_widths(part: str) -> str:
    """What parts cells, with layers as `1024-512` instead of `(1024, 512)`."""
    return re.sub(r"\(([\d, ]+)\)", lambda found: "-".join(re.findall(r"\d+", found[1])), part)


def _what_differs(names: dict[str, str]) -> dict[str, str]:
    """Of every series the settings that others do not have; empty where it is the only one."""
    settings = {part: re.split(", |: ", name) for part, name in names.items()}
    common = set.intersection(*map(set, settings.values())) if settings else set()
    return {p: ", ".join(s for s in own if s not in common) for p, own in settings.items()}


def _draw_points(
    axes: Axes, points: list, measure: str, rival: str, number: int, label: str, many: bool
) -> None:
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    # Where cells have the same auxiliaries, on other songs, these would name none of them.
    names = {tuple(point["auxiliaries"]) for point in points}
    drawn = []
    for point in points:
        x, y = _of(point, measure), point["gains"].get(rival)
        if x is None or y is None or not (is_number(x[0]) and is_number(y[0])):
            continue
        *_, bars = axes.errorbar(
            x[0],
            y[0],
            xerr=_bars(x),
            yerr=_bars(y),
            fmt=marker,
            color=colour,
            markersize=5,
            elinewidth=0.8,
            label=label,
        )
        if many:
            for bar in bars:
                bar.set_alpha(0.25)
        label = None
        drawn.append((x, y, point))
    if len(names) == len(points):
        for x, y, point in _ends(drawn) if many else drawn:
            axes.annotate(
                " + ".join(point["auxiliaries"]),
                (x[0], y[0]),
                (4, 3),
                textcoords="offset points",
                fontsize=7,
                color=GREY,
            )


def _of(point: dict, measure: str) -> list | None:
    return point["relatedness"].get(measure)


def _means(points: list, rival: str) -> list[float]:
    means = [point["gains"][rival][0] for point in points if rival in point["gains"]]
    return [mean for mean in means if is_number(mean)]


def _ends(drawn: list[tuple]) -> list[tuple]:
    """The most related cell, and the one that gained most."""
    most = [max(drawn, key=key) for key in (lambda of: of[0][0], lambda of: of[1][0]) if drawn]
    return most[:1] if most[1:] == most[:1] else most


def _bars(values) -> list[list[float]] | None:
    """Lengths of the interval below and above the value; none where there is no interval."""
    value, low, high = values
    if not is_finite(values):
        return None
    return [[max(0.0, value - low)], [max(0.0, high - value)]]


def _correlations(
    numbers: dict, measure: str, rival: str, short_names: dict[str, str]
) -> list[str]:
    """A line for each series that has a rank correlation: its short name, if any, and that."""
    write = partial(decimal, places=2)
    return [
        (f"{name}: " if name else "")
        + f"{interval(row['spearman'], write=write)}, {row['cells']} cells"
        for part, name in short_names.items()
        for row in numbers["correlations"]
        if (row["apart"], row["rival"], row["measure"]) == (part, rival, measure)
        and is_number(row["spearman"][0])
    ]
