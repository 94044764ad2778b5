"""Tuning: every arm of a study gets the same small budget, and only the validation split decides.

An arm that is tuned less than its rival loses to it for that reason alone: the 2016 study's
single task would, with its batches of 128 songs. That goes for control arms as well: tuned, the
stream with auxiliary weights 0 may have other batches than the arm it is a rival of, but no other
weight of the target, which is all that it learns.

Candidates are compared by the metric that decides verdicts, whatever training stops by: settings
differ in how sure of itself they leave a net, and so the best by log loss may rank songs worse.
"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representation_music.experiments.design.cells import Cell
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import AnyConfig
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.utils.files import write_json
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS
from representation_music.utils.records import read_record

#: What decided pilot runs, and the values tried.
CHOICES = {
    "learning_rate": (0.01, 0.02, 0.04, 0.08),
    "batch_size": (8, 16, 32, 64, 128),
    "word_dropout": (0.5, 0.7, 0.8),
}
#: The same, of arms with several tasks. The target's weight is in units of the largest auxiliary
#: weight: a sum must be able to undo a loss that is louder by its weight.
CHOICES_OF_SHARING = {"target_weight": (0.2, 0.5, 1.0), "target_batch_size": (0, 16, 32)}
#: The folder of tuning runs, in the study's.
TUNING = "tuning"
#: Apart from the seeds that arms are compared at. All of tuning has one draw of songs, so that it
#: sees no more validation labels than a run does; nets are drawn anew.
TUNING_SEED = 9001
RESTARTS = (0, 1)


def is_tuning(manifest: Path) -> bool:
    """Whether a manifest is that of tuning runs, which never see the test split."""
    return Path(manifest).absolute().parent.name == TUNING


def candidates(config: RunConfig, number: int) -> list[RunConfig]:
    """The arm's own settings and `number` - 1 random draws, the same draws for every arm."""
    found = [config]
    for index in range(1, number):
        random = np.random.default_rng(index)
        drawn = _drawn(CHOICES | CHOICES_OF_SHARING, random)
        of_objective = _drawn(OBJECTIVES[config.objective].CHOICES, random)
        found.append(_with_choices(config, drawn, of_objective))
    return found


def _drawn(choices: dict, random: np.random.Generator) -> dict:
    return {name: values[random.integers(len(values))] for name, values in choices.items()}


def _with_choices(config: RunConfig, drawn: dict, of_objective: dict) -> RunConfig:
    settings = {name: drawn[name] for name in CHOICES}
    if len(config.tasks) > 1:
        _, *others = config.task_weights or [1.0] * len(config.tasks)
        if any(others):
            settings["task_weights"] = (drawn["target_weight"] * max(others), *others)
        settings["target_batch_size"] = drawn["target_batch_size"]
    if of_objective:
        options = dict(word.split("=", 1) for word in config.objective_options)
        options |= {name: json.dumps(value) for name, value in of_objective.items()}
        settings["objective_options"] = tuple(f"{name}={v}" for name, v in options.items())
    return config.replace(**settings)


def arms_of(cells: Sequence[Cell]) -> list[RunConfig]:
    """Every network of the cells, each once, whatever its seed; linear models tune themselves."""
    arms = (c for cell in cells for c in cell.arms if isinstance(c, RunConfig))
    return list(dict.fromkeys(config.replace(seed=0, members=1) for config in arms))


def tuning_runs(cells: Sequence[Cell], number: int) -> list[RunConfig]:
    """The runs that tuning takes: every arm's candidates with every restart."""
    return [
        candidate.replace(seed=TUNING_SEED, restart=restart)
        for restart in RESTARTS
        for arm in arms_of(cells)
        for candidate in candidates(arm, number)
    ]


def tuned_cells(cells: Sequence[Cell], number: int, runs: Runs, write: bool = True) -> list[Cell]:
    """The cells with each arm's best candidate, when the tuning runs are done.

    Writes `tuning.json`: every arm's candidates with their validation scores, the best first.

    Args:
        cells: The study's cells.
        number: Candidates an arm.
        runs: The tuning runs.
        write: Whether to write that file.
    """
    best, told = {}, []
    for arm in arms_of(cells):
        metric = METRICS[DEFAULT_METRIC[load_songs(arm.dataset).task(arm.target).kind]]
        scored = [
            (validation_score(candidate, metric.name, runs), candidate)
            for candidate in candidates(arm, number)
        ]
        # The sort is stable: of equals, the arm's own settings. One that diverged comes last.
        scored.sort(key=lambda entry: np.nan_to_num(-metric.sign * entry[0], nan=np.inf))
        best[arm] = scored[0][1]
        told.append(
            {
                "arm": arm.experiment_name,
                "training_size": arm.training_size,
                "metric": metric.name,
                "candidates": [
                    {"score": score, "settings": _changes(arm, candidate)}
                    for score, candidate in scored
                ],
            }
        )
    if write:
        write_json(runs.folder / "tuning.json", told)

    def tuned(config: AnyConfig) -> AnyConfig:
        if not isinstance(config, RunConfig):
            return config
        chosen = best[config.replace(seed=0, members=1)]
        return chosen.replace(seed=config.seed, members=config.members)

    return [
        dataclasses.replace(
            cell,
            arm=tuned(cell.arm),
            rivals={name: tuned(config) for name, config in cell.rivals.items()},
            single_tasks={name: tuned(config) for name, config in cell.single_tasks.items()},
        )
        for cell in cells
    ]


def validation_score(config: RunConfig, metric: str, runs: Runs) -> float:
    """Mean over restarts of the target's score on the validation songs that tuning may see."""
    scores = []
    for restart in RESTARTS:
        run = runs.folder_of(config.replace(seed=TUNING_SEED, restart=restart))
        scores.append(read_record(run, "stopping_scores")["stopping_scores"][metric])
    return float(np.mean(scores))


def _changes(arm: RunConfig, candidate: RunConfig) -> dict:
    ours, theirs = arm.settings(), candidate.settings()
    return {name: theirs[name] for name in ours if ours[name] != theirs[name]}
