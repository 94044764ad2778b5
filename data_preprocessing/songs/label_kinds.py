"""What kind of label a user's own column is, by the rules that `preprocess --help` states."""

import math
import re
import shlex
from collections import Counter
from collections.abc import Sequence

import numpy as np

from representation_music.data_preprocessing.songs.labels import LabelColumn, classes_of
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Kind

#: Cells, in lower case, that mean "not known".
MISSING = frozenset(
    ("", "?", "??", "???", "-", "--", "---", "\N{EN DASH}", "\N{EM DASH}", ".", "\\n", "na", "n/a")
) | {"n.a.", "n.d.", "<na>", "nan", "null", "(null)", "nil", "none", "missing", "unknown"}
MISSING |= {"undefined", "no data", "not available", "not known"}
MISSING |= {"#n/a", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "#null!"}  # spreadsheets'
#: Words, in lower case, that are 1 and 0 of a binary label.
YES = frozenset(("1", "1.0", "true", "t", "yes", "y", "on"))
NO = frozenset(("0", "0.0", "false", "f", "no", "n", "off"))

#: Whole numbers of at most so many different values, none larger than this, may be codes.
MOST_CODES, LARGEST_CODE = 12, 20
#: Of as many cells as this or more, at least half must be of a class that others are of as well.
FEW_CELLS = 20

_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
#: A number with a currency before it, a unit after it, or marks within it: "$3", "45 %", "3:45".
_DISGUISED = re.compile(r"[^\w\s]?\s*[-+]?\d[\d.,:_' ]*\s*[^\d\s]{0,8}")
#: Of these a share or a price, which is an amount however often it is repeated.
_AMOUNT = re.compile(r"[$€£¥].*|.*[%‰$€£¥]")


def without_missing(cell: str) -> str:
    """The cell, or an empty one if it means that the value is not known."""
    return "" if cell.lower() in MISSING else cell


def is_number(cell: str) -> bool:
    """Whether the cell is a finite number with a decimal point, if any."""
    try:
        # Python would take 1_000 for a number as well.
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def kind_of(place: str, name: str, cells: Sequence[str]) -> Kind:
    """The kind of the column `name` whose cells, empty where missing, are these.

    Raises:
        InputError: if no cell is known, or the cells may mean several things.
    """
    known = [cell for cell in cells if cell]
    distinct = set(known)
    if not known:
        raise InputError(place, "no value in any row", "labels", "Take the column out.")
    if 2 * sum(map(is_number, known)) >= len(known):
        return _kind_of_numbers(place, name, known)
    if 2 * sum(bool(_DECIMAL_COMMA.fullmatch(cell)) for cell in known) >= len(known):
        example = next(cell for cell in known if _DECIMAL_COMMA.fullmatch(cell))
        found = f"numbers with commas, such as {example!r}"
        advice = f"Write them with points, as {example.replace(',', '.')!r}."
        raise InputError(place, found, "decimal points and no other marks", advice)
    _refuse_marks_among_numbers(place, name, known)
    own_class = 2 * len(distinct) > len(known)
    disguised = [cell for cell in known if _DISGUISED.fullmatch(cell)]
    amounts = all(_AMOUNT.fullmatch(cell) for cell in disguised)
    two_words = _are_truth_words(distinct) or len(distinct) == 2
    if 2 * len(disguised) >= len(known) and (
        amounts or (not two_words and (own_class or len(distinct) > FEW_CELLS))
    ):
        found = f"numbers with other marks, such as {disguised[0][:40]!r}"
        advice = f"Write bare numbers, or name the kind by {_flag(name, 'multiclass')}."
        raise InputError(place, found, "numbers or classes", advice)
    if two_words:
        return "binary"
    if own_class and len(known) >= FEW_CELLS:
        raise InputError(
            place,
            f"{len(distinct):,} different texts in {len(known):,} rows, such as {known[0][:40]!r}",
            "classes that many songs share",
            f"Take the column out, or name the kind by {_flag(name, 'multiclass')}.",
        )
    return "multiclass"


def _refuse_marks_among_numbers(place: str, name: str, known: Sequence[str]) -> None:
    """Refuses numbers of which most are hidden by marks of "not known" that are not in `MISSING`.

    Those are more different numbers than texts, if they have fractions or are more than
    `FEW_CELLS`: of classes, some of which are called by numbers (years, decades), they are not.

    Raises:
        InputError: naming the commonest text.
    """
    texts = Counter(cell for cell in known if not (is_number(cell) or _DISGUISED.fullmatch(cell)))
    numbers = set(known) - set(texts)
    fractions = any(is_number(cell) and float(cell) % 1 for cell in numbers)
    if texts and len(numbers) > len(texts) and (fractions or len(numbers) > FEW_CELLS):
        mark = max(texts, key=texts.get)
        advice = f"Leave those cells empty, or name the kind by {_flag(name, 'multiclass')}."
        found = f"the mark {mark[:40]!r} among numbers such as {min(numbers)[:40]!r}"
        raise InputError(place, found, "numbers only, or classes only", advice)


def _kind_of_numbers(place: str, name: str, known: Sequence[str]) -> Kind:
    values = {float(cell) for cell in known if is_number(cell)}
    if values <= {0.0, 1.0}:
        return "binary"
    whole = all(value % 1 == 0 and abs(value) <= LARGEST_CODE for value in values)
    if whole and len(values) <= MOST_CODES:
        examples = ", ".join(f"{value:g}" for value in sorted(values))
        kinds = ["multiclass", "regression", *(["binary"] if len(values) == 2 else [])]
        raise InputError(
            place,
            f"whole numbers of {len(values)} different values ({examples}): codes or amounts",
            "a kind that is named",
            f"Say {' or '.join(_flag(name, kind) for kind in kinds)}.",
        )
    return "regression"


def wrong_cells(cells: Sequence[str], kind: Kind) -> list[int]:
    """Positions of the cells that are no numbers in a column of numbers."""
    known = [cell for cell in cells if cell]
    of_numbers = 2 * sum(map(is_number, known)) >= len(known) and not _are_truth_words(set(known))
    if kind == "multiclass" or not (kind == "regression" or of_numbers):
        return []
    return [place for place, cell in enumerate(cells) if cell and not is_number(cell)]


def column_of(place: str, name: str, cells: Sequence[str], kind: Kind) -> LabelColumn:
    """The column `name` of `kind`; cells are empty where missing.

    Of two words 1 is true, yes, y, t or on, else the second in alphabetical order, of two numbers
    the larger; the unit of a binary column of words says which.

    Raises:
        InputError: if the cells are not of that kind.
    """
    known = {cell for cell in cells if cell}
    numbers = all(map(is_number, known))
    if kind == "multiclass":
        return classes_of(cells, float if numbers else None)  # of codes, 2 before 10
    if kind == "regression":
        if not numbers:
            wrong = min(cell for cell in known if not is_number(cell))
            raise InputError(place, f"the text {wrong[:40]!r}", "numbers of a regression label")
        return LabelColumn("regression", np.array([float(cell or "nan") for cell in cells]))
    one_of = {cell: float(cell) if numbers else cell for cell in known}
    if _are_truth_words(known):
        ones = {cell for cell in known if cell.lower() in YES}
    elif len(distinct := sorted(set(one_of.values()))) == 2:
        ones = {cell for cell in known if one_of[cell] == distinct[1]}
    else:
        raise InputError(place, f"{len(distinct)} different values", "two of a binary label")
    values = np.array([math.nan if not cell else float(cell in ones) for cell in cells])
    zeros = known - ones
    meaning = ", ".join(
        f"{number} {min(words)}" for number, words in ((0, zeros), (1, ones)) if words
    )
    is_plain = numbers and {float(cell) for cell in known} <= {0.0, 1.0}
    return LabelColumn("binary", values, unit="" if is_plain else meaning)


def column_of_values(
    name: str, values: Sequence, kind: Kind | None = None, place: str = ""
) -> LabelColumn:
    """The column of an array, by the same rules: numbers, truth values or texts [songs].

    Messages name `place`, or else the label.

    Raises:
        InputError: as `kind_of` and `column_of`.
    """
    place = place or f"label {name!r}"
    texts = ("" if value is None else str(value).strip() for value in np.asarray(values).tolist())
    cells = [without_missing(text) for text in texts]
    return column_of(place, name, cells, kind or kind_of(place, name, cells))


def _flag(name: str, kind: str) -> str:
    return f"`--kind {shlex.quote(f'{name}={kind}')}`"


def _are_truth_words(words: set[str]) -> bool:
    return {word.lower() for word in words} <= YES | NO
