"""`repmusic study NAME`: expands a study to a manifest, runs it, and says what came of it."""

import dataclasses
import glob
import os
import shutil
import tempfile
from collections.abc import Sequence
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
from representation_music.experiments.runs.folder import is_done, state_of
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.experiments.studies import find_studies
from representation_music.utils.console import print_next
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
    if options.seeds < 0:
        raise InputError("--seeds", str(options.seeds), "0 or more")
    options = dataclasses.replace(options, seeds=options.seeds or find_studies()[name].seeds)
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
        print(f"{taken} runs are taken over from other studies in {runs}")
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
        if state_of(run) in ("done", "running"):
            continue
        for other in sorted(runs.folder.parent.glob(f"*/{glob.escape(run.name)}")):
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
