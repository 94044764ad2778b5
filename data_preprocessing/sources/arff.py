"""Multi-label ARFF files of Mulan and MEKA: sparse or dense, plain or packed."""

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csc_array, csr_array

from representation_music.data_preprocessing.songs.bags_of_words import LARGEST_COUNT
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.ids import id_bytes
from representation_music.data_preprocessing.songs.label_kinds import (
    column_of,
    column_of_values,
    is_number,
    without_missing,
)
from representation_music.data_preprocessing.songs.labels import (
    LabelColumn,
    Tags,
    labels_carried,
)
from representation_music.data_preprocessing.sources.arff_content import Content, read_content
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows, read_by_id
from representation_music.data_preprocessing.sources.format import Format, ReadOptions, data_name
from representation_music.data_preprocessing.sources.identifiers import check_any_id
from representation_music.data_preprocessing.sources.label_table import check_classes, some
from representation_music.utils.errors import InputError
from representation_music.utils.reading import read_bytes
from representation_music.utils.tasks import Kind

#: Among MEKA's options, which stand behind the first colon of @relation.
_MEKA = re.compile(r"(?:^|\s)-C\s+(-?\d+)(?!\S)")


class Arff(Format):
    """An ARFF file; its labels are named by Mulan's XML file or counted by MEKA's `-C`."""

    name = "arff"
    holds = "a multi-label .arff of Mulan or MEKA, or .arff.gz"
    options = ("label_names",)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """By the suffix `.arff`."""
        return path.is_file() and ".arff" in [suffix.lower() for suffix in path.suffixes]

    def read(self, path: Path, bad_rows: BadRows, options: ReadOptions) -> SongDataset:
        """The rows, numbered from 1 unless an attribute gives their ids."""
        content = read_content(path, bad_rows)
        names = [attribute.name for attribute in content.attributes]
        labels, how = _label_names(path, content.relation, names, options.label_names)
        of_ids = options.id_column if options.id_column in names else ""
        of_groups = options.group_column if options.group_column in names else ""
        self.columns = names
        chosen = {*labels, of_ids, of_groups}
        inputs = [n for n, name in enumerate(names) if name not in chosen]
        left_out = [names[n] for n in inputs if content.attributes[n].is_text]
        inputs = [n for n in inputs if not content.attributes[n].is_text]
        counts, good = _counts(path, content, inputs, bad_rows)
        columns, tags = _labels(path, content, [names.index(n) for n in labels], options.kinds)
        ids, groups = list(map(str, content.numbers)), [""] * len(content.numbers)
        if of_groups:
            groups = list(map(without_missing, _cells(path, content, names.index(of_groups))))
            groups = id_bytes(groups, str(path), content.lines)
        if not good.any():
            raise InputError(path, "no row of data", "one row per example after @data")
        if of_ids:
            ids = _cells(path, content, names.index(of_ids))
            good &= _have_own_ids(path, ids, content.lines, good, bad_rows)
        rows = np.flatnonzero(good)
        dataset = SongDataset.from_bags(
            counts[rows],
            [names[n] for n in inputs],
            [ids[row] for row in rows],
            [groups[row] for row in rows],
            {name: column.take(rows) for name, column in columns.items()},
            tags.keep(rows) if tags else None,
            name=data_name(path),
            noun="examples",
        )
        dataset.provenance["guessed"] = [
            f"{len(labels):,} labels {how}; {len(inputs):,} inputs"
            + (f"; ids of {of_ids}" if of_ids else "; ids are the rows' numbers")
            + (f"; groups of {of_groups}" if of_groups else "")
            + (f"; left out, as texts: {some(left_out)}" if left_out else "")
        ]
        if tags and (lost := len(labels) - len(columns) - len(dataset.tags.names)):
            dataset.provenance["guessed"].append(f"{lost:,} labels that no example carries")
        return dataset


def _label_names(
    path: Path, relation: str, names: Sequence[str], said: str
) -> tuple[list[str], str]:
    """Names of the labels, and how they were found."""
    beside = path.parent / f"{data_name(path)}.xml"
    counted = _MEKA.search(relation.partition(":")[2] or relation)
    if re.fullmatch(r"-?\d+", said):
        place, digits = "--label-names", said
    elif said or beside.is_file():
        file = Path(said) if said else beside
        return _names_in_xml(file, path, names), f"named by {file.name}"
    elif counted:
        place, digits = f"{path}: @relation", counted[1]
    else:
        raise InputError(
            path,
            "nothing that tells labels from inputs",
            f"Mulan's {beside.name} beside it, or `-C NUMBER` in @relation as MEKA writes it",
            "Name the XML file, or the number, by --label-names.",
        )
    # Python refuses to make a number of thousands of digits.
    number = int(digits) if len(digits) < 10 else len(names)
    if not 0 < abs(number) < len(names):
        found = f"{digits[:40]} labels of {len(names):,} attributes"
        raise InputError(place, found, "at least one label and one input")
    which = names[:number] if number > 0 else names[number:]
    return list(which), f"({'first' if number > 0 else 'last'} attributes, {place})"


def _names_in_xml(file: Path, path: Path, names: Sequence[str]) -> list[str]:
    try:
        root = ElementTree.fromstring(read_bytes(file, "Mulan's XML file of label names"))
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the last: of its encoding
        raise InputError(file, f"what is no XML ({error})", "Mulan's XML file of labels") from error
    found = [each.get("name", "") for each in root.iter() if each.tag.split("}")[-1] == "label"]
    if not found:
        raise InputError(file, "no <label name=...>", "Mulan's XML file of labels")
    (name, times), *_ = Counter(found).most_common()
    if times > 1:
        raise InputError(file, f"the label {name!r} twice", "each label once")
    known = set(names)
    if lacking := [name for name in found if name not in known]:
        raise InputError(
            file, f"labels that {path.name} lacks: {some(lacking)}", "names of its attributes"
        )
    return found


def _counts(
    path: Path, content: Content, inputs: list[int], bad_rows: BadRows
) -> tuple[csr_array, np.ndarray]:
    """Inputs [rows, inputs], and which rows [rows] are whole and 0 or more."""
    if not inputs:
        raise InputError(path, "no input", "attributes that are no labels")
    counts = csc_array(content.codes)[:, inputs]
    for place, number in enumerate(inputs):
        values = content.attributes[number].values
        if values is None:
            continue
        start, end = counts.indptr[place : place + 2]
        numbers = np.array([float(value) if is_number(value) else np.nan for value in values])
        if np.isnan(numbers).any() or numbers[0] != 0:
            found = f"the input {content.attributes[number].name!r} of values {some(values)}"
            raise InputError(path, found, "numbers, the first of them 0")
        codes = counts.data[start:end]
        known = ~np.isnan(codes)
        codes[known] = numbers[codes[known].astype(int)]
    counts = csr_array(counts)
    counts.sort_indices()
    good = np.ones(counts.shape[0], bool)
    wrong = np.flatnonzero(~((counts.data >= 0) & (counts.data <= LARGEST_COUNT)))
    for entry in wrong:
        row = int(np.searchsorted(counts.indptr, entry, side="right")) - 1
        if good[row]:
            good[row] = False
            name = content.attributes[inputs[counts.indices[entry]]].name
            value = counts.data[entry]
            found = "a missing value" if np.isnan(value) else f"{value:g}"
            expected = f"0 or more, as in a bag of words, and at most {LARGEST_COUNT:.3g}"
            bad_rows.add(
                InputError(
                    f"{path}:{content.lines[row]}", f"{found} of the input {name!r}", expected
                )
            )
    return counts, good


def _labels(
    path: Path, content: Content, labels: list[int], kinds: dict[str, Kind]
) -> tuple[dict[str, LabelColumn], Tags | None]:
    """Label columns; many labels of 0 and 1 as tags."""
    codes = csc_array(content.codes)[:, labels]
    zero_one = all(content.attributes[n].values == ("0", "1") for n in labels)
    named = {content.attributes[n].name for n in labels} & set(kinds)
    if zero_one and not named and not np.isnan(codes.data).any():
        return labels_carried([content.attributes[n].name for n in labels], csr_array(codes))
    columns = {}
    for place, number in enumerate(labels):
        attribute = content.attributes[number]
        place_of = f"{path}: label {attribute.name!r}"
        if attribute.is_text:
            raise InputError(place_of, "an attribute of texts", "numbers or nominal values")
        values = codes[:, [place]].toarray().ravel()
        if attribute.values is None:
            columns[attribute.name] = column_of_values(
                attribute.name, values, kinds.get(attribute.name), place_of
            )
            continue
        cells = ["" if np.isnan(code) else attribute.values[int(code)] for code in values]
        kind = kinds.get(attribute.name)
        kind = kind or ("binary" if len(attribute.values) <= 2 else "multiclass")
        columns[attribute.name] = column_of(place_of, attribute.name, cells, kind)
    check_classes(path, columns)
    return columns, None


def _cells(path: Path, content: Content, number: int) -> list[str]:
    """The cells of one attribute as texts, empty where missing.

    Raises:
        InputError: if a number is so large that another may be the same float64.
    """
    attribute = content.attributes[number]
    if attribute.is_text:
        return ["" if cell == "?" else cell for cell in content.texts[number]]
    codes = csc_array(content.codes)[:, [number]].toarray().ravel().tolist()
    if attribute.values is not None:
        return ["" if code != code else attribute.values[int(code)] for code in codes]
    for code, line in zip(codes, content.lines, strict=True):
        if abs(code) >= 2**53:
            found = f"about {code:.17g} of the attribute {attribute.name!r}"
            expected = "ids and groups that are texts, or numbers below 2**53"
            raise InputError(f"{path}:{line}", found, expected, "Make it a string attribute.")
    return ["" if code != code else f"{code:.17g}" for code in codes]


def _have_own_ids(
    path: Path, ids: Sequence[str], lines: Sequence[int], good: np.ndarray, bad_rows: BadRows
) -> np.ndarray:
    """Which of the `good` rows [rows] have an id that no earlier one has; others are bad rows."""

    def parse(name: str, place: str) -> tuple[bytes, None]:
        return check_any_id(name, place), None

    rows = ((lines[row], ids[row]) for row in np.flatnonzero(good))
    return np.isin(lines, read_by_id(path, rows, parse, "example", bad_rows)[2])
