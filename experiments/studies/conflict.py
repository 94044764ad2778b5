"""Do methods against conflicting gradients help where auxiliaries do conflict and are louder?

On synthetic songs whose auxiliaries read the target's themes with the opposite sign, and others
that the target does not read, and whose losses weigh ten times as much as the target's. Cells as of
`methods`, at equal numbers of labels. Ask with `--tune 8`.
"""

from pathlib import Path

from representation_music.experiments.design.arms import base_config
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies.controls import PLANTED
from representation_music.experiments.studies.methods import compared_with_sum
from representation_music.utils.reading import exists

SIZES = (250, 1000)
#: Of the auxiliaries' clean scores with the target's.
CORRELATIONS = (-0.7, -0.4)
#: How much an auxiliary's loss weighs beside the target's.
AUXILIARY_WEIGHT = 10.0
SONGS, WORLD = 12_000, 4026


def make_songs(folder: Path, options: StudyOptions) -> str:
    """Makes the planted songs where they are missing; gives their file."""
    from representation_music.data_preprocessing.synthetic.planted import planted_songs
    from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings

    path = folder / "songs" / f"world-{WORLD}" / "songs.h5"
    if not exists(path):
        settings = SyntheticSettings(
            songs=SONGS,
            seed=WORLD,
            shared_themes=0.0,
            extra_tags=len(CORRELATIONS),
            extra_correlations=CORRELATIONS,
            **PLANTED,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        planted_songs(settings).save(path)
    return str(path)


def cells(options: StudyOptions, songs: str) -> list[Cell]:
    """One cell per training size and method."""
    auxiliaries = [f"extra {number}" for number in range(1, len(CORRELATIONS) + 1)]
    weights = (1.0, *[AUXILIARY_WEIGHT] * len(auxiliaries))
    result = []
    for size in options.sizes or SIZES:
        tasks = ("pop", *auxiliaries)
        base = base_config(options.preset, songs, tasks, size, **options.settings())
        base = base.replace(task_weights=weights)
        result += compared_with_sum(base, 0, {"songs": size}, options)
    return result


STUDY = Study(
    question="Do methods help where auxiliaries conflict with the target and are louder?",
    cells=cells,
    sizes=SIZES,
    order=12,
    make_songs=make_songs,
)
