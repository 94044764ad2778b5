"""`repmusic figures`: every figure that a study's cells allow, from its `results.json` alone."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import require_writable

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(
    studies: tyro.conf.Positional[tuple[Path, ...]],
    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
    metric: tuple[str, ...] = (),
    width: float = 7.0,
    pdf: bool = False,
) -> None:
    """Draw every figure that the cells of studies allow, PNG and SVG.

    Args:
        studies: Folders of studies, or their results.json.
        output: Folder to write; of several studies each gets a folder of its own there. The
            folder `figures` in the study's unless given.
        metric: Metrics to draw; the study's own unless given. Files of another metric are named
            by it.
        width: Width of a figure in inches; 7 for a page, 3.3 for a column.
        pdf: Whether to write PDF as well.
    """
    from representation_music.plots.studies.results import load_results

    if not studies:
        raise InputError("STUDIES", "nothing", "folders of studies with a results.json")
    loaded = {path: load_results(path) for path in studies}
    kinds = ("png", "svg", "pdf") if pdf else ("png", "svg")
    for path, results in loaded.items():
        study = path if path.is_dir() else path.parent
        folder = output or study / "figures"
        if output and len(studies) > 1:
            folder = output / study.resolve().name
        require_writable(folder, "--output")
        for written in draw_study(results, folder, metric, width, kinds, str(path)):
            say(written)


def study_figures(results: dict, metric: str = "", width: float = 7.0) -> "dict[str, Figure]":
    """Every figure that the study's cells allow, by the name of its file; arguments as `figures`.

    Raises:
        InputError: if the study was not scored by the metric.
    """
    drawn = {name: draw(results, metric, width) for name, draw in figure_kinds().items()}
    return {name: figure for name, figure in drawn.items() if figure is not None}


def figure_kinds() -> "dict[str, Callable[..., Figure | None]]":
    """By name: a function that draws a figure of a study, or gives None where its cells allow none.

    Each takes the study's results, a metric to draw (the study's own unless given) and the width in
    inches.
    """
    from representation_music.plots.studies.benefit import benefit_figure, coupling_figure
    from representation_music.plots.studies.correlation import correlation_figure
    from representation_music.plots.studies.forest import forest_figure
    from representation_music.plots.studies.label_counts import label_counts_figure
    from representation_music.plots.studies.phase import phase_figure
    from representation_music.plots.studies.sharing_degree import sharing_degree_figure
    from representation_music.plots.studies.training_size import (
        flat_line_figure,
        training_size_figure,
    )

    return {
        "benefit": benefit_figure,
        "coupling": coupling_figure,
        "training-size": training_size_figure,
        "label-counts": label_counts_figure,
        "phase": phase_figure,
        "sharing-degree": sharing_degree_figure,
        "correlation": correlation_figure,
        "flat-line": flat_line_figure,
        "forest": forest_figure,
    }


def draw_study(
    results: dict,
    folder: Path | str,
    metrics: tuple[str, ...] = (),
    width: float = 7.0,
    kinds: tuple[str, ...] = ("png", "svg"),
    place: str = "the results",
) -> list[Path]:
    """Saves every figure of a study in a folder; gives their paths.

    Arguments as `figures` has them; errors call the results `place`.

    Raises:
        InputError: if there is no cell to draw, or the study was not scored by a metric.
    """
    from representation_music.plots.drawing.style import save_figure

    by_metric = {
        metric: study_figures(results, metric, width) for metric in metrics or (results["metric"],)
    }
    paths = []
    for metric, drawn in by_metric.items():
        if not drawn:
            raise InputError(place, "no cell with a rival", "one or more to draw")
        ending = "" if metric == results["metric"] else f"-{metric.replace('_', '-')}"
        for name, figure in drawn.items():
            paths += save_figure(figure, Path(folder) / f"{name}{ending}", kinds)
    return paths
