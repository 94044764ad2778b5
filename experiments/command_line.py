"""`repmusic`: one entry, whose sub-commands are the jobs. Imports only the job asked for."""

import sys
from importlib import import_module

from representation_music.utils.command_line import run_command
from representation_music.utils.console import say, survive_any_terminal
from representation_music.utils.errors import InputError

#: Sub-command: its module, and what it does. The function in it has the same name.
COMMANDS = {
    "download": ("data_preprocessing.download", "fetch the official MSD and musiXmatch files"),
    "synthesize": (
        "data_preprocessing.synthesize",
        "write synthetic songs in the official formats",
    ),
    "preprocess": ("data_preprocessing.preprocess", "join the official files into one songs file"),
    "describe": (
        "experiments.commands.describe",
        "show the songs, labels and splits of a songs file",
    ),
    "relatedness": (
        "experiments.commands.relatedness",
        "measure how related each label is to a target; propose task sets",
    ),
    "relatedness-gain": (
        "experiments.commands.relatedness_gain",
        "compare a study's gains with how related its tasks are",
    ),
    "train": ("experiments.train", "train one run, or resume it"),
    "evaluate": ("experiments.evaluate", "evaluate a run's best checkpoint on the test split"),
    "predict": ("experiments.commands.predict", "predict a run's tasks from raw lyrics"),
    "run-manifest": ("experiments.grid.pool", "train and evaluate a manifest's runs"),
    "study": ("experiments.commands.study", "run a study: every run of it, and its results"),
    "submit": ("experiments.cluster.submit", "submit job scripts to Slurm"),
    "status": ("experiments.commands.status", "show how far a study is"),
    "results": ("experiments.commands.results", "show a study's gains and verdicts"),
    "page": ("experiments.commands.page", "make one HTML page of studies' results"),
    "report": ("experiments.commands.report", "set a PDF of studies' results"),
    "plot": ("plots.runs.learning_curves", "draw the learning curves of any runs"),
    "figures": ("plots.studies.figures", "draw every figure of studies"),
}
#: Those whose function is `main`: they read their words themselves, for defaults depend on them.
READING_THEIR_WORDS = ("submit", "train")


def usage() -> str:
    """The text of `repmusic --help`."""
    lines = [
        "usage: repmusic COMMAND [OPTIONS]",
        "",
        "When does learning several tasks at once help?",
        "",
        "commands:",
    ]
    lines += [f"  {name:<18}{text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [*lines, "", "`repmusic COMMAND --help` tells a command's options, units and defaults."]
    )


def main(arguments: list[str] | None = None) -> None:
    """Runs the sub-command named first; exits with its code."""
    survive_any_terminal()
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in ("-h", "--help"):
        sys.exit(run_command(lambda: say(usage()), []) or (0 if words else 2))
    if words[0] not in COMMANDS:
        say(
            f"error: found the command {words[0]!r}, expected one of: {', '.join(COMMANDS)}.",
            file=sys.stderr,
        )
        sys.exit(2)

    module, _ = COMMANDS[words[0]]
    reads_words = words[0] in READING_THEIR_WORDS
    function = "main" if reads_words else words[0].replace("-", "_")
    try:
        job = getattr(import_module(f"representation_music.{module}"), function)
    except InputError as error:  # a command may look up what plugins add
        say(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    program = f"repmusic {words[0]}"
    if reads_words:
        sys.exit(job(words[1:], program))
    sys.exit(run_command(job, words[1:], program))


if __name__ == "__main__":
    main()
