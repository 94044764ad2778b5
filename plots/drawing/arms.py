"""What the runs of an arm are called, and the colour and marker they have in every figure."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from representation_music.plots.drawing.names import architecture_name
from representation_music.plots.drawing.style import COLOURS, GREY
from representation_music.utils.results_format import (
    LINEAR,
    LINEAR_MULTI_TASK,
    LYRIC_MADE,
    LYRICS_ONLY,
    MEAN_OF_SINGLES,
    PERMUTED_AUXILIARIES,
    PERMUTED_TARGET,
    SINGLE,
    WEIGHTS_0,
)

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK = COLOURS
#: Colour and marker of what has a name of its own, in the order of legends and rows.
LOOKS = {
    "no sharing": (VERMILION, "o"),
    "low-level sharing": (BLUE, "s"),
    "high-level sharing": (GREEN, "^"),
    "interspersed sharing": (PURPLE, "D"),
    SINGLE: (BLACK, "X"),
    WEIGHTS_0: (ORANGE, "v"),
    PERMUTED_AUXILIARIES: (SKY, "P"),
    PERMUTED_TARGET: (BLACK, "*"),
    LINEAR: (SKY, "8"),
    LYRICS_ONLY: (ORANGE, "8"),
    LINEAR_MULTI_TASK: (PURPLE, "8"),
    LYRIC_MADE: (GREEN, "P"),
    MEAN_OF_SINGLES: (GREY, "X"),
}
#: A sign, a colour, a weight and a marker for each verdict: never the colour alone.
VERDICT_LOOKS = {
    "benefit": ("▲", GREEN, "bold", "^"),
    "benefit of labels": ("◆", BLUE, "bold", "D"),
    "benefit of a deep net": ("★", PURPLE, "bold", "*"),
    "harm": ("▼", VERMILION, "bold", "v"),
    "too small to matter": ("≈", BLACK, "normal", "P"),
    "no material difference": ("=", BLACK, "normal", "s"),
    "no evidence": ("?", GREY, "normal", "o"),
}
#: Markers of all other patterns; 5 and 7 colours have no common divisor, so no two are alike.
OTHER_MARKERS = ("<", ">", "p", "h", "d")


@dataclass(frozen=True)
class Arm:
    """Runs that differ in seed and training size only.

    Attributes:
        name: What legends and tables call it.
        colour: Its colour.
        marker: Its marker, so that colour is never the only difference.
        rank: Its place among other arms.
        linestyle: Its line; another than solid, with hollow markers, for a second task set.
    """

    name: str
    colour: str
    marker: str
    rank: float
    linestyle: str = "-"

    @property
    def marker_face(self) -> str:
        """Colour of the inside of its markers."""
        return self.colour if self.linestyle == "-" else "white"


def arm_of(settings: Mapping) -> Arm:
    """The arm of a run with these settings (its `config.json`).

    A control (target's or auxiliary labels permuted or made of lyrics, auxiliary weights 0) is
    named by what makes it one, a linear model by its recipe, and a single task as such, since
    sharing has no meaning there; all other runs by their architecture.
    """
    if settings.get("model") == "linear":
        return arm_named(settings["recipe"])
    target, *auxiliaries = settings["tasks"]
    permuted = settings.get("permuted_tasks", ())
    weights = settings.get("task_weights", ())
    if target in permuted:
        return arm_named(PERMUTED_TARGET)
    if not auxiliaries:
        mean = settings.get("members", 1) > 1
        return arm_named(MEAN_OF_SINGLES if mean else SINGLE)
    if settings.get("lyric_tasks"):
        return arm_named(LYRIC_MADE)
    if permuted:
        return arm_named(PERMUTED_AUXILIARIES)
    if weights and not any(weights[1:]):
        return arm_named(WEIGHTS_0)
    return arm_named(architecture_name(settings["architecture"]))


def arm_named(name: str) -> Arm:
    """The arm of this name; every name has a look, and patterns each one of their own."""
    if name in LOOKS:
        return Arm(name, *LOOKS[name], rank=list(LOOKS).index(name))
    if set(name) <= {"S", "P"}:
        number = int("1" + name.replace("S", "1").replace("P", "0"), base=2)
    else:
        number = zlib.crc32(name.encode())
    colour = COLOURS[number % len(COLOURS)]
    marker = OTHER_MARKERS[number % len(OTHER_MARKERS)]
    return Arm(name, colour, marker, rank=len(LOOKS) + number)
