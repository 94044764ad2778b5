"""One row of the musiXmatch text format, read with a message for everything that can be wrong.

The slow but talkative twin of `block`, which reads a million rows but explains none.
"""

import itertools
from collections.abc import Callable

from representation_music.data_preprocessing.sources.files.text import decode_line
from representation_music.data_preprocessing.sources.identifiers import check_track_id
from representation_music.utils.errors import InputError

LARGEST_COUNT = 2**31 - 1


def parse_row(
    raw: bytes, num_words: int, place, check_id: Callable = check_track_id
) -> tuple[bytes, list[int], list[int]]:
    """Reads `track_id,mxm_id,index:count,...` without its line end.

    Args:
        raw: The row.
        num_words: Length of the word list; indices run from 1 to it.
        place: File and line, for the message.
        check_id: Gives an id as bytes, or raises an InputError; also takes the place.

    Returns:
        Track id, word positions from 0, counts.

    Raises:
        InputError: if anything is not as it should be.
    """
    text = decode_line(raw, place)
    if not text.strip():
        raise InputError(place, "an empty row", "track_id,mxm_id,index:count,...")
    if text.startswith("%"):
        raise InputError(place, "a second word list", "one line that starts with %")
    fields = text.split(",")
    track_id = check_id(fields[0], place)
    if len(fields) < 3:
        raise InputError(place, f"{text[:60]!r}", "track_id,mxm_id,index:count,...")
    if not _is_number(fields[1]):
        raise InputError(place, f"the musiXmatch id {fields[1][:40]!r}", "a whole number")
    pairs = [_parse_pair(pair, num_words, place) for pair in fields[2:]]
    indices = [index - 1 for index, _ in pairs]
    for before, after in itertools.pairwise(indices):
        if after <= before:
            found = "twice" if after == before else f"after {before + 1}"
            raise InputError(
                place, f"the word index {after + 1} {found}", "each word once, in ascending order"
            )
    return track_id, indices, [count for _, count in pairs]


def _parse_pair(pair: str, num_words: int, place) -> tuple[int, int]:
    index, colon, count = pair.partition(":")
    if not colon or not _is_number(index) or not _is_number(count):
        raise InputError(
            place, f"{pair[:40]!r}", "index:count, two whole numbers written in digits only"
        )
    if not 1 <= int(index) <= num_words:
        raise InputError(place, f"the word index {index} in {pair!r}", f"one from 1 to {num_words}")
    if not 1 <= int(count) <= LARGEST_COUNT:
        raise InputError(place, f"the count {count} in {pair!r}", f"one from 1 to {LARGEST_COUNT}")
    if index[0] == "0" or count[0] == "0":
        raise InputError(place, f"{pair!r}", "numbers without leading zeros")
    return int(index), int(count)


def _is_number(text: str) -> bool:
    # Bounded, because Python refuses to convert very long numbers; isascii, because isdigit
    # alone lets other scripts' digits pass.
    return text.isascii() and text.isdigit() and len(text) < 20
