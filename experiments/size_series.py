"""What the experiment scripts share: one architecture on one task set, over training sizes."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from representation_music.experiments.design.sizes import capped_sizes
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.train import Settings, preset_of
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, say
from representation_music.utils.decimals import decimal
from representation_music.utils.errors import InputError
from representation_music.utils.file_names import file_name
from representation_music.utils.lock import hold
from representation_music.utils.metrics import DEFAULT_METRIC
from representation_music.utils.signals import SAVED_NOT_FINISHED
from representation_music.utils.tasks import TASK_SETS, TRAINING_SIZES


def main(
    architecture: str, task_types: Sequence[str], program: str, arguments: list[str] | None = None
) -> int:
    """Runs a script: `--task-type`, `--sizes`, a preset and every setting of a run as flags.

    Args:
        architecture: The script's architecture.
        task_types: Names of `TASK_SETS` that the script offers; the first is the default.
        program: The script's name, also the first part of the runs' names.
        arguments: Words of the command line; `sys.argv[1:]` if None.
    """
    words = sys.argv[1:] if arguments is None else arguments

    def with_preset() -> int:
        defaults = preset_of(words).replace(architecture=architecture)
        return run_command(_command(defaults, task_types, program), words, f"{program}.py")

    return run_command(with_preset, [], f"{program}.py")


def _command(defaults: RunConfig, task_types: Sequence[str], program: str):
    def series(
        config: Settings = defaults,
        task_type: Literal[tuple(task_types)] = task_types[0],
        sizes: tuple[int, ...] = TRAINING_SIZES,
        preset: Literal["default", "paper"] = "default",
        runs: Path = Path("runs"),
        threads: int = 0,
    ) -> int:
        """Train and evaluate one architecture on one task set at several training sizes.

        Args:
            task_type: The task set; its first task is the target.
            sizes: Training sizes in songs, capped at what the training split has.
            preset: `default` (what learns) or `paper` (the 2016 study as its text says).
            runs: Folder of run folders; finished runs are not run again.
            threads: Processor threads; 0 leaves it to TensorFlow.
        """
        from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
        from representation_music.plots.runs.comparison import draw_comparison

        if not sizes or min(sizes) < 1:
            raise InputError("--sizes", repr(sizes), "one training size or more, in songs")
        for flag, better in (("tasks", "--task-type"), ("training_size", "--sizes")):
            if getattr(config, flag) != getattr(defaults, flag):
                given = f"--{flag.replace('_', '-')}"
                raise InputError(given, "a value", "none", f"This script takes {better} instead.")
        configure_tensorflow(threads)
        name = config.experiment_name if config.experiment_name != "run" else program
        tasks = TASK_SETS[task_type]
        base = config.replace(tasks=tasks, experiment_name=f"{name}-{task_type}")
        manifest = runs / f"{file_name(name)}_{task_type}.jsonl"
        records = train_and_evaluate(base, sizes, runs, manifest)
        if records is None:
            say("Saved before it was finished; the same command resumes it.")
            return SAVED_NOT_FINISHED
        print_series(records)
        figures = draw_comparison(
            [record["folder"] for record in records], runs / file_name(base.experiment_name)
        )
        say("Figures:", *figures, sep="\n  ")
        return 0

    return series


def train_and_evaluate(
    base: RunConfig, sizes: Sequence[int], runs: Path, manifest: Path
) -> list[dict] | None:
    """Trains and evaluates `base` at each size; None if a stop was asked for.

    What it will run it writes to `manifest` first, for `repmusic status`.

    Raises:
        Held: if another process is at work on the manifest.
    """
    from representation_music.experiments.grid.manifest import write_manifest
    from representation_music.experiments.runs.folder import failure_noted
    from representation_music.experiments.runs.runs import Runs, load_songs
    from representation_music.experiments.training.evaluation import evaluate_run
    from representation_music.experiments.training.train_run import train_run

    dataset = load_songs(base.dataset)
    capped = capped_sizes(dataset, base, sizes)
    configs = [base.replace(training_size=size) for size in capped]
    results = []
    with hold(manifest.with_name(f".{manifest.name}.lock")):
        write_manifest(manifest, configs)
        for config in configs:
            with failure_noted(Runs(runs).folder_of(config)):
                record = train_run(config, runs, dataset=dataset)
                if record["status"] != "finished":
                    return None
                result = evaluate_run(Path(record["folder"]), dataset=dataset)
            results.append(result | {"record": record})
    return results


def print_series(results: Sequence[dict]) -> None:
    """One row per task and training size: the network's scores and the constant predictor's."""
    rows = []
    for result in results:
        for task, scored in result["test"].items():
            kind = "regression" if "rmse" in scored["network"] else "binary"
            metrics = ("rmse", "r2") if kind == "regression" else ("error", DEFAULT_METRIC[kind])
            cells = [
                "{} {} ({})".format(
                    name, *(decimal(scored[who][name], 4) for who in ("network", "constant"))
                )
                for name in metrics
            ]
            size = str(result["record"]["training_songs"])
            rows.append([task, size, *cells, decimal(scored["network"]["skill"], 4, signed=True)])
    columns = ["task", "training songs", "error (constant)", "quality (constant)", "skill"]
    print_table("Test split; in brackets the constant predictor's", columns, rows)
    say(f"Data: {results[-1]['data']}.")
    for result in results:
        say(f"{result['record']['training_songs']} songs: {result['verdict']}")
    folders = [result["folder"] for result in results]
    say("Runs:", *folders, sep="\n  ")
