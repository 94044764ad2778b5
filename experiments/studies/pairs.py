"""Which task helps the target? One auxiliary at a time, to hold gains against relatedness.

Low-level sharing of the target with each auxiliary of a shortlist, which has further songs with
labels; `repmusic relatedness-gain runs/pairs` asks which measure predicts the gains. For several
targets (`--targets`) the pairs are drawn with a seed over the whole range of correlation, from
training songs, before any gain is seen.
"""

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import (
    rivals_of,
    sharing,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import Cell, auxiliary_sizes, bases
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.utils.errors import InputError

SIZES = (250,)
AUXILIARY_SIZES = (5000,)
#: Auxiliaries of the shortlist: their correlations with the target are spread evenly.
AUXILIARIES = 8
#: Pairs of several targets at least, and the seed that they are drawn with.
PAIRS, DRAWN_BY = 32, 2026


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per auxiliary, number of target labels and number of auxiliary labels."""
    result = []
    for target, auxiliary in pairs_of(options, dataset):
        for base in bases(options, dataset, (target, auxiliary), SIZES):
            for further in auxiliary_sizes(options, dataset, base, AUXILIARY_SIZES):
                for architecture in options.architectures or ("low_level_sharing",):
                    factors = {
                        "architecture": architecture,
                        **({"target": target} if options.targets else {}),
                        "auxiliary": auxiliary,
                        "songs": base.training_size,
                        "auxiliary songs": further,
                    }
                    name = f"{architecture}-{_in_a_name(auxiliary)}"
                    if options.targets:
                        name += f"-for-{_in_a_name(target)}"
                    arm = sharing(base, architecture, name)
                    arm = with_many_auxiliary_labels(arm, further)
                    rivals = rivals_of(arm, options.controls, base)
                    result.append(Cell(factors, arm, rivals))
    return result


def pairs_of(options: StudyOptions, dataset: SongDataset) -> list[tuple[str, str]]:
    """Targets with an auxiliary each."""
    if options.folds and (options.targets or not options.auxiliaries):
        expected = "--auxiliaries and no --targets: correlations of one fold's training songs know "
        raise InputError("--folds", str(options.folds), expected + "the test songs of others")
    if not options.targets:
        target = options.tight[0]
        chosen = options.auxiliaries or shortlist(options, dataset, target)
        return [(target, auxiliary) for auxiliary in chosen]
    from representation_music.experiments.relatedness.label_statistics import label_relatedness
    from representation_music.experiments.relatedness.task_sets import drawn_over_relatedness

    number, result = -(-PAIRS // len(options.targets)), []
    for place, target in enumerate(options.targets):
        (base, *_) = bases(options, dataset, (target,), SIZES)
        rows = label_relatedness(dataset, target, base.split, options.auxiliaries, resamples=2)
        drawn = drawn_over_relatedness(rows, number, DRAWN_BY + place)
        result += [(target, auxiliary) for auxiliary in drawn]
    return result


def shortlist(options: StudyOptions, dataset: SongDataset, target: str) -> list[str]:
    """Auxiliaries whose correlation with the target is spread evenly from the largest to 0."""
    from representation_music.experiments.relatedness.label_statistics import label_relatedness
    from representation_music.experiments.relatedness.task_sets import spread_over_relatedness

    (base, *_) = bases(options, dataset, (target,), SIZES)
    rows = label_relatedness(dataset, target, base.split, resamples=2)
    return spread_over_relatedness(rows, AUXILIARIES)


def _in_a_name(auxiliary: str) -> str:
    """A label as part of a folder's name."""
    return "".join(letter if letter.isalnum() else "-" for letter in auxiliary)


STUDY = Study(
    question="Do other tasks, one at a time, help the target?", cells=cells, sizes=SIZES, order=9
)
