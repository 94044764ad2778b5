"""A CSV or TSV of examples: a column of texts, or columns of counts, beside ids and labels."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.bags_of_words import LARGEST_COUNT
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.ids import id_bytes
from representation_music.data_preprocessing.songs.label_kinds import is_number, without_missing
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows, read_by_id
from representation_music.data_preprocessing.sources.format import Format, ReadOptions, data_name
from representation_music.data_preprocessing.sources.identifiers import check_any_id
from representation_music.data_preprocessing.sources.label_table import (
    GROUP_COLUMNS,
    ID_COLUMNS,
    check_names,
    columns_of_cells,
    read_rows,
    some,
)
from representation_music.data_preprocessing.sources.lyrics import words_of
from representation_music.utils.console import progress
from representation_music.utils.errors import InputError

#: Columns of texts, where none is named.
TEXT_COLUMNS = ("text", "lyrics", "abstract", "body", "content")
#: Columns that may be called after a word: beside columns of counts they are counts if of numbers.
WORDS_AS_WELL = (*TEXT_COLUMNS, "group")
#: What a first column without a name is called; it holds the rows' numbers.
INDEX = "(first column)"


class Table(Format):
    """A table of texts and labels, or of counts and labels, one row per example."""

    name = "table"
    holds = "a .csv or .tsv with a column of texts, or columns of counts"
    options = ("text_column", "label_columns", "tokens", "most_words")

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """By the suffix `.csv` or `.tsv`."""
        return path.is_file() and bool({s.lower() for s in path.suffixes} & {".csv", ".tsv"})

    def read(self, path: Path, bad_rows: BadRows, options: ReadOptions) -> SongDataset:
        """The rows, numbered from 1 unless a column gives their ids."""
        rows = read_rows(path, bad_rows)
        line, (_, header) = next(rows, (1, (0, [])))
        if header and not header[0]:  # pandas' index
            header = [INDEX, *header[1:]]
        roles = _Roles.of(f"{path}:{line}", header, options)
        ids, cells, lines = _by_id(path, rows, header, roles.of_ids, bad_rows)
        columns = {name: [row[n] for row in cells] for n, name in enumerate(header)}
        if options.label_columns or options.labels:
            numbers = {n for n in WORDS_AS_WELL if _are_numbers(columns.get(n, ()))}
            roles = _Roles.of(f"{path}:{line}", header, options, numbers)
        if roles.of_texts in options.label_columns:
            found = f"{roles.of_texts!r}, the column of texts"
            raise InputError("--label-columns", found, "columns beside it")
        self.columns = header
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
            raise InputError(path, "no row", "one row per example after the header")
        groups = map(without_missing, columns.get(roles.of_groups, [""] * len(ids)))
        groups = id_bytes(list(groups), str(path), lines)
        dataset = SongDataset.from_bags(
            counts[np.flatnonzero(keep)],
            words,
            ids[keep],
            groups[keep],
            label_columns,
            name=data_name(path),
            noun="examples",
        )
        dataset.provenance["guessed"] = roles.summary(options)
        if empty := int((np.diff(dataset.counts.indptr) == 0).sum()):
            dataset.provenance["guessed"].append(f"{empty:,} examples without a word")
        return dataset


class _Roles:
    """What each column is: ids, groups, texts, labels, counts; empty where there is none."""

    def __init__(self, of_ids: str, of_groups: str, of_texts: str, labels, counts, left_out):
        self.of_ids, self.of_groups, self.of_texts = of_ids, of_groups, of_texts
        self.labels, self.counts, self.left_out = labels, counts, left_out

    @classmethod
    def of(
        cls, place: str, header: Sequence[str], options: ReadOptions, numbers: Container[str] = ()
    ) -> "_Roles":
        """The roles of a header's columns; of `numbers`, none is guessed to be of texts or groups.

        Raises:
            InputError: if a column that is named is not there, or no column is one of inputs.
        """
        if not header:
            raise InputError(place, "no header", "the names of the columns")
        check_names(place, header)
        named = {
            # The tables of labels may have it instead; that one of them has is looked at there.
            "--id-column": "" if options.labels else options.id_column,
            "--text-column": options.text_column,
            **{f"--label-columns {name}": name for name in options.label_columns},
        }
        for flag, name in named.items():
            if name and name not in header:
                raise InputError(flag, f"no column {name!r}", f"one of {some(header)}")

        def first(said: str, usual: Sequence[str]) -> str:
            return next((name for name in ((said,) if said else usual) if name in header), "")

        of_ids = first(options.id_column, ()) or first("", ID_COLUMNS)
        of_texts = first(options.text_column, [n for n in TEXT_COLUMNS if n not in numbers])
        usual_groups = [n for n in GROUP_COLUMNS if of_texts or n not in numbers]
        of_groups = first(options.group_column, usual_groups)
        others = [n for n in header if n not in (of_ids, of_groups, of_texts, INDEX)]
        labels = list(options.label_columns)
        if not labels and (of_texts or not options.labels):
            labels = others
        if of_texts:
            left_out = [n for n in header if n == INDEX or (n in others and n not in labels)]
            return cls(of_ids, of_groups, of_texts, labels, [], left_out)
        counts = [name for name in others if name not in labels]
        if all(name in numbers for name in counts):
            raise InputError(
                place,
                f"no column of texts among {some(header)}",
                f"one of {', '.join(TEXT_COLUMNS)}, or columns of counts",
                "Name it by --text-column; or name the labels by --label-columns or their table by "
                "--labels, and all other columns are counts.",
            )
        left_out = [n for n in header if n == INDEX]
        return cls(of_ids, of_groups, "", labels, counts, left_out)

    def summary(self, options: ReadOptions) -> list[str]:
        """What was taken for what."""
        how = "stems as musiXmatch counted them" if options.tokens == "stems" else "words"
        inputs = f"Texts of the column {self.of_texts!r}, as {how}"
        parts = [inputs if self.of_texts else f"Counts of {len(self.counts):,} columns"]
        if words := [name for name in self.counts if name in WORDS_AS_WELL]:
            parts[0] += f", {some(words)} among them"
        parts.append(f"ids of {self.of_ids!r}" if self.of_ids else "ids are the rows' numbers")
        if self.of_groups:
            parts.append(f"groups of {self.of_groups!r}")
        if self.left_out:
            parts.append(f"left out: {some(self.left_out)}")
        return ["; ".join(parts)]


def _by_id(
    path: Path,
    rows: Iterator[tuple[int, tuple[int, list[str]]]],
    header: Sequence[str],
    of_ids: str,
    bad_rows: BadRows,
) -> tuple[np.ndarray, list[list[str]], list[int]]:
    def parse(numbered: tuple[int, list[str]], place: str) -> tuple[bytes, list[str]]:
        number, row = numbered
        if len(row) != len(header):
            raise InputError(place, f"{len(row)} cells", f"{len(header)}, as in the header")
        if not of_ids:
            return str(number).encode(), row
        return check_any_id(row[header.index(of_ids)], place), row

    return read_by_id(path, rows, parse, "example", bad_rows)


def _are_numbers(cells: Sequence[str]) -> bool:
    """Whether at least half of the cells that are not empty are numbers, and there are any."""
    written = [cell for cell in cells if cell]
    return bool(written) and 2 * sum(map(is_number, written)) >= len(written)


def _bags_of_texts(
    path: Path, texts: list[str], name: str, options: ReadOptions
) -> tuple[csr_array, list[str]]:
    """[texts, words] counts of the words that most texts have, and these words."""
    written = next((text for text in texts if text), "")
    if not written or _are_numbers(texts):
        found = f"numbers, such as {written[:40]!r}" if written else "no text in any row"
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
            if is_number(cell) and 0 <= float(cell) <= LARGEST_COUNT:
                counts[row, n] = float(cell)
            elif good[row]:
                good[row] = False
                most = f"0 or more and at most {LARGEST_COUNT:.3g}"
                expected = f"{most}; all columns but ids, groups and labels are counts"
                found = f"{cell[:40]!r} in the column {word!r} of counts"
                bad_rows.add(InputError(f"{path}:{lines[row]}", found, expected))
    return csr_array(counts), good
