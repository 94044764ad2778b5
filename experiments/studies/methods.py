"""Does any network or objective beat the plain sum of losses on low-level sharing?

Every network is trained on the sum, every objective on low-level sharing, with tight and loose task
sets, with few target labels beside many auxiliary ones and with as many of each. Rivals are the
single task and the plain sum. Ask with `--tune 8`: a sum that is tuned less than its rivals loses
for that alone (Kurin et al. 2022, arXiv:2201.04122).
"""

import dataclasses
from itertools import product

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import (
    rivals_of,
    sharing,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import Cell, auxiliary_sizes, bases
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.utils.results_format import PLAIN_SUM

SUM = "low_level_sharing"
NETWORKS = ("SSSS", "high_level_sharing", "interspersed_sharing", "cross_stitch", "mmoe", "ple")
#: Songs with the target's label, and further songs with auxiliary labels only.
LABELS = ((250, 5000), (1000, 0))


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per task set, numbers of labels and method."""
    labels = LABELS
    if options.sizes or options.auxiliary_sizes:
        labels = tuple(product(options.sizes or (250,), options.auxiliary_sizes or (5000,)))
    result = []
    for (coupling, tasks), (size, further) in product(options.task_sets.items(), labels):
        chosen = dataclasses.replace(options, sizes=(size,), auxiliary_sizes=(further,))
        for base in bases(chosen, dataset, tasks, LABELS[0][:1]):
            for number in auxiliary_sizes(chosen, dataset, base, ()):
                factors = {"coupling": coupling, "songs": base.training_size}
                factors |= {"auxiliary songs": number} if number else {}
                result += compared_with_sum(base, number, factors, options)
    return result


def compared_with_sum(
    base: RunConfig, auxiliary_size: int, factors: dict, options: StudyOptions
) -> list[Cell]:
    """One cell per method; the single task and the plain sum are the same runs in all.

    Args:
        base: Settings of all arms, those of the single task.
        auxiliary_size: Further songs of the others, with auxiliary labels only.
        factors: What the cells have in common.
        options: Name the architectures and objectives; all if neither, and all objectives if only
            the architecture that they are compared on.
    """
    networks = [name for name in options.architectures if name not in (SUM, "SSPP")]
    objectives = [name for name in options.objectives if name != "sum"]
    if not networks and not objectives:
        networks = [] if options.architectures else [*NETWORKS]
        # One after the other is no way to learn together: it has the study `transfer`.
        objectives = [name for name in OBJECTIVES.names() if name not in ("sum", "transfer")]
    ending = "-".join(str(value).replace(" ", "-") for value in factors.values())

    def arm(architecture: str, objective: str, name: str) -> RunConfig:
        of_method = sharing(base, architecture, f"{name}-{ending}").replace(objective=objective)
        return with_many_auxiliary_labels(of_method, auxiliary_size)

    plain = arm(SUM, "sum", SUM)
    rivals = {**rivals_of(plain, (), base), PLAIN_SUM: plain}
    arms = {name: arm(name, "sum", name) for name in networks}
    arms |= {name: arm(SUM, name, name) for name in objectives}
    return [Cell({"method": name} | factors, of, rivals) for name, of in arms.items()]


STUDY = Study(
    question="Does any way to share or to weigh beat the plain sum of losses?",
    cells=cells,
    sizes=tuple(size for size, _ in LABELS),
    order=11,
)
