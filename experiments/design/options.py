"""What a user may choose of a study."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from representation_music.data_preprocessing.songs.splits import Fold
from representation_music.experiments.design.arms import CONTROLS, Control
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import TASK_SETS


@dataclass(frozen=True)
class StudyOptions:
    """What a user may choose of a study.

    Attributes:
        dataset: Songs file made by `repmusic preprocess`; `controls` and `conflict` make their own.
        preset: `default` (what learns) or `paper` (the 2016 study as its text says).
        seeds: Seeds of every arm; 0: the study's own, 5. With fewer than 3 nothing is claimed, 10
            are good. With --folds: repeats, of which 2 are good.
        worlds: Planted worlds that `controls` draws, in each of which it trains every arm once,
            instead of seeds on one songs file; 0: its own number, 8.
        stop_early: Whether a cell gets no more of the seeds, or worlds, once these would hardly
            change its verdict, or one on a contrast that it stands in; from the third on it is
            looked at after each. Other metrics, and steps to converge, then have as few. Worth it
            with --seeds 10: of 5 it saves a sixth.
        sizes: Training sizes, songs with the target's label; the study's own if empty.
        auxiliary_sizes: Further songs with auxiliary labels only, 1000000000 for all there are;
            the study's own if empty.
        architectures: Architectures or sharing patterns to compare; the study's own if empty.
        tight: The tightly coupled task set; the first task is the target.
        loose: The loosely coupled one.
        objectives: Objectives that `methods` compares; all if neither they nor architectures are
            named.
        groups: Groups of tasks, "/" between them, whose networks `grouping` compares; of the tasks
            of both task sets, by the correlation of their labels, if empty.
        auxiliaries: Auxiliary tasks that `pairs` tries one at a time; a shortlist of its own if
            empty.
        targets: Targets of `pairs`, each with auxiliaries drawn by a seed over the whole range of
            correlation, 32 pairs at least; if empty, the target is that of --tight.
        split: Split of the songs file; the preset's if empty.
        folds: Cross-fitting: every arm is trained and tested once for each of so many folds of
            groups, of which --seeds are then the repeats, so that every labelled song is tested
            on, and intervals allow for the overlap of training songs; 0: one split.
        controls: What an arm has to beat beside the single task; `lyric-made` and `mean` only where
            it has further songs with auxiliary labels. A benefit of labels is claimed beside
            `weights-0`, `permuted` and `lyrics-only`, one of a deep net beside `linear-multi-task`
            as well.
        tune: Settings that are tried for every arm, on validation only; 0: none, but those that
            pilot runs found.
        num_steps: Budget of every run in training steps; the preset's if 0.
        validation_labels: Validation songs with the target's label that stopping, tuning and the
            choice of a linear model may see; the preset's, no more than training songs, if 0.
        widths: Units of each hidden layer; the preset's if empty.
    """

    dataset: Path = Path("songs.h5")
    preset: Literal["default", "paper"] = "default"
    seeds: int = 0
    worlds: int = 0
    stop_early: bool = False
    sizes: tuple[int, ...] = ()
    auxiliary_sizes: tuple[int, ...] = ()
    architectures: tuple[str, ...] = ()
    tight: tuple[str, ...] = TASK_SETS["tightly_coupled"]
    loose: tuple[str, ...] = TASK_SETS["loosely_coupled"]
    objectives: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    auxiliaries: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    split: str = ""
    folds: int = 0
    controls: tuple[Control, ...] = CONTROLS
    tune: int = 0
    num_steps: int = 0
    validation_labels: int = 0
    widths: tuple[int, ...] = ()

    @property
    def task_sets(self) -> dict[str, tuple[str, ...]]:
        """The task sets by how tightly they are coupled."""
        return {"tight": self.tight, "loose": self.loose}

    def settings(self) -> dict:
        """Settings of every run that stand in for the preset's."""
        if self.folds and (self.folds < 2 or self.split):
            found = f"{self.folds} with --split {self.split}" if self.split else str(self.folds)
            raise InputError("--folds", found, "2 or more, and no --split")
        if self.folds and self.stop_early:
            expected = "one of the two: folds are a whole"
            raise InputError("--stop-early", f"it with --folds {self.folds}", expected)
        if self.folds and self.tune:
            expected = "0 with --folds: validation songs of one fold are test songs of another"
            raise InputError("--tune", str(self.tune), expected)
        split = Fold(1, self.folds).name if self.folds else self.split
        chosen = {"split": split, "widths": self.widths}
        chosen |= {"validation_labels": self.validation_labels}
        if self.num_steps:
            chosen |= {"num_steps": self.num_steps, "num_epochs": 0}
        return {name: value for name, value in chosen.items() if value}
