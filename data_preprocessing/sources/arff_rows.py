"""The parts of an ARFF file: its declarations, and rows of data with a message for every flaw.

Read here and not by `liac-arff`, which is as fast but takes an attribute that is given twice in a
row, infinite numbers and fractions of an integer without a word, and cannot go on after a bad row.
"""

import math
import re
from dataclasses import dataclass

from representation_music.utils.errors import InputError

_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_DECLARED = re.compile(rf"@attribute\s+({_QUOTED}|[^\s'\"{{]\S*)\s*(.*)", re.IGNORECASE)
_CELL = re.compile(rf"\s*({_QUOTED}|[^,'\"]*?)\s*(?:,|$)")
_SPARSE_CELL = re.compile(rf"\s*(\d+)\s+({_QUOTED}|[^,\s'\"]+)\s*(?:,|$)")
#: A weight of the row after it.
_WEIGHT = re.compile(r"\}\s*,\s*\{[^{}]*\}$")
_NUMBERS = ("numeric", "real", "integer")


@dataclass(frozen=True)
class Attribute:
    """A column of an ARFF file.

    Attributes:
        name: Its name, without quotation marks.
        values: Of a nominal attribute, its values; None of others.
        whole: Whether only whole numbers may stand there.
        is_text: Whether it holds texts, which are neither input nor label.
    """

    name: str
    values: tuple[str, ...] | None = None
    whole: bool = False
    is_text: bool = False

    def code_of(self, text: str, place: str) -> float:
        """A cell as a number: the position of a nominal value; NaN where it is missing.

        Raises:
            InputError: if the cell is none of this attribute's.
        """
        if text == "?":
            return math.nan
        if self.values is not None:
            if text in self.values:
                return float(self.values.index(text))
            found = f"{text[:40]!r} of the attribute {self.name!r}"
            raise InputError(place, found, f"one of {', '.join(self.values[:10])}")
        try:
            number = float(text) if "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or (self.whole and number % 1):
            expected = "a whole number" if self.whole else "a finite number"
            found = f"{text[:40]!r} of the attribute {self.name!r}"
            raise InputError(place, found, expected)
        return number


def unquoted(text: str) -> str:
    """A name or value without its quotation marks, if it has any."""
    if len(text) >= 2 and text[0] in "'\"" and text[-1] == text[0]:
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def parse_attribute(line: str, place: str) -> Attribute:
    """Reads `@attribute NAME TYPE`.

    Raises:
        InputError: if the name or type is none.
    """
    match = _DECLARED.fullmatch(line.strip())
    if not match or not unquoted(match[1]):
        raise InputError(place, repr(line[:60]), "@attribute NAME TYPE")
    name, kind = unquoted(match[1]), match[2].strip()
    if kind.startswith("{") and kind.endswith("}"):
        values = tuple(unquoted(cell) for cell in cells_of(kind[1:-1], place))
        if not all(values) or len(set(values)) < len(values):
            raise InputError(place, f"the values {kind[:60]}", "values, each of them once")
        return Attribute(name, values)
    word = kind.split()[0].lower() if kind else ""
    if word in _NUMBERS:
        return Attribute(name, whole=word == "integer")
    if word in ("string", "date"):
        return Attribute(name, is_text=True)
    found = f"the type {kind[:40]!r} of the attribute {name!r}"
    raise InputError(place, found, f"{', '.join(_NUMBERS)}, string or {{value,value,...}}")


def cells_of(text: str, place: str) -> list[str]:
    """The cells between commas, quotation marks still on.

    Raises:
        InputError: if a quotation mark is left open.
    """
    if "'" not in text and '"' not in text:
        return [cell.strip() for cell in text.split(",")]
    cells, position = [], 0
    while True:
        match = _CELL.match(text, position)
        if not match:
            raise InputError(place, f"{text[position : position + 40]!r}", "cells between commas")
        cells.append(match[1])
        position = match.end()
        if not match[0].endswith(",") or position > len(text):
            return cells


def parse_sparse(text: str, num_attributes: int, place: str) -> list[tuple[int, str]]:
    """Reads `{INDEX VALUE,INDEX VALUE,...}`: (index, cell without quotation marks) of each.

    Raises:
        InputError: if anything is not as it should be.
    """
    if not text.endswith("}") or _WEIGHT.search(text):
        expected = "{INDEX VALUE,...}, without weights of rows"
        raise InputError(place, f"a row that ends with {text[-20:]!r}", expected)
    inner = text[1:-1].strip()
    if not inner:
        return []
    pairs = _plain_pairs(inner)
    if pairs is None:
        pairs = _quoted_pairs(inner, place)
    seen = set()
    for index, _ in pairs:
        if index >= num_attributes:
            found = f"the attribute index {index}"
            raise InputError(place, found, f"one from 0 to {num_attributes - 1}")
        if index in seen:
            raise InputError(place, f"the attribute index {index} twice", "each of them once")
        seen.add(index)
    return pairs


def _plain_pairs(inner: str) -> list[tuple[int, str]] | None:
    """The pairs of a row without quotation marks; None if any is not as it should be."""
    pairs = []
    for cell in inner.split(","):
        parts = cell.split()
        if len(parts) != 2 or not (parts[0].isascii() and parts[0].isdigit()):
            return None
        if len(parts[0]) > 9 or "'" in parts[1] or '"' in parts[1]:
            return None
        pairs.append((int(parts[0]), parts[1]))
    return pairs


def _quoted_pairs(inner: str, place: str) -> list[tuple[int, str]]:
    pairs, position = [], 0
    while position < len(inner):
        match = _SPARSE_CELL.match(inner, position)
        if not match or len(match[1]) > 9:
            found = f"{inner[position : position + 40]!r}"
            raise InputError(place, found, "INDEX VALUE, a whole number and its value")
        pairs.append((int(match[1]), unquoted(match[2])))
        position = match.end()
    if inner.endswith(","):
        raise InputError(place, "a comma at the end of the row", "INDEX VALUE after it")
    return pairs
