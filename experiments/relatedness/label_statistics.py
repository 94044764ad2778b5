"""Task relatedness as label statistics: how each label and tag goes with the target's label.

Training songs only. Labels may be missing: each pair is measured on the songs that carry both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.utils.errors import InputError
from representation_music.utils.statistics.association import (
    MEASURES,
    associations,
    associations_with_tags,
    sums_by_group,
)
from representation_music.utils.statistics.bootstrap import draw_groups
from representation_music.utils.statistics.estimates import LEVEL
from representation_music.utils.tasks import Kind

#: Standard deviations on either side that cover 95 % of a normal variable.
Z = 1.96


@dataclass(frozen=True)
class Pairs:
    """Labels that the same songs carry together with the target's.

    Attributes:
        names: Their names.
        kind: Their kind.
        songs: `[songs]` positions of the songs that carry the target's label and theirs.
        values: `[songs, labels]` sparse 0/1 if binary, else `[songs]`, one label alone.
    """

    names: list[str]
    kind: Kind
    songs: np.ndarray
    values: "scipy.sparse.csr_array | np.ndarray"


def label_relatedness(
    dataset: SongDataset,
    target: str,
    split: str = "artist",
    names: Sequence[str] = (),
    floor: int = 20,
    resamples: int = 1000,
    seed: int = 0,
) -> list[dict]:
    """How every label goes with the target's, the most correlated (by |Pearson|) first.

    A label is left out where too few artists have it, or lack it: tags belong to artists, so an
    artist's songs are no more evidence than one. A song without artist counts as one.

    Pearson and Spearman have percentile intervals of a bootstrap over artists. Mutual information
    is the plug-in estimate (see `statistics.association`) less its bias, which the bootstrap tells
    (Efron & Tibshirani 1993, 10.6), 0 at least; its interval is normal on the scale of square
    roots, where its spread hardly depends on its size. In simulated worlds of 400 artists the 95 %
    intervals covered .91 to .95 (correlations) and .83 to 1.00 (mutual information), least for
    tags of 20 artists.

    Args:
        dataset: The songs; the training part of `split` is read.
        target: The target task, binary or regression.
        split: Name of the split.
        names: Only these labels, whatever the floor; all if empty.
        floor: Least artists among whose songs a class of a label occurs, or, of a regression
            label, who have it at all.
        resamples: Bootstrap resamples.
        seed: Of the resamples.

    Returns:
        A dict a label: name, kind, songs and artists (that carry both labels), positives (songs;
        None unless binary), and by measure of `MEASURES` the estimate and its interval
        `[value, low, high]` (nats for mutual information; NaN where it is not defined).

    Raises:
        InputError: if there is no such label or split, the target has more than two classes or
            does not vary, or no label is left.
    """
    songs = training_songs_of(dataset, target, split)
    kind, labels = dataset.task(target).kind, dataset.labels(target)
    artists = np.unique(dataset.group_codes()[songs], return_inverse=True)[1]
    artist_of = np.zeros(dataset.num_songs, np.int64)
    artist_of[songs] = artists
    drawn = draw_groups(artists.max() + 1, resamples, np.random.default_rng(seed))
    weights = np.hstack([np.ones((len(drawn), 1), np.float32), drawn])
    rows = []
    for pairs in _pairs(dataset, target, songs, names):
        of_pair, groups = labels[pairs.songs], artist_of[pairs.songs]
        pairs, positives = _with_enough(pairs, groups, 0 if names else floor)
        if not pairs.names or (kind == "binary" and np.ptp(of_pair) == 0):
            continue
        binary = pairs.kind == "binary"
        measured = (
            associations_with_tags(of_pair, kind, pairs.values, groups, weights)
            if binary
            else associations(of_pair, kind, pairs.values, pairs.kind, groups, weights)
        )
        for number, name in enumerate(pairs.names):
            row = {"name": name, "kind": pairs.kind, "songs": len(pairs.songs)}
            row["artists"] = len(np.unique(groups))
            row["positives"] = int(positives[number]) if binary else None
            rows.append(row | {m: _estimate(m, measured[m][number]) for m in MEASURES})
    if not rows:
        raise InputError(
            f"{dataset.path}: {target}",
            f"no label that {floor} artists or more of the training songs have, and lack",
            "some",
            "Lower --floor, or look at `repmusic describe`.",
        )
    return sorted(rows, key=_rank)


def training_songs_of(dataset: SongDataset, target: str, split: str) -> np.ndarray:
    """Positions of the training songs that carry the target's label.

    Raises:
        InputError: if there are none, the label does not vary, or it has more than two classes.
    """
    task, labels = dataset.task(target), dataset.labels(target)
    songs = dataset.split(split)["train"]
    songs = songs[np.isfinite(labels[songs])]
    place = f"{dataset.path}: {target}"
    if task.kind == "multiclass":
        advice = f"Take one of its classes: {', '.join(dataset.class_tasks(target)[:3])}."
        raise InputError(place, "a label of several classes", "a number or two classes", advice)
    if not len(songs) or np.ptp(labels[songs]) == 0:
        raise InputError(
            place,
            f"{len(songs)} training songs of the split {split!r} with the label, all alike",
            "labels that vary",
            "`repmusic describe` tells each task's coverage by split.",
        )
    return songs


def _pairs(
    dataset: SongDataset, target: str, songs: np.ndarray, names: Sequence[str]
) -> Iterator[Pairs]:
    """Every other label; all tags at once, for the same songs carry them."""
    wanted = [name for name in names or dataset.task_names() if name != target]
    # The column that the target is a class of holds the target itself.
    wanted = [name for name in wanted if target not in dataset.class_tasks(name)]
    places = dataset.tags.positions
    tags = [name for name in wanted if name in places]
    tagged = songs[dataset.tags.known[songs]]
    if tags and len(tagged):
        table = dataset.tags.carried[tagged][:, [places[name] for name in tags]]
        yield Pairs(tags, "binary", tagged, table.astype(np.float64))
    for name in wanted:
        if name in tags:
            continue
        kind, labels = dataset.task(name).kind, dataset.labels(name)
        both = songs[np.isfinite(labels[songs])]
        if len(both):
            values = labels[both]
            yield Pairs(
                [name],
                kind,
                both,
                scipy.sparse.csr_array(values[:, None]) if kind == "binary" else values,
            )


def _with_enough(pairs: Pairs, artists: np.ndarray, floor: int) -> tuple[Pairs, np.ndarray]:
    """The labels that enough artists have and lack, and the positive songs of each."""
    number = len(np.unique(artists))
    if pairs.kind != "binary":
        enough = number >= floor and np.ptp(pairs.values) > 0
        return (pairs if enough else Pairs([], pairs.kind, pairs.songs, pairs.values)), np.zeros(0)
    by_artist = sums_by_group(pairs.values, artists, artists.max() + 1).tocsc()
    everything = by_artist.copy()
    everything.data = (by_artist.data == np.bincount(artists)[by_artist.indices]).astype(np.float64)
    have = (by_artist > 0).sum(axis=0)
    lack = number - everything.sum(axis=0)  # an artist lacks it where one of its songs does
    kept = np.flatnonzero(np.minimum(have, lack) >= max(floor, 1))
    names = [pairs.names[place] for place in kept]
    positives = by_artist.sum(axis=0)[kept]
    return Pairs(names, "binary", pairs.songs, pairs.values[:, kept]), positives


def _estimate(measure: str, values: np.ndarray) -> list[float]:
    """Estimate and interval, from the songs as they are and then the resamples."""
    value, drawn = float(values[0]), values[1:][np.isfinite(values[1:])]
    if not np.isfinite(value) or not len(drawn):
        return [value, float("nan"), float("nan")]
    low, high = np.quantile(drawn, [LEVEL / 2, 1 - LEVEL / 2])
    if measure == "mutual_information":
        half = Z * np.sqrt(drawn.clip(min=0)).std()
        plug_in, value = value, max(0.0, 2 * value - float(drawn.mean()))
        low, high = max(0.0, np.sqrt(value) - half) ** 2, (np.sqrt(plug_in) + half) ** 2
    return [value, float(low), float(high)]


def _rank(row: Mapping) -> tuple:
    r = abs(row["pearson"][0])
    return (np.isnan(r), -r, row["name"])
