"""Gains against gains: what a study asks that no cell answers by itself.

Of two gains one may be shown and the other not, and yet the two be alike; so what a study compares
is judged as a difference of gains, paired as the arms of a cell are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from representation_music.utils.results_format import ARM, SINGLE

if TYPE_CHECKING:
    from representation_music.experiments.design.cells import CellDesign

#: An arm by the name of its cell and its own there.
ArmOfCell = tuple[str, str]


@dataclass(frozen=True)
class Contrast:
    """How much more one arm gains over its rival than another over its own.

    Attributes:
        asks: Its question. Contrasts of one question are one family of Holm's correction; those
            that ask what the study asks answer it.
        name: What is set against what.
        gain: The arm and its rival.
        other: The arm and the rival whose gain is subtracted; none where the gain itself is meant.
        measure: What is gained: the metric's `score`, or `steps` to get near the best score.
    """

    asks: str
    name: str
    gain: tuple[ArmOfCell, ArmOfCell]
    other: tuple[ArmOfCell, ArmOfCell] | tuple[()] = ()
    measure: Literal["score", "steps"] = "score"


class ContrastDesign(TypedDict):
    """A contrast as `study.json` has it."""

    asks: str
    name: str
    gain: list[list[str]]
    other: list[list[str]]
    measure: Literal["score", "steps"]


def gains_between(
    asks: str, cells: Sequence["CellDesign"], factor: str, levels: Sequence[tuple]
) -> list[Contrast]:
    """The gain at one level of a factor less that at another, all other factors alike.

    Cells without a single task are left out; `levels` are pairs.
    """
    found = []
    for others, by_level in _alike(cells, (factor,)).items():
        for one, other in levels:
            if {(one,), (other,)} <= by_level.keys():
                cell, less = by_level[one,]["cell"], by_level[other,]["cell"]
                name = _words({factor: f"{one} less {other}"}, others)
                gain, subtracted = ((cell, ARM), (cell, SINGLE)), ((less, ARM), (less, SINGLE))
                found.append(Contrast(asks, name, gain, subtracted))
    return found


def interactions(
    asks: str, cells: Sequence["CellDesign"], factor: str, levels: tuple
) -> list[Contrast]:
    """(gain at one level less that at another) with the tight task set, less that with the loose.

    Their rivals are one single task and cancel out: arms are set against arms.
    """
    one, other = levels
    found = []
    for others, at in _alike(cells, (factor, "coupling")).items():
        if {(level, of) for level in levels for of in ("tight", "loose")} <= at.keys():
            arms = {place: (cell["cell"], ARM) for place, cell in at.items()}
            name = _words({factor: f"{one} less {other}", "coupling": "tight less loose"}, others)
            tight, loose = (
                (arms[one, coupling], arms[other, coupling]) for coupling in ("tight", "loose")
            )
            found.append(Contrast(asks, name, tight, loose))
    return found


def convergence(asks: str, cells: Sequence["CellDesign"]) -> list[Contrast]:
    """Whether each cell's arm takes fewer steps than the single task to get near its best."""
    return [
        Contrast(asks, cell["cell"], ((cell["cell"], ARM), (cell["cell"], SINGLE)), (), "steps")
        for cell in cells
        if SINGLE in cell["rivals"]
    ]


def levels_of(cells: Sequence[Mapping], factor: str) -> list:
    """The levels of a factor, in the order of the cells."""
    return list(dict.fromkeys(c["factors"][factor] for c in cells if factor in c["factors"]))


def first_and_others(cells: Sequence["CellDesign"], factor: str) -> list[tuple]:
    """Pairs of the first level with each other one."""
    levels = levels_of(cells, factor)
    return [(levels[0], other) for other in levels[1:]]


def _alike(cells: Sequence["CellDesign"], factors: tuple[str, ...]) -> dict[tuple, dict]:
    """Cells with a single task that differ in these factors only, by their levels of them."""
    groups: dict[tuple, dict] = {}
    for cell in cells:
        if SINGLE in cell["rivals"] and set(factors) <= cell["factors"].keys():
            others = tuple((n, v) for n, v in cell["factors"].items() if n not in factors)
            place = tuple(cell["factors"][factor] for factor in factors)
            groups.setdefault(others, {}).setdefault(place, cell)
    return groups


def _words(compared: dict[str, str], others: tuple) -> str:
    alike = (v if isinstance(v, str) else f"{name} {v}" for name, v in others)
    return ", ".join([*compared.values(), *alike])
