"""The studies by name: what `repmusic study` runs, and the order in which they are told of."""

from typing import Literal, get_args

StudyName = Literal[
    "controls",
    "benefit",
    "coupling",
    "training_size",
    "sharing_degree",
    "auxiliary_size",
    "alternating",
    "output_scaling",
    "stopping",
    "pairs",
]
STUDIES: tuple[str, ...] = get_args(StudyName)
