"""Does the default preset keep up with a tuned linear model? Single-task nets on test songs.

On synthetic songs, each world a seed of its own, and on the real targets Rap and ballad where
`--msd` names a folder of official files. With `--candidates` each net is tuned as studies tune it:
random settings beside the preset's, chosen by validation AUC and reported on test songs.
Gains come with intervals over seeds and test artists, averaged over worlds.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.experiments.design.arms import base_config, single_task
from representation_music.experiments.design.tuning import candidates
from representation_music.experiments.grid.pool import run_all
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.runs.predictions import predictions_of
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table
from representation_music.utils.records import read_record, read_test
from representation_music.utils.statistics.comparisons import Arms, TestSongs, percentile_interval

METRICS = ("auc", "log_loss")
REAL_TARGETS = ("genre:Rap", "ballad")


def world(folder: Path, seed: int, songs: int) -> Path:
    """A songs file of so many synthetic songs, made where it is missing."""
    path = folder / f"world-{seed}-{songs}.h5"
    if not path.exists():
        raw = folder / f"world-{seed}-{songs}"
        synthesize(raw, SyntheticSettings(songs=songs, seed=seed))
        preprocess(raw, output=path)
    return path


def problems(
    folder: Path, sizes: Sequence[int], worlds: Sequence[int], songs: int, msd: Path | None
) -> dict[str, list[RunConfig]]:
    """The single tasks by the row they stand in."""
    found = {
        f"synthetic songs, pop, {size:,} training songs": [
            base_config("default", str(world(folder, seed, songs)), ("pop",), size)
            for seed in worlds
        ]
        for size in sizes
    }
    if msd:
        path = folder / "real.h5"
        preprocess(msd, output=path)
        for task in REAL_TARGETS:
            config = base_config("default", str(path), (task,), 0)
            found[f"sample of real songs, {task}, all training songs"] = [config]
    return {row: [single_task(config) for config in configs] for row, configs in found.items()}


def measure(
    sizes: tuple[int, ...] = (250, 500, 1000, 2000),
    worlds: tuple[int, ...] = (0, 1, 2),
    world_songs: int = 12_000,
    seeds: int = 2,
    candidates_each: int = 1,
    msd: Path | None = None,
    folder: Path = Path("runs/preset-against-linear"),
    workers: int = 0,
) -> int:
    """Print test scores of the linear model, the default preset, and the best on validation.

    Args:
        sizes: Training songs of the synthetic problems.
        worlds: Seeds of the synthetic songs.
        world_songs: Songs of each world, of all parts of the split.
        seeds: Seeds of every net.
        candidates_each: Settings tried for every net; 1: the preset's only.
        msd: Folder of official files, for the real targets.
        folder: Where songs and runs go; what is done there is not done again.
        workers: Processes side by side; 0: one a core.
    """
    rows = problems(folder, sizes, worlds, world_songs, msd)
    tried = {
        row: [_seeded(c, seeds) for config in configs for c in candidates(config, candidates_each)]
        for row, configs in rows.items()
    }
    every = [run for groups in tried.values() for group in groups for run in group]
    linear = list(dict.fromkeys(map(LinearConfig.beside, every)))
    if code := run_all([*every, *linear], folder, workers):
        return code
    table = [
        _row(row, [tried[row][n::candidates_each] for n in range(candidates_each)], folder)
        for row in rows
    ]
    columns = ["test AUC, log loss (nats)", "linear model", "default preset", "gain in AUC"]
    columns += ["best on validation", "its settings"] if candidates_each > 1 else []
    title = f"{seeds} seeds; {len(worlds)} synthetic worlds of {world_songs:,} songs"
    print_table(title, columns, table)
    return 0


def _seeded(config: RunConfig, seeds: int) -> list[RunConfig]:
    return [config.replace(seed=seed) for seed in range(seeds)]


def _row(name: str, by_candidate: list[list[list[RunConfig]]], folder: Path) -> list[str]:
    """One problem's row; `by_candidate` holds each candidate's runs by world and seed."""

    def scores(place: Path, config: RunConfig, part: str) -> list[float]:
        scored = read_test(place) if part == "test" else read_record(place, part)[part]
        return [scored[config.target]["network"][metric] for metric in METRICS]

    def of(runs: list[list[RunConfig]], part: str) -> np.ndarray:
        found = [scores(Runs(folder).folder_of(run), run, part) for group in runs for run in group]
        return np.mean(found, axis=0)

    linear = [
        scores(Runs(folder).folder_of(LinearConfig.beside(run)), run, "test")
        for group in by_candidate[0]
        for run in group
    ]
    preset = of(by_candidate[0], "test")
    gain = _gain(by_candidate[0], folder)
    cells = [name, _text(np.mean(linear, axis=0)), _text(preset), gain]
    if len(by_candidate) > 1:
        best = max(by_candidate, key=lambda runs: of(runs, "validation")[0])
        own, chosen = by_candidate[0][0][0].settings(), best[0][0].settings()
        changes = ", ".join(f"{k} {v}" for k, v in chosen.items() if own[k] != v)
        cells += [_text(of(best, "test")), changes or "the preset's"]
    return cells


def _gain(by_world: list[list[RunConfig]], folder: Path) -> str:
    """Gain in AUC of nets over their linear models, mean over worlds, with its 95 % interval."""
    means, resampled = [], []
    for number, runs in enumerate(by_world):
        dataset, task = (
            load_songs(runs[0].dataset),
            load_songs(runs[0].dataset).task(runs[0].target),
        )
        labels, test = dataset.labels(task.name), dataset.split(runs[0].split)["test"]
        test = test[np.isfinite(labels[test])]
        places = {
            "net": [Runs(folder).folder_of(run) for run in runs],
            "linear": [Runs(folder).folder_of(LinearConfig.beside(run)) for run in runs],
        }
        ids = dataset.ids[test]
        predictions = {
            arm: np.stack([predictions_of(place, ids) for place in of_seeds])
            for arm, of_seeds in places.items()
        }
        songs = TestSongs(task, labels[test], dataset.group_codes()[test])
        arms = Arms(songs, predictions, "auc", seed=number)
        means.append(arms.compare("net", "linear").gain.mean)
        resampled.append(arms.resampled_means("net") - arms.resampled_means("linear"))
    low, high = percentile_interval(np.mean(resampled, axis=0))
    return f"{np.mean(means):+.3f} ({low:+.3f}, {high:+.3f})"


def _text(pair: np.ndarray) -> str:
    return f"{pair[0]:.3f}, {pair[1]:.3f}"


if __name__ == "__main__":
    sys.exit(run_command(measure))
