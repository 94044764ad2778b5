"""What a study's cells have shown by every metric: scores, gains with intervals, verdicts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.splits import Fold
from representation_music.experiments.design.arms import LEVELS, rivals_by_level
from representation_music.experiments.results.baselines import near_constant
from representation_music.experiments.results.contrasts import compared, judged_contrasts
from representation_music.experiments.results.words import reason_text
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import config_of
from representation_music.experiments.runs.predictions import predictions_of
from representation_music.experiments.runs.runs import find_songs, load_songs
from representation_music.experiments.training.scoring import constants
from representation_music.experiments.training.training_songs import select_training_songs
from representation_music.utils.metrics import DEFAULT_METRIC, METRICS, METRICS_OF
from representation_music.utils.records import read_test
from representation_music.utils.results_format import ARM, LINEAR, plain
from representation_music.utils.statistics.aggregates import delta_m, probability_of_improvement
from representation_music.utils.statistics.comparisons import (
    FEWEST_SEEDS,
    MARGINS,
    RESAMPLES,
    Arms,
    Comparison,
    Judgement,
    TestSongs,
    estimate,
    is_settled,
    judge,
)

#: What delta-m divides by: scores that stay well away from 0.
DELTA_M_METRIC = {"binary": "auc", "multiclass": "auc", "regression": "rmse"}


class CellRuns:
    """A cell's arms as run folders, one per seed; all arms of a cell have the same test songs.

    Args:
        cell: The cell, as in `study.json`.
        study: The study's folder.
    """

    def __init__(self, cell: dict, study: Path):
        self.cell, self.study = cell, study
        self.configs = [found_config(study / name) for name in cell["arm"]]
        #: The configs of each run in a world or fold of its own, or of the first seed.
        self.worlds = self.configs if cell["unit"] != "seed" else self.configs[:1]
        fold = Fold.of_name(self.configs[0].split)
        #: Test songs over the others, of folds.
        self.overlap = 1 / (fold.of - 1) if fold and cell["unit"] == "fold" else 0.0
        self.task = load_songs(self.configs[0].dataset).task(cell["target"])
        names = {ARM: cell["arm"], **cell["rivals"], LINEAR: cell["linear_model"]}
        self.folders = {arm: tuple(study / name for name in runs) for arm, runs in names.items()}

    @property
    def datasets(self) -> list:
        """The songs of each world."""
        return [load_songs(config.dataset) for config in self.worlds]

    @property
    def test_set(self) -> tuple:
        """Cells with the same are scored on the same songs and resamples."""
        songs = tuple((config.dataset, config.split) for config in self.worlds)
        return (songs, self.task.name)

    def constant(self, metric: str) -> float:
        """The constant predictor's test score, mean over seeds."""
        tests = [read_test(folder) for folder in self.folders[ARM]]
        return float(np.mean([test[self.task.name]["constant"][metric] for test in tests]))


def found_config(folder: Path) -> RunConfig:
    """The config of a run folder, with its songs file as it can be opened from here."""
    config, fingerprint = config_of(folder)
    return find_songs(config, folder, fingerprint)


def judged_study(
    cells: Sequence[CellRuns],
    contrasts: Sequence[Mapping],
    metric: str,
    resamples: int,
    advance: Callable,
) -> tuple[list[dict], list[dict]]:
    """Every cell and contrast by every metric of the target, as `results.json` holds them.

    Args:
        cells: Cells whose runs are all done.
        contrasts: As `study.json` has them; those whose cells are not all here are left out.
        metric: The metric that decides whether a control passes.
        resamples: Draws of the test artists.
        advance: Called after each metric of each set of test songs.
    """
    by_metric = {
        name: _by_metric(cells, contrasts, name, resamples, advance)
        for name in METRICS_OF[cells[0].task.kind]
    }

    def of(number: int, part: int) -> dict[str, dict]:
        return {name: found[part][number] for name, found in by_metric.items()}

    judged = [_judged(cell, metric, of(n, 0), resamples) for n, cell in enumerate(cells)]
    asked = [contrast | {"metrics": of(n, 1)} for n, contrast in enumerate(contrasts)]
    return judged, [contrast for contrast in asked if contrast["metrics"][metric]]


def _judged(cell: CellRuns, metric: str, by_metric: dict[str, dict], resamples: int) -> dict:
    """The cell as JSON types."""
    arms = {arm: [folder.name for folder in of_arm] for arm, of_arm in cell.folders.items()}
    found, expected = by_metric[metric], cell.cell["expected"]
    verdicts = {found["verdict"], plain(found["verdict"])}
    return {
        **{key: cell.cell[key] for key in ("cell", "factors", "target", "expected")},
        "unit": cell.task.unit,
        "varies": cell.cell["unit"],
        "judged_alone": cell.cell["judged_alone"],
        **{key: cell.cell[key] for key in ("planned",) if key in cell.cell},
        "passes": bool(verdicts & {*expected}) if expected else None,
        "arms": {arm: {"runs": names} for arm, names in arms.items()},
        "metrics": by_metric,
        "near_constant": near_constant(found, arms, METRICS[metric].higher_is_better),
        "delta_m": _delta_m(cell, resamples),
    }


def _by_metric(cells, contrasts, metric: str, resamples: int, advance) -> tuple[list, list]:
    """All by one metric."""
    arms = _by_test_set(cells, metric, resamples, advance)
    margin = MARGINS.get(metric, 0.0)
    gains_of = [_comparisons(cell, arms[cell.test_set]) for cell in cells]
    rows = [
        _row(cell, arms[cell.test_set], gains, levels)
        for cell, gains, levels in zip(
            cells, gains_of, _judgements(cells, gains_of, margin), strict=True
        )
    ]
    named = {cell.cell["cell"]: cell for cell in cells}
    return rows, judged_contrasts(contrasts, named, arms, metric)


def seeds_needed(
    cells: Sequence[CellRuns], contrasts: Sequence[Mapping], number: int
) -> list[int | None]:
    """By cell, at how many of its seeds its verdict is settled, and those of its contrasts are.

    Args:
        cells: Cells of a study that may be stopped early, with the seeds that are done.
        contrasts: As `study.json` has them; counted are those of scores.
        number: How many cells the study has.

    Returns:
        None for a cell that is not settled at as many as are done.
    """
    metric = DEFAULT_METRIC[cells[0].task.kind]
    arms = _by_test_set(cells, metric, RESAMPLES)
    settled = partial(is_settled, margin=MARGINS.get(metric, 0.0))

    def cell_is_settled(cell: CellRuns, seeds: int) -> bool:
        gains = _comparisons(cell, arms[cell.test_set], seeds)
        for level, rivals in rivals_by_level(gains).items():
            of_level = {rival: gains[rival] for rival in rivals}
            if not settled(of_level, cell.cell["planned"], number):
                return False
            if judge({level: of_level})[level].verdict != "benefit":
                break  # levels are tested one behind the other
        return True

    named = {cell.cell["cell"]: cell for cell in cells}
    questions = Counter(contrast["asks"] for contrast in contrasts)

    def contrast_is_settled(contrast: Mapping, seeds: int) -> bool:
        its_cells = [named.get(cell) for cell, _ in (*contrast["gain"], *contrast["other"])]
        if None in its_cells or seeds > min(len(cell.configs) for cell in its_cells):
            return False
        found = compared(contrast, named, arms, metric, seeds)
        planned = its_cells[0].cell["planned"]
        return found is None or settled({"": found}, planned, questions[contrast["asks"]])

    def needed(cell: CellRuns) -> int | None:
        tests = [partial(cell_is_settled, cell)]
        for contrast in contrasts:
            its_cells = dict([*contrast["gain"], *contrast["other"]])
            if contrast["measure"] == "score" and cell.cell["cell"] in its_cells:
                tests.append(partial(contrast_is_settled, contrast))
        looks = range(FEWEST_SEEDS, len(cell.configs) + 1)
        settled_at = [next(filter(test, looks), None) for test in tests]
        return None if None in settled_at else max(settled_at)

    return [needed(cell) for cell in cells]


def _by_test_set(
    cells: Sequence[CellRuns], metric: str, resamples: int, advance: Callable = lambda: None
) -> dict[tuple, Arms]:
    """The arms of all cells; those of the same test set share the resamples."""
    alike: dict[tuple, list[CellRuns]] = {}
    for cell in cells:
        alike.setdefault(cell.test_set, []).append(cell)
    arms = {}
    for test_set, of_set in alike.items():
        arms[test_set] = _arms(of_set, metric, resamples)
        advance()
    return arms


def _arms(cells: Sequence[CellRuns], metric: str, resamples: int) -> Arms:
    """The arms of cells of one test set, each by its run folders."""
    songs, ids = zip(*map(_test_songs, cells[0].worlds), strict=True)
    every = dict.fromkeys(folders for cell in cells for folders in cell.folders.values())
    predictions = {
        folders: [predictions_of(run, ids[n % len(ids)]) for n, run in enumerate(folders)]
        for folders in every
    }
    of_seeds, overlap = cells[0].cell["unit"] == "seed", cells[0].overlap
    return Arms(songs[0] if of_seeds else songs, predictions, metric, resamples, overlap=overlap)


def _test_songs(config: RunConfig) -> tuple[TestSongs, np.ndarray]:
    """The test songs that carry a run's target, and their ids."""
    dataset, target = load_songs(config.dataset), config.target
    labels, positions = dataset.labels(target), dataset.split(config.split)["test"]
    positions = positions[np.isfinite(labels[positions])]
    # Skill needs one constant predictor for all arms of a test set: that of the first cell's songs,
    # at its first seed. Gains in skill are differences of losses over the same number then.
    training = select_training_songs(config, dataset)
    (constant,) = constants([dataset.task(target)], training.labels[:, :1])
    artists = dataset.group_codes()[positions]
    songs = TestSongs(dataset.task(target), labels[positions], artists, constant)
    return songs, dataset.ids[positions]


def _comparisons(cell: CellRuns, arms: Arms, seeds: int | None = None) -> dict[str, Comparison]:
    return {
        rival: arms.compare(cell.folders[ARM], cell.folders[rival], seeds)
        for rival in cell.cell["rivals"]
    }


def _judgements(cells, compared, margin: float) -> list[dict[str, Judgement]]:
    """Every cell's judgements by level: cells are judged together, those that stand alone apart.

    A level is one family of Holm's correction, of the cells that have all rivals that it takes; the
    meetings of an arm with itself are another.
    """
    found: list[dict] = [{} for _ in cells]
    for level in LEVELS:
        family = {
            number: {rival: gains[rival] for rival in rivals}
            for number, gains in enumerate(compared)
            if (rivals := rivals_by_level(gains).get(level))
        }
        alone = [number for number in family if cells[number].cell["judged_alone"]]
        meetings = {number: family.pop(number) for number in alone}
        for of_family in filter(None, [family, meetings]):
            for number, judgement in judge(of_family, margin).items():
                found[number][level] = judgement
    return found


def highest(levels: Mapping[str, Judgement]) -> tuple[str, Judgement]:
    """The verdict of a cell, which names the highest level that it reached with all before it.

    Levels are tested one behind the other, each only where the one before it is claimed.
    """
    (_, judgement), *_ = levels.items()
    verdict = judgement.verdict
    for level, of_level in levels.items():
        if of_level.verdict != "benefit":
            break
        verdict, judgement = level, of_level
    return verdict, judgement


def _as_json(judgement: Judgement) -> dict:
    reason = judgement.reason
    return {
        "verdict": judgement.verdict,
        "reason": reason | {"text": reason_text(reason)},
        "p_holm": judgement.p_holm,
    }


def _row(
    cell: CellRuns, arms: Arms, gains: dict[str, Comparison], levels: dict[str, Judgement]
) -> dict:
    """One cell by one metric as JSON types."""
    scores = {arm: arms.score(folders) for arm, folders in cell.folders.items()}
    sign = arms.metric.sign
    verdict, judgement = highest(levels)
    return {
        "constant": cell.constant(arms.metric.name),
        "scores": {arm: s.to_json() for arm, s in scores.items()},
        "seed_scores": {
            arm: arms.scores[folders].tolist() for arm, folders in cell.folders.items()
        },
        "gains": {
            rival: {
                "gain": c.gain.to_json(),
                "seed_gains": c.seed_gains.tolist(),
                "p": c.p,
                "df": c.gain.df,
                "probability_of_improvement": probability_of_improvement(
                    sign * arms.scores[cell.folders[ARM]], sign * arms.scores[cell.folders[rival]]
                ),
            }
            for rival, c in gains.items()
        },
        **_as_json(judgement),
        "verdict": verdict,
        "levels": {
            level: {"hardest": of.hardest, "gain": gains[of.hardest].gain.to_json(), **_as_json(of)}
            for level, of in levels.items()
        },
        "loses_to_linear": bool(sign * (scores[LINEAR].mean - scores[ARM].mean) > 0),
    }


def _delta_m(cell: CellRuns, resamples: int) -> list[float] | None:
    """Delta-m against trained single tasks, with its interval; None without those."""
    alone = cell.cell["single_tasks"]
    if not alone:
        return None
    arms = {}
    for number, name in enumerate(cell.configs[0].tasks):
        songs, tests = [], []
        for config, dataset in zip(cell.worlds, cell.datasets, strict=True):
            test, task = dataset.split(config.split)["test"], dataset.task(name)
            # All test songs, labelled or not: so every task's resamples draw the same artists.
            labels = dataset.labels(name)[test]
            songs.append(TestSongs(task, labels, dataset.group_codes()[test]))
            tests.append(dataset.ids[test])
        single = [cell.study / run for run in alone[name]]
        predictions = {
            arm: [
                _spread(run, tests[n % len(tests)], songs[n % len(songs)], of)
                for n, run in enumerate(folders)
            ]
            for arm, folders, of in ((ARM, cell.folders[ARM], number), ("alone", single, 0))
        }
        of_seeds = cell.cell["unit"] == "seed"
        metric = DELTA_M_METRIC[songs[0].task.kind]
        arms[name] = Arms(songs[0] if of_seeds else songs, predictions, metric, resamples)
    metrics = {name: of.metric.name for name, of in arms.items()}

    def of(values: Callable[[Arms, str], np.ndarray]) -> np.ndarray:
        joint, single = (
            {name: values(a, arm) for name, a in arms.items()} for arm in (ARM, "alone")
        )
        return delta_m(joint, single, metrics)

    first = next(iter(arms.values()))
    drawn = of(lambda a, arm: a.resampled[arm].mean(axis=0)) if first.resampled else None
    scores = of(lambda a, arm: a.scores[arm])
    return estimate(scores, drawn, first.num_groups, cell.overlap).to_json()


def _spread(folder: Path, ids: np.ndarray, songs: TestSongs, number: int) -> np.ndarray:
    """A run's predictions of a task over all test songs, NaN for those without the label."""
    known = np.isfinite(songs.labels)
    values = predictions_of(folder, ids[known], number)
    spread = np.full((len(ids), *values.shape[1:]), np.nan)
    spread[known] = values
    return spread


def metric_descriptions(kind: str) -> dict[str, dict]:
    """What `results.json` says of each metric of a kind of task."""
    return {
        name: {
            "label": METRICS[name].label,
            "better": "higher" if METRICS[name].higher_is_better else "lower",
            "margin": MARGINS.get(name),
        }
        for name in METRICS_OF[kind]
    }
