"""Could the nets of 2016 have learnt anything? Labels with their songs, and labels by position.

The study's code read labels in the database's order and bags of words in the track list's, and
joined the two by position: to a net, labels drawn anew. The cell's arm has each label with its
song, its rival all labels shuffled among the training songs; both are scored on labels that stand
with their songs. The preset `paper` has the settings that the study's text tells, but not all of
it: the split is by artist where the text's was random, and validation labels stay with their songs.
`default` shows what nets of today learn from the same songs.
"""

import dataclasses

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import sharing
from representation_music.experiments.design.cells import Cell, bases
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.runs.config import DEFAULT
from representation_music.utils.results_format import PERMUTED_TARGET

SIZES = (1000,)


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per preset, architecture and training size."""
    result = []
    # The paper's own split is at random, which artists' tags leak through.
    split = options.split or ("" if options.folds else DEFAULT.split)
    for preset in ("paper", "default"):
        of_preset = dataclasses.replace(options, preset=preset, split=split)
        for base in bases(of_preset, dataset, options.tight, SIZES):
            for architecture in options.architectures or ("low_level_sharing",):
                name = f"{architecture}-{preset}"
                arm = sharing(base, architecture, name)
                shuffled = arm.replace(permuted_tasks=arm.tasks, experiment_name=f"{name}-shuffled")
                factors = {
                    "preset": preset,
                    "architecture": architecture,
                    "songs": base.training_size,
                }
                result.append(Cell(factors, arm, {PERMUTED_TARGET: shuffled}))
    return result


STUDY = Study(
    question="Do labels at their songs teach more than shuffled ones, as of 2016 and by default?",
    cells=cells,
    sizes=SIZES,
    asked="Figures 6 and 7, which are flat",
    order=9,
)
