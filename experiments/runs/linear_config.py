"""The settings of a linear model: a run of the grid like others, of another kind than a network."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import ClassVar, Literal

from representation_music.experiments.runs.config import RunConfig
from representation_music.utils.errors import InputError
from representation_music.utils.typed_json import checked

#: What `config.json` and a manifest's line say under `model`.
LINEAR = "linear"


@dataclass(frozen=True)
class LinearConfig:
    """A regularised linear model of one task: its songs, its seed, and nothing else to choose.

    Attributes:
        tasks: The target alone.
        split: Split of the songs file.
        training_size: Training songs that carry the target's label; 0: all there are.
        seed: Decides which songs these are.
        dataset: Songs file.
        experiment_name: First part of the run's folder name.
        validation_labels: Validation songs that choose among the fits, as of `RunConfig`.
        model: What kind of run it is, for files.
    """

    tasks: tuple[str]
    split: str
    training_size: int
    seed: int
    dataset: str
    experiment_name: str = "linear-model"
    validation_labels: int = 0
    model: Literal["linear"] = LINEAR

    auxiliary_size: ClassVar[int] = 0
    permuted_tasks: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self):
        for name in ("training_size", "validation_labels", "seed"):
            if getattr(self, name) < 0:
                raise InputError(name, repr(getattr(self, name)), "0 or more")

    @classmethod
    def beside(cls, config: RunConfig) -> "LinearConfig":
        """The linear model of the target's songs that a run trains on."""
        return cls(
            tasks=(config.target,),
            split=config.split,
            training_size=config.training_size,
            validation_labels=config.validation_labels,
            seed=config.seed,
            dataset=config.dataset,
        )

    @property
    def target(self) -> str:
        """The task."""
        return self.tasks[0]

    def settings(self) -> dict:
        """What decides the run's result, as JSON types."""
        values = self.to_json()
        decide = ("model", "tasks", "split", "training_size", "validation_labels", "seed")
        return {name: values[name] for name in decide}

    def digest(self, fingerprint: str) -> str:
        """Ten hexadecimal digits that name the run: a hash of its settings and its data."""
        text = json.dumps([fingerprint, self.settings()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def to_json(self) -> dict:
        """Every field as JSON types."""
        return json.loads(json.dumps(dataclasses.asdict(self)))


#: Any run of the grid.
AnyConfig = RunConfig | LinearConfig


def config_from_json(values: dict, place: str = "config.json") -> AnyConfig:
    """The config of a run of either kind, as its `config.json` or a manifest's line has it.

    Raises:
        InputError: for a setting that does not exist, is of another type or out of range.
    """
    if values.get("model") == LINEAR:
        return checked(LinearConfig, values, place)
    return RunConfig.from_json(values, place)
