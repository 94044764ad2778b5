"""What the files of one run say about its training, for the figures of learning curves."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from representation_music.plots.drawing.arms import Arm, arm_of
from representation_music.utils.errors import InputError
from representation_music.utils.metrics import METRICS
from representation_music.utils.reading import exists
from representation_music.utils.records import read_history, read_record, read_settings
from representation_music.utils.tasks import Task


@dataclass(frozen=True)
class RunHistory:
    """One run's settings, history and record.

    Attributes:
        folder: The run's folder.
        settings: What `config.json` holds.
        table: The columns of `history.csv` by name, a value per evaluation.
        record: What `record.json` holds; empty while the run has not ended.
    """

    folder: Path
    settings: dict
    table: dict[str, np.ndarray]
    record: dict

    @classmethod
    def read(cls, folder: Path | str) -> "RunHistory":
        """Reads a run's folder.

        Raises:
            InputError: if there is no run, no evaluation yet, or a file is not whole.
        """
        folder = Path(folder)
        settings = read_settings(folder, "tasks", "dataset")
        if not exists(folder / "history.csv"):
            found, expected = "no history", "a run that has been evaluated once"
            raise InputError(folder / "history.csv", found, expected)
        rows = read_history(folder)
        table = {column: np.array([row[column] for row in rows]) for column in rows[0]}
        ended = exists(folder / "record.json")
        return cls(folder, settings, table, read_record(folder) if ended else {})

    @property
    def tasks(self) -> list[str]:
        """The run's tasks, the target first."""
        return self.settings["tasks"]

    @property
    def arm(self) -> Arm:
        """The arm the run belongs to."""
        return arm_of(self.settings)

    @property
    def data(self) -> str:
        """What data the run was trained on."""
        return self.record.get("data") or Path(self.settings["dataset"]).name

    @property
    def title(self) -> str:
        """What run it is: its folder, arm, songs and seed."""
        songs = self.record.get("training_songs") or self.settings["training_size"] or "all"
        size = f"{songs:,}" if isinstance(songs, int) else songs
        name, seed = self.folder.name, self.settings["seed"]
        return f"{name}: {self.arm.name}, {size} training songs, seed {seed}"

    @cached_property
    def time(self) -> str:
        """The column that training is budgeted by: `epoch` or `step`."""
        return "epoch" if self.settings.get("num_epochs") else "step"

    @property
    def time_label(self) -> str:
        """What an axis of `time` says."""
        return "epoch" if self.time == "epoch" else "training step"

    @cached_property
    def best_row(self) -> int | None:
        """The row of the best checkpoint; None while no record names it."""
        rows = np.flatnonzero(self.table["step"] == self.record.get("best_step"))
        return int(rows[0]) if len(rows) else None

    def axis_label(self, task: str, metric: str) -> str:
        """What an axis of this metric says, with the task's unit, which the record knows."""
        unit = self.record.get("units", {}).get(task, "")
        return METRICS[metric].axis_label(Task(task, "regression", unit=unit))

    def is_regression(self, task: str) -> bool:
        """Whether the task is scored as a regression."""
        return f"validation_rmse:{task}" in self.table

    def constant(self, task: str, metric: str) -> float | None:
        """The constant predictor's score on the songs of the history; None while training."""
        return self.record.get("history_constant", {}).get(task, {}).get(metric)
