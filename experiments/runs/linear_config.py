"""The settings of a linear model: a run of the grid like others, of another kind than a network."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import ClassVar

from representation_music.experiments.runs.config import RunConfig
from representation_music.utils.errors import InputError

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
    """

    tasks: tuple[str, ...]
    split: str
    training_size: int
    seed: int
    dataset: str
    experiment_name: str = "linear-model"

    auxiliary_size: ClassVar[int] = 0
    permuted_tasks: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def beside(cls, config: RunConfig) -> "LinearConfig":
        """The linear model of the target's songs that a run trains on."""
        return cls(
            tasks=(config.target,),
            split=config.split,
            training_size=config.training_size,
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
        return {name: values[name] for name in ("model", "tasks", "split", "training_size", "seed")}

    def digest(self, fingerprint: str) -> str:
        """Ten hexadecimal digits that name the run: a hash of its settings and its data."""
        text = json.dumps([fingerprint, self.settings()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def to_json(self) -> dict:
        """Every field as JSON types, and what kind of run it is."""
        return {"model": LINEAR, **json.loads(json.dumps(dataclasses.asdict(self)))}

    @classmethod
    def from_json(cls, values: dict, place: str) -> "LinearConfig":
        """The config of `config.json` or of a manifest's line.

        Raises:
            InputError: for other settings than a linear model has, or of another type.
        """
        types = {"tasks": list, "split": str, "training_size": int, "seed": int, "dataset": str}
        types |= {"model": str, "experiment_name": str}
        if values.keys() != types.keys():
            raise InputError(place, f"the settings {sorted(values)}", f"{sorted(types)}")
        for name, kind in types.items():
            if type(values[name]) is not kind:
                raise InputError(f"{place}: {name}", repr(values[name]), f"a {kind.__name__}")
        (task,) = values["tasks"] if len(values["tasks"]) == 1 else (None,)
        if not isinstance(task, str):
            raise InputError(f"{place}: tasks", repr(values["tasks"]), "one task")
        if min(values["training_size"], values["seed"]) < 0:
            raise InputError(place, "a number below 0", "0 or more")
        own = {name: value for name, value in values.items() if name != "model"}
        return cls(**own | {"tasks": (task,)})


#: Any run of the grid.
AnyConfig = RunConfig | LinearConfig


def config_from_json(values: dict, place: str = "config.json") -> AnyConfig:
    """The config of a run of either kind, as its `config.json` or a manifest's line has it.

    Raises:
        InputError: for a setting that does not exist or is out of range.
    """
    kind = LinearConfig if values.get("model") == LINEAR else RunConfig
    return kind.from_json(values, place)
