"""svmlight files, of one label or several a row, as LIBSVM's and the XMC repository's are."""

import io
import math
import re
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.bags_of_words import LARGEST_COUNT
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.label_kinds import column_of_values
from representation_music.data_preprocessing.songs.labels import labels_carried
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.files.text import (
    decode_line,
    lines_perhaps_cut,
)
from representation_music.data_preprocessing.sources.format import Format, ReadOptions, data_name
from representation_music.utils.errors import InputError

SUFFIXES = (".svm", ".svmlight", ".libsvm")
#: The first line of files of the XMC repository: examples, inputs, labels.
_SIZES = re.compile(rb"\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*")
#: Larger indices are mistakes, and would make a table of billions of words.
MOST_INPUTS = 10_000_000

Lines = list[tuple[int, bytes]]


class Svmlight(Format):
    """Rows `LABEL,LABEL,... INDEX:VALUE INDEX:VALUE ...`; inputs have no names but numbers."""

    name = "svmlight"
    holds = "a .svm, .svmlight or .libsvm of one or several labels per row"

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """By the suffix."""
        return path.is_file() and bool({s.lower() for s in path.suffixes} & set(SUFFIXES))

    def read(self, path: Path, bad_rows: BadRows, options: ReadOptions) -> SongDataset:
        """The rows, their ids the numbers of the rows from 1."""
        lines = [(n, raw) for n, raw in lines_perhaps_cut(path) if raw.split(b"#")[0].strip()]
        sizes = _SIZES.fullmatch(lines[0][1]) if lines else None
        if sizes:
            lines = lines[1:]
        numbers = {line: number for number, (line, _) in enumerate(lines, start=1)}
        if sizes and len(lines) != int(sizes[1]):
            expected = f"{int(sizes[1]):,}, as in its first line"
            raise InputError(path, f"{len(lines):,} rows", expected)
        ends = tuple(map(int, sizes.groups()[1:])) if sizes else None
        if ends and ends[0] > MOST_INPUTS:
            raise InputError(
                path, f"{ends[0]:,} inputs in its first line", f"at most {MOST_INPUTS:,}"
            )
        lines, counts, labels, first = _load(path, lines, ends, bad_rows)
        columns, tags, what = _labels(path, labels, options)
        dataset = SongDataset.from_bags(
            counts,
            [f"word {n}" for n in range(first, first + counts.shape[1])],
            [str(numbers[line]) for line, _ in lines],
            None,
            columns,
            tags,
            name=data_name(path),
            noun="examples",
        )
        inputs = f"{len(dataset.words):,} inputs, named by their numbers"
        dataset.provenance["guessed"] = [f"{what}; {inputs}; ids are the rows' numbers"]
        return dataset


def _load(
    path: Path, lines: Lines, ends: tuple[int, int] | None, bad_rows: BadRows
) -> tuple[Lines, csr_array, list[list[float]], int]:
    """The good lines, [rows, inputs] values, the labels of each row, and the first input's number.

    `ends` are the numbers of inputs and labels that the first line tells, both counted from 0 then;
    without it inputs are counted from 0 only if any row has an index 0.
    """
    from sklearn.datasets import load_svmlight_file

    def load(lines: Lines):
        content = io.BytesIO(b"".join(raw.rstrip(b"\n") + b"\n" for _, raw in lines))
        n_features = ends[0] if ends else None
        return load_svmlight_file(content, n_features=n_features, multilabel=True, zero_based=True)

    good = [line for line in lines if not _flaw(*line, path, ends, bad_rows)]
    if not good:
        raise InputError(path, "no row", "rows of LABEL,LABEL INDEX:VALUE INDEX:VALUE")
    try:
        values, _ = load(good)
    except ValueError as error:
        raise InputError(path, f"what scikit-learn refuses ({error})", "svmlight rows") from error
    first = int(not ends and values.nnz > 0 and values.indices.min() > 0)
    starts = [raw.split(b"#")[0].split()[0].decode() for _, raw in good]
    labels = [[] if ":" in start else sorted(map(_label, start.split(","))) for start in starts]
    return good, csr_array(values)[:, first:], labels, first


def _flaw(
    number: int, raw: bytes, path: Path, ends: tuple[int, int] | None, bad_rows: BadRows
) -> bool:
    """Whether a row is bad; it is noted then."""
    place = f"{path}:{number}"
    try:
        _check_row(decode_line(raw, place), place, *(ends or (MOST_INPUTS + 1, math.inf)))
    except InputError as error:
        bad_rows.add(error)
        return True
    return False


def _check_row(text: str, place: str, inputs_end: int, labels_end: float) -> None:
    """Refuses what scikit-learn refuses without a line, and what it takes and no bag of words is.

    Indices must be below `inputs_end`, labels below `labels_end`.

    Raises:
        InputError: saying what.
    """
    first, *pairs = text.split("#")[0].split()
    if ":" in first:
        pairs.insert(0, first)
    else:
        labels = first.split(",")
        if not all(map(_is_finite, labels)) or len(set(map(_label, labels))) < len(labels):
            raise InputError(place, f"the labels {first[:40]!r}", "numbers, each of them once")
        if max(map(_label, labels)) >= labels_end:
            expected = f"labels below {labels_end:,}, as in the first line"
            raise InputError(place, f"the labels {first[:40]!r}", expected)
    if pairs and pairs[0].startswith("qid:"):
        raise InputError(place, f"{pairs[0][:40]!r}", "INDEX:VALUE, without queries")
    before = -1
    for pair in pairs:
        index, colon, value = pair.partition(":")
        if not (colon and index.isascii() and index.isdigit() and _is_finite(value)):
            raise InputError(place, f"{pair[:40]!r}", "INDEX:VALUE, a whole number and a number")
        if len(index) > 9 or int(index) >= inputs_end:
            raise InputError(place, f"the index {index[:40]}", f"at most {inputs_end - 1:,}")
        if int(index) <= before:
            found = f"the index {index} after {before}"
            raise InputError(place, found, "each index once, in ascending order")
        if not 0 <= float(value) <= LARGEST_COUNT:
            expected = f"values of 0 or more, as in a bag of words, and at most {LARGEST_COUNT:.3g}"
            raise InputError(place, f"{pair[:40]!r}", expected)
        before = int(index)


def _label(text: str) -> float:
    """A label as a number; a whole one keeps all its digits."""
    return int(text) if re.fullmatch(r"[-+]?\d{1,400}", text) else float(text)


def _is_finite(text: str) -> bool:
    try:
        return "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False


def _labels(path: Path, labels: list[list[float]], options: ReadOptions):
    """Columns, tags and what was taken for what."""
    if all(len(of_row) == 1 for of_row in labels):
        cells = [str(float(n) if abs(n) < 2**53 else n) for (n,) in labels]
        kind = options.kinds.get("label")
        columns = {"label": column_of_values("label", cells, kind, f"{path}: the labels")}
        return columns, None, "one label per row, the column 'label'"
    values = sorted({label for of_row in labels for label in of_row})
    position = {label: n for n, label in enumerate(values)}
    indices = [position[label] for of_row in labels for label in of_row]
    indptr = np.cumsum([0, *map(len, labels)])
    shape = (len(labels), len(values))
    carried = csr_array((np.ones(len(indices)), indices, indptr), shape=shape)
    names = [f"label {int(label) if label % 1 == 0 else label}" for label in values]
    columns, tags = labels_carried(names, carried)
    return columns, tags, f"{len(values):,} labels, carried or not"
