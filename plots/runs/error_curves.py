"""A run's error curves, as the 2016 study drew them: every task's loss and validation scores."""

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from representation_music.plots.drawing.panels import every_label_once
from representation_music.plots.drawing.style import (
    COLOURS,
    GREY,
    name_data,
    save_figure,
    shared_style,
)
from representation_music.plots.runs.history import RunHistory

VALIDATION, TRAINING = COLOURS[0], COLOURS[1]
#: Share of the evaluations whose training loss may leave the panel: the first steps tower.
FIRST_STEPS = 0.1
#: Rows below the loss: the study's metric, and one that does not hide behind the base rate.
METRICS_DRAWN = {False: ("error", "auc"), True: ("rmse", "r2")}


def draw_error_curves(run_folder: Path | str) -> list[Path]:
    """Draws `error-curves.png` and `.svg` into the folder of a run, ended or not.

    Returns:
        The paths of both files.

    Raises:
        InputError: if the folder holds no run that has been evaluated once.
    """
    run = RunHistory.read(run_folder)
    return save_figure(error_curves_figure(run), run.folder / "error-curves")


def error_curves_figure(run: RunHistory) -> Figure:
    """A column per task, the target first: training loss, then the metrics on validation songs."""
    with shared_style():
        figure = Figure(figsize=(max(2.7 * len(run.tasks), 5.4), 6.4))
        panels = figure.subplots(3, len(run.tasks), sharex=True, squeeze=False)
        for column, task in zip(panels.T, run.tasks, strict=True):
            _draw_loss(column[0], run, task)
            for axes, metric in zip(
                column[1:], METRICS_DRAWN[run.is_regression(task)], strict=True
            ):
                _draw_metric(axes, run, task, metric)
            column[0].set_title(f"{task} (target)" if task == run.tasks[0] else task)
            column[-1].set_xlabel(_time_label(run))
            column[-1].xaxis.set_major_locator(MaxNLocator(5, integer=True))
        figure.legend(
            *every_label_once(panels.flat),
            loc="outside upper left",
            ncols=2 if len(run.tasks) < 3 else 3,
            title=run.title,
            title_fontsize=11,
            alignment="left",
        )
        name_data(figure, [run.data])
    return figure


def _draw_loss(axes: Axes, run: RunHistory, task: str) -> None:
    _line(axes, run, f"training_loss:{task}", TRAINING, "training loss (with dropout)")
    if run.is_regression(task):
        axes.set_ylabel("squared error (sd²)")
    else:
        _draw_metric(axes, run, task, "log_loss")
        axes.set_ylabel("loss (nats)")
    first = max(1, round(FIRST_STEPS * len(run.table[run.time])))
    later = [
        value
        for line in axes.get_lines()
        for value in line.get_ydata()[first:]
        if math.isfinite(value)  # a diverged run's are not
    ]
    if later:
        margin = 0.1 * (max(later) - min(later)) or 0.01
        axes.set_ylim(min(later) - margin, max(later) + 2 * margin)


def _draw_metric(axes: Axes, run: RunHistory, task: str, metric: str) -> None:
    column = f"validation_{metric}:{task}"
    _line(axes, run, f"training_{metric}:{task}", TRAINING, "training songs", linestyle="--")
    _line(axes, run, column, VALIDATION, "validation songs")
    if (constant := run.constant(task, metric)) is not None:
        axes.axhline(constant, color=GREY, linestyle=(0, (4, 2)), label="constant predictor")
    if run.best_row is not None and column in run.table:
        axes.plot(
            run.table[run.time][run.best_row],
            run.table[column][run.best_row],
            "o",
            color=VALIDATION,
            markerfacecolor="white",
            markersize=7,
            label="best checkpoint",
        )
    axes.set_ylabel(run.axis_label(task, metric))


def _line(axes: Axes, run: RunHistory, column: str, colour: str, label: str, **style) -> None:
    if column in run.table:
        axes.plot(run.table[run.time], run.table[column], color=colour, label=label, **style)


def _time_label(run: RunHistory) -> str:
    if run.time == "epoch":
        return "epoch"
    per_epoch = run.table["step"][-1] / run.table["epoch"][-1]
    return f"training step ({per_epoch:.3g} an epoch)"
