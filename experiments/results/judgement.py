"""What a study's cells have shown by every metric: scores, gains with intervals, verdicts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from representation_music.experiments.results.baselines import near_constant
from representation_music.experiments.results.gain_changes import changes
from representation_music.experiments.results.words import reason_text
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import config_of
from representation_music.experiments.runs.predictions import predictions_of
from representation_music.experiments.runs.runs import find_songs, load_songs
from representation_music.experiments.training.scoring import constants
from representation_music.experiments.training.training_songs import select_training_songs
from representation_music.utils.metrics import METRICS, METRICS_OF
from representation_music.utils.records import read_test
from representation_music.utils.results_format import ARM, LINEAR
from representation_music.utils.statistics.aggregates import delta_m, probability_of_improvement
from representation_music.utils.statistics.comparisons import (
    Arms,
    Comparison,
    TestSongs,
    judge,
    margin_of,
    percentile_interval,
)
from representation_music.utils.tasks import Task

#: Resamples, at most, of the metrics that decide nothing; with many cells so many of each that the
#: smallest p-value, 2 / resamples, times the cells (Holm) is below the level.
LOOKING_RESAMPLES, LOOKING_RESAMPLES_A_CELL = 2000, 50
#: What delta-m divides by: scores that stay well away from 0.
DELTA_M_METRIC = {"binary": "auc", "multiclass": "auc", "regression": "rmse"}


class CellRuns:
    """A cell's arms as run folders, one a seed; all arms of a cell have the same test songs.

    Args:
        cell: The cell, as in `study.json`.
        study: The study's folder.
    """

    def __init__(self, cell: dict, study: Path):
        self.cell, self.study = cell, study
        self.configs = [found_config(study / name) for name in cell["arm"]]
        self.dataset = load_songs(self.configs[0].dataset)
        self.task = self.dataset.task(cell["target"])
        names = {ARM: cell["arm"], **cell["rivals"], LINEAR: cell["linear_model"]}
        self.folders = {arm: tuple(study / name for name in runs) for arm, runs in names.items()}

    @property
    def meeting_place(self) -> tuple:
        """Cells with the same are scored on the same songs and resamples."""
        config = self.configs[0]
        return (config.dataset, config.split, self.task.name, len(self.configs))

    def test_positions(self) -> np.ndarray:
        """Test songs that carry the target's label."""
        test = self.dataset.split(self.configs[0].split)["test"]
        return test[np.isfinite(self.dataset.labels(self.task.name)[test])]

    def constant(self, metric: str) -> float:
        """The constant predictor's test score, mean over seeds."""
        tests = [read_test(folder) for folder in self.folders[ARM]]
        return float(np.mean([test[self.task.name]["constant"][metric] for test in tests]))


def found_config(folder: Path) -> RunConfig:
    """The config of a run folder, with its songs file as it can be opened from here."""
    config, fingerprint = config_of(folder)
    return find_songs(config, folder, fingerprint)


def judged_cells(
    cells: Sequence[CellRuns], metric: str, resamples: int, advance: Callable, compared: str = ""
) -> list[dict]:
    """Every cell by every metric of its target, as `results.json` holds it.

    Args:
        cells: Cells whose runs are all done.
        metric: The metric that decides whether a control passes.
        resamples: Bootstrap resamples.
        advance: Called after each metric of each set of test songs.
        compared: The factor whose levels the study compares, if any.
    """
    metrics = METRICS_OF[cells[0].task.kind]
    fewer = min(resamples, max(LOOKING_RESAMPLES, LOOKING_RESAMPLES_A_CELL * len(cells)))
    by_metric = {
        name: _by_metric(cells, name, resamples if name == metric else fewer, advance, compared)
        for name in metrics
    }
    return [
        _judged(cell, metric, {name: rows[number] for name, rows in by_metric.items()}, resamples)
        for number, cell in enumerate(cells)
    ]


def _judged(cell: CellRuns, metric: str, by_metric: dict[str, dict], resamples: int) -> dict:
    """The cell as JSON types."""
    arms = {arm: [folder.name for folder in of_arm] for arm, of_arm in cell.folders.items()}
    found = by_metric[metric]
    return {
        **{key: cell.cell[key] for key in ("cell", "factors", "target", "expected")},
        "unit": cell.task.unit,
        "judged_alone": cell.cell["judged_alone"],
        "passes": found["verdict"] in cell.cell["expected"] if cell.cell["expected"] else None,
        "arms": {arm: {"runs": names} for arm, names in arms.items()},
        "metrics": by_metric,
        "near_constant": near_constant(found, arms, METRICS[metric].higher_is_better),
        "delta_m": _delta_m(cell, resamples),
    }


def _by_metric(cells, metric: str, resamples: int, advance, factor: str) -> list[dict]:
    """All cells by one metric; cells that meet on the same test songs share the resamples."""
    arms = {}
    for cell in cells:
        if cell.meeting_place not in arms:
            meeting = [c for c in cells if c.meeting_place == cell.meeting_place]
            arms[cell.meeting_place] = _arms(meeting, metric, resamples)
            advance()
    compared = [_comparisons(cell, arms[cell.meeting_place]) for cell in cells]
    verdicts = _judgements(cells, compared, metric)
    rows = [
        _row(cell, arms[cell.meeting_place], gains, verdicts[cell.cell["cell"]])
        for cell, gains in zip(cells, compared, strict=True)
    ]
    for number, change in changes(cells, arms, factor, margin_of(metric) or 0.0).items():
        rows[number]["change"] = change
    return rows


def _arms(cells: Sequence[CellRuns], metric: str, resamples: int) -> Arms:
    """The arms of cells that meet on the same test songs, each by its run folders."""
    first = cells[0]
    positions = first.test_positions()
    labels = first.dataset.labels(first.task.name)[positions]
    artists = first.dataset.group_codes()[positions]
    ids = first.dataset.ids[positions]
    every = dict.fromkeys(folders for cell in cells for folders in cell.folders.values())
    predictions = {
        folders: np.stack([predictions_of(folder, ids) for folder in folders]) for folders in every
    }
    # Skill needs one constant predictor for all arms that meet: that of the first cell's songs, at
    # its first seed. Gains in skill are differences of losses over the same number then.
    training = select_training_songs(first.configs[0], first.dataset)
    (constant,) = constants([first.task], training.labels[:, :1])
    songs = TestSongs(first.task, labels, artists, constant)
    return Arms(songs, predictions, metric, resamples)


def _comparisons(cell: CellRuns, arms: Arms) -> dict[str, Comparison]:
    return {
        rival: arms.compare(cell.folders[ARM], cell.folders[rival]) for rival in cell.cell["rivals"]
    }


def _judgements(cells, compared, metric: str) -> dict:
    """The verdict on every cell: judged together, but for those that stand alone."""
    gains = {
        cell.cell["cell"]: comparisons for cell, comparisons in zip(cells, compared, strict=True)
    }
    alone = {cell.cell["cell"] for cell in cells if cell.cell["judged_alone"]}
    together = {name: comparisons for name, comparisons in gains.items() if name not in alone}
    margin = margin_of(metric) or 0.0
    verdicts = judge(together, margin) if together else {}
    for name in alone:
        verdicts |= judge({name: gains[name]}, margin)
    return verdicts


def _row(cell: CellRuns, arms: Arms, gains: dict[str, Comparison], judgement) -> dict:
    """One cell by one metric as JSON types."""
    scores = {arm: arms.score(folders) for arm, folders in cell.folders.items()}
    sign = arms.metric.sign
    return {
        "constant": cell.constant(arms.metric.name),
        "scores": {arm: [s.mean, s.low, s.high] for arm, s in scores.items()},
        "seed_scores": {
            arm: arms.scores[folders].tolist() for arm, folders in cell.folders.items()
        },
        "gains": {
            rival: {
                "gain": [c.gain.mean, c.gain.low, c.gain.high],
                "seed_gains": c.seed_gains.tolist(),
                "p": c.p,
                "p_bootstrap": c.p_bootstrap,
                "p_paired_t": c.p_paired_t,
                "probability_of_improvement": probability_of_improvement(
                    sign * arms.scores[cell.folders[ARM]], sign * arms.scores[cell.folders[rival]]
                ),
            }
            for rival, c in gains.items()
        },
        "verdict": judgement.verdict,
        "reason": judgement.reason | {"text": reason_text(judgement.reason)},
        "p_holm": judgement.p_holm,
        "loses_to_linear": bool(sign * (scores[LINEAR].mean - scores[ARM].mean) > 0),
    }


def _delta_m(cell: CellRuns, resamples: int) -> list[float] | None:
    """Delta-m against trained single tasks, with its nested interval; None without those."""
    alone = cell.cell.get("single_tasks")
    if not alone:
        return None
    dataset, split = cell.dataset, cell.configs[0].split
    test = dataset.split(split)["test"]
    tasks = [dataset.task(name) for name in cell.configs[0].tasks]
    arms = {}
    for number, task in enumerate(tasks):
        labels = dataset.labels(task.name)[test]
        # All test songs, labelled or not: so every task's resamples draw the same artists.
        songs = TestSongs(task, labels, dataset.group_codes()[test])
        known = np.isfinite(labels)
        single = [cell.study / name for name in alone[task.name]]
        predictions = {
            name: np.stack([_spread(folder, dataset, test, known, task, n) for folder in folders])
            for name, folders, n in ((ARM, cell.folders[ARM], number), ("alone", single, 0))
        }
        arms[task.name] = Arms(songs, predictions, DELTA_M_METRIC[task.kind], resamples)
    metrics = {task.name: DELTA_M_METRIC[task.kind] for task in tasks}

    def of(score: Callable) -> np.ndarray:
        joint, single = (
            {name: score(a, arm) for name, a in arms.items()} for arm in (ARM, "alone")
        )
        return delta_m(joint, single, metrics)

    resampled = of(lambda a, arm: a.resampled_means(arm))
    return [float(of(lambda a, arm: a.scores[arm].mean())), *percentile_interval(resampled)]


def _spread(folder: Path, dataset, test, known, task: Task, number: int) -> np.ndarray:
    """A run's predictions of a task over all test songs, NaN for those without the label."""
    values = predictions_of(folder, dataset.ids[test[known]], number)
    spread = np.full((len(test), *values.shape[1:]), np.nan)
    spread[known] = values
    return spread


def metric_descriptions(kind: str) -> dict[str, dict]:
    """What `results.json` says of each metric of a kind of task."""
    return {
        name: {
            "label": METRICS[name].label,
            "better": "higher" if METRICS[name].higher_is_better else "lower",
            "margin": margin_of(name),
        }
        for name in METRICS_OF[kind]
    }
