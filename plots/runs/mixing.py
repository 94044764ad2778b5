"""What a run's tasks read in a network of soft sharing: the weights of its gates or stitches."""

from collections import Counter
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.style import name_data, save_figure, shared_style
from representation_music.plots.runs.history import RunHistory
from representation_music.utils.decimals import decimal
from representation_music.utils.errors import InputError

#: Inches of a cell, of the names left of a panel, and of all that stands above and below cells.
CELL, NAMES, MARGIN = (0.42, 0.26), 0.9, 1.5


def draw_mixing(run_folder: Path | str) -> list[Path]:
    """Draws `mixing.png` and `.svg` into the folder of a finished run; gives their paths.

    Raises:
        InputError: if the run's network has neither gates nor stitches, or is not trained yet.
    """
    run = RunHistory.read(run_folder)
    return save_figure(mixing_figure(run), run.folder / "mixing")


def mixing_figure(run: RunHistory) -> Figure:
    """A panel per layer, a row per reader (a task), a column per expert or stream that it reads.

    Numbers are mean weights over validation songs; what a gate does not reach is left blank.
    """
    mixing = run.record.get("mixing")
    if not mixing:
        found, expected = "no mixing weights", "a finished run of cross_stitch, mmoe or ple"
        raise InputError(run.folder / "record.json", found, expected)
    tables = {layer: _table(readers) for layer, readers in mixing.items()}
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
