"""A CSV or TSV of examples: a column of texts, or columns of counts, beside ids and labels."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.label_kinds import is_number, without_missing
from representation_music.data_preprocessing.sources.bad_rows import BadRows, read_by_id
from representation_music.data_preprocessing.sources.format import Format, ReadOptions
from representation_music.data_preprocessing.sources.identifiers import check_any_id
from representation_music.data_preprocessing.sources.label_table import (
    GROUP_COLUMNS,
    ID_COLUMNS,
    check_names,
    columns_of_cells,
    some,
)
from representation_music.data_preprocessing.sources.lyrics import words_of
from representation_music.data_preprocessing.sources.names import data_name
from representation_music.data_preprocessing.sources.text_source import decode_line, numbered_lines
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError

#: Columns of texts, where none is named.
TEXT_COLUMNS = ("text", "lyrics", "abstract", "body", "content")
#: What a first column without a name is called; it holds the rows' numbers.
INDEX = "(first column)"
#: Characters of the longest text.
LONGEST = 10_000_000


class Table(Format):
    """A table of texts and labels, or of counts and labels, one row an example."""

    name = "table"
    holds = "a .csv or .tsv with a column of texts, or columns of counts"
    options = ("text_column", "label_columns", "tokens", "most_words")

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """By the suffix `.csv` or `.tsv`."""
        return path.is_file() and bool({s.lower() for s in path.suffixes} & {".csv", ".tsv"})

    def read(self, path: Path, bad_rows: BadRows, options: ReadOptions) -> SongDataset:
        """The rows, numbered from 1 unless a column gives their ids."""
        rows = _read_rows(path, bad_rows)
        line, header = next(rows, (1, []))
        if header and not header[0]:  # pandas' index
            header = [INDEX, *header[1:]]
        roles = _Roles.of(f"{path}:{line}", header, options)
        ids, cells, lines = _by_id(path, rows, header, roles.of_ids, bad_rows)
        columns = {name: [row[n] for row in cells] for n, name in enumerate(header)}
        labels = {name: list(map(without_missing, columns[name])) for name in roles.labels}
        try:
            keep, label_columns = columns_of_cells(path, lines, labels, options.kinds, bad_rows)
        except InputError as error:
            if options.label_columns or not str(error.place).startswith(f"{path}: column"):
                raise
            more = "Or name the columns that are labels by --label-columns."
            advice = f"{error.advice} {more}".strip()
            raise InputError(error.place, error.found, error.expected, advice) from error
        if roles.of_texts:
            counts, words = _bags_of_texts(path, columns[roles.of_texts], roles.of_texts, options)
        else:
            words = roles.counts
            counts, whole = _bags_of_counts(path, columns, words, lines, bad_rows)
            label_columns = {
                name: column.take(np.flatnonzero(whole[keep]))
                for name, column in label_columns.items()
            }
            keep &= whole
        if not keep.any():
            raise InputError(path, "no row", "one row an example after the header")
        groups = columns.get(roles.of_groups, [""] * len(ids))
        dataset = SongDataset.from_bags(
            counts[np.flatnonzero(keep)],
            words,
            ids[keep],
            [group for group, kept in zip(groups, keep, strict=True) if kept],
            label_columns,
            name=data_name(path),
            noun="examples",
        )
        dataset.provenance["guessed"] = roles.told(options)
        if empty := int((np.diff(dataset.counts.indptr) == 0).sum()):
            dataset.provenance["guessed"].append(f"{empty:,} examples without a word")
        return dataset


class _Roles:
    """What each column is: ids, groups, texts, labels, counts; empty where there is none."""

    def __init__(self, of_ids: str, of_groups: str, of_texts: str, labels, counts, left_out):
        self.of_ids, self.of_groups, self.of_texts = of_ids, of_groups, of_texts
        self.labels, self.counts, self.left_out = labels, counts, left_out

    @classmethod
    def of(cls, place: str, header: Sequence[str], options: ReadOptions) -> "_Roles":
        """The roles of a header's columns.

        Raises:
            InputError: if a column that is named is not there, or no column is one of inputs.
        """
        if not header:
            raise InputError(place, "no header", "the names of the columns")
        check_names(place, header)
        named = {
            "--id-column": options.id_column,
            "--text-column": options.text_column,
            **{f"--label-columns {name}": name for name in options.label_columns},
        }
        for flag, name in named.items():
            if name and name not in header:
                raise InputError(flag, f"no column {name!r}", f"one of {some(header)}")

        def first(said: str, usual: Sequence[str]) -> str:
            return next((name for name in ((said,) if said else usual) if name in header), "")

        of_ids = first(options.id_column, ID_COLUMNS)
        of_groups = first(options.group_column, GROUP_COLUMNS)
        of_texts = first(options.text_column, TEXT_COLUMNS)
        others = [n for n in header if n not in (of_ids, of_groups, of_texts, INDEX)]
        labels = list(options.label_columns) or others
        if of_texts:
            left_out = [n for n in header if n == INDEX or (n in others and n not in labels)]
            return cls(of_ids, of_groups, of_texts, labels, [], left_out)
        counts = [name for name in others if name not in labels]
        if not counts:
            raise InputError(
                place,
                f"no column of texts among {some(header)}",
                f"one of {', '.join(TEXT_COLUMNS)}, or columns of counts",
                "Name it by --text-column; or name the labels by --label-columns, and all other "
                "columns are counts.",
            )
        left_out = [n for n in header if n == INDEX]
        return cls(of_ids, of_groups, "", labels, counts, left_out)

    def told(self, options: ReadOptions) -> list[str]:
        """What was taken for what."""
        how = "stems as musiXmatch counted them" if options.tokens == "stems" else "words"
        inputs = f"Texts of the column {self.of_texts!r}, as {how}"
        parts = [inputs if self.of_texts else f"Counts of {len(self.counts):,} columns"]
        parts.append(f"ids of {self.of_ids!r}" if self.of_ids else "ids are the rows' numbers")
        if self.of_groups:
            parts.append(f"groups of {self.of_groups!r}")
        if self.left_out:
            parts.append(f"left out: {some(self.left_out)}")
        return ["; ".join(parts)]


def _read_rows(path: Path, bad_rows: BadRows) -> Iterator[tuple[int, list[str]]]:
    """Yields (first line, cells) of the header and every row; a cell may have several lines."""
    lines = _Lines(path)
    csv.field_size_limit(LONGEST)
    delimiter = "\t" if "\t" in lines.peek() else ","
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            advice = "A cell with commas, quotation marks or line ends stands in quotation marks."
            found = f"a malformed row ({error})"
            bad_rows.add(InputError(f"{path}:{number}", found, "cells of one row", advice))
            continue
        if not row:
            bad_rows.add(InputError(f"{path}:{number}", "an empty row", "one example a row"))
            continue
        yield number, [cell.strip() for cell in row]


class _Lines:
    """The lines of a text as they are read, of which the first can be looked at before."""

    def __init__(self, path: Path):
        self._lines = (decode_line(raw, f"{path}:{number}") for number, raw in numbered_lines(path))
        self._first = next(self._lines, None)

    def peek(self) -> str:
        """The first line."""
        return self._first or ""

    def __iter__(self) -> Iterator[str]:
        if self._first is not None:
            yield self._first
        yield from self._lines


def _by_id(
    path: Path,
    rows: Iterator[tuple[int, list[str]]],
    header: Sequence[str],
    of_ids: str,
    bad_rows: BadRows,
) -> tuple[np.ndarray, list[list[str]], list[int]]:
    numbers: dict[int, int] = {}

    def counted() -> Iterator[tuple[int, list[str]]]:
        for row, (line, cells) in enumerate(rows, start=1):
            numbers[line] = row
            yield line, cells

    def parse(row: list[str], place: str) -> tuple[bytes, list[str]]:
        if len(row) != len(header):
            raise InputError(place, f"{len(row)} cells", f"{len(header)}, as in the header")
        if not of_ids:
            return str(numbers[int(place.rpartition(":")[2])]).encode(), row
        return check_any_id(row[header.index(of_ids)], place), row

    return read_by_id(path, counted(), parse, "example", bad_rows)


def _bags_of_texts(
    path: Path, texts: list[str], name: str, options: ReadOptions
) -> tuple[csr_array, list[str]]:
    """[texts, words] counts of the words that most texts have, and these words."""
    written = [text for text in texts if text]
    if 2 * sum(map(is_number, written)) >= len(written):
        found = f"numbers, such as {written[0][:40]!r}" if written else "no text in any row"
        advice = "Name another column by --text-column."
        raise InputError(f"{path}: column {name!r}", found, "texts", advice)
    words_in, bags = _tokeniser(options.tokens), []
    with progress("Counting words", len(texts)) as advance:
        for text in texts:
            bags.append(words_in(text))
            advance()
    texts_with = Counter(word for bag in bags for word in bag)
    if not texts_with:
        raise InputError(f"{path}: column {name!r}", "no word in any row", "texts")
    words = sorted(texts_with, key=lambda word: (-texts_with[word], word))[: options.most_words]
    position = {word: n for n, word in enumerate(words)}
    pairs = [
        sorted((position[word], count) for word, count in bag.items() if word in position)
        for bag in bags
    ]
    indptr = np.cumsum([0, *map(len, pairs)])
    indices = np.array([n for row in pairs for n, _ in row], np.int32)
    counts = np.array([count for row in pairs for _, count in row], np.float32)
    return csr_array((counts, indices, indptr), shape=(len(bags), len(words))), words


def _tokeniser(tokens: str) -> Callable[[str], Counter[str]]:
    if tokens == "stems":
        return words_of
    from sklearn.feature_extraction.text import CountVectorizer

    analyse = CountVectorizer().build_analyzer()
    return lambda text: Counter(analyse(text))


def _bags_of_counts(
    path: Path,
    columns: dict[str, list[str]],
    words: Sequence[str],
    lines: Sequence[int],
    bad_rows: BadRows,
) -> tuple[csr_array, np.ndarray]:
    """[rows, words] counts, and which rows [rows] have a number of 0 or more in every column."""
    counts = np.zeros((len(lines), len(words)), np.float32)
    good = np.ones(len(lines), bool)
    for n, word in enumerate(words):
        for row, cell in enumerate(columns[word]):
            if is_number(cell) and float(cell) >= 0:
                counts[row, n] = float(cell)
            elif good[row]:
                good[row] = False
                expected = "0 or more; all columns but ids, groups and labels are counts"
                found = f"{cell[:40]!r} in the column {word!r} of counts"
                bad_rows.add(InputError(f"{path}:{lines[row]}", found, expected))
    return csr_array(counts), good
