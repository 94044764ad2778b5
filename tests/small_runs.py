"""A run of seconds on the small songs of `conftest`, and what is left of it."""

import csv
import dataclasses
import json
from contextlib import contextmanager
from unittest import mock

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.training import linear_inputs, linear_model
from representation_music.experiments.training.training_loop import Experiment
from representation_music.utils.checkpoint import load_checkpoint

CONFIG = DEFAULT.replace(
    tasks=("pop", "year", "genre"),
    widths=(16, 12, 8, 6),
    word_dropout=0.3,
    learning_rate=0.05,
    warmup_steps=5,
    training_size=200,
    batch_size=32,
    num_steps=60,
    evaluate_every=10,
    word_floor=2,
    patience=0,
    averaging=0.0,
)


#: What a record tells of the time and place of its run.
TIME_AND_PLACE = ("seconds", "songs_per_second", "process", "seal")


@contextmanager
def few_linear_models():
    """A linear model is chosen among two, not among 36, which takes longer than a small net."""
    transforms = mock.patch.object(linear_inputs, "TRANSFORMS", ("binary",))
    with transforms, mock.patch.object(linear_model, "INVERSE_L2", (0.1, 1.0)):
        yield


def run(dataset, runs, checkpoint_seconds=5.0, **values):
    record = Experiment(CONFIG.replace(**values), dataset, runs, checkpoint_seconds).train()
    (folder,) = runs.iterdir()
    return folder, record


def with_values(dataset, **values) -> dict:
    """The columns of a dataset, some with other values."""
    return dataset.columns | {
        name: dataclasses.replace(dataset.columns[name], values=own) for name, own in values.items()
    }


def bits(folder) -> list[bytes]:
    """What a run's result is: weights, optimizer and history."""
    arrays = [
        array.tobytes()
        for name in ("best", "latest")
        for array in load_checkpoint(folder / "checkpoints" / f"{name}.npz")[0]
    ]
    return [*arrays, (folder / "history.csv").read_bytes()]


def left_by(runs) -> dict[str, tuple]:
    """What each evaluated run left, apart from what tells time, place and process."""
    found = {}
    for folder in sorted(path.parent for path in runs.glob("*/test.json")):
        test = json.loads((folder / "test.json").read_text()) | {"date": "", "seal": ""}
        record = json.loads((folder / "record.json").read_text())
        record = {k: v for k, v in record.items() if k not in TIME_AND_PLACE}
        with np.load(folder / "predictions-test.npz") as file:
            predictions = {name: file[name].tobytes() for name in file.files}
        histories = [path.read_bytes() for path in folder.glob("history.csv")]  # of nets
        found[folder.name] = (json.dumps([test, record]), predictions, histories)
    return found


def history(folder) -> list[dict]:
    with open(folder / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def assert_logged(folder) -> None:
    """TensorBoard has what the history has, column by column."""
    logged, rows = EventAccumulator(str(folder / "tensorboard")).Reload(), history(folder)
    for column in rows[0]:
        seen = {event.step: event.value for event in logged.Scalars(column.replace(":", "/"))}
        assert seen == {
            int(row["step"]): pytest.approx(float(row[column]), rel=1e-6, nan_ok=True)
            for row in rows
        }


class Stopping(Exception):
    pass


def stop_at(step):
    def advance(done, _text):
        if done >= step:
            raise Stopping

    return advance
