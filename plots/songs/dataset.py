"""Figure of a songs file: coverage and base rates by split, distributions, words per song."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.style import COLOURS, MARKERS, save_figure, shared_style

PARTS = ("train", "validation", "test")
COLUMNS = 3


def draw_dataset(numbers: dict, stem: Path | str) -> list[Path]:
    """Draws what `description.describe_songs` found; saves `stem`.png and .svg.

    Returns:
        The paths of both files.
    """
    with_base_rate = [task for task in numbers["tasks"] if task["kind"] != "regression"]
    regressions = [task for task in numbers["tasks"] if task["kind"] == "regression"]
    num_rows = 1 + -(-(len(regressions) + 1) // COLUMNS)
    # The first row grows with the labels that it lists.
    top = max(2.4, 0.2 * len(numbers["tasks"]) + 1)
    with shared_style():
        figure = Figure(figsize=(10, top + 2.3 * (num_rows - 1)))
        grid = figure.add_gridspec(num_rows, COLUMNS, height_ratios=[top] + [2.3] * (num_rows - 1))
        panels = [figure.add_subplot(grid[place]) for place in range(COLUMNS)]
        _draw_coverage(panels[0], numbers["tasks"], numbers["noun"])
        _draw_base_rates(panels[1], with_base_rate, numbers["noun"])
        _draw_lengths(panels[2], numbers["distinct_words"], "distinct words", numbers["noun"])
        _draw_lengths(figure.add_subplot(grid[1, 0]), numbers["tokens"], "words", numbers["noun"])
        for place, task in enumerate(regressions, start=COLUMNS + 1):
            panel = figure.add_subplot(grid[place // COLUMNS, place % COLUMNS])
            _draw_distribution(panel, task, numbers["noun"])
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper right", ncols=len(PARTS))
        figure.suptitle(
            f"{numbers['source']}, split by {numbers['split']}", x=0.01, ha="left", fontsize=11
        )
        return save_figure(figure, stem)


def _draw_coverage(axes: Axes, tasks: Sequence[dict], noun: str) -> None:
    for place, part in enumerate(PARTS):
        coverage = [100 * task["parts"][part]["coverage"] for task in tasks]
        _dots(axes, np.arange(len(tasks)), coverage, place)
    _name_rows(axes, [task["name"] for task in tasks])
    axes.set(
        title=f"{noun.capitalize()} that carry the label", xlabel=f"% of {noun}", xlim=(-3, 103)
    )


def _draw_base_rates(axes: Axes, tasks: Sequence[dict], noun: str) -> None:
    for place, part in enumerate(PARTS):
        rows = [row for row, task in enumerate(tasks) if "base_rate" in task["parts"][part]]
        of_part = [tasks[row]["parts"][part] for row in rows]
        rates = np.array([numbers["base_rate"] for numbers in of_part])
        intervals = [wilson_interval(numbers["base_rate"], numbers["songs"]) for numbers in of_part]
        errors = np.abs(np.array(intervals).reshape(-1, 2).T - rates)
        _dots(axes, np.array(rows), 100 * rates, place, 100 * errors)
    names = [
        f"{task['name']}: {task['commonest_class']}" if "commonest_class" in task else task["name"]
        for task in tasks
    ]
    _name_rows(axes, names)
    axes.set(
        title="Share of positives", xlabel=f"% of labelled {noun}, 95 % interval", xlim=(-3, 103)
    )


def _draw_lengths(axes: Axes, lengths: dict, name: str, noun: str) -> None:
    for place, part in enumerate(PARTS):
        if part in lengths["parts"]:
            _outline(axes, lengths["edges"], lengths["parts"][part]["histogram"], place)
    mean = lengths["parts"]["all"]["mean"]
    axes.set(
        title=f"{name.capitalize()}, mean {mean:.0f}",
        xlabel=f"{name} (last bin: and more)",
        ylabel=f"% of {noun}",
    )


def _draw_distribution(axes: Axes, task: dict, noun: str) -> None:
    for place, part in enumerate(PARTS):
        if "histogram" in task["parts"][part]:
            _outline(axes, task["edges"], task["parts"][part]["histogram"], place)
    axes.set(title=task["name"], xlabel=task["unit"] or "value", ylabel=f"% of labelled {noun}")


def wilson_interval(share: float, songs: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of `songs` songs, taken as independent."""
    z = 1.96
    centre = (share + z**2 / (2 * songs)) / (1 + z**2 / songs)
    half = z * np.sqrt(share * (1 - share) / songs + z**2 / (4 * songs**2)) / (1 + z**2 / songs)
    return centre - half, centre + half


def _dots(axes: Axes, rows: np.ndarray, values, place: int, errors=None) -> None:
    axes.errorbar(
        values,
        rows + 0.22 * (place - 1),  # side by side, or equal values would hide each other
        xerr=errors,
        fmt=MARKERS[place],
        markersize=4,
        color=COLOURS[place],
        label=PARTS[place],
    )


def _outline(axes: Axes, edges: Sequence[float], histogram: Sequence[int], place: int) -> None:
    shares = 100 * np.array(histogram) / max(sum(histogram), 1)
    axes.stairs(shares, edges, color=COLOURS[place], label=PARTS[place])


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.grid(axis="x", linewidth=0.3)
