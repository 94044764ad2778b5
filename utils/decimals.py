"""How numbers are written, on terminals, in figures, on the page and in the report."""

import math
from collections.abc import Callable, Sequence


def decimal(value: float, places: int = 3, signed: bool = False) -> str:
    """`0.612`, `-0.003`; signed `+0.012`. What rounds to zero has no sign: `0.000`."""
    rounded = round(float(value), places) + 0.0  # -0.0 + 0.0 is 0.0
    return f"{rounded:{'+' if signed and rounded > 0 else ''}.{places}f}"


def short_decimal(value: float, places: int = 3, signed: bool = False) -> str:
    """The same without a zero before the point: `.612`, `-.003`, `+.012`, `12.310`."""
    text = decimal(value, places, signed)
    return text.replace("0.", ".", 1) if text.lstrip("+-").startswith("0.") else text


def p_value(value: float, write: Callable[[float], str] = decimal) -> str:
    """`0.013`; `< 0.001` where three places show nothing."""
    return f"< {write(0.001)}" if value < 0.001 else write(value)


def interval(
    values: Sequence[float | None], signed: bool = True, write: Callable[..., str] = decimal
) -> str:
    """`+0.259 (+0.204 to +0.306)`; the mean alone without ends, and empty without a mean."""
    mean, *ends = (math.nan if value is None else value for value in values)
    if not math.isfinite(mean):
        return ""
    text = write(mean, signed=signed)
    if not all(map(math.isfinite, ends)):
        return text
    low, high = (write(end, signed=signed) for end in ends)
    return f"{text} ({low} to {high})"
