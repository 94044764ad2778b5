"""`repmusic plot`: learning curves of any runs in one figure, on validation songs."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import require_writable
from representation_music.utils.reading import exists
from representation_music.utils.records import run_folders

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from representation_music.plots.runs.history import RunHistory

#: Settings that never tell two curves apart.
NOT_NAMED = ("seed", "dataset", "experiment_name", "fingerprint")
#: Settings that the name of an arm speaks of.
IN_THE_ARM = ("architecture", "task_weights", "permuted_tasks", "lyric_tasks")
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.5)), (0, (5, 1.5, 1.5, 1.5)))
#: Letters of a name from which on a legend has one column, in small print.
LONG_NAME = 50


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
    require_writable(output.parent, "--output")
    for path in draw_learning_curves(runs, output, task, metrics):
        say(path)


def draw_learning_curves(
    places: Iterable[Path | str], stem: Path | str, task: str = "", metrics: Sequence[str] = ()
) -> list[Path]:
    """Draws `stem`.png and `stem`.svg as `plot` does, and gives their paths.

    Runs without a history among others, such as a study's linear models, are left out.

    Raises:
        InputError: if a run has no history, or not of this task and these metrics.
    """
    from representation_music.plots.drawing.style import save_figure
    from representation_music.plots.runs.history import RunHistory

    folders = run_folders(places)
    trained = [folder for folder in folders if exists(folder / "history.csv")]
    runs = [RunHistory.read(folder) for folder in trained or folders]
    return save_figure(learning_curves_figure(runs, task, metrics), stem)


def learning_curves_figure(runs: Sequence["RunHistory"], task: str = "", metrics: Sequence = ()):
    """A panel per metric (of `METRICS`), a line per run; runs that differ by seed only look alike.

    The task is the first run's target unless given.

    Raises:
        InputError: if a run's history lacks a metric of the task.
    """
    from matplotlib.figure import Figure

    from representation_music.plots.drawing.style import WIDTH, name_data, shared_style

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
    runs = sorted(runs, key=lambda run: (run.arm.rank, run.settings["training_size"]))
    names = [", ".join(filter(None, name)) for name in group_names(runs)]
    with shared_style():
        long = max(map(len, names)) > LONG_NAME
        legend_rows = (2 if long else 0.5) * len(set(names)) + 1
        figure = Figure(figsize=(WIDTH, 3.5 + 0.18 * legend_rows))
        panels = figure.subplots(1, len(metrics), squeeze=False)[0]
        for axes, metric in zip(panels, metrics, strict=True):
            _draw_metric(axes, runs, names, task, metric)
        figure.legend(
            *panels[0].get_legend_handles_labels(),
            loc="outside upper left",
            ncols=1 if long else 2,
            fontsize=7 if long else 9,
            title=f"{task} on validation songs while training; the mark is the best checkpoint",
            title_fontsize=11,
            alignment="left",
            handlelength=3,
        )
        name_data(figure, [run.data for run in runs])
    return figure


def group_names(runs: Sequence["RunHistory"]) -> list[tuple[str, str]]:
    """Each run's arm, and the settings that not all runs have in common, but the seed."""
    keys = sorted({key for run in runs for key in run.settings} - {*NOT_NAMED, *IN_THE_ARM})
    differing = [key for key in keys if len({str(run.settings.get(key)) for run in runs}) > 1]
    return [
        (run.arm.name, ", ".join(_setting_text(key, run.settings.get(key)) for key in differing))
        for run in runs
    ]


def _draw_metric(
    axes: "Axes", runs: Sequence["RunHistory"], names: Sequence[str], task: str, metric: str
) -> None:
    from representation_music.plots.drawing.style import GREY

    time = "epoch" if all(run.time == "epoch" for run in runs) else "step"
    looks, named = _looks(runs), set()
    for run, name, look in zip(runs, names, looks, strict=True):
        axes.plot(
            run.table[time],
            run.table[f"validation_{metric}:{task}"],
            markevery=[] if run.best_row is None else [run.best_row],
            markersize=6,
            linewidth=1.2,
            label=None if name in named else textwrap.fill(name, 110),
            **look,
        )
        named.add(name)
    constants = {run.constant(task, metric) for run in runs} - {None}
    for number, constant in enumerate(sorted(constants)):
        label = "constant predictor" if number == 0 else None
        style = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1, "zorder": 1}
        axes.axhline(constant, label=label, **style)
    axes.set_xlabel("epoch" if time == "epoch" else "training step")
    axes.set_ylabel(runs[0].axis_label(task, metric))


def _setting_text(key: str, value) -> str:
    if key == "training_size":
        return f"{value:,} songs" if value else "all songs"
    if key == "tasks":
        return " + ".join(value)
    if isinstance(value, list):
        value = " ".join(map(str, value))
    return f"{key.replace('_', ' ')} {value}"


def _looks(runs: Sequence["RunHistory"]) -> list[dict]:
    """How each run's line looks: its arm's colour and marker, dashed by its other settings.

    Where dashes do not suffice, or there is one arm only, every group has a colour and marker of
    its own.
    """
    from representation_music.plots.drawing.style import line_look

    names = group_names(runs)
    arms, others = ({name[part]: None for name in names} for part in (0, 1))
    if len(others) == 1 or (len(arms) > 1 and len(others) <= len(DASHES)):
        dashes = dict(zip(others, DASHES, strict=False))
        return [
            {"color": run.arm.colour, "marker": run.arm.marker, "linestyle": dashes[other]}
            for run, (_, other) in zip(runs, names, strict=True)
        ]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [line_look(numbers[name]) for name in names]
