"""Does it matter how tightly the tasks are coupled? (RQ3, Figures 4 and 5 of the 2016 study.)

As the study `benefit`, with the tight and the loose task set side by side.
"""

from collections.abc import Sequence

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell, CellDesign
from representation_music.experiments.design.contrasts import Contrast, gains_between, interactions
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per architecture, task set and training size."""
    return benefit.cells(options, dataset, couplings=("tight", "loose"))


QUESTION = "Does it matter how tightly the tasks are coupled?"


def contrasts(cells: Sequence[CellDesign]) -> list[Contrast]:
    """The tight set less the loose one, and whether the architecture's place depends on it."""
    return gains_between(QUESTION, cells, "coupling", [("tight", "loose")]) + interactions(
        "Do high layers suit tight sets, and low ones loose sets?",
        cells,
        "architecture",
        ("high_level_sharing", "low_level_sharing"),
    )


STUDY = Study(
    question=QUESTION,
    cells=cells,
    compares="coupling",
    contrasts=contrasts,
    figure="coupling",
    sizes=benefit.SIZES,
    asked="RQ3, Figures 4 and 5",
    order=3,
)
