"""`repmusic status STUDY`: how far a study is, told from its run folders, with or without Slurm."""

import json
import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import tyro

from representation_music.data_preprocessing.dataset import SongDataset
from representation_music.experiments import cost
from representation_music.experiments.config import RunConfig
from representation_music.experiments.grid import run_seconds
from representation_music.experiments.manifest import read_manifest
from representation_music.experiments.run_folder import (
    State,
    failure_of,
    is_done,
    run_folder,
    state_of,
)
from representation_music.experiments.tune import is_tuning
from representation_music.utils.console import table, wide_console
from representation_music.utils.machine import available_cores

if TYPE_CHECKING:
    from rich.table import Table

#: What each state is called in the table, in its order.
MEANINGS: dict[State, str] = {
    "done": "done",
    "trained": "trained, not evaluated",
    "running": "running",
    "failed": "failed",
    "interrupted": "interrupted, can go on",
    "missing": "not begun",
}
#: Runs of one state that are named one by one.
NAMED = 20


def status(
    study: tyro.conf.Positional[Path],
    runs: Path = Path("runs"),
    watch: bool = False,
    every: float = 5.0,
) -> int:
    """Show how many runs of a study are done, running, failed or missing, and the time left.

    Args:
        study: The study's name, its folder, or a manifest.
        runs: Folder of studies, where a name is given.
        watch: Show it anew until all is done; Ctrl-C ends it.
        every: Seconds between two looks, with --watch.

    Returns:
        0 if all is done, 1 otherwise.
    """
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    manifest = find_manifest(study, runs)
    load = lru_cache(maxsize=None)(SongDataset.load)
    configs = read_manifest(manifest)
    console = wide_console()
    now = Progress.of(manifest, configs, load)
    if not watch:
        console.print(now.table())
        print(*now.lines(load), sep="\n")
        return 0 if now.all_done() else 1

    def shown() -> Group:
        return Group(now.table(), *map(Text, now.lines(load)))

    with Live(shown(), console=console, auto_refresh=False) as live:
        try:
            while not now.all_done():
                time.sleep(every)
                now = Progress.of(manifest, configs, load)
                live.update(shown(), refresh=True)
        except KeyboardInterrupt:
            return 1
    return 0


@dataclass(frozen=True)
class Progress:
    """How far the runs of a manifest are at one moment.

    Attributes:
        manifest: Its path.
        configs: The runs by folder, in the manifest's order.
        states: Their states by folder; trained runs of tuning count as done.
    """

    manifest: Path
    configs: dict[Path, RunConfig]
    states: dict[Path, State]

    @classmethod
    def of(cls, manifest: Path, configs: list[RunConfig], load) -> "Progress":
        """Looks at the run folders beside the manifest."""
        runs, evaluated = manifest.parent, not is_tuning(manifest)
        folders = {run_folder(c, load(c.dataset).fingerprint, runs): c for c in configs}
        states = {f: "done" if is_done(f, evaluated) else state_of(f) for f in folders}
        return cls(manifest, folders, states)

    def all_done(self) -> bool:
        """Whether no run is left."""
        return set(self.states.values()) == {"done"}

    def table(self) -> "Table":
        """How many runs are in each state."""
        counts, number = Counter(self.states.values()), len(self.states)
        rows = [
            [text, str(counts[state]), f"{counts[state] / number:.0%}"]
            for state, text in MEANINGS.items()
            if counts[state] or state == "done"
        ]
        title = f"{study_name(self.manifest)}: {number} runs"
        return table(title, ["state", "runs", "share"], rows)

    def lines(self, load) -> list[str]:
        """What is running, what failed and why, the time left, and what to do next."""
        lines = [*self._running(), *self._failed()]
        if not self.all_done():
            lines += [self.time_left(load), f"What is missing: {self._command()}"]
        elif is_tuning(self.manifest):
            lines.append("All is done. Next: the study's command once more.")
        else:
            folder = quote(str(self.manifest.parent))
            lines.append(f"All is done. Next: repmusic results {folder}")
        return lines

    def _command(self, line: int = 0) -> str:
        """What runs the manifest, or one line of it."""
        words = ["repmusic run-manifest", quote(str(self.manifest))]
        words += ["--no-evaluate"] if is_tuning(self.manifest) else []
        words += [f"--lines {line}"] if line else []
        return " ".join(words)

    def _running(self) -> list[str]:
        running = [folder for folder, state in self.states.items() if state == "running"]
        return [f"running: {folder.name}, {progress_of(folder)}" for folder in running]

    def _failed(self) -> list[str]:
        """For each failed run the reason, the last line of its log, and how to try it again."""
        lines = []
        failed = [
            (line, folder)
            for line, (folder, state) in enumerate(self.states.items(), 1)
            if state == "failed"
        ]
        for line, folder in failed[:NAMED]:
            reason, last_line = failure_of(folder)
            lines.append(f"FAILED {folder}: {reason}")
            lines += [f"  {last_line}"] if last_line else []
            lines.append(f"  again: {self._command(line)}")
        return lines + ([f"... and {len(failed) - NAMED} more"] if len(failed) > NAMED else [])

    def time_left(self, load) -> str:
        """The time that runs not done will take, estimated from those that are."""
        measured, left = [], 0.0
        for folder, config in self.configs.items():
            estimate = run_seconds(config, load)
            if self.states[folder] == "done":
                measured.append((estimate, cost.measured_seconds(folder) or estimate))
            else:
                left += estimate
        running = sum(state == "running" for state in self.states.values())
        workers = running or available_cores()
        seconds = left * cost.calibration(measured) / workers
        return f"About {cost.in_words(seconds)} left with {cost.workers_in_words(workers)}."


def find_manifest(study: Path, runs: Path) -> Path:
    """The manifest that a study's name, its folder or the manifest itself stands for."""
    study = Path(study)
    for candidate in (study, study / "manifest.jsonl", runs / study / "manifest.jsonl"):
        if candidate.is_file():
            return candidate
    return runs / study / "manifest.jsonl"  # which the reader will say is missing


def study_name(manifest: Path) -> str:
    """What a manifest is called: its folder, for tuning with the study's before it."""
    folder = manifest.absolute().parent
    return f"{folder.parent.name}/{folder.name}" if is_tuning(manifest) else folder.name


def progress_of(folder: Path) -> str:
    """How far a running run is, from its history, and where it runs."""
    try:
        last = (folder / "history.csv").read_text().splitlines()[-1]
        step = f"step {int(last.partition(',')[0])}"
    except (OSError, ValueError, IndexError):
        step = "just begun"
    try:
        where = json.loads((folder / "running").read_text())
        return f"{step} (process {where['process']} on {where['host']})"
    except (OSError, ValueError, KeyError):
        return step
