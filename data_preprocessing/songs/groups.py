"""Groups of songs: of two sources, of artists whose id is unknown, or by equal words."""

import hashlib
import itertools

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components


def groups_by_name(artist_ids: np.ndarray, name_keys: np.ndarray) -> np.ndarray:
    """[songs] bytes: the artist id; else the one that songs of the same name carry; else the key.

    So songs of one name stay together, and with the songs of the artist who is known by it. Of
    several artists of one name it is the first by id.

    Args:
        artist_ids: [songs], empty where unknown.
        name_keys: [songs] what stands for the artist's name, empty where unknown; no artist id.
    """
    named = name_keys != b""
    known = named & (artist_ids != b"")
    order = np.lexsort((artist_ids[known], name_keys[known]))
    names, first = np.unique(name_keys[known][order], return_index=True)
    ids = artist_ids[known][order][first]
    nearest = np.searchsorted(names, name_keys).clip(max=max(0, len(names) - 1))
    groups = name_keys.copy()
    if len(names):
        groups = np.where(named & (names[nearest] == name_keys), ids[nearest], name_keys)
    return np.where(artist_ids == b"", groups, artist_ids)


def joined_groups(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[songs] bytes: groups in which no group of either source is parted, empty where both are.

    Groups of the two that share a song are one, by the name among theirs that sorts first.
    """
    names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    of_first, of_second = codes[: len(first)], codes[len(first) :]
    both = (first != b"") & (second != b"")
    links = coo_array(
        (np.ones(both.sum()), (of_first[both], of_second[both])), shape=(len(names), len(names))
    )
    part = connected_components(links, directed=False)[1]
    joined = names[np.unique(part, return_index=True)[1][part]]
    return np.where(first == b"", joined[of_second], joined[of_first])


def equal_rows(counts: csr_array) -> np.ndarray:
    """[songs] int64: the first song of the same words, as often; of a song without words itself."""
    first: dict[bytes, int] = {}
    result = np.arange(counts.shape[0])
    starts = counts.indptr.tolist()
    for row, (start, end) in enumerate(itertools.pairwise(starts)):
        if end > start:
            words = hashlib.blake2b(counts.indices[start:end].tobytes(), digest_size=16)
            words.update(counts.data[start:end].tobytes())
            result[row] = first.setdefault(words.digest(), row)
    return result


def groups_with_equals(ids: np.ndarray, groups: np.ndarray, counts: csr_array) -> np.ndarray:
    """[songs] bytes: groups in which songs of equal words stand together with all of each's group.

    A group that is put together has the first name of its parts; where none has a name, the first
    id after "=". A song whose words no other has keeps what it had.
    """
    songs = np.arange(len(ids))
    known = groups != b""
    group_codes = np.unique(groups[known], return_inverse=True)[1] + len(ids)
    rows = np.concatenate([songs, songs[known]])
    columns = np.concatenate([equal_rows(counts), group_codes])
    size = len(ids) + len(groups)
    links = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size))
    part = connected_components(links, directed=False)[1][: len(ids)]
    names: dict[int, bytes] = {}
    for code, group in zip(part[known].tolist(), groups[known].tolist(), strict=True):
        names[code] = min(group, names.get(code, group))
    size_of = np.bincount(part)
    for code, song in zip(part.tolist(), ids.tolist(), strict=True):
        if size_of[code] > 1:
            names.setdefault(code, b"=" + song)
    return np.array([names.get(code, b"") for code in part.tolist()])


def describe_groups(groups: np.ndarray, counts: csr_array) -> dict:
    """How many groups there are, how large the largest is, and what no group keeps together."""
    known = groups[groups != b""]
    names, sizes = np.unique(known, return_counts=True)
    first = equal_rows(counts)
    again = np.flatnonzero(first != np.arange(len(first)))
    apart = (groups[again] != groups[first[again]]) | (groups[again] == b"")
    return {
        "groups": len(names),
        "unknown": int((groups == b"").sum()),
        "largest": int(sizes.max(initial=0)),
        "largest_name": names[sizes.argmax()].decode("utf-8", "replace") if len(names) else "",
        "repeated": len(again),
        "repeated_apart": int(apart.sum()),
    }
