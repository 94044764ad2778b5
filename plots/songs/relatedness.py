"""Figure of task relatedness: the whole ranking, and both ends of it label by label."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.panels import finish, is_number, spread
from representation_music.plots.drawing.style import COLOURS, GREY, save_figure, shared_style
from representation_music.utils.decimals import decimal

MEASURES = {
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "mutual_information": "mutual information (nats)",
}
NET_MEASURES = {
    "gradient_cosine": "gradient cosine",
    "affinity": "TAG affinity",
    "transfer_gain": "gain in validation {metric}\nover the single task",
    "gain_over_weights_0": "gain in validation {metric}\nover weights 0",
}
#: Rows from either end of the ranking.
TOP, BOTTOM = 12, 6
#: Looks of the task sets, by whose they are and which; a label may be in two of them.
LOOKS = {
    ("proposal", "tight"): (COLOURS[0], "o"),
    ("proposal", "loose"): (COLOURS[5], "s"),
    ("paper", "tight"): (COLOURS[3], "^"),
    ("paper", "loose"): (COLOURS[1], "v"),
}
NAMES = {"proposal": "proposal", "paper": "2016 paper"}


def draw_ranking(numbers: dict, stem: Path | str) -> list[Path]:
    """Draws what `repmusic relatedness` found (the content of its JSON file).

    Gives the paths of `stem`.png and .svg, and of `stem`-nets.png and .svg if nets were measured.
    """
    paths = save_figure(ranking_figure(numbers), stem)
    if numbers["nets"]:
        stem = Path(stem)
        paths += save_figure(nets_figure(numbers), stem.with_name(f"{stem.name}-nets"))
    return paths


def ranking_figure(numbers: dict) -> Figure:
    """Above, all labels by correlation; below, the most and least related and the task sets."""
    rows = [row for row in numbers["labels"] if is_number(row["pearson"][0])]
    in_sets = {task for who in NAMES for tasks in numbers[who].values() for task in tasks}
    shown = [
        (place, row)
        for place, row in enumerate(rows, 1)
        if place <= TOP or place > len(rows) - BOTTOM or row["name"] in in_sets
    ]
    with shared_style():
        height = 1.2 + 0.21 * len(shown)
        figure = Figure(figsize=(10, 3.2 + height))
        grid = figure.add_gridspec(2, 3, height_ratios=[2.2, height])
        _draw_all(figure.add_subplot(grid[0, :]), numbers, rows)
        panels = [figure.add_subplot(grid[1, place]) for place in range(3)]
        for axes, (measure, label) in zip(panels, MEASURES.items(), strict=True):
            for place, (_, row) in enumerate(shown):
                looks = _looks(numbers, row["name"]) or [(GREY, ".", "")]
                # A label of both sets is drawn twice, one below the other.
                shifts = spread(len(looks), 0.3)
                for (colour, marker, _), shift in zip(looks, shifts, strict=True):
                    _draw_interval(axes, place + shift, row[measure], colour, marker)
            _finish_panel(axes, label, len(shown))
            names = [f"{row['name']}  {place}" for place, row in shown]
            axes.set_yticks(range(len(shown)), names if measure == "pearson" else [""] * len(names))
        handles, _ = figure.axes[0].get_legend_handles_labels()
        title = f"How related {len(rows):,} labels are to {numbers['target']}"
        about = f"{_data(numbers)}; 95 % intervals over artists; rank by |Pearson|"
        finish(figure, title, handles, [about])
    return figure


def nets_figure(numbers: dict) -> Figure:
    """A row per auxiliary and a panel per measure, Pearson beside what networks measured."""
    nets = numbers["nets"]
    rows = [row for row in numbers["labels"] if any(name in row for name in NET_MEASURES)]
    labels = {"pearson": MEASURES["pearson"]} | {
        name: label.format(metric=nets["metric"]) for name, label in NET_MEASURES.items()
    }
    with shared_style():
        figure = Figure(figsize=(2 * (len(labels) + 1), 1.9 + 0.3 * len(rows)))
        panels = figure.subplots(1, len(labels), sharey=True)
        for axes, (measure, label) in zip(panels, labels.items(), strict=True):
            for place, row in enumerate(rows):
                _draw_interval(axes, place, row[measure], COLOURS[0], "o")
            _finish_panel(axes, label, len(rows))
        panels[0].set_yticks(range(len(rows)), [row["name"] for row in rows])
        title = (
            f"Auxiliaries of {numbers['target']} as networks see them: mean of {nets['seeds']} "
            "seeds, 95 % t interval (Pearson: over artists)"
        )
        scores = (
            f"single task {decimal(nets['single_task'])}, constant predictor "
            f"{decimal(nets['constant'])} in validation {nets['metric']}"
        )
        finish(figure, title, [], [f"{_data(numbers)}; {scores}"])
    return figure


def _draw_all(axes: Axes, numbers: dict, rows: Sequence[dict]) -> None:
    ordered = sorted(rows, key=lambda row: -row["pearson"][0])
    values, lows, highs = np.array([row["pearson"] for row in ordered], float).T
    places = np.arange(1, len(ordered) + 1)
    axes.fill_between(places, lows, highs, color=GREY, alpha=0.3, linewidth=0)
    axes.plot(places, values, color=GREY, linewidth=1.2)
    axes.axhline(0, color="black", linewidth=0.8)
    seen = set()
    for place, row in zip(places, ordered, strict=True):
        for colour, marker, name in _looks(numbers, row["name"]):
            label = name if name not in seen else None
            seen.add(name)
            value, low, high = row["pearson"]
            axes.plot([place, place], [low, high], color=colour, linewidth=1.5)
            axes.plot(
                place, value, marker, color=colour, markersize=6, linestyle="none", label=label
            )
    axes.set(xlabel="labels, most positively correlated first", ylabel="Pearson correlation")
    axes.margins(x=0.02)
    axes.grid(axis="y", linewidth=0.3)


def _looks(numbers: dict, name: str) -> list[tuple[str, str, str]]:
    """Colour, marker and legend of each task set that a label is in."""
    return [
        (colour, marker, f"{NAMES[who]}, {which}")
        for (who, which), (colour, marker) in LOOKS.items()
        if name in numbers[who].get(which, ())[1:]
    ]


def _draw_interval(axes: Axes, place: float, values: Sequence[float], colour, marker) -> None:
    if not is_number(values[0]):
        return
    if is_number(values[1]):
        axes.plot(values[1:], [place, place], color=colour, linewidth=1.5)
    axes.plot(values[0], place, marker, color=colour, markersize=6)


def _finish_panel(axes: Axes, label: str, rows: int) -> None:
    axes.axvline(0, color="black", linewidth=0.8, zorder=0)
    axes.set_xlabel(label)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.grid(axis="x", linewidth=0.3)


def _data(numbers: dict) -> str:
    return (
        f"{numbers['data']}, {numbers['training_songs']:,} training songs with "
        f"{numbers['target']}, split {numbers['split']}"
    )
