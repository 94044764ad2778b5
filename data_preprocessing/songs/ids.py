"""Ids and groups of songs: texts of any form, kept as bytes of one length."""

from collections.abc import Iterable, Sequence

import numpy as np

from representation_music.utils.errors import InputError

#: Bytes of the longest id; all ids of a dataset take as many as its longest.
MOST_BYTES = 255

#: First line of a list of songs of which every line below is one id, whatever it begins with.
IDS_ONLY = "# ids only"


def list_of_ids(ids: Iterable[str]) -> str:
    """The text of a list of songs that `preprocess --exclude` takes."""
    return "".join(f"{line}\n" for line in (IDS_ONLY, *ids))


def id_bytes(ids: Sequence, place: str, lines: Sequence[int] = ()) -> np.ndarray:
    """Ids of any form as bytes [songs]: texts as UTF-8, numbers as texts, None as empty.

    Messages name `place`, and of the file's `lines` [songs], if given, the one of the id.

    Raises:
        InputError: if an id is longer than `MOST_BYTES`, or cannot be kept as bytes.
    """
    texts = ["" if each is None else each for each in np.asarray(ids).tolist()]
    try:
        encoded = [each if isinstance(each, bytes) else str(each).encode() for each in texts]
    except UnicodeEncodeError as error:
        raise InputError(place, f"{error.object[:40]!r}", "texts that UTF-8 can write") from None
    for n, each in enumerate(encoded):
        if len(each) > MOST_BYTES or b"\0" in each:
            place = f"{place}:{lines[n]}" if len(lines) else place
            found = f"the id or group {each[:40].decode(errors='replace')!r} of {len(each)} bytes"
            raise InputError(place, found, f"at most {MOST_BYTES} bytes, none of them zero")
    return np.array(encoded, f"S{max(map(len, encoded), default=0) or 1}")
