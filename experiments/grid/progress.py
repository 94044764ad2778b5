"""How far a manifest's runs are, from their folders, for `repmusic status` and the page."""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from representation_music.experiments.design.tuning import is_tuning
from representation_music.experiments.grid.manifest import read_manifest
from representation_music.experiments.grid.pool import run_seconds
from representation_music.experiments.runs import cost
from representation_music.experiments.runs.folder import LOCK, State, failure_of
from representation_music.experiments.runs.linear_config import AnyConfig
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.console import command
from representation_music.utils.lock import holder
from representation_music.utils.machine import available_cores
from representation_music.utils.reading import exists

#: Config and state of each run by its folder, in the manifest's order.
States = dict[Path, tuple[AnyConfig, State]]
#: What each state is called, in the order of tables.
MEANINGS: dict[State, str] = {
    "done": "done",
    "trained": "trained, not evaluated",
    "running": "running",
    "damaged": "damaged record",
    "failed": "failed",
    "interrupted": "interrupted, can go on",
    "missing": "not begun",
}
#: Submits what is not done of a manifest to Slurm; missing where the package alone is installed.
GRID = Path(__file__).resolve().parents[2] / "maverick_scripts/grid.sh"
#: Runs of one state that are named one by one.
NAMED = 20


def states_of(configs: list[AnyConfig], runs: Runs, evaluated: bool = True) -> States:
    """Config and state by run folder; a trained run is done where `evaluated` is not wanted."""
    return {
        folder: (config, runs.state_of(config, evaluated))
        for folder, config in runs.by_folder(configs).items()
    }


def all_done(states: States) -> bool:
    """Whether no run is left."""
    return all(state == "done" for _, state in states.values())


def failures(manifest: Path, states: States) -> list[str]:
    """For each failed or damaged run why, the last line of its log, and what tries it again."""
    failed = [
        (line, folder)
        for line, (folder, (_, state)) in enumerate(states.items(), 1)
        if state in ("failed", "damaged")
    ]
    lines = []
    for line, folder in failed[:NAMED]:
        reason, last_line = failure_of(folder)
        lines.append(f"FAILED {folder}: {reason}")
        lines += [f"  {last_line}"] if last_line else []
        lines.append(f"  again: {run_command_of(manifest, line)}")
    return lines + ([f"... and {len(failed) - NAMED} more"] if len(failed) > NAMED else [])


def run_command_of(manifest: Path, line: int = 0) -> str:
    """What runs a manifest, or one line of it; tuning never on the test split.

    Where there is a Slurm this is a job array, of whatever is not done: it is not for a login node
    to train.
    """
    on_slurm = shutil.which("sbatch") is not None and GRID.is_file()
    words = ["bash", GRID] if on_slurm else ["repmusic", "run-manifest"]
    words += [manifest]
    words += ["--no-evaluate"] if is_tuning(manifest) else []
    words += ["--lines", line] if line and not on_slurm else []
    return command(*words)


def find_manifest(study: Path, runs: Path) -> Path:
    """The manifest that a study's or set's name, a folder or the manifest itself stands for."""
    study = Path(study)
    of_set = runs / f"{study}.jsonl"
    for candidate in (study, study / "manifest.jsonl", runs / study / "manifest.jsonl", of_set):
        if exists(candidate) and candidate.is_file():
            return candidate
    return runs / study / "manifest.jsonl"  # which the reader will say is missing


def has_own_name(manifest: Path) -> bool:
    """Whether it is called by its file's name, not its folder's: one of `size_series`, say."""
    return manifest.name != "manifest.jsonl"


def study_name(manifest: Path) -> str:
    """What a manifest is called: its folder, for tuning with the study's before it."""
    if has_own_name(manifest):
        return manifest.stem
    folder = manifest.absolute().parent
    return f"{folder.parent.name}/{folder.name}" if is_tuning(manifest) else folder.name


def progress_of(folder: Path) -> str:
    """How far a running run is, from its history, and where it runs."""
    try:
        last = (folder / "history.csv").read_text(encoding="utf-8").splitlines()[-1]
        step = f"step {int(last.partition(',')[0])}"
    except (OSError, ValueError, IndexError):
        step = "just begun"
    return f"{step} ({holder(folder / LOCK)})"


def time_left(states: States) -> str:
    """The time that runs not done will take, estimated from those that are."""
    done = {folder: config for folder, (config, state) in states.items() if state == "done"}
    to_do = [config for config, state in states.values() if state != "done"]
    workers = sum(state == "running" for _, state in states.values()) or available_cores()
    seconds = seconds_left(done, to_do, workers)
    return f"About {cost.in_words(seconds)} left with {cost.workers_in_words(workers)}."


def seconds_left(done: Mapping[Path, AnyConfig], to_do: Iterable[AnyConfig], workers: int) -> float:
    """Seconds that runs take so many workers, by a rough model that finished runs calibrate."""
    estimates = {folder: run_seconds(config) for folder, config in done.items()}
    measured = [(of, cost.measured_seconds(folder) or of) for folder, of in estimates.items()]
    return sum(map(run_seconds, to_do)) * cost.calibration(measured) / workers


def study_progress(place: Path) -> dict:
    """How far the study in a folder is: numbers of runs by state; what runs, failed, is to do."""
    manifest = place / "manifest.jsonl"
    states = states_of(read_manifest(manifest), Runs(place))
    counts = Counter(state for _, state in states.values())
    return {
        "study": place.name,
        "total": len(states),
        "done": counts["done"],
        "failed": counts["failed"] + counts["damaged"],
        "states": [(text, counts[state]) for state, text in MEANINGS.items() if counts[state]],
        "running": [
            f"{folder.name}, {progress_of(folder)}"
            for folder, (_, state) in states.items()
            if state == "running"
        ],
        "failures": failures(manifest, states),
        "time_left": time_left(states),
    }
