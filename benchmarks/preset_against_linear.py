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
from representation_music.experiments.design.cells import seeded
from representation_music.experiments.design.tuning import candidates
from representation_music.experiments.grid.pool import run_all
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.runs.predictions import predictions_of
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table
from representation_music.utils.records import read_record, read_test
from representation_music.utils.statistics.comparisons import Arms, TestSongs, estimate

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
        row: [[seeded(of_world, seeds) for of_world in of] for of in zip(*by_world, strict=True)]
        for row, configs in rows.items()
        if (by_world := [candidates(config, candidates_each) for config in configs])
    }
    nets = [run for of_row in tried.values() for of in of_row for group in of for run in group]
    linear = list(dict.fromkeys(map(LinearConfig.beside, nets)))
    if code := run_all([*nets, *linear], folder, workers):
        return code
    table = [[name, *_cells(by_candidate, folder)] for name, by_candidate in tried.items()]
    columns = ["test AUC, log loss (nats)", "linear model", "default preset", "gain in AUC"]
    columns += ["best on validation", "its settings"] if candidates_each > 1 else []
    title = f"{seeds} seeds; {len(worlds)} synthetic worlds of {world_songs:,} songs"
    print_table(title, columns, table)
    return 0


def _cells(by_candidate: list[list[list[RunConfig]]], folder: Path) -> list[str]:
    """One problem's numbers; `by_candidate` holds each candidate's runs by world and seed."""

    def scores(groups: list, part: str) -> np.ndarray:
        found = []
        for run in (run for group in groups for run in group):
            place = Runs(folder).folder_of(run)
            record = read_test(place) if part == "test" else read_record(place, part)[part]
            found.append([record[run.target]["network"][metric] for metric in METRICS])
        return np.mean(found, axis=0)

    def text(groups: list) -> str:
        return ", ".join(f"{score:.3f}" for score in scores(groups, "test"))

    preset = by_candidate[0]
    linear = [list(map(LinearConfig.beside, group)) for group in preset]
    cells = [text(linear), text(preset), _gain(preset, linear, folder)]
    if len(by_candidate) > 1:
        best = max(by_candidate, key=lambda groups: scores(groups, "validation")[0])
        own, chosen = preset[0][0].settings(), best[0][0].settings()
        changes = ", ".join(f"{k} {v}" for k, v in chosen.items() if own[k] != v)
        cells += [text(best), changes or "the preset's"]
    return cells


def _gain(nets: list[list[RunConfig]], linear: list[list[LinearConfig]], folder: Path) -> str:
    """Gain in AUC of nets over their linear models with its 95 % interval, over several worlds."""
    gains = []
    for of_world in zip(nets, linear, strict=True):
        run = of_world[0][0]
        dataset = load_songs(run.dataset)
        labels, test = dataset.labels(run.target), dataset.split(run.split)["test"]
        test = test[np.isfinite(labels[test])]
        predictions = {
            arm: np.stack(
                [predictions_of(Runs(folder).folder_of(run), dataset.ids[test]) for run in runs]
            )
            for arm, runs in zip(("net", "linear"), of_world, strict=True)
        }
        songs = TestSongs(dataset.task(run.target), labels[test], dataset.group_codes()[test])
        gains.append(Arms(songs, predictions, "auc").compare("net", "linear").gain)
    gain = gains[0] if len(gains) == 1 else estimate([gain.mean for gain in gains])
    return f"{gain.mean:+.3f} ({gain.low:+.3f}, {gain.high:+.3f})"


if __name__ == "__main__":
    sys.exit(run_command(measure))
