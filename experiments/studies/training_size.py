"""Does it matter how many songs there are to learn from? (RQ3, Figures 6 and 7.)

As the study `coupling`, at the 2016 study's ten training sizes.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell, StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit
from representation_music.utils.tasks import TRAINING_SIZES


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell an architecture, task set and training size."""
    couplings = ("tight", "loose")
    return benefit.cells(options, dataset, TRAINING_SIZES, couplings, every_task=False)


STUDY = Study(
    question="Does it matter how many songs there are to learn from?",
    cells=cells,
    compares="songs",
    figure="training-size",
    sizes=TRAINING_SIZES,
    asked="RQ3, Figures 6 and 7",
    order=3,
)
