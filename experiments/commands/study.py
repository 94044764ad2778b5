"""`repmusic study NAME`: expands a study to a manifest, runs it, and says what came of it."""

import dataclasses
import glob
import os
import shutil
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Literal

import tyro

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
from representation_music.experiments.runs.folder import LOCK, is_done, working_on
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.experiments.studies import find_studies
from representation_music.utils.console import print_next
from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path, write_json
from representation_music.utils.lock import Held, hold, is_held
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
    if options.seeds < 0:
        raise InputError("--seeds", str(options.seeds), "0 or more")
    asked = find_studies()[name]
    options = dataclasses.replace(options, seeds=options.seeds or asked.seeds)
    reads_only = dry_run and not asked.make_songs
    with nullcontext() if reads_only else hold(folder / LOCK):
        return _study(name, options, folder, workers, dry_run, manifest_only, keep_checkpoints)


def _study(
    name: str,
    options: StudyOptions,
    folder: Path,
    workers: int,
    dry_run: bool,
    manifest_only: bool,
    keep_checkpoints: bool,
) -> int:
    """What `study` does; arguments as there, while no other process does the same."""
    cells = cells_of(name, options, folder)
    if options.tune:
        place = folder / TUNING
        if to_do := list(Runs(place).to_do(tuning_runs(cells, options.tune), evaluated=False)):
            tell_size(to_do, Runs(place), workers)
            manifest = place / "manifest.jsonl"
            if not dry_run:
                write_manifest(manifest, tuning_runs(cells, options.tune))
            if manifest_only and not dry_run:
                print("First the tuning, and then the same command again:")
                print_next("repmusic", "run-manifest", manifest, "--no-evaluate")
                return 0
            if not dry_run and (code := run_all(to_do, place, workers, evaluate=False)):
                return code
        if not dry_run or not to_do:
            cells = tuned_cells(cells, options.tune, Runs(place))
    configs = runs_of(cells, options.seeds)
    tell_size(configs, Runs(folder), workers)
    if dry_run:
        return 0
    write_study(name, options, cells, folder)
    if taken := take_over(configs, Runs(folder)):
        print(f"{taken} runs are taken over from other studies in {folder.parent}")
    if manifest_only:
        print_next("repmusic", "run-manifest", folder / "manifest.jsonl")
        return 0
    if code := run_all(read_manifest(folder / "manifest.jsonl"), folder, workers, keep_checkpoints):
        return code
    from representation_music.experiments.commands.results import results

    return results(folder)


def cells_of(name: str, options: StudyOptions, folder: Path) -> list[Cell]:
    """The study's cells, on the user's songs or on those that it makes itself."""
    asked = find_studies()[name]
    songs = asked.make_songs(folder) if asked.make_songs else load_songs(options.dataset)
    return asked.cells(options, songs)


def write_study(name: str, options: StudyOptions, cells: Sequence[Cell], folder: Path) -> None:
    """Writes `manifest.jsonl`, the runs, and `study.json`, what they are compared for."""
    write_manifest(folder / "manifest.jsonl", runs_of(cells, options.seeds))
    content = find_studies()[name].content(options, design(cells, options.seeds))
    write_json(folder / "study.json", content)


def take_over(configs: Sequence[RunConfig], runs: Runs) -> int:
    """Links runs that another study beside this one has finished: no run is trained twice.

    Returns:
        How many.
    """
    taken = 0
    for config in configs:
        run = runs.folder_of(config)
        if is_done(run, evaluated=False) or is_held(run / LOCK):
            continue
        for other in sorted(runs.folder.parent.glob(f"*/{glob.escape(run.name)}")):
            if is_done(other):
                with suppress(Held):  # as its worker is still clearing up, or another has begun
                    _link(other, run)
                    taken += 1
                break
    return taken


def _link(finished: Path, run: Path) -> None:
    """Puts a finished run of another study in place, whole, of what an ended life has left.

    The record comes last: whatever ends this, a run without it is not finished.
    """
    with working_on(finished, wait=False), working_on(run, wait=False):
        for old in run.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
            elif old.name != LOCK:
                old.unlink()
        record = finished / "record.json"
        files = (file for file in sorted(finished.rglob("*")) if file.is_file() and file != record)
        for file in (*files, record):
            if file.parent != finished or file.name not in (LOCK, "failed.json"):
                place = run / file.relative_to(finished)
                place.parent.mkdir(parents=True, exist_ok=True)
                _link_or_copy(file, place)


def _link_or_copy(file: Path, place: Path) -> None:
    """Files of runs are replaced, never changed, so links are as good as copies."""
    try:
        os.link(file, place)
    except OSError:  # another disk, or one without hard links
        with atomic_path(place) as temporary:
            shutil.copyfile(file, temporary)


def tell_size(configs: list[RunConfig], runs: Runs, workers: int) -> None:
    """Prints how many runs and songs there are, what is done, and how long the rest may take."""
    estimates, measured = {}, []
    for config in configs:
        run = runs.folder_of(config)
        seconds = run_seconds(config)
        if is_done(run, evaluated=False):
            measured.append((seconds, cost.measured_seconds(run) or seconds))
        else:
            estimates[run] = seconds
    workers = workers or default_workers()
    left = sum(estimates.values()) * cost.calibration(measured) / workers
    sizes = sorted({config.training_size + config.auxiliary_size for config in configs})
    data = sorted({load_songs(config.dataset).describe_source() for config in configs})
    print(f"{runs.folder.name} on {'; '.join(data)}")
    print(f"{len(configs)} runs on {', '.join(f'{size:,}' for size in sizes)} songs")
    how = f"by {len(measured)} finished runs" if measured else "by a rough model"
    print(
        f"{len(measured)} done; the other {len(estimates)} take about {cost.in_words(left)} "
        f"with {cost.workers_in_words(workers)} ({how})",
        flush=True,
    )
