"""What a study's `results.json` tells of each of its runs, so that a reader needs no run folder."""

import shlex
from pathlib import Path

from representation_music.experiments.runs.config import DEFAULT, RunConfig, flat
from representation_music.experiments.runs.folder import config_of
from representation_music.experiments.runs.linear_config import LINEAR
from representation_music.utils.reading import exists
from representation_music.utils.records import read_history, read_record, read_settings

#: Points that a run's learning curve keeps.
CURVE_POINTS = 60


def run_summary(folder: Path) -> dict:
    """A run's config, the command that makes it, its size, time and learning curve.

    The linear model has no curve, and no command of its own: its study's command makes it.
    """
    settings = read_settings(folder, "tasks")
    settings.pop("fingerprint", None)
    config, _ = config_of(folder)
    record = read_record(folder, "data", "training_songs", "training_labels")
    is_net = settings.get("model") != LINEAR
    seconds = record.get("seconds")
    return {
        "config": settings,
        "command": train_command(config) if is_net else None,
        "data": record["data"],
        "parameters": record.get("parameters"),
        "idle_experts": record.get("idle_experts"),
        "collapsed_gates": record.get("collapsed_gates"),
        "seconds": round(sum(seconds.values()), 1) if seconds else None,
        "steps": record.get("steps"),
        "best_step": record.get("best_step"),
        "training_songs": record["training_songs"],
        "training_labels": record["training_labels"],
        "history": _history(folder, settings) if is_net else None,
    }


def _history(folder: Path, settings: dict) -> dict | None:
    """The target's stopping metric on the validation sample, at evenly chosen evaluations."""
    if not exists(folder / "history.csv"):
        return None
    record = read_record(folder, "stopping_metric", "history_constant")
    target, metric = settings["tasks"][0], record["stopping_metric"]
    rows = read_history(folder)
    stride = -(-len(rows) // CURVE_POINTS)
    kept = rows[::-stride][::-1]  # the last evaluation is always there
    return {
        "metric": metric,
        "step": [row["step"] for row in kept],
        "validation": [round(row[f"validation_{metric}:{target}"], 5) for row in kept],
        "constant": record["history_constant"][target][metric],
    }


def train_command(config: RunConfig) -> str:
    """The `repmusic train` command that makes a run: every setting that is not the default."""
    return " ".join(["repmusic train", *flags(config, DEFAULT)])


def flags(options, defaults) -> list[str]:
    """The command line flags of a dataclass's values that differ from another one's."""
    words = []
    unchanged = flat(defaults)
    for name, value in flat(options).items():
        if value == unchanged[name]:
            continue
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
            continue
        values = value if isinstance(value, tuple) else (value,)
        words.append(" ".join([f"--{flag}", *(shlex.quote(str(v)) for v in values)]))
    return words
