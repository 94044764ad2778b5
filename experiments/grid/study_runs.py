"""The runs that a study comes to: its tuning, as long as that is not done, and then its arms."""

import atexit
import dataclasses
import glob
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from representation_music.experiments.design.cells import Cell, design, runs_of
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.design.tuning import TUNING, tuned_cells, tuning_runs
from representation_music.experiments.grid.manifest import by_engine, write_manifest
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import LOCK, state_of
from representation_music.experiments.runs.reuse import reuse
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.experiments.studies import find_studies
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.lock import Held, hold
from representation_music.utils.statistics.verdicts import FEWEST_SEEDS


@dataclass(frozen=True)
class StudyRuns:
    """The runs of a study that come next.

    Attributes:
        manifest: Their file.
        configs: They, in its order.
        to_do: Those that are not done.
        reused: How many of them other studies had finished.
        behind_tuning: Where they are the tuning, the runs behind it: settings may change, but not
            how many they are, nor their songs.
        at_most: Where cells may be stopped early, how many runs there are if none is.
    """

    manifest: Path
    configs: list[RunConfig]
    to_do: list[RunConfig]
    reused: int = 0
    behind_tuning: tuple[RunConfig, ...] = ()
    at_most: int = 0

    @property
    def runs(self) -> Runs:
        """Where they lie."""
        return Runs(self.manifest.parent)


def next_runs(name: str, options: StudyOptions, runs: Path, write: bool = True) -> StudyRuns:
    """Writes the manifest of a study's next runs and takes over those of other studies.

    Unless `write`, nothing is written, and the result is what it would be.

    Raises:
        InputError: for options that do not fit, or songs that cannot be read.
    """
    if options.seeds < 0:
        raise InputError("--seeds", str(options.seeds), "0 or more")
    folder = runs / name
    options = dataclasses.replace(options, seeds=options.seeds or find_studies()[name].seeds)
    with planning(folder) if write else nullcontext():
        return _next_runs(name, options, folder, write)


def planning(folder: Path) -> AbstractContextManager[None]:
    """Holds a study's folder: no two processes say at a time which runs it comes to.

    Its runs have locks of their own, so that any number of processes may work on a manifest.

    Raises:
        Held: if another process does so.
    """
    return hold(folder / LOCK)


def _next_runs(name: str, options: StudyOptions, folder: Path, write: bool) -> StudyRuns:
    cells = _cells_of(name, options, folder, write)
    if options.tune:
        tuning = Runs(folder / TUNING)
        configs = _in_order(tuning_runs(cells, options.tune))
        if to_do := list(tuning.to_do(configs, evaluated=False)):
            if write:
                write_manifest(tuning.folder / "manifest.jsonl", configs)
            behind = tuple(runs_of(cells, options.seeds))
            return StudyRuns(tuning.folder / "manifest.jsonl", configs, to_do, behind_tuning=behind)
        cells = tuned_cells(cells, options.tune, tuning, write)
    place, at_most = Runs(folder), 0
    if options.stop_early:
        at_most = len(runs_of(cells, options.seeds))
        cells = _at_seeds_needed(find_studies()[name], options, cells, place)
    configs = _in_order(runs_of(cells, options.seeds))
    finished = {c: other for c in configs if (other := _finished_beside(c, place))}
    if write:
        write_study(name, options, cells, folder)
        for config, other in list(finished.items()):
            try:
                reuse(other, place.folder_of(config))
            except Held:  # it is trained here, or waited for
                del finished[config]
    to_do = [config for config in place.to_do(configs) if config not in finished]
    coming = StudyRuns(folder / "manifest.jsonl", configs, to_do, len(finished), at_most=at_most)
    if options.stop_early and write and finished and not to_do:  # on with the next seeds
        further = _next_runs(name, options, folder, write)
        return dataclasses.replace(further, reused=further.reused + coming.reused)
    return coming


def _at_seeds_needed(
    study: Study, options: StudyOptions, cells: Sequence[Cell], place: Runs
) -> list[Cell]:
    """The cells with the seeds that they need, as far as finished runs tell.

    A cell that is settled has those at which it came to be; the others have one more than all of
    them have finished.
    """
    to_do = set(place.to_do(runs_of(cells, options.seeds)))

    def first(cell: Cell, seeds: int) -> Cell:
        return dataclasses.replace(cell, most=seeds)

    def finished(cell: Cell) -> int:
        numbers = range(1, planned[cell.name] + 1)
        runs = (runs_of([first(cell, number)], options.seeds) for number in numbers)
        return sum(1 for _ in takewhile(to_do.isdisjoint, runs))

    planned = {cell.name: len(cell.worlds) or options.seeds for cell in cells}
    done = {cell.name: finished(cell) for cell in cells}
    known = [first(cell, done[cell.name]) for cell in cells if done[cell.name] >= FEWEST_SEEDS]
    needed: dict[str, int] = {}
    if known:
        from representation_music.experiments.results.cell_runs import CellRuns
        from representation_music.experiments.results.seeds_needed import seeds_needed

        contrasts = study.content(options, design(cells, options.seeds))["contrasts"]
        runs = [CellRuns(cell, place.folder) for cell in design(known, options.seeds)]
        found = seeds_needed(runs, contrasts, len(cells))
        needed = {cell.name: of for cell, of in zip(known, found, strict=True) if of}
    following = max(FEWEST_SEEDS, 1 + min([n for c, n in done.items() if c not in needed] or [0]))
    return [
        first(cell, min(needed.get(cell.name, following), planned[cell.name])) for cell in cells
    ]


def _in_order(configs: Sequence[RunConfig]) -> list[RunConfig]:
    """The runs as a manifest holds them."""
    return by_engine(list(dict.fromkeys(configs)))


def _cells_of(name: str, options: StudyOptions, folder: Path, write: bool) -> list[Cell]:
    """The study's cells, each once, on the user's songs or on those that it makes itself.

    Unless `write`, songs that are missing are made in a temporary folder.

    Raises:
        InputError: where there is no cell, or their targets are of several kinds.
    """
    study = find_studies()[name]
    if study.make_songs:
        songs = study.make_songs(folder if write else _rehearsal_of(folder), options)
    else:
        songs = load_songs(options.dataset)
    by_name: dict[str, Cell] = {}
    for cell in study.cells(options, songs):
        by_name.setdefault(cell.name, cell)
    cells = list(by_name.values())
    if not cells:
        raise InputError(f"the study {name}", "no cell for these options", "one or more")
    tasks = {load_songs(cell.arm.dataset).task(cell.arm.target) for cell in cells}
    if len({task.kind for task in tasks}) > 1:
        found = ", ".join(sorted(f"{task.name} ({task.kind})" for task in tasks))
        expected = "targets of one kind: a study judges by one metric"
        raise InputError(f"the study {name}", found, expected)
    return cells


def _rehearsal_of(folder: Path) -> Path:
    """A folder with links to the songs that a study has made, removed when this process ends."""
    place = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for file in folder.glob("songs/**/songs.h5"):
        link = place / file.relative_to(folder)
        link.parent.mkdir(parents=True)
        link.symlink_to(file.absolute())
    return place


def write_study(name: str, options: StudyOptions, cells: Sequence[Cell], folder: Path) -> None:
    """Writes `manifest.jsonl`, the runs, and `study.json`, what they are compared for."""
    write_manifest(folder / "manifest.jsonl", runs_of(cells, options.seeds))
    content = find_studies()[name].content(options, design(cells, options.seeds))
    write_json(folder / "study.json", content)


def _finished_beside(config: RunConfig, runs: Runs) -> Path | None:
    """The folder of the run in another study that has finished it, to be reused."""
    run = runs.folder_of(config)
    if state_of(run) in ("done", "trained", "running"):
        return None
    others = sorted(runs.folder.parent.glob(f"*/{glob.escape(run.name)}"))
    return next((other for other in others if state_of(other) == "done"), None)
