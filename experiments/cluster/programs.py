"""What the scripts of maverick_scripts are called, and which program each one runs."""

import os
from collections.abc import Sequence

from representation_music.experiments.cluster.site import SCRIPTS, Site
from representation_music.utils.errors import InputError

PACKAGE = "representation_music.experiments"
REPMUSIC = ("-m", f"{PACKAGE}.command_line")
#: The 2016 paper's sets: program and task set, which make a script's name.
SETS = {
    f"{program}_{task_type}": (program, task_type)
    for program, task_types in {
        "single_task": ("target", *(f"dependent_{number}" for number in range(1, 5))),
        "multi_low": ("tightly_coupled", "loosely_coupled"),
        "multi_high": ("tightly_coupled", "loosely_coupled"),
        "multi_interspersed": ("tightly_coupled", "loosely_coupled"),
    }.items()
    for task_type in task_types
}
#: Every script that can be submitted by its name.
NAMES = (
    *("distributed", "dummy", "evaluate", "grid", "preprocess", "preprocess_shards"),
    *("report", "study"),
    *SETS,
)


def program_of(name: str, words: Sequence[str], site: Site) -> list[str]:
    """What Python runs for a script that runs one program: the words behind it.

    Raises:
        InputError: if a setting or an argument is missing.
    """
    songs = ("--dataset", site.dataset)
    if name in SETS:
        program, task_type = SETS[name]
        return ["-m", f"{PACKAGE}.{program}", "--task-type", task_type, *songs, *words]
    if name in ("dummy", "evaluate"):
        return ["-m", f"{PACKAGE}.{name}", *words]
    if name == "distributed":
        return [*REPMUSIC, "train", "--distribute", "multi-worker", *songs, *words]
    if name == "report":
        if not words:
            example = f"bash {SCRIPTS}/report.sh {' '.join(site.studies)}"
            raise InputError("report.sh", "no study", "names of studies", f"Say: {example}")
        return [*REPMUSIC, "page", *words, "--judge", "-o", "page"]
    if name == "grid":
        return [*REPMUSIC, "run-manifest", *_own_lines(words, site)]
    if site.raw_dir is None or not site.raw_dir.is_dir():
        found, advice = f"'{site.raw_dir or ''}'", f"Set it in {site.file}; or: repmusic download"
        raise InputError("RAW_DIR", found, "the folder of the official files", advice)
    raw_dir = str(site.raw_dir)
    if name == "preprocess":
        output = ("-o", site.dataset, "--resume-dir", "track_files_read")
        return [*REPMUSIC, "preprocess", raw_dir, *output, *words]
    parts, *others = words or ["1"]
    part = f"{os.environ.get('SLURM_ARRAY_TASK_ID', 1)}/{parts}"
    reading = ("--resume-dir", "track_files_read", "--part", part)
    return [*REPMUSIC, "preprocess", raw_dir, *reading, *others]


def _own_lines(words: Sequence[str], site: Site) -> list[str]:
    """The words of run-manifest; in a task of an array with the lines of that task."""
    words = list(words)
    runs = site.runs_per_task
    if words and words[0].startswith("--runs-per-task="):
        runs = int(words.pop(0).partition("=")[2])
    if not words or words[0].startswith("-"):
        advice = "To make one: repmusic study NAME --manifest-only"
        raise InputError("grid.sh", "no manifest", f"bash {SCRIPTS}/grid.sh MANIFEST", advice)
    words[0] = site.from_here(words[0])
    if task := os.environ.get("SLURM_ARRAY_TASK_ID"):
        if not runs:
            advice = f"bash {SCRIPTS}/grid.sh MANIFEST submits an array that fits the manifest."
            raise InputError("RUNS_PER_TASK", "nothing", "the runs of one task", advice)
        last = int(task) * runs
        words[1:1] = ["--lines", f"{last - runs + 1}-{last}"]
    return words


def split_dry_run(words: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether --dry-run is among the words, wherever; and the others."""
    flags = ("--dry-run", "--dry_run")
    return any(word in flags for word in words), [word for word in words if word not in flags]


def split_names(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of studies, and the options behind them.

    Raises:
        InputError: if there is no name.
    """
    first_option = next((n for n, word in enumerate(words) if word.startswith("-")), len(words))
    if not first_option:
        raise InputError("study.sh", "no study", f"bash {SCRIPTS}/study.sh NAME ... [OPTIONS]")
    return list(words[:first_option]), list(words[first_option:])
