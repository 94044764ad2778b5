"""Run folders as training and evaluation leave them, with numbers that a test can look for."""

import csv

import pytest

from representation_music.utils.files import write_json

DEFAULTS = {
    "tasks": ["pop", "year"],
    "task_weights": [],
    "permuted_tasks": [],
    "architecture": "low_level_sharing",
    "training_size": 500,
    "num_epochs": 0,
    "num_steps": 75,
    "widths": [8, 4, 4, 2],
    "seed": 0,
    "dataset": "songs.h5",
    "experiment_name": "run",
    "fingerprint": "abc",
}
CONSTANT = {
    "pop": {"error": 0.3, "auc": 0.5, "log_loss": 0.61},
    "year": {"rmse": 10.0, "r2": 0.0},
}
DATA = "synthetic songs (1,000 songs)"


@pytest.fixture
def write_run(tmp_path):
    """Writes a run's folder; gives its path.

    `test` is the test score by metric of the target, `columns` are further ones of the history,
    three values each, and `record` more of the record; no record and no test scores with
    `ended=False`.
    """

    def write(name, test=None, ended=True, data=DATA, columns=None, record=None, **settings):
        folder, settings = tmp_path / "runs" / name, DEFAULTS | settings
        folder.mkdir(parents=True)
        write_json(folder / "config.json", settings)
        rows = [_history_row(settings["tasks"], number) for number in range(1, 4)]
        for column, values in (columns or {}).items():
            for row, value in zip(rows, values, strict=True):
                row[column] = value
        with open(folder / "history.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        if ended:
            songs = settings["training_size"]
            content = {
                "status": "finished",
                "data": data,
                "training_songs": songs,
                "training_labels": dict.fromkeys(settings["tasks"], songs),
                "units": {task: "years" if task == "year" else "" for task in settings["tasks"]},
                "best_step": 50,
                "validation": {},
                "history_constant": {task: CONSTANT.get(task, {}) for task in settings["tasks"]},
            }
            write_json(folder / "record.json", content | (record or {}))
        if test:
            target = settings["tasks"][0]
            scored = {"songs": 9, "network": test, "constant": CONSTANT[target]}
            result = {"data": data, "test": {target: scored}}
            write_json(folder / "test.json", result)
        return folder

    return write


def _history_row(tasks, number):
    row = {"step": 25 * number, "epoch": 2.5 * number}
    for task in tasks:
        row[f"training_loss:{task}"] = [90.0, 0.8, 0.7][number - 1]
    if "pop" in tasks:
        row |= {
            "validation_error:pop": [0.30, 0.25, 0.27][number - 1],
            "validation_auc:pop": [0.55, 0.70, 0.65][number - 1],
            "validation_log_loss:pop": [0.62, 0.50, 0.55][number - 1],
        }
    if "year" in tasks:
        row |= {
            "validation_rmse:year": [11.0, 9.0, 9.5][number - 1],
            "validation_r2:year": [-0.2, 0.19, 0.1][number - 1],
        }
    return row
