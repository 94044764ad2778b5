"""A study's cells as run folders, and what these predicted for their test songs."""

from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.songs.splits import Fold
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import config_of
from representation_music.experiments.runs.predictions import predictions_of
from representation_music.experiments.runs.runs import find_songs, load_songs
from representation_music.experiments.training.scoring import constants
from representation_music.experiments.training.training_songs import select_training_songs
from representation_music.utils.records import read_test
from representation_music.utils.results_format import ARM, LINEAR
from representation_music.utils.statistics.aggregates import delta_m
from representation_music.utils.statistics.comparisons import Arms, Comparison, TestSongs
from representation_music.utils.statistics.estimates import estimate

#: What delta-m divides by: scores that stay well away from 0.
DELTA_M_METRIC = {"binary": "auc", "multiclass": "auc", "regression": "rmse"}


class CellRuns:
    """A cell's arms as run folders, one per seed; all arms of a cell have the same test songs.

    The cell is as `study.json` in the study's folder has it.
    """

    def __init__(self, cell: dict, study: Path):
        self.cell, self.study = cell, study
        self.configs = [found_config(study / name) for name in cell["arm"]]
        #: The configs of each run in a world or fold of its own, or of the first seed.
        self.worlds = self.configs if cell["unit"] != "seed" else self.configs[:1]
        fold = Fold.of_name(self.configs[0].split)
        #: Test songs over the others, of folds.
        self.overlap = 1 / (fold.of - 1) if fold else 0.0
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

    def scored(
        self, songs: Sequence[TestSongs], predictions: dict, metric: str, resamples: int
    ) -> Arms:
        """Arms by their predictions of the songs of each world."""
        of_all = songs[0] if self.cell["unit"] == "seed" else songs
        return Arms(of_all, predictions, metric, resamples, overlap=self.overlap)

    def gains(self, arms: Arms, seeds: int | None = None) -> dict[str, Comparison]:
        """The arm against each rival, at the first seeds."""
        return {
            rival: arms.compare(self.folders[ARM], self.folders[rival], seeds)
            for rival in self.cell["rivals"]
        }


def found_config(folder: Path) -> RunConfig:
    """The config of a run folder, with its songs file as it can be opened from here."""
    config, fingerprint = config_of(folder)
    return find_songs(config, folder, fingerprint)


def arms_by_test_set(
    cells: Sequence[CellRuns], metric: str, resamples: int, advance: Callable = lambda: None
) -> dict[tuple, Arms]:
    """The arms of all cells by their run folders; those of a test set share the resamples.

    `advance` is called after each test set.
    """
    alike: dict[tuple, list[CellRuns]] = {}
    for cell in cells:
        alike.setdefault(cell.test_set, []).append(cell)
    arms = {}
    for test_set, (cell, *others) in alike.items():
        songs, ids = zip(*map(_test_songs, cell.worlds), strict=True)
        every = dict.fromkeys(runs for of in (cell, *others) for runs in of.folders.values())
        predictions = {
            runs: [predictions_of(run, of) for run, of in zip(runs, cycle(ids), strict=False)]
            for runs in every
        }
        arms[test_set] = cell.scored(songs, predictions, metric, resamples)
        advance()
    return arms


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


def delta_m_of(cell: CellRuns, resamples: int) -> list[float] | None:
    """Delta-m against trained single tasks, with its interval; None without those."""
    single_tasks = cell.cell["single_tasks"]
    if not single_tasks:
        return None
    arms: dict[str, Arms] = {}
    for number, name in enumerate(cell.configs[0].tasks):
        songs, ids = [], []
        for config, dataset in zip(cell.worlds, cell.datasets, strict=True):
            # All test songs, labelled or not: so every task's resamples draw the same artists.
            test = dataset.split(config.split)["test"]
            labels, artists = dataset.labels(name)[test], dataset.group_codes()[test]
            songs.append(TestSongs(dataset.task(name), labels, artists))
            ids.append(dataset.ids[test])
        alone = [cell.study / run for run in single_tasks[name]]
        predictions = {
            arm: [
                _predictions_of_labelled(run, *of_world, task)
                for run, *of_world in zip(runs, cycle(songs), cycle(ids), strict=False)
            ]
            for arm, runs, task in ((ARM, cell.folders[ARM], number), ("alone", alone, 0))
        }
        metric = DELTA_M_METRIC[songs[0].task.kind]
        arms[name] = cell.scored(songs, predictions, metric, resamples)
    metrics = {name: of.metric.name for name, of in arms.items()}

    def changes(values: Callable[[Arms, str], np.ndarray]) -> np.ndarray:
        joint, single = (
            {name: values(of, arm) for name, of in arms.items()} for arm in (ARM, "alone")
        )
        return delta_m(joint, single, metrics)

    first = next(iter(arms.values()))
    drawn = changes(lambda of, arm: of.resampled[arm].mean(axis=0)) if first.resampled else None
    scores = changes(lambda of, arm: of.scores[arm])
    return estimate(scores, drawn, first.num_groups, cell.overlap).to_json()


def _predictions_of_labelled(
    folder: Path, songs: TestSongs, ids: np.ndarray, task: int
) -> np.ndarray:
    """A run's predictions of one of its tasks for all test songs, NaN for those without a label."""
    known = np.isfinite(songs.labels)
    values = predictions_of(folder, ids[known], task)
    of_all = np.full((len(ids), *values.shape[1:]), np.nan)
    of_all[known] = values
    return of_all
