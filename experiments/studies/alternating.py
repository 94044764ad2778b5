"""Is the sum of all losses better, or one task's loss each step? (Future work of 2016.)

The cell's arm alternates, its rival sums. Both make the whole budget of updates, without early
stopping, and keep their best checkpoints: else the one that learns more slowly would train longer.
Whether sharing helps at all is not asked here, so there is neither a single task nor a control arm.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import benefit


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per architecture, task set and training size."""
    result = []
    for cell in benefit.cells(options, dataset, couplings=("tight", "loose")):
        summed = cell.arm.replace(patience=0)
        name = f"{summed.experiment_name}-alternating"
        arm = summed.replace(objective="alternating", experiment_name=name)
        result.append(Cell(cell.factors, arm, {"sum of losses": summed}))
    return result


STUDY = Study(
    question="Is it better to train the tasks in turn than on the sum of their losses?",
    cells=cells,
    sizes=benefit.SIZES,
    asked="future work",
    order=6,
)
