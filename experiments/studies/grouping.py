"""Is the proposed split of tasks into groups better than one network for all, or one for each?

`repmusic relatedness --groups` proposes splits; without one the study takes the best by the
correlation of labels. Every task of a group of two or more is a cell: the group's network against
the task alone and against all tasks together, at equal numbers of labels. A study judges by one
metric, so the cells are those of the first such task's kind; the others are learnt beside them.
Tasks that are proposed alone, and those of another kind, are not judged.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import sharing, single_task
from representation_music.experiments.design.cells import Cell, bases
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.utils.errors import InputError
from representation_music.utils.results_format import SINGLE

SIZES = (1000,)


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per training size, architecture and task that has companions."""
    groups = groups_of(options, dataset)
    every = [task for group in groups for task in group]
    grouped = [task for group in groups for task in group if len(group) > 1]
    kinds = {task: dataset.task(task).kind for task in grouped}
    judged = {task for task in grouped if kinds[task] == kinds[grouped[0]]}
    result = []
    for group in (group for group in groups if len(group) > 1):
        for task in (task for task in group if task in judged):
            companions = [other for other in group if other != task]
            for base in bases(options, dataset, (task, *companions), SIZES):
                for architecture in options.architectures or ("low_level_sharing",):
                    arm = sharing(base, architecture, f"{architecture}-group")
                    together = arm.replace(
                        tasks=(task, *(other for other in every if other != task)),
                        experiment_name=f"{architecture}-all-together",
                    )
                    factors = {"task": task, "with": " + ".join(companions)}
                    factors |= {"architecture": architecture, "songs": base.training_size}
                    rivals = {SINGLE: single_task(arm)}
                    if len(group) < len(every):
                        rivals["all together"] = together
                    result.append(Cell(factors, arm, rivals))
    return result


def groups_of(options: StudyOptions, dataset: SongDataset) -> list[tuple[str, ...]]:
    """The user's groups, or the best split of both task sets by |Pearson| on training songs."""
    from representation_music.experiments.relatedness.groups import (
        best_split,
        from_words,
        pairwise_gains,
    )

    if options.groups:
        return from_words(options.groups)
    if options.folds:
        expected = "--groups named: correlations of one fold's training songs know the test songs"
        raise InputError("--folds", str(options.folds), expected + " of others")
    tasks = tuple(dict.fromkeys(options.tight + options.loose))
    (base, *_) = bases(options, dataset, tasks, SIZES)
    _, gains = pairwise_gains(dataset, tasks, base.split)
    return [tuple(tasks[task] for task in group) for group in best_split(gains)]


STUDY = Study(
    question="Is the proposed grouping of tasks better than all together and all apart?",
    cells=cells,
    sizes=SIZES,
    order=10,
)
