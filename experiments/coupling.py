"""Does it matter how tightly the tasks are coupled? (RQ2, Figures 4 and 5 of the 2016 study.)

As the study `benefit`, with the tight and the loose task set side by side.
"""

from representation_music.data_preprocessing.dataset import SongDataset
from representation_music.experiments import benefit
from representation_music.experiments.study_design import Cell, StudyOptions


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell an architecture, task set and training size."""
    return benefit.cells(options, dataset, couplings=("tight", "loose"))
