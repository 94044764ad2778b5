"""Do many labels of the other tasks make up for few of the target's? (Future work of 2016.)

A phase diagram: target labels against further songs that carry auxiliary labels only, for related
and for unrelated auxiliaries, with low-level sharing.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.contrasts import gains_between
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.sizes import ALL
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit

SIZES = (100, 250, 1000, 2500)
AUXILIARY_SIZES = (0, 1000, 5000, ALL)


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per task set, number of target labels and number of auxiliary labels."""
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
    contrasts=lambda cells: gains_between(
        "Do related auxiliary tasks pay more?", cells, "coupling", [("tight", "loose")]
    ),
    figure="phase",
    sizes=SIZES,
    asked="future work",
    order=5,
)
