"""A run's best checkpoint on the test split, which nothing else reads."""

import datetime
from pathlib import Path

import numpy as np

from representation_music.experiments.runs.folder import (
    config_of,
    is_done,
    run_and_checkpoint,
    working_on,
)
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.runs.predictions import (
    predictions_file,
    predictions_of,
    write_predictions,
)
from representation_music.experiments.runs.runs import find_songs, load_songs
from representation_music.experiments.training.scoring import (
    score_tasks,
    to_predictions,
    verdict_on_constant,
)
from representation_music.utils.checkpoint import load_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.reading import exists
from representation_music.utils.records import is_finished, read_record


def evaluate_run(run: Path | str, dataset_path: Path | None = None, dataset=None) -> dict:
    """Scores the best checkpoint of `run` on the test split.

    Writes `test.json` (scores, date, data) and `predictions-test.npz` (so that statistics can be
    redone without the network) beside the run.

    Raises:
        InputError: if there is no such run, or the songs file's words, tasks or whitening are
            not those the run was trained with.
    """
    folder, checkpoint = run_and_checkpoint(run)
    config, trained_on = config_of(folder)
    weights, state = load_checkpoint(checkpoint)
    if not (dataset or dataset_path):
        config = find_songs(config, folder, trained_on)
        if not exists(config.dataset):
            raise InputError(
                config.dataset,
                "no such file, from here or from a folder above the run's",
                "the songs file that the run was trained on",
                "Name it by --dataset.",
            )
    dataset = dataset or load_songs(dataset_path or config.dataset)
    if isinstance(config, LinearConfig):
        scored = _score_linear(config, dataset, weights, state)
    elif config.members > 1:
        members = [folder.parent / name for name in state["members"]]
        scored = _score_members(config, dataset, members)
    else:
        scored = _score_network(config, dataset, weights, state)
    result, positions, predictions = scored
    result = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "run": folder.name,
        "checkpoint": checkpoint.name,
        "step": state["step"],
        "same_data": dataset.fingerprint == trained_on,
        "data": dataset.describe_source(),
        "fingerprint": dataset.fingerprint,
        "split": config.split,
        **result,
        "verdict": verdict_on_constant(config.target, result["test"]),
    }
    with working_on(folder):
        name = _result_name(folder, result)
        write_predictions(predictions_file(folder, name), dataset.ids[positions], predictions)
        write_json(folder / f"{name}.json", result)
    return result | {"folder": str(folder), "file": f"{name}.json"}


def _result_name(folder: Path, result: dict) -> str:
    """`test` for the best checkpoint of a finished run on its own data: that is the run's result.

    Any other evaluation gets a name of its own, so that nothing takes it for the result.
    """
    if is_finished(folder) and result["checkpoint"] == "best.npz" and result["same_data"]:
        return "test"
    checkpoint = result["checkpoint"].removesuffix(".npz")
    other_data = "" if result["same_data"] else f"-on-{result['fingerprint'][:8]}"
    return f"test-{checkpoint}-step-{result['step']}{other_data}"


def _score_network(config, dataset, weights: list[np.ndarray], state: dict) -> tuple:
    """Scores of a network's weights on the test songs, these songs, and its predictions of them."""
    from representation_music.experiments.training.engine import engine_for
    from representation_music.experiments.training.inputs import RunInputs

    inputs = RunInputs(config, dataset)
    inputs.refuse_other(state)
    positions = inputs.positions("test")
    engine = engine_for(inputs.config, inputs.tasks, inputs.words.num_inputs)
    engine.restore_weights(weights)
    songs = inputs.labelled(positions)
    predictions = to_predictions(inputs.tasks, engine.outputs(songs.tensors), state["scales"])
    scored = score_tasks(inputs.tasks, songs.labels, predictions, inputs.constant)
    parameters = engine.network.count_parameters()
    return {"parameters": parameters, "test": scored}, positions, predictions


def _score_linear(config, dataset, weights: list[np.ndarray], state: dict) -> tuple:
    """The same of a linear model."""
    from representation_music.experiments.training.linear_model import score_linear_model

    scored, positions, predictions = score_linear_model(config, dataset, weights, state, "test")
    parameters = weights[0].size + weights[1].size
    return {"parameters": parameters, "test": scored}, positions, [predictions]


def _score_members(config, dataset, members: list[Path]) -> tuple:
    """The same of the mean of several runs' predictions."""
    from representation_music.experiments.training.inputs import RunInputs

    for member in members:
        with working_on(member):  # who trains it may be about to evaluate it
            if not is_done(member):
                evaluate_run(member, dataset=dataset)
    inputs = RunInputs(config, dataset)
    positions = inputs.positions("test")
    ids = dataset.ids[positions]
    predictions = [
        np.mean([predictions_of(member, ids, number) for member in members], axis=0)
        for number in range(len(inputs.tasks))
    ]
    scored = score_tasks(inputs.tasks, inputs.labels(positions), predictions, inputs.constant)
    parameters = sum(read_record(member)["parameters"] for member in members)
    return {"parameters": parameters, "test": scored}, positions, predictions
