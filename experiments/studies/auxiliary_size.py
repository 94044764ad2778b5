"""Do many labels of the other tasks make up for few of the target's? (Future work of 2016.)

A phase diagram: target labels against further songs that carry auxiliary labels only, for related
and for unrelated auxiliaries, with low-level sharing.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import (
    rivals_of,
    sharing,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import (
    Cell,
    StudyOptions,
    auxiliary_sizes,
    bases,
)
from representation_music.experiments.design.sizes import ALL
from representation_music.experiments.design.study import Study

SIZES = (100, 250, 1000, 2500)
AUXILIARY_SIZES = (0, 1000, 5000, ALL)


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell a task set, number of target labels and number of auxiliary labels."""
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
                    rivals = rivals_of(arm, options.controls, base)
                    result.append(Cell(factors, arm, rivals))
    return result


STUDY = Study(
    question="Do many labels of the other tasks make up for few of the target's?",
    cells=cells,
    figure="phase",
    sizes=SIZES,
    asked="future work",
    order=5,
)
