"""The studies by name, in the order in which they are told of; and which controls of one pass."""

from collections.abc import Mapping, Sequence
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

#: Factor whose levels a study's question compares.
COMPARED = {
    "coupling": "coupling",
    "training_size": "songs",
    "sharing_degree": "pattern",
    "stopping": "stopped by",
}


def checks_of(cells: Sequence[Mapping], level: float) -> list[bool]:
    """Which controls pass, of a study's cells as in `results.json`.

    All meetings of an arm with itself are one control, which passes if a difference is claimed in
    no larger a share of them than `level`.
    """
    checks = [c["passes"] for c in cells if not c["judged_alone"] and c["passes"] is not None]
    if alone := [cell["passes"] for cell in cells if cell["judged_alone"]]:
        checks.append(alone.count(False) <= level * len(alone))
    return checks
