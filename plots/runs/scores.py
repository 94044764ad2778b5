"""Test scores of finished, evaluated runs as one table, for the figures that compare arms."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas

from representation_music.plots.drawing.arms import Arm, arm_of
from representation_music.utils.errors import InputError
from representation_music.utils.metrics import METRICS
from representation_music.utils.records import read_runs
from representation_music.utils.tasks import TASK_SETS

#: What is drawn: the fair metric, then the study's.
CLASSIFICATION_METRICS = ("auc", "error")
REGRESSION_METRICS = ("r2", "rmse")
#: Lines of the first, second, ... task set, where arms have several.
LINESTYLES = ("-", "--", ":", "-.")


def read_test_scores(places: Iterable[Path | str]) -> pandas.DataFrame:
    """One row per run: arm, songs with the target's label, seed, score and constant by metric.

    Columns `score:auc`, `constant:auc`, ...; `attrs` has the target, its unit, the metrics and
    the data.
    Where the runs have several sets of auxiliary tasks, each makes arms of its own.

    Raises:
        InputError: if a run has no such score on the test split, the targets differ, or two runs
            have arm, size and seed in common, so that they would count as seeds of one arm.
    """
    runs = read_runs(places)
    targets = sorted({tasks[0] for tasks in runs["tasks"]})
    if len(targets) > 1:
        raise InputError("the runs", f"the targets {targets}", "one target")
    target = targets[0]
    is_regression = f"test_rmse:{target}" in runs
    metrics = REGRESSION_METRICS if is_regression else CLASSIFICATION_METRICS
    records = runs.to_dict("records")
    scores = pandas.DataFrame(
        {
            "arm": _arms(records),
            "songs": [_target_songs(run, target) for run in records],
            "seed": runs["seed"],
        }
    )
    for metric in metrics:
        column = f"test_{metric}:{target}"
        missing = runs[column].isna() if column in runs else pandas.Series(True, runs.index)
        if missing.any():
            raise InputError(
                runs["folder"][missing.idxmax()],
                f"no {metric} of {target} on the test split",
                f"runs that were evaluated, and metrics of {', '.join(METRICS)}",
                "Run `repmusic evaluate` on it.",
            )
        scores[f"score:{metric}"] = runs[column]
        scores[f"constant:{metric}"] = runs[f"test_constant_{metric}:{target}"]
    repeated = scores.duplicated(["arm", "songs", "seed"])
    if repeated.any():
        raise InputError(
            runs["folder"][repeated.idxmax()],
            f"another run of the same arm ({scores['arm'][repeated.idxmax()].name}), size and seed",
            "runs that differ in these",
            "Draw what differs in other settings apart.",
        )
    scores.attrs = {
        "target": target,
        "unit": next((run["units"][target] for run in records if "units" in run), ""),
        "metrics": list(metrics),
        "data": sorted(set(runs["data"])),
    }
    return scores


def _arms(runs: Sequence[Mapping]) -> list[Arm]:
    """Each run's arm, named with its task set where there are several."""
    names = {
        tuple(tasks): name.split("_")[0].removesuffix("ly") for name, tasks in TASK_SETS.items()
    }
    sets = list(dict.fromkeys(tuple(run["tasks"]) for run in runs if len(run["tasks"]) > 1))
    arms = []
    for run in runs:
        arm = arm_of(run)
        if len(sets) > 1 and len(run["tasks"]) > 1:
            place = sets.index(tuple(run["tasks"]))
            of_set = names.get(sets[place], "with " + ", ".join(sets[place][1:]))
            arm = dataclasses.replace(
                arm,
                name=f"{arm.name}, {of_set}",
                linestyle=LINESTYLES[place % len(LINESTYLES)],
                rank=arm.rank + place / len(sets),
            )
        arms.append(arm)
    return arms


def _target_songs(run: Mapping, target: str) -> int:
    """Training songs that carry the target's label."""
    known = run.get("training_labels")
    return known[target] if isinstance(known, dict) else run["training_size"]
