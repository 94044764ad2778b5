"""Does it matter how many songs there are to learn from? (RQ2, Figures 6 and 7 of 2016.)

As the study `coupling`, at the 2016 study's ten training sizes.
"""

from collections.abc import Sequence

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell, CellDesign
from representation_music.experiments.design.contrasts import Contrast, gains_between, levels_of
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit
from representation_music.utils.tasks import TRAINING_SIZES


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per architecture, task set and training size."""
    couplings = ("tight", "loose")
    return benefit.cells(options, dataset, TRAINING_SIZES, couplings, every_task=False)


QUESTION = "Does it matter how many songs there are to learn from?"


def contrasts(cells: Sequence[CellDesign]) -> list[Contrast]:
    """The gain at the smallest size less that at the largest."""
    sizes = sorted(levels_of(cells, "songs"))
    return gains_between(QUESTION, cells, "songs", [(sizes[0], sizes[-1])] if sizes[1:] else [])


STUDY = Study(
    question=QUESTION,
    cells=cells,
    compares="songs",
    contrasts=contrasts,
    figure="training-size",
    sizes=TRAINING_SIZES,
    asked="RQ2, Figures 6 and 7",
    order=2,
)
