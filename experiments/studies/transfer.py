"""Is it better to learn tasks together, or one after the other? (What chemistry's users ask.)

The cell's arm learns all tasks at once, with many auxiliary labels. Its rivals learn the auxiliary
tasks first and then the target alone, on the same songs, in the same number of steps: with the
shared layers free or frozen. The single task stands beside them.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import (
    sharing,
    single_task,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import Cell, auxiliary_sizes, bases
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.runs.config import RunConfig
from representation_music.utils.results_format import SINGLE

SIZES = (100, 250, 1000)
AUXILIARY_SIZES = (5000,)
FINE_TUNED, FROZEN = "one after the other, fine-tuned", "one after the other, frozen"


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per task set, number of target labels and number of auxiliary labels."""
    result = []
    for coupling, tasks in options.task_sets.items():
        for base in bases(options, dataset, tasks, SIZES):
            for further in auxiliary_sizes(options, dataset, base, AUXILIARY_SIZES):
                for architecture in options.architectures or ("low_level_sharing",):
                    factors = {
                        "architecture": architecture,
                        "coupling": coupling,
                        "songs": base.training_size,
                        "auxiliary songs": further,
                    }
                    name = f"{architecture}-{coupling}"
                    arm = with_many_auxiliary_labels(sharing(base, architecture, name), further)
                    arm = arm.replace(patience=0)
                    rivals = {
                        FINE_TUNED: after_the_others(arm, base, freeze=False),
                        FROZEN: after_the_others(arm, base, freeze=True),
                        SINGLE: single_task(base.replace(patience=0)),
                    }
                    result.append(Cell(factors, arm, rivals))
    return result


def after_the_others(arm: RunConfig, base: RunConfig, freeze: bool) -> RunConfig:
    """The arm's net, half of whose steps learn the auxiliary tasks and half the target.

    Beside the songs of the stream, every batch has as many with the target's label as the single
    task's: else it would hardly see them.
    """
    steps = f"steps={arm.num_steps // 2}"
    return arm.replace(
        objective="transfer",
        objective_options=(steps, f"freeze={str(freeze).lower()}"),
        target_batch_size=base.batch_size if arm.auxiliary_size else 0,
        task_weights=(),
        experiment_name=f"{arm.experiment_name}-{'frozen' if freeze else 'fine-tuned'}",
    )


STUDY = Study(
    question="Is it better to learn tasks together than one after the other?",
    cells=cells,
    figure="label-counts",
    sizes=SIZES,
    order=10,
)
