"""What a songs file holds, in numbers: songs, coverage and base rates by split, words per song."""

from collections.abc import Sequence

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.groups import describe_groups
from representation_music.data_preprocessing.songs.near_equal import NEAR, near_equal_songs
from representation_music.data_preprocessing.songs.splits import SPLIT_PARTS, shared_groups
from representation_music.data_preprocessing.songs.unknown_groups import (
    groups_are,
    tasks_on_unknown,
    unknown_by_part,
)
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import STUDY_TASKS

#: Bins of the histograms that the figure draws.
NUM_BINS = 30
#: Tags that are described where there are no other labels.
TAGS_ALONE = 20


def describe_songs(dataset: SongDataset, split: str, task_names: Sequence[str]) -> dict:
    """All numbers that `repmusic describe` prints and draws of these labels, ready for JSON.

    They are given for the parts of one split; labels that the file lacks are listed as "lacking".

    Raises:
        InputError: if the file holds no such split.
    """
    parts = dataset.split(split)
    tasks, lacking = [], []
    for name in task_names:
        if _is_carried(dataset, name):
            tasks.append(_describe_task(dataset, name, parts))
        else:
            lacking.append(name)
    return {
        "source": dataset.describe_source(),
        "kind": dataset.kind,
        "noun": dataset.noun,
        "licence": dataset.provenance.get("licence", ""),
        "files": dataset.provenance.get("sources", []),
        "made_with": dataset.provenance.get("version", ""),
        "groups": describe_groups(dataset.groups, dataset.counts),
        "songs": dataset.num_songs,
        "words": len(dataset.words),
        "groups_are": groups_are(dataset.kind),
        "artists": len(np.unique(dataset.groups[dataset.groups != b""])),
        "songs_without_artist": int((dataset.groups == b"").sum()),
        "has_labels": bool(dataset.task_names()),
        "tags": len(dataset.tags.names),
        "split": split,
        "splits": {name: _describe_split(dataset, name) for name in dataset.split_names()},
        "tasks": tasks,
        "unknown_artists": [list(found) for found in tasks_on_unknown(dataset, split, task_names)],
        "near_equal": _near_equal(dataset, parts),
        "lacking": lacking,
        "distinct_words": _describe_lengths(np.diff(dataset.counts.indptr), parts),
        "tokens": _describe_lengths(dataset.counts.sum(axis=1), parts),
    }


def usual_labels(dataset: SongDataset, top_tags: int) -> list[str]:
    """The study's tasks (of songs of its kind), every column, and the `top_tags` commonest tags.

    Of examples that have nothing but tags, the `TAGS_ALONE` commonest where no number is asked for.
    """
    of_study = () if dataset.kind == "own" else STUDY_TASKS
    if not (of_study or dataset.columns or top_tags):
        top_tags = TAGS_ALONE
    return list(dict.fromkeys([*of_study, *dataset.columns, *dataset.tags.names[:top_tags]]))


def _describe_split(dataset: SongDataset, name: str) -> dict:
    """Songs in each part, songs outside the split, and known artists in more than one part."""
    codes = dataset.split_codes(name)
    sizes = {part: int((codes == code).sum()) for code, part in enumerate(SPLIT_PARTS)}
    shared = shared_groups(codes, dataset.groups)
    sizes |= {"outside": int((codes < 0).sum()), "shared_artists": shared}
    return sizes | {"unknown_artist": unknown_by_part(dataset, name)}


def _near_equal(dataset: SongDataset, parts: dict[str, np.ndarray]) -> dict:
    """Test songs that have a nearly equal training song, by id, and how many were looked at."""
    looked_at, found = near_equal_songs(dataset.counts, parts["train"], parts["test"])

    def name_of(song: int) -> str:
        return dataset.ids[song].decode("utf-8", "replace")

    return {
        "cosine": NEAR,
        "looked_at": len(looked_at),
        "of": len(parts["test"]),
        "songs": [[name_of(test), name_of(train), round(c, 4)] for test, train, c in found],
    }


def _is_carried(dataset: SongDataset, name: str) -> bool:
    """Whether any song carries the label; one may not, in a column of the user's own."""
    try:
        return not np.isnan(dataset.labels(name)).all()
    except InputError:
        return False


def _describe_task(dataset: SongDataset, name: str, parts: dict[str, np.ndarray]) -> dict:
    """Coverage and, of the songs that carry the label, what a constant predictor needs to know.

    Binary: share of positives; regression: mean, population sd, histogram; multi-class: the
    number of classes, the commonest class of the whole file and its share.
    """
    task, labels = dataset.task(name), dataset.labels(name)
    known = labels[~np.isnan(labels)]
    described = {"name": name, "kind": task.kind, "unit": task.unit, "parts": {}}
    if task.kind == "multiclass":
        commonest = int(np.bincount(known.astype(int)).argmax())
        described["commonest_class"] = dataset.class_names(name)[commonest]
        described["num_classes"] = len(dataset.class_names(name))
    if task.kind == "regression":
        edges = _bin_edges(known)
        described["edges"] = edges.tolist()
    for part, songs in parts.items():
        values = labels[songs]
        values = values[~np.isnan(values)]
        numbers = {"songs": len(values), "coverage": len(values) / max(len(songs), 1)}
        if len(values) and task.kind == "binary":
            numbers["base_rate"] = float(values.mean())
        elif len(values) and task.kind == "multiclass":
            numbers["base_rate"] = float((values == commonest).mean())
        elif len(values):
            numbers |= {"mean": float(values.mean()), "sd": float(values.std())}
            numbers["histogram"] = np.histogram(values, edges)[0].tolist()
        described["parts"][part] = numbers
    return described


def _describe_lengths(lengths: np.ndarray, parts: dict[str, np.ndarray]) -> dict:
    """Mean, percentiles and histogram of a number of words per song, by part and for all songs."""
    # The longest hundredth would squeeze the rest; its songs are counted in the last bin.
    edges = _bin_edges(lengths.clip(max=np.ceil(np.percentile(lengths, 99))))
    described = {"edges": edges.tolist(), "parts": {}}
    for part, songs in {"all": np.arange(len(lengths)), **parts}.items():
        if not len(songs):
            continue
        of_part = lengths[songs]
        low, median, high = np.percentile(of_part, (5, 50, 95)).tolist()
        numbers = {"mean": float(of_part.mean()), "p5": low, "median": median, "p95": high}
        numbers["histogram"] = np.histogram(of_part.clip(max=edges[-1] - 0.5), edges)[0].tolist()
        described["parts"][part] = numbers
    return described


def _bin_edges(values: np.ndarray) -> np.ndarray:
    """Edges of at most `NUM_BINS` bins; of whole numbers, bins hold equally many of them."""
    low, high = values.min(), values.max()
    if (values % 1).any():
        return np.linspace(low, high, NUM_BINS + 1)
    width = np.ceil((high - low + 1) / NUM_BINS)
    return np.arange(low - 0.5, high + width, width)
