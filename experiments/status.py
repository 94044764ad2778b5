"""`repmusic status STUDY`: how far a study is, told from its run folders, with or without Slurm."""

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path

import tyro

from representation_music.data_preprocessing.dataset import SongDataset
from representation_music.experiments import cost
from representation_music.experiments.config import RunConfig
from representation_music.experiments.grid import available_cores, run_seconds
from representation_music.experiments.manifest import read_manifest
from representation_music.experiments.run_folder import (
    State,
    failure_of,
    run_folder,
    state_of,
)
from representation_music.utils.console import print_table

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


def status(study: tyro.conf.Positional[Path], runs: Path = Path("runs")) -> int:
    """Show how many runs of a study are done, running, failed or missing, and the time left.

    Args:
        study: The study's name, its folder, or a manifest.
        runs: Folder of studies, where a name is given.

    Returns:
        0 if all is done, 1 otherwise.
    """
    manifest = find_manifest(study, runs)
    load = lru_cache(maxsize=None)(SongDataset.load)
    states = states_of(read_manifest(manifest), manifest.parent, load)
    counts = Counter(state for _, state in states.values())
    rows = [
        [text, str(counts[state]), f"{counts[state] / len(states):.0%}"]
        for state, text in MEANINGS.items()
        if counts[state] or state == "done"
    ]
    print_table(f"{manifest.parent.name}: {len(states)} runs", ["state", "runs", "share"], rows)
    for folder, (_, state) in list(states.items()):
        if state == "running":
            print(f"running: {folder.name}, {progress_of(folder)}")
    failed = [folder for folder, (_, state) in states.items() if state == "failed"]
    for folder in failed[:NAMED]:
        print(f"FAILED {folder}: {failure_of(folder)}")
    if len(failed) > NAMED:
        print(f"... and {len(failed) - NAMED} more")
    if counts["done"] == len(states):
        print(f"All is done. Next: repmusic results {manifest.parent}")
        return 0
    print(time_left(states, load))
    print(f"What is missing: repmusic run-manifest {manifest} --runs {manifest.parent}")
    return 1


def find_manifest(study: Path, runs: Path) -> Path:
    """The manifest that a study's name, its folder or the manifest itself stands for."""
    study = Path(study)
    for candidate in (study, study / "manifest.jsonl", runs / study / "manifest.jsonl"):
        if candidate.is_file():
            return candidate
    return runs / study / "manifest.jsonl"  # which the reader will say is missing


def states_of(configs: list[RunConfig], runs: Path, load) -> dict[Path, tuple[RunConfig, State]]:
    """Config and state by run folder."""
    folders = {run_folder(c, load(c.dataset).fingerprint, runs): c for c in configs}
    return {folder: (config, state_of(folder)) for folder, config in folders.items()}


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


def time_left(states: dict[Path, tuple[RunConfig, State]], load) -> str:
    """The time that runs not done will take, estimated from those that are."""
    measured, left = [], 0.0
    for folder, (config, state) in states.items():
        estimate = run_seconds(config, load)
        if state == "done":
            measured.append((estimate, cost.measured_seconds(folder) or estimate))
        else:
            left += estimate
    running = sum(state == "running" for _, state in states.values())
    workers = running or available_cores()
    seconds = left * cost.calibration(measured) / workers
    return f"About {cost.in_words(seconds)} left with {cost.workers_in_words(workers)}."
