"""Reads a study's `results.json`, the only file that figures, results page and report are made of.

`experiments/results/study_results.py`, which writes it, says what it holds.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from representation_music.utils.errors import InputError
from representation_music.utils.metrics import METRICS
from representation_music.utils.reading import exists
from representation_music.utils.records import read_json
from representation_music.utils.results_format import ARM, FORMAT, LINEAR, SINGLE
from representation_music.utils.tasks import Task

#: Factors of the studies `benefit`, `coupling` and `training_size`.
PLAIN_FACTORS = {"architecture", "coupling", "songs"}
NEEDED = (
    *("study", "question", "compares", "figure", "order", "data", "metric", "metrics", "seeds"),
    *("varies", "cells", "answer", "counts", "controls", "warnings", "cut"),
)
NEEDED_IN_CELL = ("cell", "factors", "target", "arms", "metrics")
ADVICE = "Make it again with `repmusic results STUDY`."


def load_results(path: Path | str) -> dict:
    """The content of a study's `results.json`, as it stands there: missing numbers are None.

    Args:
        path: The file, or the study's folder that holds it.

    Raises:
        InputError: if there is no such file, or it is of another format or not whole.
    """
    path = Path(path)
    if exists(path) and path.is_dir():
        path = path / "results.json"
        if not exists(path):
            raise InputError(path.parent, "no results.json", "a study's results", ADVICE)
    results = read_json(path, advice=ADVICE)
    if results.get("format") != FORMAT:
        found = f"format {results['format']!r}" if "format" in results else "no format"
        raise InputError(path, found, f"a study's results of format {FORMAT}", ADVICE)
    _need(path, results, NEEDED)
    if results["metric"] not in results["metrics"]:
        known = ", ".join(results["metrics"])
        raise InputError(f"{path}: metric", repr(results["metric"]), f"one of {known}", ADVICE)
    for number, cell in enumerate(results["cells"]):
        _need(f"{path}: cells[{number}]", cell, NEEDED_IN_CELL)
    return results


def place_of(study: Path, runs: Path) -> Path:
    """The folder, or the results, that a study's name or path stands for.

    Raises:
        InputError: if there is neither.
    """
    for place in (study, runs / study):
        if exists(place):
            return place
    expected = f"a study's folder, or its name in {runs}"
    raise InputError(study, "nothing of that name", expected, "`repmusic study` makes studies.")


def _need(place, content, keys: Iterable[str]) -> None:
    if not isinstance(content, dict):
        raise InputError(place, repr(content)[:40], "an object", ADVICE)
    if missing := [key for key in keys if key not in content]:
        raise InputError(place, f"no {missing[0]!r}", ", ".join(keys), ADVICE)


def chosen_metric(results: dict, metric: str = "") -> str:
    """The metric named, or the study's own.

    Raises:
        InputError: if the study was not scored by it.
    """
    metric = metric or results["metric"]
    if metric not in results["metrics"]:
        known = ", ".join(results["metrics"])
        raise InputError("the metric", repr(metric), f"one of {known}")
    return metric


def metric_label(results: dict, metric: str) -> str:
    """What an axis says of the target's scores, with their unit: `AUC`, `RMSE (years)`."""
    if metric not in METRICS:
        return results["metrics"][metric]["label"]
    units = {cell.get("unit", "") for cell in results["cells"]}
    unit = units.pop() if len(units) == 1 else ""
    return METRICS[metric].axis_label(Task("", "regression", unit=unit))


def estimate(values: Sequence[float | None] | None) -> tuple[float, float, float]:
    """Mean, low and high end of a score or gain; NaN where there is none."""
    values = [None] * 3 if values is None else values
    return tuple(math.nan if value is None else float(value) for value in values)


def score(cell: dict, metric: str, arm: str = ARM) -> tuple[float, float, float]:
    """An arm's mean score with its interval; NaN where there is none."""
    return estimate(cell["metrics"].get(metric, {}).get("scores", {}).get(arm))


def constant(cell: dict, metric: str) -> float:
    """The constant predictor's score; NaN where there is none."""
    value = cell["metrics"].get(metric, {}).get("constant")
    return math.nan if value is None else float(value)


def gain(cell: dict, metric: str, rival: str) -> tuple[float, float, float]:
    """The arm's gain against a rival, positive where the arm is better; NaN if not compared."""
    gains = cell["metrics"].get(metric, {}).get("gains", {})
    return estimate(gains.get(rival, {}).get("gain"))


def verdict(cell: dict, metric: str) -> str:
    """The verdict on the cell by this metric, over the rivals of its level; empty without one."""
    return cell["metrics"].get(metric, {}).get("verdict") or ""


def rival_of_p(cell: dict, metric: str) -> str:
    """The rival that the cell's p-value is over: the hardest of its level, if the first is beaten.

    Where the first does better, harm lies nearest, which is judged against that one alone.
    """
    first, levels = rivals_of([cell])[0], cell["metrics"][metric]["levels"]
    if gain(cell, metric, first)[0] < 0:
        return first
    return levels.get(verdict(cell, metric), levels["benefit"])["hardest"]


def repeats(results: dict) -> str:
    """How often each arm was run: `5 seeds`, `8 worlds`, `3 to 10 seeds`."""
    least = results["seeds"]
    most = max([least, *(len(cell["arms"][ARM]["runs"]) for cell in results["cells"])])
    plural = "" if most == 1 else "s"
    number = f"{least}" if most == least else f"{least} to {most}"
    return f"{number} " + " or ".join(unit + plural for unit in results["varies"])


def rivals_of(cells: Iterable[dict]) -> list[str]:
    """Every rival of the cells, in their order; neither the arm nor the baseline is one."""
    return list(
        dict.fromkeys(arm for cell in cells for arm in cell["arms"] if arm not in (ARM, LINEAR))
    )


def earlier_studies(studies: Sequence[dict]) -> list[list[str]]:
    """By study and cell, the earlier study that has the same arm and rivals; empty if none has.

    What is said of all studies counts such a cell once.
    """
    seen: dict[tuple, str] = {}
    found = []
    for results in studies:
        data = tuple(results["data"])
        runs = [
            (data, *((name, *arm["runs"]) for name, arm in cell["arms"].items() if name != LINEAR))
            for cell in results["cells"]
        ]
        found.append([seen.get(of_cell, "") for of_cell in runs])
        seen |= {of_cell: results["study"] for of_cell in runs if of_cell not in seen}
    return found


def each_once(studies: Sequence[dict]) -> list[dict]:
    """The studies without the cells that an earlier one has."""
    return [
        results
        | {"cells": [c for c, known in zip(results["cells"], earlier, strict=True) if not known]}
        for results, earlier in zip(studies, earlier_studies(studies), strict=True)
    ]


def levels(cells: Iterable[dict], factor: str) -> list:
    """The values of a factor that occur, in their order; numbers sorted."""
    found = list(dict.fromkeys(c["factors"][factor] for c in cells if factor in c["factors"]))
    return found if any(isinstance(level, str) for level in found) else sorted(found)


def cells_with(cells: Iterable[dict], **factors) -> list[dict]:
    """The cells whose factors have these values."""
    return [
        cell
        for cell in cells
        if all(cell["factors"].get(name) == value for name, value in factors.items())
    ]


def plain_cells(results: dict) -> list[dict]:
    """The cells that set an architecture against the single task on songs alike."""
    return [
        cell
        for cell in results["cells"]
        if "architecture" in cell["factors"]
        and set(cell["factors"]) <= PLAIN_FACTORS
        and SINGLE in cell["arms"]
    ]


def songs_in_words(songs: Sequence[int]) -> str:
    """`1,000 training songs`, `500 to 25,000 training songs`; empty without any."""
    if not songs:
        return ""
    least, most = f"{min(songs):,}", f"{max(songs):,}"
    return f"{least if least == most else f'{least} to {most}'} training songs"
