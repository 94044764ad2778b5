"""`repmusic evaluate`: a run's best checkpoint on the test split, which nothing else reads."""

import sys
from pathlib import Path

import tyro

from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, say
from representation_music.utils.decimals import decimal


def evaluate(run: tyro.conf.Positional[Path], dataset: Path | None = None) -> int:
    """Evaluate a run's best checkpoint on the test split.

    Args:
        run: The run's folder, or a checkpoint in it.
        dataset: Songs file; the one the run was trained on unless given.
    """
    from representation_music.experiments.training.evaluation import evaluate_run
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow()
    print_result(evaluate_run(run, dataset))
    return 0


def print_result(result: dict) -> None:
    """Prints every task's scores, the constant predictor's row below the network's."""
    names = list(dict.fromkeys(n for s in result["test"].values() for n in s["network"]))
    rows = []
    for task, scored in result["test"].items():
        for who in ("network", "constant"):
            cells = [decimal(scored[who][n], 4) if n in scored[who] else "" for n in names]
            rows.append([task, who, str(scored["songs"]), *cells])
    columns = ["task", "predictor", "songs", *(name.replace("_", " ") for name in names)]
    print_table(f"{result['run']}, step {result['step']}, test split", columns, rows)
    say(f"Data: {result['data']}. {result['verdict']}")
    if result["file"] != "test.json":
        say(
            "This is not the result of a finished run on its own data, but of "
            f"{result['checkpoint']}: written to {result['file']}."
        )


if __name__ == "__main__":
    sys.exit(run_command(evaluate, program="evaluate.py"))
