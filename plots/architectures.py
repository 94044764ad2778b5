"""The study's Figure 2: which hidden layers the tasks share. It draws any sharing pattern."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

from representation_music.plots.drawing.names import PATTERN_NAMES, architecture_name
from representation_music.plots.drawing.style import COLOURS, GREY, save_figure, shared_style
from representation_music.utils.command_line import run_command
from representation_music.utils.console import say
from representation_music.utils.errors import InputError

SHARED, PRIVATE = COLOURS[0], "#F3C469"
INPUT = "#D9D9D9"
#: Height of a box, and of a box with the gap above it; a task's column is 1 wide.
BOX, STEP = 0.52, 0.94
#: Share of its column that the widest private layer fills, and what each narrower one loses.
WIDEST, NARROWING = 0.84, 0.11


def architectures(
    patterns: Annotated[tuple[str, ...], tyro.conf.Positional] = tuple(PATTERN_NAMES),
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("."),
    tasks: tuple[str, ...] = ("pop", "pop rock", "ballad"),
    widths: tuple[int, ...] = (1024, 512, 256, 128),
) -> None:
    """Draw sharing patterns as architectures.png and architectures.svg.

    Args:
        patterns: Sharing patterns such as SPSP, the first layer first, or architectures' names.
        output: Folder to write.
        tasks: Names of the tasks.
        widths: Units of each hidden layer.
    """
    for path in save_figure(
        architectures_figure(patterns, tasks, widths), output / "architectures"
    ):
        say(path)


def architectures_figure(
    patterns: Sequence[str] = tuple(PATTERN_NAMES),
    tasks: Sequence[str] = ("pop", "pop rock", "ballad"),
    widths: Sequence[int] = (1024, 512, 256, 128),
) -> Figure:
    """One panel per sharing pattern, inputs at the bottom, one head per task at the top.

    Raises:
        InputError: for a pattern that has not one S or P for each of `widths`.
    """
    of_name = {name: pattern for pattern, name in PATTERN_NAMES.items()}
    patterns = [of_name.get(architecture_name(pattern), pattern) for pattern in patterns]
    for pattern in patterns:
        if set(pattern) - set("SP") or len(pattern) != len(widths):
            raise InputError(
                "the pattern",
                repr(pattern),
                f"{len(widths)} letters, each S (shared) or P (private)",
            )
    columns = min(4, len(patterns))
    rows = -(-len(patterns) // columns)
    top = STEP * (len(widths) + 1) + BOX
    panel_width, margin = 0.78 * len(tasks) + 0.15, 1.15
    with shared_style():
        figure = Figure(
            figsize=(columns * panel_width + margin, rows * (0.62 * top + 0.35) + 0.45),
            layout="none",
        )
        grid = figure.add_gridspec(
            rows,
            columns,
            left=margin / figure.get_figwidth(),
            right=0.995,
            bottom=0.42 / figure.get_figheight(),
            top=1 - 0.32 / figure.get_figheight(),
            wspace=0.06,
            hspace=0.14,
        )
        for number, pattern in enumerate(patterns):
            axes = figure.add_subplot(grid[number // columns, number % columns])
            draw_pattern(axes, pattern, tasks)
            if number % columns == 0:
                _name_layers(axes, widths)
        figure.legend(
            handles=[
                Patch(color=SHARED, label="shared by all tasks"),
                Patch(color=PRIVATE, label="private: one for each task"),
            ],
            loc="lower center",
            bbox_to_anchor=(0.5 + margin / figure.get_figwidth() / 2, 0),
            ncols=2,
        )
    return figure


def draw_pattern(axes: Axes, pattern: str, tasks: Sequence[str]) -> None:
    """Draws one network: a wide box for each shared layer, a box per task for each private one.

    An arrow is a stream. From the first private layer on there is one per task, through shared
    layers as well, which apply the same weights to each.
    """
    centre, num_tasks = (len(tasks) - 1) / 2, len(tasks)
    streams = [centre]
    _box(axes, centre, 0, num_tasks - 1 + WIDEST, INPUT, "input")
    for depth, letter in enumerate(pattern, start=1):
        y, width = depth * STEP, WIDEST - NARROWING * (depth - 1)
        if letter == "P":
            streams = list(range(num_tasks))
        _arrows(axes, streams, y)
        if letter == "P":
            for column in range(num_tasks):
                _box(axes, column, y, width, PRIVATE, f"fc{depth} private")
        else:
            _box(axes, centre, y, num_tasks - 1 + width, SHARED, f"fc{depth} shared")
    y = (len(pattern) + 1) * STEP
    _arrows(axes, range(num_tasks), y)
    for column, task in enumerate(tasks):
        _box(axes, column, y, WIDEST, "white", "head", edge="#333333")
        axes.text(column, y + BOX / 2, task, ha="center", va="center", fontsize=8)
    axes.text(centre, BOX / 2, "bag of words", ha="center", va="center", fontsize=8)
    name = PATTERN_NAMES.get(pattern)
    axes.set_title(
        f"{name[0].upper()}{name[1:]}  ({pattern})" if name else pattern, loc="center", fontsize=9.5
    )
    axes.set(xlim=(-0.52, num_tasks - 0.48), ylim=(-0.08, y + BOX + 0.08))
    axes.axis("off")


def _box(
    axes: Axes, centre: float, bottom: float, width: float, colour: str, label: str, edge="none"
) -> None:
    rounding = 0.08
    axes.add_patch(
        FancyBboxPatch(
            (centre - width / 2 + rounding, bottom + rounding),
            width - 2 * rounding,
            BOX - 2 * rounding,
            boxstyle=f"round,pad={rounding}",
            facecolor=colour,
            edgecolor=edge,
            linewidth=1,
            label=label,
        )
    )


def _arrows(axes: Axes, targets: Sequence[float], y: float) -> None:
    """Arrows up to the boxes at `y`, one per stream; the box below spans all of them."""
    for x in targets:
        axes.add_patch(
            FancyArrowPatch(
                (x, y - STEP + BOX),
                (x, y),
                arrowstyle="-|>,head_length=2.6,head_width=1.5",
                color="#444444",
                linewidth=0.9,
                shrinkA=0,
                shrinkB=0,
            )
        )


def _name_layers(axes: Axes, widths: Sequence[int]) -> None:
    left = axes.get_xlim()[0] - 0.12
    layers = [f"fc{n}: {units:,}" for n, units in enumerate(widths, 1)]
    texts = ["5,000 words,\ncentred, scaled", *layers]
    for depth, text in enumerate([*texts, "heads"]):
        axes.text(
            left, depth * STEP + BOX / 2, text, ha="right", va="center", fontsize=8, color=GREY
        )


if __name__ == "__main__":
    sys.exit(run_command(architectures, program="architectures.py"))
