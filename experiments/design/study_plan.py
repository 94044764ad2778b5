"""The next runs of a study: its tuning, as long as it is not done, and then its arms."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from representation_music.experiments.commands.study import (
    cells_of,
    finished_beside,
    own_options,
    take_over,
    tell_size,
    write_study,
)
from representation_music.experiments.design.cells import StudyOptions, runs_of
from representation_music.experiments.design.tuning import TUNING, tuned_cells, tuning_runs
from representation_music.experiments.grid.manifest import by_engine, write_manifest
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.runs import Runs


@dataclass(frozen=True)
class NextRuns:
    """Runs, in their manifest's order, and those of them that are not done."""

    manifest: Path
    configs: list[RunConfig]
    to_do: set[RunConfig]


def next_runs(name: str, options: StudyOptions, runs: Path, write: bool) -> NextRuns:
    """The next runs of a study; says how many there are and how long they take.

    Args:
        name: The study.
        options: What is compared, on which songs.
        runs: Folder of studies.
        write: Whether to write the manifest and take over runs of other studies; else nothing is
            written, and it is as if it had been.
    """
    folder = runs / name
    options = dataclasses.replace(options, seeds=options.seeds or own_options(name).seeds)
    cells = cells_of(name, options, folder, write)
    if options.tune:
        place = Runs(folder / TUNING)
        configs = list(dict.fromkeys(by_engine(tuning_runs(cells, options.tune))))
        if to_do := set(place.to_do(configs, evaluated=False)):
            tell_size(list(to_do), place, 0)
            manifest = place.folder / "manifest.jsonl"
            if write:
                write_manifest(manifest, configs)
            return NextRuns(manifest, configs, to_do)
        cells = tuned_cells(cells, options.tune, place, write)
    configs = list(dict.fromkeys(by_engine(runs_of(cells, options.seeds))))
    tell_size(configs, Runs(folder), 0)
    if write:
        write_study(name, options, cells, folder)
        take_over(configs, Runs(folder))
    to_do = {c for c in Runs(folder).to_do(configs) if not finished_beside(c, Runs(folder))}
    return NextRuns(folder / "manifest.jsonl", configs, to_do)
