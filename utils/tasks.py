"""Tasks and the study's task sets. A task is one label to predict: its name, kind and unit."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["regression", "binary", "multiclass"]


@dataclass(frozen=True)
class Task:
    """One label to predict.

    A name is a column (`year`, regression; `genre`, multi-class), one class of a multi-class
    column against all others (`genre:Rap`, binary), or a tag (`pop rock`, binary).
    """

    name: str
    kind: Kind
    num_classes: int = 2
    unit: str = ""

    @property
    def num_outputs(self) -> int:
        """Width of the task's head: 1 for a value or a logit, one logit a class otherwise."""
        return self.num_classes if self.kind == "multiclass" else 1


#: Task sets by the `--task-type` that names them; the first task is the target.
TASK_SETS: dict[str, tuple[str, ...]] = {
    "tightly_coupled": ("pop", "pop rock", "ballad"),
    "loosely_coupled": ("pop", "loudness", "year"),
    "target": ("pop",),
    "dependent_1": ("pop rock",),
    "dependent_2": ("ballad",),
    "dependent_3": ("loudness",),
    "dependent_4": ("year",),
}

#: Every task of the study, for `--protocol paper`.
STUDY_TASKS = ("pop", "pop rock", "ballad", "loudness", "year")

#: The study's ten training sizes, in songs.
TRAINING_SIZES = (500, 1000, 2000, 3000, 4000, 5000, 7500, 10000, 15000, 25000)
