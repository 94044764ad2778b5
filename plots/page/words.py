"""How the results page words numbers, factors and cells."""

import math
from collections.abc import Mapping, Sequence

from representation_music.plots.drawing.arms import architecture_name
from representation_music.plots.studies.results import levels
from representation_music.plots.studies.words import factor_words
from representation_music.utils.decimals import short_decimal

#: What the page calls a factor of a study's cells.
FACTOR_NAMES = {
    "coupling": "task set",
    "songs": "training songs",
    "auxiliary songs": "songs with auxiliary labels only",
    "pattern": "sharing pattern",
}


def number(value: float | None) -> str:
    """Three decimals without a leading zero (`.604`, `-.011`, `12.310`); a dash for none."""
    if value is None or math.isnan(value):
        return "–"  # noqa: RUF001 (a dash as tables have it)
    return short_decimal(value) if abs(value) < 1000 else f"{value:,.0f}"


def signed(value: float | None) -> str:
    """As `number`, with the sign that a gain has: `+.004`; `.000` has none."""
    text = number(value)
    return f"+{text}" if value is not None and round(value, 3) > 0 else text


def interval(values: Sequence[float | None], unit: str = "") -> str:
    """A gain with its interval: `+.004 AUC (-.011 to +.018)`; a single seed has none."""
    mean, low, high = values
    text = f"{signed(mean)} {unit}".rstrip()
    if low is None or high is None:
        return f"{text} (no interval)"
    return f"{text} ({signed(low)} to {signed(high)})"


def factor_value(factor: str, value) -> str:
    """A factor's value as people say it: `low-level sharing`, `1,000`, `SSPP`."""
    if factor == "architecture":
        return architecture_name(value)
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def factor_names(cell: Mapping) -> dict[str, str]:
    """Each factor's value in a cell, in words."""
    return {name: factor_value(name, value) for name, value in cell["factors"].items()}


def cell_labels(cells: Sequence[Mapping]) -> list[str]:
    """What tells the cells apart: the factors in which they differ, all if there is one cell."""
    differing = [
        factor
        for factor in dict.fromkeys(name for cell in cells for name in cell["factors"])
        if len(levels(cells, factor)) > 1 or any(factor not in cell["factors"] for cell in cells)
    ]
    return [
        ", ".join(
            factor_words(factor, level)
            for factor, level in cell["factors"].items()
            if factor in differing or len(cells) == 1
        )
        or cell["cell"]
        for cell in cells
    ]


def cell_title(cell: Mapping) -> str:
    """All factors of a cell in words."""
    return ", ".join(factor_words(factor, level) for factor, level in cell["factors"].items())
