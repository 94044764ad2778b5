"""How the report says numbers, verdicts and cells, in Typst markup."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from representation_music.plots.report.records import CellRecord, Record
from representation_music.plots.studies import words as study_words
from representation_music.plots.studies.words import METRIC_NAMES, listed
from representation_music.utils import decimals

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
#: Verdicts in the order in which they are counted.
VERDICTS = ("benefit", "harm", "no material difference", "no evidence")
_MARKUP = re.compile(r"([\\#$*_`<>@\[\]~/])")


def escaped(text: str) -> str:
    """Text as Typst markup that shows it as it is."""
    return _MARKUP.sub(r"\\\1", text)


def code(text: str) -> str:
    """A command or name, in the type of commands."""
    return f"`{text}`"


def number(value: float | None, places: int = 3, signed: bool = False) -> str:
    """`.612`, `4.310`, `+.012`; a minus sign is one, and a dash stands where there is none."""
    if value is None:
        return DASH
    return decimals.short_decimal(value, places, signed).replace("-", MINUS)


def interval(estimate: Sequence[float | None], signed: bool = True) -> str:
    """`+.012 [.004, .020]`, with spaces that no line breaks at."""
    mean, low, high = estimate
    if low is None or high is None:
        return number(mean, signed=signed)
    return f"{number(mean, signed=signed)} \\[{number(low)},~{number(high)}\\]"


def p_value(value: float | None) -> str:
    """`.013`; `< .001` where three places show nothing."""
    return DASH if value is None else decimals.p_value(value, number)


def percent(share: float, places: int = 0) -> str:
    """`70 %`, with a space that no line breaks at."""
    return f"{100 * share:.{places}f}~%"


def count(items: int) -> str:
    """`10,244`."""
    return f"{items:,}"


def plural(items: int, noun: str) -> str:
    """`1 cell`, `3 cells`."""
    return f"{count(items)} {noun}" + ("" if items == 1 else "s")


def sentence(text: str) -> str:
    """The text with a capital first, below marks of emphasis."""
    marks = len(text) - len(text.lstrip("*_"))
    return text[:marks] + text[marks : marks + 1].upper() + text[marks + 1 :]


def counted_verdicts(cells: Sequence[CellRecord]) -> str:
    """`benefit in 1 of 3 cells, no evidence in 2`; every verdict that occurs is named."""
    counts = Counter(cell.verdict for cell in cells)
    found = [(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]
    if len(found) == 1:
        number_of_cells = len(cells)
        where = {1: "the only cell", 2: "both cells"}.get(
            number_of_cells, f"all {count(number_of_cells)} cells"
        )
        return f"{verdict_word(found[0][0])} in {where}"
    (first, number_of_first), *others = found
    told = [f"{verdict_word(first)} in {number_of_first} of {count(len(cells))} cells"]
    return listed([*told, *(f"{verdict_word(verdict)} in {n}" for verdict, n in others)])


def verdict_word(verdict: str) -> str:
    """A verdict as it stands out in the text."""
    return f"_{verdict}_"


def factor_words(name: str, value) -> str:
    """One factor of a cell in words, as markup."""
    return escaped(study_words.factor_words(name, value))


def cell_words(factors: Mapping, names: Sequence[str]) -> str:
    """A cell by the factors named, those that tell it from the others."""
    return ", ".join(factor_words(name, factors[name]) for name in names if name in factors)


def named_cell(factors: Mapping, names: Sequence[str]) -> str:
    """The same within a sentence: `low-level sharing (tight task set, 1,000 songs)`."""
    first, *others = cell_words(factors, names).split(", ")
    first = f"the {first}" if first.endswith("task set") else first
    return f"{first} ({', '.join(others)})" if others else first


def signed_percent(share: float | None) -> str:
    """`+1.2 %`."""
    return DASH if share is None else f"{number(100 * share, 1, signed=True)}~%"


def metric_words(record: Record, metric: str = "") -> str:
    """Name of a metric, or else of the one that the record's verdicts go by."""
    return METRIC_NAMES.get(metric or record.metric, escaped(metric or record.metric))
