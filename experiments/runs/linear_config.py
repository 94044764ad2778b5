"""The settings of linear models: runs of the grid like others, of another kind than networks."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from representation_music.experiments.runs.config import RunConfig
from representation_music.utils.errors import InputError
from representation_music.utils.results_format import LINEAR_MULTI_TASK, LYRICS_ONLY
from representation_music.utils.typed_json import checked

#: What `config.json` and a manifest's line say under `model`.
LINEAR = "linear"
#: What a linear model learns from; these are also the names that it has among rivals.
Recipe = Literal["linear model", "lyrics only", "linear multi-task"]


@dataclass(frozen=True)
class LinearConfig:
    """A regularised linear model of one task: its songs, its seed, and what it may learn from.

    Attributes:
        tasks: The target, and auxiliary tasks where the recipe reads songs or labels of theirs.
        split: Split of the songs file.
        training_size: Training songs that carry the target's label; 0: all there are.
        seed: Decides which songs these are.
        dataset: Songs file.
        experiment_name: First part of the run's folder name.
        validation_labels, validation_size: Validation songs that choose among the fits, as of
            `RunConfig`.
        auxiliary_size: Further songs with auxiliary labels only, as of `RunConfig`.
        recipe: `linear model` reads the target's songs; `lyrics only` these, or their
            scores on the leading components of all the songs' words, further ones included, but
            none of these' labels; `linear multi-task` the auxiliary tasks' linear scores as well.
        model: What kind of run it is, for files.
    """

    tasks: tuple[str, ...]
    split: str
    training_size: int
    seed: int
    dataset: str
    experiment_name: str = "linear-model"
    validation_labels: int = 0
    validation_size: int = 0
    auxiliary_size: int = 0
    recipe: Recipe = "linear model"
    model: Literal["linear"] = LINEAR

    permuted_tasks: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self):
        sizes = ("training_size", "validation_labels", "validation_size", "auxiliary_size")
        for name in (*sizes, "seed"):
            if getattr(self, name) < 0:
                raise InputError(name, repr(getattr(self, name)), "0 or more")
        alone = self.recipe == "linear model"
        if not self.tasks or (alone and (len(self.tasks) > 1 or self.auxiliary_size)):
            found = f"{self.tasks}, auxiliary_size {self.auxiliary_size}"
            raise InputError("tasks", found, "the target, and no other for the linear model")

    @classmethod
    def beside(cls, config: RunConfig, recipe: Recipe = "linear model") -> "LinearConfig":
        """The linear model of the songs (and labels, where the recipe reads them) of a run.

        What tells nothing is left out, so that arms share their rivals: without further songs the
        lyrics of an arm are those of the target's songs, whatever its tasks.
        """
        reads_all = recipe == LINEAR_MULTI_TASK
        reads_further = reads_all or (recipe == LYRICS_ONLY and config.auxiliary_size > 0)
        return cls(
            tasks=config.tasks if reads_further else (config.target,),
            split=config.split,
            training_size=config.training_size,
            validation_labels=config.validation_labels,
            validation_size=config.validation_size,
            seed=config.seed,
            dataset=config.dataset,
            experiment_name=recipe.replace(" ", "-"),
            auxiliary_size=config.auxiliary_size if reads_further else 0,
            recipe=recipe,
        )

    def settings(self) -> dict:
        """What decides the run's result, as JSON types."""
        values = self.to_json()
        return {name: values[name] for name in values if name not in ("dataset", "experiment_name")}

    target, digest = RunConfig.target, RunConfig.digest
    flat, to_json = RunConfig.flat, RunConfig.to_json


#: Any run of the grid.
AnyConfig = RunConfig | LinearConfig


def config_from_json(values: dict, place: str = "config.json") -> AnyConfig:
    """The config of a run of either kind, as `config.json` or a manifest's line has it, checked.

    Raises:
        InputError: for a setting that does not exist, is of another type or out of range.
    """
    kind = LinearConfig if values.get("model") == LINEAR else RunConfig
    return checked(kind, values, place)
