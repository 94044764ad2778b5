"""The target's test scores of finished, evaluated runs: by arm, and against training size."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from representation_music.plots.drawing.arms import Arm
from representation_music.plots.drawing.panels import (
    CONSTANT_STYLE,
    draw_line,
    draw_point,
    finish,
    set_size_axis,
    spread,
    widen,
)
from representation_music.plots.drawing.style import GREY, WIDTH, save_figure, shared_style
from representation_music.plots.runs.scores import read_test_scores
from representation_music.utils.decimals import decimal
from representation_music.utils.metrics import METRICS
from representation_music.utils.statistics.estimates import estimate
from representation_music.utils.tasks import Task


def draw_comparison(places: Iterable[Path | str], folder: Path | str) -> list[Path]:
    """Draws `by-architecture` and, where there are several sizes, `by-training-size`; gives paths.

    The runs at these places are of one target and were evaluated on the test split.

    Raises:
        InputError: as `read_test_scores`.
    """
    scores = read_test_scores(places)
    paths = save_figure(by_architecture_figure(scores), Path(folder) / "by-architecture")
    if scores["songs"].nunique() > 1:
        figure = by_training_size_figure(scores)
        paths += save_figure(figure, Path(folder) / "by-training-size")
    return paths


def by_architecture_figure(scores: pandas.DataFrame) -> Figure:
    """A row per arm and a panel per metric: every seed, their mean, its interval, the constant.

    They are those of the largest training size that every arm has.
    """
    arms = _arms(scores)
    common = set.intersection(*(set(_of_arm(scores, arm)["songs"]) for arm in arms))
    songs = max(common or scores["songs"])
    chosen = scores[scores["songs"] == songs]
    with shared_style():
        figure = Figure(figsize=(WIDTH, 0.6 + 0.36 * len(arms)))
        panels = figure.subplots(1, len(scores.attrs["metrics"]), sharey=True, squeeze=False)[0]
        for axes, metric in zip(panels, scores.attrs["metrics"], strict=True):
            constant = chosen[f"constant:{metric}"].mean()
            axes.axvline(constant, label="constant predictor", **CONSTANT_STYLE)
            for row, arm in enumerate(arms):
                values = _of_arm(chosen, arm)[f"score:{metric}"].to_numpy()
                _draw_row(axes, row, arm, values)
            axes.set_xlabel(_axis_label(scores, metric))
            axes.grid(axis="x", linewidth=0.3)
            axes.margins(x=0.1)
            axes.set_xlim(widen(metric, *axes.get_xlim()))
        panels[0].set_yticks(range(len(arms)), [arm.name for arm in arms])
        panels[0].set_ylim(len(arms) - 0.5, -0.7)
        _finish(figure, panels[0], scores, f"{songs:,} training songs", chosen)
    return figure


def by_training_size_figure(scores: pandas.DataFrame) -> Figure:
    """A line per arm and a panel per metric against training size; bars where there are seeds."""
    arms, sizes = _arms(scores), sorted(scores["songs"].unique())
    with shared_style():
        figure = Figure(figsize=(WIDTH, 3.0))
        panels = figure.subplots(1, len(scores.attrs["metrics"]), squeeze=False)[0]
        for axes, metric in zip(panels, scores.attrs["metrics"], strict=True):
            constant = scores.groupby("songs")[f"constant:{metric}"].mean()
            axes.plot(constant.index, constant, label="constant predictor", **CONSTANT_STYLE)
            # Side by side, or the intervals of arms that are alike would hide each other.
            for arm, shift in zip(arms, spread(len(arms)), strict=True):
                _draw_line(axes, arm, _of_arm(scores, arm), f"score:{metric}", 1.02**shift)
            set_size_axis(axes, sizes, WIDTH / len(panels) - 0.8)
            axes.set_xlabel("training songs with the target's label")
            axes.set_ylabel(_axis_label(scores, metric))
            axes.grid(axis="y", linewidth=0.3)
            axes.set_ylim(widen(metric, *axes.get_ylim()))
        _finish(figure, panels[0], scores, "by training size", scores)
    return figure


def _draw_row(axes: Axes, row: int, arm: Arm, values: np.ndarray) -> None:
    mean, low, high = estimate(values).to_json()
    if len(values) > 1:
        axes.plot(values, np.full(len(values), row), "|", color=arm.colour, markersize=8, zorder=2)
    draw_point(axes, (mean, low, high), row, arm)
    axes.annotate(
        decimal(mean), (mean, row), (0, 8), textcoords="offset points", ha="center", color=GREY
    )


def _draw_line(axes: Axes, arm: Arm, of_arm: pandas.DataFrame, column: str, shift: float) -> None:
    sizes = sorted(of_arm["songs"].unique())
    points = [estimate(of_arm[of_arm["songs"] == size][column]).to_json() for size in sizes]
    draw_line(axes, np.array(sizes) * shift, points, arm)


def _arms(scores: pandas.DataFrame) -> list[Arm]:
    return sorted(set(scores["arm"]), key=lambda arm: arm.rank)


def _of_arm(scores: pandas.DataFrame, arm: Arm) -> pandas.DataFrame:
    return scores[[each == arm for each in scores["arm"]]]


def _axis_label(scores: pandas.DataFrame, metric: str) -> str:
    target = scores.attrs["target"]
    label = METRICS[metric].axis_label(Task(target, "regression", unit=scores.attrs["unit"]))
    arrow = "higher is better" if METRICS[metric].higher_is_better else "lower is better"
    return f"{label}, {arrow}"


def _finish(
    figure: Figure, axes: Axes, scores: pandas.DataFrame, what: str, drawn: pandas.DataFrame
) -> None:
    """Title and legend in one, so that they share the space above, and the name of the data."""
    counts = drawn.groupby([drawn["arm"].map(lambda arm: arm.name), "songs"]).size()
    seeds = f"{counts.min()}" if counts.min() == counts.max() else f"{counts.min()}-{counts.max()}"
    several = "; mean over seeds, 95 % t interval" if counts.max() > 1 else ""
    runs = "1 seed" if seeds == "1" else f"{seeds} seeds"
    *others, last = scores.attrs["data"]
    title = f"{scores.attrs['target']} on the test split, {what}"
    handles, _ = axes.get_legend_handles_labels()
    finish(figure, title, handles, [*others, f"{last}, {runs}{several}"])
