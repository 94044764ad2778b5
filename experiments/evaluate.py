"""`repmusic evaluate`: a run's best checkpoint on the test split, which nothing else reads."""

import datetime
import json
import sys
from pathlib import Path

import numpy as np
import tyro

from representation_music.utils.errors import InputError


def evaluate(run: tyro.conf.Positional[Path], dataset: Path | None = None) -> int:
    """Evaluate a run's best checkpoint on the test split.

    Args:
        run: The run's folder, or a checkpoint in it.
        dataset: Songs file; the one the run was trained on unless given.
    """
    from representation_music.experiments.tensorflow_setup import configure_tensorflow

    configure_tensorflow()
    print_result(evaluate_run(run, dataset))
    return 0


def evaluate_run(run: Path, dataset_path: Path | None = None, dataset=None) -> dict:
    """Scores the best checkpoint of `run` on the test split.

    Writes `test.json` (scores, date, data) and `predictions-test.npz` (so that statistics can be
    redone without the network) beside the run.

    Raises:
        InputError: if there is no such run, or the songs file's words, tasks or whitening are
            not those the run was trained with.
    """
    from representation_music.data_preprocessing.dataset import SongDataset
    from representation_music.experiments.config import RunConfig
    from representation_music.experiments.inputs import RunInputs
    from representation_music.utils.checkpoint import load_checkpoint
    from representation_music.utils.files import atomic_path, write_text

    folder, checkpoint = _run_and_checkpoint(run)
    settings = _read_json(folder / "config.json")
    trained_on = settings.pop("fingerprint", "")
    config = RunConfig.from_json(settings, str(folder / "config.json"))
    weights, state = load_checkpoint(checkpoint)
    dataset = dataset or SongDataset.load(dataset_path or config.dataset)
    inputs = RunInputs(config, dataset)
    inputs.refuse_other_whitening(state)
    positions = inputs.positions("test")
    result, predictions = _score_weights(inputs, weights, positions)
    result = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "run": folder.name,
        "checkpoint": checkpoint.name,
        "step": state["step"],
        "same_data": dataset.fingerprint == trained_on,
        **result,
    }
    with atomic_path(folder / "predictions-test.npz") as temporary, open(temporary, "wb") as file:
        np.savez_compressed(
            file,
            track_ids=np.array(dataset.track_ids[positions].tolist(), "S18"),
            **{f"task{n}": values.astype("f4") for n, values in enumerate(predictions)},
        )
    write_text(folder / "test.json", json.dumps(result, indent=1) + "\n")
    return result | {"folder": str(folder)}


def _score_weights(inputs, weights: list[np.ndarray], positions: np.ndarray) -> tuple[dict, list]:
    """Scores of a checkpoint's weights on the songs at `positions`, and its predictions."""
    from representation_music.experiments.engine import engine_for
    from representation_music.experiments.scoring import (
        score_tasks,
        to_predictions,
        verdict_on_constant,
    )

    engine = engine_for(inputs.config, inputs.tasks, inputs.words.num_inputs)
    engine.restore(weights)
    songs = inputs.labelled(positions)
    predictions = to_predictions(inputs.tasks, engine.outputs(songs.tensors), inputs.scales)
    scored = score_tasks(inputs.tasks, songs.labels, predictions, inputs.constant)
    result = {
        "data": inputs.dataset.describe_source(),
        "fingerprint": inputs.dataset.fingerprint,
        "split": inputs.config.split,
        "parameters": engine.network.count_parameters(),
        "test": scored,
        "verdict": verdict_on_constant(inputs.config.target, scored),
    }
    return result, predictions


def print_result(result: dict) -> None:
    """Prints every task's scores, the constant predictor's row below the network's."""
    from representation_music.utils.console import print_table

    names = list(dict.fromkeys(n for s in result["test"].values() for n in s["network"]))
    rows = []
    for task, scored in result["test"].items():
        for who in ("network", "constant"):
            cells = [f"{scored[who][n]:.4f}" if n in scored[who] else "" for n in names]
            rows.append([task, who, str(scored["songs"]), *cells])
    columns = ["task", "predictor", "songs", *(name.replace("_", " ") for name in names)]
    print_table(f"{result['run']}, step {result['step']}, test split", columns, rows)
    print(f"Data: {result['data']}. {result['verdict']}")


def _run_and_checkpoint(path: Path) -> tuple[Path, Path]:
    """The run's folder and the checkpoint that `path` names, or the folder's best one."""
    if path.suffix == ".npz":
        return path.absolute().parent.parent, path
    folder = path
    if not (folder / "config.json").exists():
        raise InputError(path, "no run", "a folder with config.json", "`repmusic train` makes one.")
    return folder, folder / "checkpoints" / "best.npz"


def _read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(path, f"no readable JSON ({error})", "a run's config") from error


if __name__ == "__main__":
    from representation_music.utils.command_line import run_command

    sys.exit(run_command(evaluate, program="evaluate.py"))
