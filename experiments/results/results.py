"""`repmusic results STUDY`: every cell's gain with its interval, and the verdict on it."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import tyro

from representation_music.experiments.results.cell_results import (
    ARM,
    LINEAR,
    CellRuns,
    config_of,
    judged_cells,
    metric_descriptions,
)
from representation_music.experiments.results.linear_baseline import fit_baselines
from representation_music.experiments.runs.summary import run_summary
from representation_music.utils.console import print_next, print_table, progress
from representation_music.utils.decimals import decimal, interval
from representation_music.utils.errors import InputError
from representation_music.utils.files import without_nan, write_text
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS_OF
from representation_music.utils.records import read_json
from representation_music.utils.statistics.comparisons import LEVEL
from representation_music.utils.studies import COMPARED, checks_of

#: Version of what `results.json` holds, for those who read it.
FORMAT = 2


def results(study: tyro.conf.Positional[Path], metric: str = "", resamples: int = 0) -> int:
    """Show a study's results: scores and gains with intervals, and a verdict on every cell.

    Args:
        study: The study's folder.
        metric: Metric of the target that decides; AUC (classification) or R² if empty. All others
            are computed as well, for looking.
        resamples: Bootstrap resamples of each interval; 0: 2,000, or more for many cells.

    Returns:
        0, or 1 if runs are missing or a control failed.
    """
    content = study_results(study, metric, resamples)
    write_text(study / "results.json", json.dumps(content) + "\n")
    print(content["headline"])
    _print(content)
    print_next("repmusic", "figures", study)
    print_next("repmusic", "report", study)
    return 1 if content["missing_cells"] or not all(checks_of(content["cells"], LEVEL)) else 0


def study_results(study: Path, metric: str = "", resamples: int = 0) -> dict:
    """What `results.json` holds: cells judged by every metric, and what is to be told of the runs.

    Raises:
        InputError: if no cell's runs are all done, or the target has no such metric.
    """
    content = read_json(study / "study.json")
    whole = whole_cells(study)
    if not whole:
        raise InputError(
            study, "no cell whose runs are all done", "one or more", f"`repmusic status {study}`"
        )
    fit_baselines([config_of(study / name) for cell in whole for name in cell["arm"]], study)
    cells = [CellRuns(cell, study) for cell in whole]
    kind = cells[0].task.kind
    metric = metric or DEFAULT_METRIC[kind]
    if metric not in METRICS_OF[kind]:
        raise InputError("--metric", repr(metric), f"one of {', '.join(METRICS_OF[kind])}")
    resamples = resamples or usual_resamples(whole)
    with progress("metrics of the cells", None) as advance:
        factor = COMPARED.get(content["study"], "")
        judged = judged_cells(cells, metric, resamples, advance, factor)
    missing = len(content["cells"]) - len(whole)
    return without_nan(
        {
            "format": FORMAT,
            "study": content["study"],
            "command": content.get("command", f"repmusic study {content['study']}"),
            **_data(cells),
            "options": content["options"],
            "target_kind": kind,
            "metric": metric,
            "metrics": metric_descriptions(kind),
            "level": LEVEL,
            "resamples": resamples,
            "seeds": len(whole[0]["arm"]),
            "headline": headline(judged, metric, missing),
            "missing_cells": missing,
            "cells": judged,
            "runs": _runs(cells),
        }
    )


def usual_resamples(cells: Sequence[dict]) -> int:
    """Bootstrap resamples of so many cells, unless the user names another number.

    The smallest p-value is 2 / resamples, and Holm's correction multiplies it by the cells.
    """
    return max(2000, 200 * sum(not cell["judged_alone"] for cell in cells))


def whole_cells(study: Path) -> list[dict]:
    """The cells of `study.json` whose runs are all done."""
    return [cell for cell in read_json(study / "study.json")["cells"] if _is_whole(cell, study)]


def _is_whole(cell: dict, study: Path) -> bool:
    arms = [cell["arm"], *cell["rivals"].values(), *cell.get("single_tasks", {}).values()]
    return all((study / name / "test.json").exists() for arm in arms for name in arm)


def _data(cells: Sequence[CellRuns]) -> dict:
    datasets = [cell.dataset for cell in cells]
    return {
        "data": list(dict.fromkeys(dataset.describe_source() for dataset in datasets)),
        "data_kind": list(dict.fromkeys(dataset.kind for dataset in datasets)),
    }


def _runs(cells: Sequence[CellRuns]) -> dict[str, dict]:
    folders = dict.fromkeys(
        folder for cell in cells for arm in cell.folders.values() for folder in arm
    )
    return {folder.name: run_summary(folder) for folder in folders}


def headline(cells: list[dict], metric: str, missing: int) -> str:
    """The first lines of a study's results: what may be said, and what it is worth."""
    judged = [cell for cell in cells if not cell["judged_alone"]]
    losing = sum(cell["metrics"][metric]["loses_to_linear"] for cell in judged)
    counts = Counter(cell["metrics"][metric]["verdict"] for cell in judged)
    told = "; ".join(f"{verdict} in {n} of {len(judged)} cells" for verdict, n in counts.items())
    lines = [told] if told else []
    if losing:
        lines.insert(0, f"the nets LOSE to the linear model in {losing} of {len(judged)} cells")
    if alone := [cell for cell in cells if cell["judged_alone"]]:
        claims = sum(not cell["passes"] for cell in alone)
        lines.append(f"an arm against itself: a difference claimed {claims} of {len(alone)} times")
    if checks := checks_of(cells, LEVEL):
        lines.insert(
            0, f"{'PASS' if all(checks) else 'FAIL'}: {sum(checks)} of {len(checks)} controls"
        )
    if missing:
        lines.append(f"{missing} cells are not complete")
    return ". ".join(line[0].upper() + line[1:] for line in lines) + "."


def _print(content: dict) -> None:
    cells, metric = content["cells"], content["metric"]
    rivals = list(dict.fromkeys(rival for cell in cells for rival in cell["arms"]))
    rivals = [rival for rival in rivals if rival not in (ARM, LINEAR)]
    with_delta_m = any(cell["delta_m"] for cell in cells)
    with_change = any("change" in cell["metrics"][metric] for cell in cells)
    rows = []
    for cell in cells:
        found = cell["metrics"][metric]
        verdict = found["verdict"]
        if cell["passes"] is not None:
            verdict += " PASS" if cell["passes"] else " FAIL"
        numbers = [found["scores"][ARM][0], found["constant"], found["scores"][LINEAR][0]]
        compared = [found["gains"].get(rival, {}).get("gain") for rival in rivals]
        compared += [cell["delta_m"]] if with_delta_m else []
        compared += [found.get("change", {}).get("change")] if with_change else []
        gains = [interval(values) if values else "" for values in compared]
        rows.append([cell["cell"], *map(_number, numbers), *gains, verdict])
    label = content["metrics"][metric]["label"]
    data = "; ".join(content["data"])
    title = f"{content['study']}: test {label} of {cells[0]['target']}, {data}, "
    heads = ["cell", "arm", "constant", "linear", *(f"gain on {rival}" for rival in rivals)]
    heads += ["delta-m"] if with_delta_m else []
    if with_change:
        factor = COMPARED[content["study"]]
        first = cells[0]["factors"][factor]
        heads.append(f"gain less that of {first if isinstance(first, str) else f'{first:,}'}")
    print_table(f"{title}{content['seeds']} seeds", [*heads, "verdict"], rows)


def _number(value: float | None) -> str:
    return "" if value is None else decimal(value)
