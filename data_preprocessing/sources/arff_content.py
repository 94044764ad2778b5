"""What an ARFF file holds, before it is known which attributes are labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.sources.arff_rows import (
    Attribute,
    cells_of,
    parse_attribute,
    parse_sparse,
    unquoted,
)
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.files.text import (
    decode_line,
    lines_perhaps_cut,
)
from representation_music.utils.errors import InputError


@dataclass
class Content:
    """What an ARFF file holds; `numbers` are those of its rows from 1, bad ones counted.

    `codes` is [rows, attributes] as `Attribute.code_of` gives them, 0 where a sparse row is silent;
    `texts` has the cells of texts by attribute.
    """

    relation: str
    attributes: list[Attribute]
    codes: csr_array
    texts: dict[int, list[str]]
    lines: list[int]
    numbers: list[int]


def read_content(path: Path, bad_rows: BadRows) -> Content:
    """Reads a file, packed or not; rows that are none are left to `bad_rows`.

    Raises:
        InputError: if the file is damaged, or its declarations are.
    """
    relation, attributes, first = "", [], {}
    lines = lines_perhaps_cut(path)
    for number, raw in lines:
        place = f"{path}:{number}"
        text = decode_line(raw, place).strip()
        word = text[:10].lower()
        if not text or text.startswith("%"):
            continue
        if word.startswith("@relation"):
            relation = unquoted(text[len("@relation") :].strip())
        elif word.startswith("@attribute"):
            attribute = parse_attribute(text, place)
            if attribute.name in first:
                found = f"the attribute {attribute.name!r} of line {first[attribute.name]} again"
                raise InputError(place, found, "each attribute once")
            first[attribute.name] = number
            attributes.append(attribute)
        elif word.startswith("@data"):
            break
        else:
            raise InputError(place, repr(text[:60]), "@relation, @attribute or @data")
    else:
        raise InputError(path, "no line @data", "@relation, @attribute lines, then @data")
    if not attributes:
        raise InputError(path, "no attribute", "@attribute lines before @data")
    return _read_rows(path, relation, attributes, lines, bad_rows)


def _read_rows(
    path: Path,
    relation: str,
    attributes: list[Attribute],
    lines: Iterable[tuple[int, bytes]],
    bad_rows: BadRows,
) -> Content:
    indptr, indices, codes, line_numbers, numbers, read = [0], [], [], [], [], 0
    texts: dict[int, list[str]] = {n: [] for n, each in enumerate(attributes) if each.is_text}
    for number, raw in lines:
        place = f"{path}:{number}"
        try:
            text = decode_line(raw, place).strip()
            if not text or text.startswith("%"):
                continue
            read += 1
            pairs = _pairs(text, len(attributes), place)
            row = [(n, attributes[n].code_of(cell, place)) for n, cell in pairs if n not in texts]
        except InputError as error:
            bad_rows.add(error)
            continue
        given = dict(pairs)
        for n, cells in texts.items():
            cells.append(given.get(n, ""))
        row = sorted(pair for pair in row if pair[1] != 0)
        indices += [n for n, _ in row]
        codes += [code for _, code in row]
        indptr.append(len(indices))
        line_numbers.append(number)
        numbers.append(read)
    shape = (len(numbers), len(attributes))
    table = csr_array((np.array(codes), np.array(indices, np.int32), indptr), shape=shape)
    return Content(relation, attributes, table, texts, line_numbers, numbers)


def _pairs(text: str, num_attributes: int, place: str) -> list[tuple[int, str]]:
    if text.startswith("{"):
        return parse_sparse(text, num_attributes, place)
    cells = cells_of(text, place)
    if len(cells) != num_attributes:
        expected = f"{num_attributes}, one per attribute, or {{INDEX VALUE,...}}"
        raise InputError(place, f"{len(cells)} cells", expected)
    return list(enumerate(map(unquoted, cells)))
