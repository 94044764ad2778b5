"""Parts of the figures of studies: axes of scores and gains, words of verdicts, what data it is."""

import dataclasses
from collections.abc import Iterable, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from representation_music.plots.drawing.arms import VERDICT_LOOKS, Arm
from representation_music.plots.drawing.panels import CONSTANT_STYLE, is_finite, widen
from representation_music.plots.drawing.style import COLOURS, NARROW
from representation_music.plots.studies.results import (
    LINEAR,
    constant,
    gain,
    metric_label,
    repeats,
    rivals_of,
    score,
    verdict,
)
from representation_music.utils.results_format import (
    LINEAR_MULTI_TASK,
    LYRIC_MADE,
    LYRICS_ONLY,
    SINGLE,
    WEIGHTS_0,
)
from representation_music.utils.statistics.estimates import LEVEL

LINEAR_STYLE = {"color": COLOURS[5], "linestyle": (0, (6, 1.5, 1, 1.5)), "linewidth": 1.4}
MARGIN_COLOUR = "#ECECEC"
MARGIN_LABEL = "no material difference"
#: Line of each task set; the loose one's markers are hollow.
COUPLING_LINES = {"tight": "-", "loose": "--"}


def of_coupling(arm: Arm, coupling: str | None) -> Arm:
    """The arm as it looks with this task set."""
    return dataclasses.replace(arm, linestyle=COUPLING_LINES.get(coupling, "-"))


#: Rivals that are drawn where there are more than these.
OF_MANY = (SINGLE, LYRICS_ONLY, LYRIC_MADE, LINEAR_MULTI_TASK)


def foremost(rivals: list[str]) -> list[str]:
    """The rivals themselves, or of many those that levels of benefit are named for."""
    chosen = [name for name in rivals if name in OF_MANY]
    return chosen if len(rivals) > len(OF_MANY) and chosen else rivals


def rivals_drawn(cells: Sequence[dict], width: float) -> list[str]:
    """The rivals that have a panel each: all (of many, `OF_MANY`), or one in a narrow figure.

    That one is the same stream with auxiliary weights 0 where it took part: against the single
    task alone, unrelated and even permuted auxiliaries seem to help.
    """
    known = rivals_of(cells)
    if width >= NARROW or len(known) < 2:
        return foremost(known)
    return [WEIGHTS_0 if WEIGHTS_0 in known else known[0]]


def panel_title(coupling: str | None, couplings: Sequence[str | None], rival: str) -> str:
    """The rival, after the task set where there are several."""
    task_set = f"{coupling}: " if coupling and len(couplings) > 1 else ""
    return f"{task_set}against\n{rival}"


def axis_name(results: dict, metric: str) -> str:
    """`AUC, higher is better`."""
    return f"{metric_label(results, metric)}, {results['metrics'][metric]['better']} is better"


def gain_name(results: dict, metric: str) -> str:
    """What a gain is called: `gain in AUC`, `reduction of 1 - accuracy`."""
    higher = results["metrics"][metric]["better"] == "higher"
    return f"{'gain in' if higher else 'reduction of'} {metric_label(results, metric)}"


def gain_title(results: dict, metric: str, unit: str = "") -> str:
    """How the title of a figure of gains begins: `Gain in AUC of pop`."""
    gained = f"{gain_name(results, metric)}{unit}"
    return f"{gained[0].upper()}{gained[1:]} of {results['cells'][0]['target']}"


def sources(
    results: dict, metric: str, cells: Iterable[dict] = (), rivals: Iterable[str] = ()
) -> list[str]:
    """What stands below a figure: the data, the seeds, what points and bars are.

    The intervals drawn are those of the cells' scores and of their gains over the rivals; without
    any cells, the figure shows means only.
    """
    cells = list(cells)
    *others, last = results["data"] or ["unknown"]
    last += f", {repeats(results)}"
    ends = (
        estimate
        for cell in cells
        for estimate in (score(cell, metric), *(gain(cell, metric, rival) for rival in rivals))
    )
    if any(map(is_finite, ends)):
        covers = 100 * (1 - results.get("level", LEVEL))
        last += f"; mean and {covers:.0f} % interval over {_over(results)}"
    elif cells:
        last += "; no interval"
    elif results["seeds"] > 1:
        last += f"; mean over {results['varies'][0]}s"
    if metric != results["metric"]:
        last += f"; the study's own metric is {metric_label(results, results['metric'])}"
    return [*others, last]


def _over(results: dict) -> str:
    """What intervals are over: worlds have test songs of their own."""
    return " or ".join(
        {"seed": "seeds and test artists", "world": "worlds", "fold": "folds"}[unit]
        for unit in results["varies"]
    )


def mark_constant_and_linear(axes: Axes, metric: str, cells: Sequence[dict]) -> None:
    """Upright lines at the mean scores of the constant predictor and the linear model."""
    for style, label, scores in (
        (CONSTANT_STYLE, "constant predictor", [constant(cell, metric) for cell in cells]),
        (LINEAR_STYLE, LINEAR, [score(cell, metric, LINEAR)[0] for cell in cells]),
    ):
        finite = [value for value in scores if np.isfinite(value)]
        if finite:
            axes.axvline(np.mean(finite), label=label, **style)


def set_score_axis(axes: Axes, results: dict, metric: str, inches: float) -> None:
    """A level axis of scores with few ticks, not less than the least span."""
    axes.set_xlabel(metric_label(results, metric))
    axes.margins(x=0.08)
    axes.set_xlim(widen(metric, *axes.get_xlim()))
    axes.xaxis.set_major_locator(_ticks(inches))
    axes.grid(axis="x", linewidth=0.3)


def set_gain_axis(
    axes: Axes, results: dict, metric: str, inches: float, upright: bool = False
) -> None:
    """An axis of gains with a line at 0 and the margin within which no difference is material.

    It is `inches` long in print, and level unless `upright`.
    """
    margin = results["metrics"][metric]["margin"]
    line, band = (axes.axhline, axes.axhspan) if upright else (axes.axvline, axes.axvspan)
    if margin:
        band(-margin, margin, color=MARGIN_COLOUR, zorder=0, linewidth=0)
    line(0, color="black", linewidth=0.8, zorder=1)
    axis = axes.yaxis if upright else axes.xaxis
    axis.set_major_locator(_ticks(2 * inches if upright else inches))
    axis.set_major_formatter(lambda value, _: f"{value:+.3g}" if abs(value) > 1e-9 else "0")


def _ticks(inches: float) -> MaxNLocator:
    """Round numbers, so few that labels of six letters do not touch."""
    return MaxNLocator(max(2, int(inches / 0.5)), steps=[1, 2, 5, 10])


def margin_handle(results: dict, metric: str) -> list[Patch]:
    """The margin's entry in a legend, where the metric has one."""
    margin = results["metrics"][metric]["margin"]
    label = f"{MARGIN_LABEL} (within ± {margin})"
    return [Patch(color=MARGIN_COLOUR, label=label)] if margin else []


def verdict_handles(cells: Iterable[dict], metric: str) -> list[Line2D]:
    """A legend's entries: the signs of the verdicts that occur."""
    found = {verdict(cell, metric) for cell in cells}
    style = {"linestyle": "none", "markersize": 7, "markeredgewidth": 0, "color": "black"}
    with matplotlib.rc_context({"text.parse_math": True}):  # what makes a marker of a letter
        return [
            Line2D([], [], marker=f"${sign}$", label=name, **style)
            for name, (sign, *_) in VERDICT_LOOKS.items()
            if name in found
        ]


def verdict_text(cell: dict, metric: str, short: bool = False) -> str:
    """`▲ benefit`, of a control with PASS or FAIL; empty where there is no verdict.

    Where `short`, a control has the sign of its verdict only.
    """
    found, passes = verdict(cell, metric), cell.get("passes")
    if not found:
        return ""
    sign = VERDICT_LOOKS[found][0]
    if passes is None:
        return f"{sign} {found}"
    check = "PASS" if passes else "FAIL"
    return f"{sign} {check}" if short else f"{sign} {found}: {check}"


def verdict_style(cell: dict, metric: str) -> dict:
    """Colour and weight of a verdict; of a control whether it passes, of others what it is."""
    passes = cell.get("passes")
    if passes is None:
        _, colour, weight, _ = VERDICT_LOOKS[verdict(cell, metric)]
        return {"color": colour, "fontweight": weight}
    if passes:
        return {"color": COLOURS[2], "fontweight": "normal"}
    return {"color": COLOURS[3], "fontweight": "bold"}


def write_verdict(axes: Axes, row: float, cell: dict, metric: str, short: bool = False) -> None:
    """Writes a cell's verdict at the right of its row."""
    if text := verdict_text(cell, metric, short):
        style = verdict_style(cell, metric)
        axes.text(1.03, row, text, transform=axes.get_yaxis_transform(), va="center", **style)
