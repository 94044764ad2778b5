"""The cells that a study is made of, their runs, and the settings that arms start from."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.splits import Fold
from representation_music.experiments.design.arms import base_config, rivals_of, single_task
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.sizes import capped_auxiliary_sizes, capped_sizes
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import AnyConfig, LinearConfig
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.errors import InputError

SHARING_ARCHITECTURES = ("low_level_sharing", "high_level_sharing", "interspersed_sharing")


@dataclass(frozen=True)
class Cell:
    """One comparison of a study: an arm against every rival it has to beat, at each seed.

    Attributes:
        factors: What the cell stands for: `{"architecture": ..., "training size": 500}`.
        arm: The arm in question, at its first seed.
        rivals: The other arms, by name: the single task, or what else stands for it, first (harm is
            judged against that one alone). `arms.LEVELS` says what is claimed by beating whom.
        expected: The verdicts that pass, of a control whose truth is known.
        judged_alone: Whether Holm's correction takes it with its like, not with the study's other
            cells.
        single_tasks: A net for each of the arm's tasks alone, by task, where delta-m is asked for.
        worlds: Songs files, a draw of the planted songs each: every arm is then run once in each,
            and the worlds are what varies, instead of the seeds on one songs file.
        most: Runs of every arm, its first ones, of a cell that may be stopped early; 0: all.

    An arm whose split is a fold is run once in every fold of every repeat.
    """

    factors: dict[str, str | int | float]
    arm: RunConfig
    rivals: dict[str, AnyConfig] = field(default_factory=dict)
    expected: tuple[str, ...] = ()
    judged_alone: bool = False
    single_tasks: dict[str, RunConfig] = field(default_factory=dict)
    worlds: tuple[str, ...] = ()
    most: int = 0

    def __post_init__(self):
        if self.worlds and Fold.of_name(self.arm.split):
            raise InputError("--folds", "it with worlds of planted songs", "one of the two")

    @classmethod
    def against_controls(
        cls,
        factors: dict,
        arm: RunConfig,
        options: StudyOptions,
        base: RunConfig | None = None,
        every_task: bool = False,
    ) -> "Cell":
        """The cell of a sharing arm: against the single task and the control arms.

        Args:
            factors: What the cell stands for.
            arm: The sharing arm.
            options: Say which control arms.
            base: The single task's settings, where the arm's do not suit its own songs.
            every_task: Whether to train every task of the arm alone as well, for delta-m: on as
                many songs with its label as the arm has with the target's. Where a label is missing
                from songs with the target's, those are other songs, and more labels.
        """
        rivals = rivals_of(arm, options.controls, base)
        singles = {name: single_task(arm, name) for name in arm.tasks} if every_task else {}
        return cls(factors, arm, rivals, single_tasks=singles)

    @property
    def arms(self) -> list[AnyConfig]:
        """Every arm of the cell, at its first seed."""
        return [self.arm, *self.rivals.values(), *self.single_tasks.values()]

    @property
    def linear_model(self) -> LinearConfig:
        """The linear model of the arm's songs, which stands beside every cell."""
        return LinearConfig.beside(self.arm)

    @property
    def name(self) -> str:
        """The cell's factors in one line: words stand for themselves, numbers with their names."""
        return ", ".join(
            value if isinstance(value, str) else f"{name} {value}"
            for name, value in self.factors.items()
        )

    @property
    def unit(self) -> Literal["seed", "world", "fold"]:
        """What the runs of an arm differ in."""
        if self.worlds:
            return "world"
        return "fold" if Fold.of_name(self.arm.split) else "seed"

    def repeated(self, config: AnyConfig, seeds: int) -> list[AnyConfig]:
        """An arm's runs: at so many seeds, or in every world or fold, each with its own seed."""
        if fold := Fold.of_name(config.split):
            own = [{"split": each.name} for each in fold.siblings(seeds)]
        else:
            own = [{"dataset": songs} for songs in self.worlds] or [{}] * seeds
        own = own[: self.most or None]
        runs = zip(seeded(config, len(own)), own, strict=True)
        return [dataclasses.replace(run, **settings) for run, settings in runs]


def seeded(config: AnyConfig, seeds: int) -> list[AnyConfig]:
    """The config at so many seeds, its own the first."""
    return [dataclasses.replace(config, seed=config.seed + number) for number in range(seeds)]


def runs_of(cells: Sequence[Cell], seeds: int) -> list[AnyConfig]:
    """Every run of the cells, each once: seed after seed, so that all arms advance together."""
    arms = dict.fromkeys(
        tuple(cell.repeated(config, seeds))
        for cell in cells
        for arm in (*cell.arms, cell.linear_model)
        for config in _with_members(arm)
    )
    return [config for of_seed in zip_longest(*arms) for config in of_seed if config]


def _with_members(arm: AnyConfig) -> list[AnyConfig]:
    """The arm, and before a mean the runs that it is the mean of."""
    return [*arm.runs_of_members, arm] if isinstance(arm, RunConfig) else [arm]


class CellDesign(TypedDict):
    """A cell as `study.json` has it: the names of its run folders, by arm.

    `planned`, of one that may be stopped early, is how many there are unless it is.
    """

    cell: str
    factors: dict[str, str | int | float]
    target: str
    arm: list[str]
    rivals: dict[str, list[str]]
    linear_model: list[str]
    expected: list[str]
    judged_alone: bool
    single_tasks: dict[str, list[str]]
    unit: Literal["seed", "world", "fold"]
    planned: NotRequired[int]


def design(cells: Sequence[Cell], seeds: int) -> list[CellDesign]:
    """The cells as JSON types, naming run folders: all that results need to know of a study."""

    def designed(cell: Cell) -> CellDesign:
        def folders(config: AnyConfig) -> list[str]:
            return [Runs(Path()).folder_of(run).name for run in cell.repeated(config, seeds)]

        return {
            "cell": cell.name,
            "factors": cell.factors,
            "target": cell.arm.target,
            "arm": folders(cell.arm),
            "rivals": {name: folders(config) for name, config in cell.rivals.items()},
            "linear_model": folders(cell.linear_model),
            "expected": list(cell.expected),
            "judged_alone": cell.judged_alone,
            "single_tasks": {name: folders(config) for name, config in cell.single_tasks.items()},
            "unit": cell.unit,
            **({"planned": len(cell.worlds) or seeds} if cell.most else {}),
        }

    return [designed(cell) for cell in cells]


def bases(
    options: StudyOptions, dataset: SongDataset, tasks: Sequence[str], sizes: Sequence[int]
) -> list[RunConfig]:
    """The settings that all arms start from, one config a training size: the user's or the study's.

    Sizes beyond what the songs can serve are cut to that.
    """

    def base(size: int) -> RunConfig:
        dataset_path = str(options.dataset)
        return base_config(options.preset, dataset_path, tasks, size, **options.settings())

    return [base(size) for size in capped_sizes(dataset, base(0), options.sizes or sizes)]


def auxiliary_sizes(
    options: StudyOptions, dataset: SongDataset, base: RunConfig, sizes: Sequence[int]
) -> list[int]:
    """The numbers of further songs with auxiliary labels only, cut to what there is.

    Args:
        options: The user's choice; its numbers stand in for the study's own.
        dataset: Says how many songs there are.
        base: The settings with tasks and training size.
        sizes: The study's own numbers.
    """
    return capped_auxiliary_sizes(dataset, base, options.auxiliary_sizes or sizes)
