"""Makes `results.json`: a study's complete cells, judged, and all that its readers need to know."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from representation_music.experiments.design.study import read_study
from representation_music.experiments.results.cell_runs import CellRuns
from representation_music.experiments.results.judgement import judged_study, metric_descriptions
from representation_music.experiments.results.summary import cuts, summarise
from representation_music.experiments.runs.folder import is_done
from representation_music.experiments.runs.summary import run_summary
from representation_music.utils.console import command, progress
from representation_music.utils.errors import InputError
from representation_music.utils.files import without_nan, write_json
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS_OF
from representation_music.utils.reading import exists
from representation_music.utils.records import read_json
from representation_music.utils.results_format import ARM, FORMAT
from representation_music.utils.statistics.comparisons import RESAMPLES
from representation_music.utils.statistics.estimates import LEVEL

#: What `study.json` says of a study, and `results.json` says again.
TOLD = ("study", "question", "asked", "compares", "figure", "order", "command", "options")


class NoWholeCell(InputError):
    """No cell of a study has all its runs yet."""


def write_results(study: Path, metric: str = "", resamples: int = RESAMPLES) -> dict:
    """Judges a study's cells and writes `results.json`; gives its content.

    The metric of the target that decides is AUC (classification) or R² if empty.

    Raises:
        NoWholeCell: if no cell's runs are all done.
        InputError: if the target has no such metric, or a file of a run is damaged.
    """
    content = study_results(study, metric, resamples)
    write_json(study / "results.json", content, indent=None)
    return content


def update_results(study: Path) -> None:
    """Judges a study's cells anew if more are complete than `results.json` holds.

    Results that stand there keep the metric and resamples that they were made with.
    """
    if not exists(study / "study.json"):
        return
    metric, resamples = "", RESAMPLES
    with suppress(InputError):  # none there, or of another format
        standing = read_json(study / "results.json")
        if standing.get("format") != FORMAT:
            raise InputError(study / "results.json", "another format", f"format {FORMAT}")
        judged = {cell["cell"]: cell["arms"][ARM]["runs"] for cell in standing["cells"]}
        if judged == {cell["cell"]: cell["arm"] for cell in whole_cells(study)}:
            return
        metric, resamples = standing["metric"], standing["resamples"]
    with suppress(NoWholeCell):
        write_results(study, metric, resamples)


def study_results(study: Path, metric: str = "", resamples: int = RESAMPLES) -> dict:
    """What `results.json` holds: cells judged by every metric, and their runs.

    Raises:
        NoWholeCell: if no cell's runs are all done.
        InputError: if the target has no such metric, or a file of a run is damaged.
    """
    content = read_study(study)
    whole = whole_cells(study)
    if not whole:
        raise NoWholeCell(
            study,
            "no cell whose runs are all done",
            "one or more",
            f"`{command('repmusic', 'status', study)}` tells what is left.",
        )
    cells = [CellRuns(cell, study) for cell in whole]
    kind = cells[0].task.kind
    metric = metric or DEFAULT_METRIC[kind]
    if metric not in METRICS_OF[kind]:
        raise InputError("--metric", repr(metric), f"one of {', '.join(METRICS_OF[kind])}")
    with progress("metrics of the cells", None) as advance:
        judged, contrasts = judged_study(cells, content["contrasts"], metric, resamples, advance)
    found = {
        "format": FORMAT,
        **{name: content[name] for name in TOLD},
        **_data(cells),
        "target_kind": kind,
        "metric": metric,
        "metrics": metric_descriptions(kind),
        "level": LEVEL,
        "resamples": resamples,
        "seeds": min(len(cell["arm"]) for cell in whole),
        "varies": list(dict.fromkeys(cell["unit"] for cell in whole)),
        "missing_cells": len(content["cells"]) - len(whole),
        "cut": cuts(content, content["cells"]),
        "contrasts": contrasts,
    }
    runs = _runs(cells)
    found |= summarise(judged, metric, found | {"runs": runs})
    return without_nan(found | {"cells": judged, "runs": runs})


def whole_cells(study: Path) -> list[dict]:
    """The cells of `study.json` whose runs are all done."""
    return [cell for cell in read_study(study)["cells"] if _is_whole(cell, study)]


def _is_whole(cell: dict, study: Path) -> bool:
    arms = [cell["arm"], cell["linear_model"]]
    arms += [*cell["rivals"].values(), *cell["single_tasks"].values()]
    return all(is_done(study / name) for arm in arms for name in arm)


def _data(cells: Sequence[CellRuns]) -> dict:
    datasets = [dataset for cell in cells for dataset in cell.datasets]
    return {
        "data": list(dict.fromkeys(dataset.describe_source() for dataset in datasets)),
        "data_kind": list(dict.fromkeys(dataset.kind for dataset in datasets)),
    }


def _runs(cells: Sequence[CellRuns]) -> dict[str, dict]:
    folders = dict.fromkeys(
        folder for cell in cells for arm in cell.folders.values() for folder in arm
    )
    return {folder.name: run_summary(folder) for folder in folders}
