"""Does it matter how tightly the tasks are coupled? (RQ2, Figures 4 and 5 of the 2016 study.)

As the study `benefit`, with the tight and the loose task set side by side.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell, StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell an architecture, task set and training size."""
    return benefit.cells(options, dataset, couplings=("tight", "loose"))


STUDY = Study(
    question="Does it matter how tightly the tasks are coupled?",
    cells=cells,
    compares="coupling",
    figure="coupling",
    sizes=benefit.SIZES,
    asked="RQ2, Figures 4 and 5",
    order=2,
)
