"""`repmusic study NAME`: expands a study to a manifest, runs it, and says what came of it."""

import dataclasses
import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from shlex import quote
from typing import Literal

import tyro

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import (
    Cell,
    StudyOptions,
    design,
    runs_of,
)
from representation_music.experiments.design.tuning import TUNING, tuned_cells, tuning_runs
from representation_music.experiments.grid.manifest import read_manifest, write_manifest
from representation_music.experiments.grid.pool import run_all, run_seconds
from representation_music.experiments.runs import cost
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import is_done, run_folder, state_of
from representation_music.experiments.studies import find_studies
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.machine import default_workers

DEFAULTS = StudyOptions()
StudyName = Literal[tuple(find_studies())]


def study(
    name: tyro.conf.Positional[StudyName],
    options: tyro.conf.OmitArgPrefixes[StudyOptions] = DEFAULTS,
    runs: Path = Path("runs"),
    workers: int = 0,
    dry_run: bool = False,
    manifest_only: bool = False,
    keep_checkpoints: bool = False,
) -> int:
    """Run a study on this machine: every run that is not done, and then its results.

    Args:
        name: The study; its file in `experiments/` says what it asks.
        options: What is compared, on which songs.
        runs: Folder of studies; this one's manifest and runs go to the folder NAME there.
        workers: Processes side by side; 0: one a core, or two a GPU.
        dry_run: Only say how many runs there are, and roughly how long they take. `controls`
            makes its songs where they are missing, for it counts on them.
        manifest_only: Only write the manifest, for `repmusic run-manifest` or Slurm.
        keep_checkpoints: Whether evaluated runs keep their checkpoints (20 to 70 MB each).
    """
    folder = runs / name
    load = lru_cache(maxsize=None)(SongDataset.load)
    if options.seeds < 0:
        raise InputError("--seeds", str(options.seeds), "0 or more")
    options = dataclasses.replace(options, seeds=options.seeds or find_studies()[name].seeds)
    cells = cells_of(name, options, folder, load)
    if options.tune:
        place = folder / TUNING
        if to_do := tuning_to_do(cells, options.tune, place, load):
            tell_size(to_do, place, load, workers)
            manifest = place / "manifest.jsonl"
            if not dry_run:
                write_manifest(manifest, tuning_runs(cells, options.tune), load)
            if manifest_only and not dry_run:
                print("First the tuning, and then the same command again:")
                print(f"Next: repmusic run-manifest {quote(str(manifest))} --no-evaluate")
                return 0
            if not dry_run and (code := run_all(to_do, place, workers, evaluate=False)):
                return code
        if not dry_run or not to_do:
            cells = tuned_cells(cells, options.tune, place, load)
    configs = runs_of(cells, options.seeds)
    tell_size(configs, folder, load, workers)
    if dry_run:
        return 0
    write_study(name, options, cells, folder, load)
    if taken := take_over(configs, folder, load):
        print(f"{taken} runs are taken over from other studies in {runs}")
    if manifest_only:
        print(f"Next: repmusic run-manifest {quote(str(folder / 'manifest.jsonl'))}")
        return 0
    if code := run_all(read_manifest(folder / "manifest.jsonl"), folder, workers, keep_checkpoints):
        return code
    from representation_music.experiments.commands.results import results

    return results(folder)


def cells_of(name: str, options: StudyOptions, folder: Path, load: Callable) -> list[Cell]:
    """The study's cells, on the user's songs or on those that it makes itself."""
    asked = find_studies()[name]
    songs = asked.make_songs(folder) if asked.make_songs else load(str(options.dataset))
    return asked.cells(options, songs)


def write_study(
    name: str, options: StudyOptions, cells: Sequence[Cell], folder: Path, load: Callable
) -> None:
    """Writes `manifest.jsonl`, the runs, and `study.json`, what they are compared for."""
    write_manifest(folder / "manifest.jsonl", runs_of(cells, options.seeds), load)
    content = find_studies()[name].content(options, design(cells, options.seeds, load))
    write_json(folder / "study.json", content)


def take_over(configs: Sequence[RunConfig], folder: Path, load: Callable) -> int:
    """Links runs that another study beside this one has finished: no run is trained twice.

    Returns:
        How many.
    """
    taken = 0
    for config in configs:
        run = run_folder(config, load(config.dataset).fingerprint, folder)
        if state_of(run) in ("done", "running"):
            continue
        for other in sorted(folder.parent.glob(f"*/{glob.escape(run.name)}")):
            if state_of(other) == "done":
                _link(other, run)
                taken += 1
                break
    return taken


def _link(finished: Path, run: Path) -> None:
    """Puts a finished run of another study in place, whole, of what an ended life has left."""
    with tempfile.TemporaryDirectory(dir=run.parent, prefix=".") as place:
        links = Path(place) / run.name
        # Files are replaced, never changed, so links are as good as copies.
        shutil.copytree(finished, links, copy_function=os.link)
        if run.exists():
            shutil.rmtree(run)
        links.rename(run)


def tuning_to_do(
    cells: Sequence[Cell], number: int, folder: Path, load: Callable
) -> list[RunConfig]:
    """The runs of tuning that are not done."""
    return [
        config
        for config in tuning_runs(cells, number)
        if not is_done(
            run_folder(config, load(config.dataset).fingerprint, folder), evaluated=False
        )
    ]


def tell_size(configs: list[RunConfig], folder: Path, load: Callable, workers: int) -> None:
    """Prints how many runs and songs there are, what is done, and how long the rest may take."""
    estimates, measured = {}, []
    for config in configs:
        run = run_folder(config, load(config.dataset).fingerprint, folder)
        seconds = run_seconds(config, load)
        if is_done(run, evaluated=False):
            measured.append((seconds, cost.measured_seconds(run) or seconds))
        else:
            estimates[run] = seconds
    workers = workers or default_workers()
    left = sum(estimates.values()) * cost.calibration(measured) / workers
    sizes = sorted({config.training_size + config.auxiliary_size for config in configs})
    data = sorted({load(config.dataset).describe_source() for config in configs})
    print(f"{folder.name} on {'; '.join(data)}")
    print(f"{len(configs)} runs on {', '.join(f'{size:,}' for size in sizes)} songs")
    how = f"by {len(measured)} finished runs" if measured else "by a rough model"
    print(
        f"{len(measured)} done; the other {len(estimates)} take about {cost.in_words(left)} "
        f"with {cost.workers_in_words(workers)} ({how})",
        flush=True,
    )
