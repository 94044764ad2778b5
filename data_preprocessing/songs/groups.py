"""Groups of songs whose artist's id is unknown: by the artist's name, where a file gives it."""

import numpy as np


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
