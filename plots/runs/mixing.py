"""What a run's tasks read in a network of soft sharing: the weights of its gates or stitches."""

from collections import Counter
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.panels import every_label_once, finish
from representation_music.plots.drawing.style import (
    GREY,
    WIDTH,
    line_look,
    name_data,
    save_figure,
    shared_style,
    wrap_to,
)
from representation_music.plots.runs.history import RunHistory
from representation_music.utils.decimals import decimal
from representation_music.utils.errors import InputError

#: Inches of a cell, of the names left of a panel, and of all that stands above and below cells.
CELL, NAMES, MARGIN = (0.42, 0.26), 0.9, 1.5
#: Inches of a panel of curves, and marks of a curve, at most.
PANEL, MARKS = 1.3, 8


def draw_mixing(run_folder: Path | str) -> list[Path]:
    """Draws into the folder of a finished run what its tasks read, and how they came to.

    Returns:
        The paths of `mixing` and `mixing_curves`, each `.png` and `.svg`.

    Raises:
        InputError: if the run's network has neither gates nor stitches, or is not trained yet.
    """
    run = RunHistory.read(run_folder)
    curves = mixing_curves_figure(run)
    return [
        *save_figure(mixing_figure(run), run.folder / "mixing"),
        *save_figure(curves, run.folder / "mixing_curves"),
    ]


def mixing_figure(run: RunHistory) -> Figure:
    """A panel per layer, a row per reader (a task), a column per expert or stream that it reads.

    Numbers are mean weights over validation songs; what a gate does not reach is left blank.
    """
    tables = {layer: _table(readers) for layer, readers in _mixing(run).items()}
    columns = [table.shape[1] for _, _, table in tables.values()]
    rows = max(table.shape[0] for _, _, table in tables.values())
    height = CELL[1] * rows + MARGIN
    with shared_style():
        width = sum(NAMES + CELL[0] * number for number in columns)
        figure = Figure(figsize=(max(width, 4.0), height))
        panels = figure.subplots(1, len(tables), squeeze=False, width_ratios=columns)[0]
        for axes, (layer, table) in zip(panels, tables.items(), strict=True):
            axes.set_title(layer)
            _draw(axes, *table)
        figure.suptitle(f"{run.title}:\nmean weight of what each task reads", fontsize=9)
        name_data(figure, [run.data])
    return figure


def mixing_curves_figure(run: RunHistory) -> Figure:
    """A row per reader, a column per layer, and a line per part that is read: weights over time.

    Each point is an evaluation's mean over the songs of its sample; the grey line is the best
    checkpoint.
    """
    mixing = _mixing(run)
    readers = list(dict.fromkeys(reader for of in mixing.values() for reader in of))
    parts = dict.fromkeys(part for of in mixing.values() for read in of.values() for part in read)
    looks = {part: line_look(number) for number, part in enumerate(parts)}
    time, rows = run.table[run.time], len(readers)
    every = -(-len(time) // MARKS)
    with shared_style():
        figure = Figure(figsize=(WIDTH, PANEL * rows + 0.5))
        panels = figure.subplots(rows, len(mixing), sharex=True, sharey=True, squeeze=False)
        for column, (layer, of_layer) in zip(panels.T, mixing.items(), strict=True):
            column[0].set_title(layer)
            for axes, reader in zip(column, readers, strict=True):
                axes.set_visible(reader in of_layer)
                for part in of_layer.get(reader, ()):
                    weights = run.table[f"mixing:{layer}:{reader}:{part}"]
                    look = looks[part] | {"markersize": 3, "markevery": every}
                    axes.plot(time, weights, label=part, **look)
                if run.best_row is not None:
                    axes.axvline(time[run.best_row], color=GREY, linewidth=0.8, zorder=0)
            lowest = [axes for axes in column if axes.get_visible()][-1]
            lowest.set_xlabel(run.time_label)
            lowest.tick_params(labelbottom=True)
        for axes, reader in zip(panels[:, 0], readers, strict=True):
            axes.set_ylabel(wrap_to(PANEL, reader))
        title = f"{run.title}: mean weight of what each task reads, evaluation by evaluation"
        finish(figure, title, every_label_once(panels.flat)[0], [run.data])
    return figure


def _mixing(run: RunHistory) -> dict[str, dict[str, dict[str, float]]]:
    """The best checkpoint's weights by layer, reader and part."""
    if mixing := run.record.get("mixing"):
        return mixing
    found, expected = "no mixing weights", "a finished run of cross_stitch, mmoe or ple"
    raise InputError(run.folder / "record.json", found, expected)


def _table(readers: dict[str, dict[str, float]]) -> tuple[list[str], list[str], np.ndarray]:
    """Names of readers, names of parts, those that most read last, and weights, NaN if not read."""
    read = Counter(part for weights in readers.values() for part in weights)
    parts = sorted(read, key=read.get)
    weights = [[of.get(part, np.nan) for part in parts] for of in readers.values()]
    return list(readers), parts, np.array(weights, dtype=float)


def _draw(axes: Axes, readers: list[str], parts: list[str], weights: np.ndarray) -> None:
    top = max(1.0, np.nanmax(np.abs(weights)))
    axes.imshow(np.abs(weights), cmap="Blues", vmin=0, vmax=top, aspect="auto")
    for (row, column), weight in np.ndenumerate(weights):
        if np.isfinite(weight):
            colour = "white" if abs(weight) > 0.6 * top else "black"
            axes.text(column, row, decimal(weight), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(parts)), parts, rotation=45, ha="right")
    axes.set_yticks(range(len(readers)), readers)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
