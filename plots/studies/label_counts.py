"""Gains against numbers of labels: of the target, and of further songs with auxiliary labels."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from representation_music.plots.drawing.arms import Arm, arm_named
from representation_music.plots.drawing.names import architecture_name
from representation_music.plots.drawing.panels import (
    draw_line,
    every_label_once,
    finish,
    set_size_axis,
    spread,
)
from representation_music.plots.drawing.style import COLOURS, MARKERS, WIDTH, shared_style
from representation_music.plots.studies.panels import (
    gain_name,
    gain_title,
    margin_handle,
    panel_title,
    rivals_drawn,
    set_gain_axis,
    sources,
)
from representation_music.plots.studies.results import (
    cells_with,
    chosen_metric,
    gain,
    levels,
    plain_cells,
)

AUXILIARY = "auxiliary songs"
HEIGHT = 1.9


def label_counts_figure(results: dict, metric: str = "", width: float = WIDTH) -> Figure | None:
    """A column per rival, a row per task set, a line per architecture or number of further songs.

    None where there are not two training sizes. Arguments as `figure_kinds` has them.
    """
    metric = chosen_metric(results, metric)
    cells = [cell for cell in results["cells"] if AUXILIARY in cell["factors"]]
    cells = cells or plain_cells(results)
    sizes, rivals = levels(cells, "songs"), rivals_drawn(cells, width)
    if not rivals or len(sizes) < 2:
        return None
    couplings = levels(cells, "coupling") or [None]
    places = [(coupling, rival) for coupling in couplings for rival in rivals]
    with shared_style():
        figure = Figure(figsize=(width, HEIGHT * len(couplings)))
        grid = figure.subplots(len(couplings), len(rivals), sharex=True, sharey=True, squeeze=False)
        for axes, (coupling, rival) in zip(grid.flat, places, strict=True):
            lines = _lines(cells_with(cells, coupling=coupling))
            # Side by side, or intervals that are alike would hide each other.
            for (look, of_line), shift in zip(lines, spread(len(lines)), strict=True):
                by_size = {cell["factors"]["songs"]: cell for cell in of_line}
                gains = [
                    gain(by_size[songs], metric, rival) if songs in by_size else [np.nan] * 3
                    for songs in sizes
                ]
                draw_line(axes, np.array(sizes) * 1.02**shift, gains, look)
            set_gain_axis(axes, results, metric, HEIGHT - 0.6, upright=True)
            axes.set_title(panel_title(coupling, couplings, rival), fontsize=8)
        set_size_axis(grid[0, 0], sizes, (width - 0.6) / len(rivals) - 0.25)
        for axes in grid[:, 0]:
            axes.set_ylabel(gain_name(results, metric))
        for axes in grid[-1]:
            axes.set_xlabel("songs with the target's label")
        handles, _ = every_label_once(grid.flat)
        what = "target and auxiliary labels" if levels(cells, AUXILIARY) else "target labels"
        title = f"{gain_title(results, metric)} by numbers of {what}"
        handles += margin_handle(results, metric)
        finish(figure, title, handles, sources(results, metric, cells, rivals))
    return figure


def _lines(cells: Sequence[dict]) -> list[tuple[Arm, list[dict]]]:
    """Look and cells of each line: a combination of architecture and number of auxiliary songs."""
    numbers, names = levels(cells, AUXILIARY), levels(cells, "architecture")
    if not numbers:
        by_name = [
            (arm_named(architecture_name(n)), cells_with(cells, architecture=n)) for n in names
        ]
        return sorted(by_name, key=lambda line: line[0].rank)
    lines = []
    for name in names:
        for number in numbers:
            place = len(lines)
            label = f"{number:,} further songs with auxiliary labels"
            if len(names) > 1:
                label = f"{architecture_name(name)}, {label}"
            look = Arm(label, COLOURS[place % 7], MARKERS[(place + place // 7) % 7], place)
            chosen = cells_with(cells, architecture=name) if names else list(cells)
            lines.append((look, cells_with(chosen, **{AUXILIARY: number})))
    return lines
