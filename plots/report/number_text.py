"""How a report writes numbers: without a zero before the point, with signs that are signs."""

import math
from collections.abc import Iterable, Sequence

from representation_music.utils import decimals

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
#: What stands between a number and its unit, and within an interval, where no line may end.
TIE = "\N{NO-BREAK SPACE}"


def number(value: float | None, places: int = 3, signed: bool = False) -> str:
    """`.612`, `+.012`, with a minus sign that is one; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return DASH
    return decimals.short_decimal(value, places, signed).replace("-", MINUS)


def percent(share: float, places: int = 0) -> str:
    """`70 %`."""
    return f"{100 * share:.{places}f}{TIE}%"


def estimate(
    values: Sequence[float | None] | None, signed: bool = True, scale: float = 1, places: int = 3
) -> dict:
    """Mean and ends, the mean as a `number`, and a `text` of all: `+.012 [.004, .020]`."""
    mean, low, high = (None if v is None else scale * v for v in values or (None, None, None))
    written = number(mean, places, signed)
    text = written
    if low is not None and high is not None:
        text += f"{TIE}[{number(low, places)},{TIE}{number(high, places)}]"
    return {"mean": mean, "low": low, "high": high, "number": written, "text": text}


def p_value(value: float | None) -> str:
    """`.013`; `< .001` where three places show nothing."""
    return DASH if value is None else decimals.p_value(value, number)


def from_to(values: Iterable[tuple[float, str]]) -> str:
    """`5`, or `5 to 7`: the least and the most of values, by what they are written as."""
    ordered = sorted(set(values)) or [(0, DASH)]
    least, most = ordered[0][1], ordered[-1][1]
    return least if least == most else f"{least} to {most}"
