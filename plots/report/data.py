"""What the report's text reads, as JSON: numbers written out, their values beside them, no prose.

Typst gets every text of the data as a string, which it prints and never reads as source.
"""

from collections.abc import Iterable, Mapping, Sequence

from representation_music.plots.drawing.names import factor_words, metric_name
from representation_music.plots.report.figures import Figures
from representation_music.plots.report.number_text import (
    DASH,
    estimate,
    from_to,
    number,
    p_value,
    percent,
)
from representation_music.plots.report.records import Evidence, Record, damage_named
from representation_music.plots.report.settings import settings_of, took
from representation_music.plots.studies.foretelling import foretellings, ranks_of
from representation_music.plots.studies.results import repeats, rivals_of
from representation_music.utils.results_format import VERDICTS
from representation_music.utils.statistics.verdicts import FEWEST_SEEDS


def report_data(evidence: Evidence, figures: Figures) -> dict:
    """All that the text may refer to, by sort and by the name of the record.

    Raises:
        InputError: for a record that lacks what it was written with.
    """
    data: dict[str, dict] = {"studies": {}, "songs": {}, "relatedness": {}, "against_gain": {}}
    for record in evidence.studies:
        with damage_named(record.path):
            of_figures = {"figures": figures.of_studies[record.name]}
            data["studies"][record.name] = _study(record.content) | of_figures
    for sort, content_of in (
        ("songs", _songs),
        ("relatedness", _relatedness),
        ("against_gain", _against_gain),
    ):
        for record in getattr(evidence, sort):
            with damage_named(record.path):
                data[sort][record.name] = content_of(record.content)
    return data | {"rule": _rule(evidence.studies), "overview": figures.overview}


def _study(results: Mapping) -> dict:
    metric, cells = results["metric"], results["cells"]
    names = dict.fromkeys(name for cell in cells for name in cell["factors"])
    varying = [n for n in names if len({str(cell["factors"].get(n)) for cell in cells}) > 1]
    targets = dict.fromkeys(cell["target"] for cell in cells)
    return {
        "study": _is(str, results["study"]),
        "question": _is(str, results["question"]),
        "answer": _is(str, results["answer"]["text"]),
        "controls": {
            "passed": _is(int, results["counts"]["controls_passed"]),
            "of": _is(int, results["counts"]["controls"]),
        },
        "warnings": [_is(str, warning["text"]) for warning in results["warnings"]],
        "cuts": [_is(str, cut["text"]) for cut in results["cut"]],
        "data": " and ".join(results["data"]),
        "target": ", ".join(targets),
        "metric": metric_name(metric),
        "margin": number(results["metrics"][metric]["margin"], 2),
        "level": percent(results["level"]),
        "coverage": percent(1 - results["level"]),
        "seeds": _is(int, results["seeds"]),
        "repeats": repeats(results),
        "worlds": results["seeds"] if "world" in results["varies"] else 1,
        "near_constant": _near_constant(results["counts"]["near_constant"]),
        "resamples": f"{results['resamples']:,}",
        "command": _is(str, results["command"]),
        "varying": varying,
        "cells": [_cell(cell, metric, varying) for cell in cells],
        "contrasts": [_contrast(contrast, metric) for contrast in results["contrasts"]],
        "settings": settings_of(results),
        "took": took(results),
    }


def _cell(cell: Mapping, metric: str, varying: Iterable[str]) -> dict:
    found = cell["metrics"][metric]
    factors = cell["factors"]
    rivals, scores = rivals_of([cell]), found["scores"]
    if not rivals or found["verdict"] not in VERDICTS:
        raise ValueError(f"{rivals} as rivals, {found['verdict']!r} as a verdict")
    return {
        "name": ", ".join(factor_words(n, factors[n]) for n in varying if n in factors),
        "factors": factors,
        "words": {name: factor_words(name, value) for name, value in factors.items()},
        "levels": {name: _level(value) for name, value in factors.items()},
        "alone": _is(bool, cell["judged_alone"]),
        "expected": [_is(str, verdict) for verdict in cell["expected"]],
        "passes": None if cell["passes"] is None else _is(bool, cell["passes"]),
        "rivals": rivals,
        "constant": number(found["constant"]),
        "scores": {arm: estimate(scores[arm], signed=False) for arm in cell["arms"]},
        "gains": {rival: estimate(found["gains"][rival]["gain"]) for rival in rivals},
        "error": _error(cell["metrics"].get("error")),
        "loses": _is(bool, found["loses_to_linear"]),
        "verdict": found["verdict"],
        "reason": _reason(found["reason"]),
        "p": p_value(found["p_holm"]),
        "delta_m": estimate(cell["delta_m"], scale=100, places=1) if cell["delta_m"] else None,
    }


def _contrast(contrast: Mapping, metric: str) -> dict:
    found, steps = contrast["metrics"][metric], contrast["measure"] == "steps"
    difference = estimate(found["difference"], places=0 if steps else 3)
    return {
        "asks": _is(str, contrast["asks"]),
        "name": _is(str, contrast["name"]).replace("_", " "),
        "difference": difference,
        "p": p_value(found["p_holm"]),
        "verdict": _is(str, found["verdict"]),
    }


def _is(kind: type, value):
    """The value, which is of this type as it was written."""
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _near_constant(counts: Mapping) -> dict[str, int]:
    names = ("nets", "of_nets", "rivals", "of_rivals")
    return {name: _is(int, counts[name]) for name in names}


def _reason(reason: Mapping) -> dict[str, str]:
    """The rule that decided, its rival and the one whose interval lies on a side of 0, if any."""
    names = ("rule", "rival", "despite")
    return {name: str(reason[name]) for name in names if reason.get(name)} | {
        "rule": _is(str, reason["rule"])
    }


def _level(value) -> str:
    """A factor's value by itself: `5,000`, `.9`."""
    if isinstance(value, float):
        return number(value, 0 if value % 1 == 0 else 1)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _error(found: Mapping | None) -> dict | None:
    """1 - accuracy, the measure of the 2016 study, where there is one."""
    if found is None:
        return None
    scores = {arm: estimate(score, signed=False) for arm, score in found["scores"].items()}
    return {"constant": number(found["constant"]), "scores": scores}


def _songs(description: Mapping) -> dict:
    split = description["splits"][description["split"]]
    parts = ("train", "validation", "test")
    words = description["distinct_words"]["parts"]["all"]
    return {
        "data": _is(str, description["source"]),
        "songs": f"{description['songs']:,}",
        "artists": f"{description['artists']:,}",
        "without_artist": f"{description['songs_without_artist']:,}",
        "parts": {part: f"{split[part]:,}" for part in parts},
        "words": f"{words['mean']:.0f}",
        "tasks": {task["name"]: _task(task, parts) for task in description["tasks"]},
    }


def _task(task: Mapping, parts: Iterable[str]) -> dict:
    test = task["parts"]["test"]
    rate = DASH
    if test["songs"] and task["kind"] == "regression":
        rate = f"{number(test['mean'], 1)} ({number(test['sd'], 1)})"
    elif test["songs"]:
        rate = percent(test["base_rate"], 1)
    labels = {part: f"{task['parts'][part]['songs']:,}" for part in parts}
    return {"unit": _is(str, task["unit"]), "labels": labels, "rate": rate}


def _relatedness(numbers: Mapping) -> dict:
    """By label, its rank by the size of Pearson's correlation with the target, and that."""
    defined = [label for label in numbers["labels"] if label["pearson"][0] is not None]
    by_size = sorted(defined, key=lambda label: -abs(label["pearson"][0]))
    return {
        "data": _is(str, numbers["data"]),
        "target": _is(str, numbers["target"]),
        "songs": f"{numbers['training_songs']:,}",
        "count": len(by_size),
        "sets": {"proposed": _sets(numbers["proposal"]), "2016": _sets(numbers["paper"])},
        "labels": {
            label["name"]: {"rank": rank, "pearson": estimate(label["pearson"])}
            for rank, label in enumerate(by_size, 1)
        },
    }


def _sets(proposed: Mapping | None) -> dict[str, list[str]]:
    """The auxiliary tasks of each task set."""
    sets = (proposed or {}).items()
    return {coupling: [_is(str, task) for task in tasks[1:]] for coupling, tasks in sets}


def _against_gain(numbers: Mapping) -> dict:
    """The rank correlation of every measure with the gain, and what was foretold by it."""
    return {
        "study": _is(str, numbers["study"]),
        "data": " and ".join(numbers["data"]),
        "rows": [
            {
                "measure": row["measure"].replace("_", " "),
                "apart": row["apart"].split(", SSPP")[0],
                "rival": _is(str, row["rival"]),
                "cells": _is(int, row["cells"]),
                "spearman": estimate(row["spearman"]),
            }
            for row in numbers["correlations"]
        ],
        "target": _is(str, numbers["target"]),
        "metric": _is(str, numbers["metric"]),
        "seeds": _is(int, numbers["seeds"]),
        "command": _is(str, numbers["command"]),
        "ranks": [
            {name: row[name] for name in ("measure", "rival", "pairs", "targets")}
            | {"spearman": estimate(row["spearman"])}
            for row in ranks_of(numbers)
        ],
        "foretold": [
            {name: _is(str, row[name]) for name in ("measure", "rival", "on", "taken")}
            | {name: number(row[name], signed=True) for name in ("chosen", "mean", "best")}
            | {"spearman": estimate(row["spearman"])}
            for row in foretellings(numbers)
        ],
    }


def _rule(studies: Sequence[Record]) -> dict:
    """What the verdict rule was given, over all studies."""
    rules = [_study_rule(record.content) for record in studies]
    return {name: from_to([rule[name] for rule in rules]) for name in rules[0]} | {
        "fewest": str(FEWEST_SEEDS)
    }


def _study_rule(results: Mapping) -> dict[str, tuple[float, str]]:
    """Each number of the rule with what it is written as."""
    margin = results["metrics"][results["metric"]]["margin"]
    level = results["level"]
    return {
        "level": (level, percent(level)),
        "coverage": (1 - level, percent(1 - level)),
        "inner": (1 - 2 * level, percent(1 - 2 * level)),
        "margin": (margin or 0, number(margin, 2)),
        "resamples": (results["resamples"], f"{results['resamples']:,}"),
        "seeds": (results["seeds"], str(results["seeds"])),
    }
