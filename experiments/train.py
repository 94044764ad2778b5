"""`repmusic train`: one run from its config; the same command resumes it."""

import inspect
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import tyro

from representation_music.experiments.runs.config import DEFAULT, PRESETS, RunConfig
from representation_music.experiments.training.distribution.replicas import (
    Distribution,
    WorkerLost,
    distributed,
    is_chief,
)
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.networks import NETWORKS
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_next, say
from representation_music.utils.errors import InputError
from representation_music.utils.options import described
from representation_music.utils.signals import SAVED_NOT_FINISHED

#: Settings as flags of their own names: `--learning-rate`, not `--config.learning-rate`.
Settings = Annotated[RunConfig, tyro.conf.arg(name=""), tyro.conf.OmitArgPrefixes]


def preset_of(words: list[str]) -> RunConfig:
    """The preset that `--preset NAME` among the command's words names.

    It is looked up before the flags are read, since their defaults come from it.
    """
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--preset" or word.startswith("--preset="):
            name = word.partition("=")[2] or following
            if name not in PRESETS:
                raise InputError("--preset", repr(name), f"one of {', '.join(PRESETS)}")
            return PRESETS[name]
    return DEFAULT


def speed_in_words(record: dict, seconds: float) -> str:
    """How fast the training was, and what took the `seconds` of the run, in one line."""
    parts = record["seconds"] | {"start, record, figure": seconds - sum(record["seconds"].values())}
    shares = ", ".join(f"{name} {100 * part / seconds:.0f} %" for name, part in parts.items())
    return f"{record['songs_per_second']:,} songs/s in training; of {seconds:.1f} s: {shares}."


def own_options() -> str:
    """The options that each network and each objective alone has, a line each."""
    lines = []
    for flag, table in (("network", NETWORKS), ("objective", OBJECTIVES)):
        lines.append(f"--{flag}-options, each as name=value:")
        for name in table.names():
            lines += [f"  {name}: {option}" for option in described(table[name].Options)]
    return "\n".join(lines)


def main(arguments: list[str] | None = None, program: str = "repmusic train") -> int:
    """Reads flags whose defaults come from the preset, and trains."""
    words = sys.argv[1:] if arguments is None else arguments

    def with_preset() -> int:
        train = _command(preset_of(words))
        if {"-h", "--help"} & set(words):
            first, rest = inspect.cleandoc(train.__doc__).split("\n\n", 1)
            train.__doc__ = "\n\n".join([first, own_options(), rest])
        return run_command(train, words, program)

    return run_command(with_preset, [], program)


def _command(defaults: RunConfig):
    def train(
        config: Settings = defaults,
        preset: Literal["default", "paper"] = "default",
        runs: Path = Path("runs"),
        checkpoint_seconds: float = 5.0,
        threads: int = 0,
        profile: bool = False,
        distribute: Distribution = "none",
    ) -> int:
        """Train one run, or resume it where it stopped.

        Args:
            preset: `default` (what learns) or `paper` (the 2016 study as its text says).
            runs: Folder of run folders.
            checkpoint_seconds: Least seconds between checkpoints; 0 saves after every epoch.
            threads: Processor threads; 0 leaves it to TensorFlow.
            profile: Also trace a few steps for TensorBoard into the run's folder, and print where
                a step's time goes; results stay the same. To look at the trace, `pip install
                tensorboard-plugin-profile` and then `tensorboard --logdir RUN`.
            distribute: Share each batch among all GPUs of this process (`mirrored`), or among
                the tasks of a Slurm job step (`multi-worker`: srun --ntasks=2 repmusic train ...)
                or other processes that TF_CONFIG names. It learns the same, up to rounding.
        """
        from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
        from representation_music.experiments.training.train_run import train_run

        configure_tensorflow(threads)
        if profile and distribute != "none":
            raise InputError(f"--profile with --distribute {distribute}", "both", "one of the two")
        began = time.perf_counter()
        try:
            with distributed(distribute):
                record = train_run(config, runs, checkpoint_seconds, profile=profile)
                chief = is_chief()
        except WorkerLost as error:
            say(f"error: another process of this run has ended: {error}", file=sys.stderr)
            say("The same command goes on from the last checkpoint.", file=sys.stderr)
            return 1
        if not chief:
            return 0 if record["status"] == "finished" else SAVED_NOT_FINISHED
        if record["process"] == os.getpid():  # else an earlier process has trained it
            say(speed_in_words(record, time.perf_counter() - began))
        if record["status"] != "finished":
            say(f"Saved at step {record['steps']} after {record['stopped_by']}.")
            say("The same command resumes it.")
            return SAVED_NOT_FINISHED
        say(record["verdict"])
        if idle := record.get("idle_experts"):
            say(f"warning: gates hardly use {', '.join(idle)}")
        if collapsed := record.get("collapsed_gates"):
            say(f"warning: gates that read one expert alone: {', '.join(collapsed)}")
        print_next("repmusic", "evaluate", record["folder"])
        return 0

    return train


if __name__ == "__main__":
    sys.exit(main())
