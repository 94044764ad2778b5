"""Do many labels of the other tasks make up for few of the target's? (Future work of 2016.)

Target labels against further songs that carry auxiliary labels only, with low-level sharing.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell, StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit

SIZES = (250, 500, 1000)
AUXILIARY_SIZES = (1000, 5000)


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell a task set, number of target labels and number of auxiliary labels."""
    return benefit.cells(
        options,
        dataset,
        SIZES,
        tuple(options.task_sets),
        AUXILIARY_SIZES,
        ("low_level_sharing",),
        every_task=False,
    )


STUDY = Study(
    question="Do many labels of the other tasks make up for few of the target's?",
    cells=cells,
    figure="label-counts",
    sizes=SIZES,
    asked="future work",
    order=5,
)
