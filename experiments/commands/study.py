"""`repmusic study NAME`: expands a study to a manifest, runs it, and says what came of it."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import tyro

from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.tuning import is_tuning
from representation_music.experiments.grid.pool import run_all
from representation_music.experiments.grid.progress import seconds_left
from representation_music.experiments.grid.study_runs import next_runs, planning
from representation_music.experiments.runs import cost
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.runs import Runs, load_songs
from representation_music.experiments.studies import find_studies
from representation_music.utils.console import print_next, say
from representation_music.utils.machine import default_workers

DEFAULTS = StudyOptions()
STUDIES = find_studies()
#: A study's name; `--help` lists them with their questions.
StudyName = Annotated[
    Literal[tuple(STUDIES)],
    tyro.conf.Positional,
    tyro.conf.arg(help="\n".join(f"{name}: {of.question}" for name, of in STUDIES.items())),
]


def study(
    name: StudyName,
    options: tyro.conf.OmitArgPrefixes[StudyOptions] = DEFAULTS,
    runs: Path = Path("runs"),
    workers: int = 0,
    dry_run: bool = False,
    manifest_only: bool = False,
    keep_checkpoints: bool = False,
) -> int:
    """Run a study on this machine: every run that is not done, and then its results.

    Args:
        name: The study.
        options: What is compared, on which songs.
        runs: Folder of studies; this one's manifest and runs go to the folder NAME there.
        workers: Processes side by side; 0: one per core, or two per GPU.
        dry_run: Only say how many runs there are, and roughly how long they take; nothing is
            written. For `controls`, songs that are missing are made in a temporary folder.
        manifest_only: Only write the manifest, for `repmusic run-manifest` or Slurm.
        keep_checkpoints: Whether evaluated runs keep their checkpoints (20 to 70 MB each).
    """
    # Held all the time: another process may not change what is compared before the results.
    with nullcontext() if dry_run else planning(runs / name):
        coming = next_runs(name, options, runs, write=not dry_run)
        _tell_size(coming.configs, coming.runs, workers)
        if is_tuning(coming.manifest) and dry_run:
            _tell_size(coming.behind_tuning, Runs(runs / name), workers)
        elif is_tuning(coming.manifest):
            if manifest_only:
                say("First the tuning, and then the same command again:")
                print_next("repmusic", "run-manifest", coming.manifest, "--no-evaluate")
                return 0
            if code := run_all(coming.configs, coming.runs.folder, workers, evaluate=False):
                return code
            coming = next_runs(name, options, runs)
            _tell_size(coming.configs, coming.runs, workers)
        if coming.at_most:
            say(f"{coming.at_most} runs at most: cells get seed after seed until they are settled")
        if dry_run:
            return 0
        if coming.reused:
            say(f"{coming.reused} runs are reused from other studies in {runs}")
        if manifest_only:
            print_next("repmusic", "run-manifest", coming.manifest)
            return 0
        while True:
            if code := run_all(coming.configs, coming.runs.folder, workers, keep_checkpoints):
                return code
            if not options.stop_early:
                break
            coming = next_runs(name, options, runs)
            if not coming.to_do:
                break
        from representation_music.experiments.commands.results import results

        return results(coming.runs.folder)


def _tell_size(configs: Sequence[RunConfig], runs: Runs, workers: int) -> None:
    """Prints how many runs and songs there are, what is done, and how long the rest may take."""
    folders = runs.by_folder(configs)
    done = {f: c for f, c in folders.items() if runs.state_of(c, evaluated=False) == "done"}
    to_do = [config for folder, config in folders.items() if folder not in done]
    workers = workers or default_workers()
    left = seconds_left(done, to_do, workers)
    sizes = sorted({config.training_size + config.auxiliary_size for config in configs})
    data = sorted({load_songs(config.dataset).describe_source() for config in configs})
    say(f"{runs.folder.name} on {'; '.join(data)}")
    say(f"{len(configs)} runs on {', '.join(f'{size:,}' for size in sizes)} songs")
    how = f"by {len(done)} finished runs" if done else "by a rough model"
    say(
        f"{len(done)} done; the other {len(to_do)} take about {cost.in_words(left)} "
        f"with {cost.workers_in_words(workers)} ({how})",
        flush=True,
    )
