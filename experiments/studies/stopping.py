"""Does the verdict depend on the metric that picks the best checkpoint?

The study `benefit`, once per stopping metric; all arms of a cell stop by the same one.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.contrasts import first_and_others, gains_between
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.studies import benefit
from representation_music.experiments.training.scoring import stopping_metric
from representation_music.utils.metrics import METRICS_OF


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per stopping metric, architecture and training size."""
    target = dataset.task(options.tight[0])
    words = {stopping_metric(target, word): word for word in ("verdict", "auto")}
    metrics = [name for name in METRICS_OF[target.kind] if name != "skill"]
    result = []
    for cell in benefit.cells(options, dataset):
        for metric in metrics:
            # By its other name a preset's own metric would be another run, trained again.
            named = words.get(metric, metric)
            rivals = {
                name: config.replace(stopping_metric=named)
                for name, config in cell.rivals.items()
                if isinstance(config, RunConfig)  # others are stopped by nothing
            }
            arm = cell.arm.replace(stopping_metric=named)
            result.append(Cell({"stopped by": metric, **cell.factors}, arm, rivals))
    return result


QUESTION = "Does the verdict depend on the metric that picks the checkpoint?"

STUDY = Study(
    question=QUESTION,
    cells=cells,
    compares="stopped by",
    contrasts=lambda cells: gains_between(
        QUESTION, cells, "stopped by", first_and_others(cells, "stopped by")
    ),
    sizes=benefit.SIZES,
    order=8,
)
