"""What an objective made of a run's tasks: their weights and how often gradients conflicted."""

from pathlib import Path

from matplotlib.figure import Figure

from representation_music.plots.drawing.style import (
    COLOURS,
    WIDTH,
    line_look,
    name_data,
    save_figure,
    shared_style,
)
from representation_music.plots.runs.history import RunHistory
from representation_music.utils.errors import InputError


def draw_task_weights(run_folder: Path | str) -> list[Path]:
    """Draws `task_weights.png` and `.svg` into a run's folder; gives their paths.

    Raises:
        InputError: if the run's objective does not weigh tasks, or it is not trained yet.
    """
    run = RunHistory.read(run_folder)
    return save_figure(task_weights_figure(run), run.folder / "task_weights")


def task_weights_figure(run: RunHistory) -> Figure:
    """Each task's mean weight since the last evaluation; of gradient methods also the conflicts."""
    weights = {task: f"weight:{task}" for task in run.tasks if f"weight:{task}" in run.table}
    if not weights:
        found, expected = "no weights of tasks", "a run whose objective weighs its tasks"
        raise InputError(run.folder / "history.csv", found, expected)
    columns = 1 + ("conflicts" in run.table)
    with shared_style():
        figure = Figure(figsize=(WIDTH, 3.4))
        panels = figure.subplots(1, columns, squeeze=False)[0]
        for place, (task, column) in enumerate(weights.items()):
            look = line_look(place) | {"label": task, "markersize": 3}
            panels[0].plot(run.table[run.time], run.table[column], **look)
        panels[0].set_ylabel("weight of the task's loss or gradient")
        if columns == 2:
            panels[1].plot(run.table[run.time], run.table["conflicts"], color=COLOURS[6])
            panels[1].set_ylabel("pairs of tasks with a negative\ninner product, share")
            panels[1].set_ylim(-0.03, 1.03)
        for axes in panels:
            axes.set_xlabel(run.time_label)
        figure.legend(
            *panels[0].get_legend_handles_labels(),
            loc="outside upper left",
            ncols=4,
            title=f"{run.title}: {run.settings['objective']}",
            alignment="left",
        )
        name_data(figure, [run.data])
    return figure
