"""`repmusic plot`: learning curves of any runs in one figure, on validation songs."""

from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Annotated

import tyro

from representation_music.utils.errors import InputError

#: Settings that never tell two curves apart.
NOT_NAMED = ("seed", "dataset", "experiment_name", "fingerprint")
#: Settings that the name of an arm speaks of.
IN_THE_ARM = ("architecture", "task_weights", "permuted_tasks")


def plot(
    runs: tyro.conf.Positional[tuple[Path, ...]],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("learning-curves"),
    task: str = "",
    metrics: tuple[str, ...] = (),
) -> None:
    """Draw the learning curves of any runs in one figure, PNG and SVG.

    Args:
        runs: Run folders, or folders of them; runs that differ in their seed only look the same.
        output: The figure's path, without .png.
        task: Task whose validation scores are drawn; the first run's target unless given.
        metrics: Scores to draw, a panel each; loss and AUC, or RMSE and R², unless given.
    """
    if not runs:
        raise InputError("RUNS", "nothing", "run folders, or folders of them")
    for path in draw_learning_curves(runs, output, task, metrics):
        print(path)


def draw_learning_curves(
    places: Iterable[Path | str],
    stem: Path | str,
    task: str = "",
    metrics: Sequence[str] = (),
) -> list[Path]:
    """Draws `stem`.png and `stem`.svg as `plot` does, and gives their paths.

    Raises:
        InputError: if a run has no history, or not of this task and these metrics.
    """
    from representation_music.plots.run_history import RunHistory
    from representation_music.plots.style import save_figure
    from representation_music.utils.records import run_folders

    runs = [RunHistory.read(folder) for folder in run_folders(places)]
    return save_figure(learning_curves_figure(runs, task, metrics), stem)


def learning_curves_figure(runs: Sequence, task: str = "", metrics: Sequence[str] = ()):
    """A panel a metric, a line a run, a colour for each group of runs that differ by seed only.

    Args:
        runs: The runs' `RunHistory`.
        task: The first run's target unless given.
        metrics: Names in `METRICS`.

    Raises:
        InputError: if a run's history lacks a metric of the task.
    """
    from matplotlib.figure import Figure

    from representation_music.plots.style import GREY, WIDTH, name_data, shared_style

    task = task or runs[0].tasks[0]
    if not metrics:
        metrics = ("rmse", "r2") if runs[0].is_regression(task) else ("log_loss", "auc")
    for run in runs:
        if missing := [m for m in metrics if f"validation_{m}:{task}" not in run.table]:
            raise InputError(
                run.folder / "history.csv",
                f"no {missing[0]} of {task}",
                f"tasks {', '.join(run.tasks)} and metrics of their kind",
            )
    time = "epoch" if all(run.time == "epoch" for run in runs) else "step"
    names = group_names(runs)
    looks = _looks(runs, names)
    with shared_style():
        figure = Figure(figsize=(WIDTH, 4.0))
        panels = figure.subplots(1, len(metrics), squeeze=False)[0]
        for axes, metric in zip(panels, metrics, strict=True):
            column, named = f"validation_{metric}:{task}", set()
            for run, name in sorted(zip(runs, names, strict=True), key=lambda p: p[0].arm.rank):
                colour, marker = looks[name]
                label = None if name in named else name
                named.add(name)
                axes.plot(
                    run.table[time],
                    run.table[column],
                    color=colour,
                    marker=marker,
                    markevery=[] if run.best_row is None else [run.best_row],
                    markersize=6,
                    linewidth=1.2,
                    label=label,
                )
            constants = [run.constant(task, metric) for run in runs]
            known = sorted({value for value in constants if value is not None})
            for number, constant in enumerate(known):
                label = "constant predictor" if number == 0 else None
                axes.axhline(
                    constant, color=GREY, linestyle=(0, (4, 2)), linewidth=1, label=label, zorder=1
                )
            axes.set_xlabel("epoch" if time == "epoch" else "training step")
            axes.set_ylabel(runs[0].axis_label(task, metric))
        figure.legend(
            *panels[0].get_legend_handles_labels(),
            loc="outside upper left",
            ncols=2,
            title=f"{task} on validation songs while training; the mark is the best checkpoint",
            title_fontsize=11,
            alignment="left",
        )
        name_data(figure, [run.data for run in runs])
    return figure


def group_names(runs: Sequence) -> list[str]:
    """A name a run: its arm, and the settings that not all runs have in common, but the seed."""
    keys = sorted({key for run in runs for key in run.settings} - {*NOT_NAMED, *IN_THE_ARM})
    differing = [key for key in keys if len({str(run.settings.get(key)) for run in runs}) > 1]
    return [
        ", ".join([run.arm.name, *(_setting_text(key, run.settings.get(key)) for key in differing)])
        for run in runs
    ]


def _setting_text(key: str, value) -> str:
    if key == "training_size":
        return f"{value:,} songs" if value else "all songs"
    if isinstance(value, list):
        value = " + ".join(map(str, value)) if key == "tasks" else " ".join(map(str, value))
    return str(value) if key == "tasks" else f"{key.replace('_', ' ')} {value}"


def _looks(runs: Sequence, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker by name: the arm's own, as long as no other name has them."""
    from representation_music.plots.style import COLOURS, MARKERS

    arms = {name: run.arm for run, name in zip(runs, names, strict=True)}
    if len(set(arms.values())) == len(arms):
        return {name: (arm.colour, arm.marker) for name, arm in arms.items()}
    # Lists of 7 each, the markers turned by one each round: 49 names look different.
    numbers = zip(arms, count(), strict=False)
    return {name: (COLOURS[n % 7], MARKERS[(n + n // 7) % 7]) for name, n in numbers}
