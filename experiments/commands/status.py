"""`repmusic status STUDY`: how far a study is, from its run folders, with or without Slurm."""

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from representation_music.experiments.design.tuning import is_tuning
from representation_music.experiments.grid import progress
from representation_music.experiments.grid.manifest import read_manifest
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.console import command, say, table, verbatim, wide_console
from representation_music.utils.file_names import file_name

if TYPE_CHECKING:
    from rich.table import Table


def status(
    study: tyro.conf.Positional[Path],
    runs: Path = Path("runs"),
    watch: bool = False,
    every: float = 5.0,
) -> int:
    """Show how many runs of a study are done, running, failed or missing, and the time left.

    Args:
        study: The study's name, its folder, or a manifest; or the name of one of the 2016 study's
            sets, say single_task_target.
        runs: Folder of studies, where a name is given.
        watch: Keep showing it until all is done; Ctrl-C ends it.
        every: Seconds between two looks, with --watch.

    Returns:
        0 if all is done, 1 otherwise.
    """
    from rich.console import Group
    from rich.live import Live

    manifest = progress.find_manifest(study, runs)
    runs_of_manifest = Runs(manifest.parent)
    configs, evaluated = read_manifest(manifest), not is_tuning(manifest)
    console = wide_console()
    states = progress.states_of(configs, runs_of_manifest, evaluated)
    if not watch:
        console.print(counted(manifest, states))
        say(*what_next(manifest, states), sep="\n")
        return 0 if progress.all_done(states) else 1

    def shown() -> Group:
        return Group(counted(manifest, states), *map(verbatim, what_next(manifest, states)))

    with Live(shown(), console=console, auto_refresh=False) as live:
        try:
            while not progress.all_done(states):
                time.sleep(every)
                states = progress.states_of(configs, runs_of_manifest, evaluated)
                live.update(shown(), refresh=True)
        except KeyboardInterrupt:
            return 1
    return 0


def counted(manifest: Path, states: progress.States) -> "Table":
    """How many runs are in each state."""
    counts = Counter(state for _, state in states.values())
    rows = [
        [text, str(counts[state]), f"{counts[state] / len(states):.0%}"]
        for state, text in progress.MEANINGS.items()
        if counts[state] or state == "done"
    ]
    title = f"{progress.study_name(manifest)}: {len(states)} runs"
    return table(title, ["state", "runs", "share"], rows)


def what_next(manifest: Path, states: progress.States) -> list[str]:
    """What is running, what failed and why, the time left, and what to do next."""
    running = [folder for folder, (_, state) in states.items() if state == "running"]
    lines = [f"running: {folder.name}, {progress.progress_of(folder)}" for folder in running]
    lines += progress.failures(manifest, states)
    if not progress.all_done(states):
        return [
            *lines,
            progress.time_left(states),
            f"What is missing: {progress.run_command_of(manifest)}",
        ]
    if progress.has_own_name(manifest):
        names = sorted({config.experiment_name for config, _ in states.values()})
        # The shell is to fill in the star, so it stands outside the quotes.
        runs = " ".join(f"{command(manifest.parent / file_name(name))}-*" for name in names)
        return [*lines, f"All is done. Next: repmusic plot {runs}"]
    if is_tuning(manifest):
        return [*lines, "All is done. Next: the study's command once more."]
    return [*lines, f"All is done. Next: {command('repmusic', 'results', manifest.parent)}"]
