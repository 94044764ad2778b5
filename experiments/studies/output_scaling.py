"""Must regression labels be standardised before they share a net? (Tried in 2016.)

The loose task set with its regressions (decibels, years) standardised, against raw ones. Whether
sharing helps at all is not asked here, so there is neither a single task nor a control arm.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per architecture and training size."""
    result = []
    for cell in benefit.cells(options, dataset, couplings=("loose",)):
        name = f"{cell.arm.experiment_name}-raw-labels"
        raw = cell.arm.replace(standardise_labels=False, experiment_name=name)
        result.append(Cell(cell.factors, cell.arm, {"raw labels": raw}))
    return result


STUDY = Study(
    question="Is it better to standardise labels?",
    cells=cells,
    sizes=benefit.SIZES,
    asked="tried without a result",
    order=7,
)
