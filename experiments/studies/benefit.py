"""Is learning several tasks at once beneficial? (The 2016 study's RQ1 and Figure 3.)

Each sharing architecture with the tight task set at equal numbers of labels, against the single
task on the same songs and the control arms.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import sharing, with_many_auxiliary_labels
from representation_music.experiments.design.cells import (
    SHARING_ARCHITECTURES,
    Cell,
    auxiliary_sizes,
    bases,
)
from representation_music.experiments.design.contrasts import convergence
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study

SIZES = (1000,)


def cells(
    options: StudyOptions,
    dataset: SongDataset,
    sizes: tuple[int, ...] = SIZES,
    couplings: tuple[str, ...] = ("tight",),
    auxiliary: tuple[int, ...] = (0,),
    architectures: tuple[str, ...] = SHARING_ARCHITECTURES,
    every_task: bool = True,
) -> list[Cell]:
    """One cell per architecture, task set, training size and number of further songs.

    Args:
        options: The user's choice.
        dataset: The songs.
        sizes, couplings, auxiliary, architectures: The study's own training sizes, task sets,
            numbers of further songs with auxiliary labels only, and networks.
        every_task: Whether to train every task alone as well, for delta-m.
    """
    result = []
    for coupling in couplings:
        for base in bases(options, dataset, options.task_sets[coupling], sizes):
            for further in auxiliary_sizes(options, dataset, base, auxiliary):
                for architecture in options.architectures or architectures:
                    factors = {
                        "architecture": architecture,
                        "coupling": coupling,
                        "songs": base.training_size,
                        **({"auxiliary songs": further} if further or any(auxiliary) else {}),
                    }
                    arm = sharing(base, architecture, f"{architecture}-{coupling}")
                    arm = with_many_auxiliary_labels(arm, further)
                    result.append(
                        Cell.against_controls(
                            factors, arm, options, base, every_task and not further
                        )
                    )
    return result


STUDY = Study(
    question="Is multi-task learning beneficial?",
    cells=cells,
    contrasts=lambda cells: convergence("Does it take fewer steps to converge?", cells),
    figure="benefit",
    sizes=SIZES,
    asked="RQ1, Figure 3",
    order=1,
)
