"""Many rows of the musiXmatch text format at once, by arithmetic on the bytes, fully checked.

Says only whether a block is flawless; `row` finds and explains a flaw.
"""

from dataclasses import dataclass

import numpy as np

from representation_music.data_preprocessing.sources.identifiers import (
    ID_LENGTH,
    ID_TYPE,
    are_track_ids,
)

_PAIR_THEN_PAIR, _PAIR_THEN_END = np.frombuffer(b":,:\n", np.uint16)


@dataclass
class Rows:
    """Word counts of consecutive rows.

    Attributes:
        track_ids: Track ids, bytes [rows].
        lengths: Entries of each row [rows].
        indices: Word positions from 0, int32 [entries].
        counts: Occurrences, int32 [entries].
    """

    track_ids: np.ndarray
    lengths: np.ndarray
    indices: np.ndarray
    counts: np.ndarray


def parse_block(block: bytes, num_words: int) -> Rows | None:
    """Reads whole rows, each with its line end.

    Returns:
        The rows; or None if any byte is not as it should be, or a number has over four digits.
    """
    if not block.endswith(b"\n"):
        return None
    split = _split_heads(block)
    parsed = parse_pairs(np.frombuffer(split[1], np.uint8)) if split else None
    if parsed is None:
        return None
    indices, counts, ends = parsed
    indices -= 1
    ascending = indices[1:] > indices[:-1]
    ascending[ends[:-1] - 1] = True
    if indices.max() >= num_words or not ascending.all():
        return None
    return Rows(np.frombuffer(split[0], ID_TYPE), np.diff(ends, prepend=0), indices, counts)


def _split_heads(block: bytes) -> tuple[bytes, bytes] | None:
    """Parts rows from their track id and musiXmatch id.

    Returns:
        Track ids one after the other, and the rest of the rows; or None if any row does not start
        with a track id, a comma, a number of at most ten digits and a comma.
    """
    text = np.frombuffer(block, np.uint8)
    line_ends = np.flatnonzero(text == ord("\n"))
    starts = np.concatenate([[0], line_ends[:-1] + 1])
    if (line_ends - starts).min() < ID_LENGTH + len(",0,1:1"):
        return None
    track_ids = text[starts[:, None] + np.arange(ID_LENGTH)].tobytes()
    if not are_track_ids(track_ids) or not (text[starts + ID_LENGTH] == ord(",")).all():
        return None
    numbers = starts + ID_LENGTH + 1
    columns = np.arange(11)
    after = text.take(numbers[:, None] + columns, mode="clip")
    lengths = (after == ord(",")).argmax(axis=1)  # 0 also where there is none
    are_digits = (after - np.uint8(ord("0")) < 10) | (columns >= lengths[:, None])
    if lengths.min() < 1 or not are_digits.all():
        return None
    bounds = zip((numbers + lengths + 1).tolist(), (line_ends + 1).tolist(), strict=True)
    return track_ids, b"".join([block[start:end] for start, end in bounds])


def parse_pairs(text: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Reads `1:6,2:4\\n2:11\\n` as bytes [characters].

    Returns:
        First numbers and second numbers of the pairs, and for each line how many pairs end with
        it; or None if the text is anything else than pairs of numbers from 1 to 9999.
    """
    # Unsigned differences wrap round, so that one comparison tells digits from all else.
    digits = text - np.uint8(ord("0"))
    is_digit = digits < 10
    ends = np.flatnonzero(~is_digit)
    separators = text.take(ends)
    if len(separators) % 2:
        return None
    # A pair's two separators side by side: ":," within a line and ":\n" at its end.
    separators = separators.view(np.uint16)
    ends_line = separators == _PAIR_THEN_END
    if not (ends_line | (separators == _PAIR_THEN_PAIR)).all():
        return None
    from_one_to_nine = digits - np.uint8(1) < 9
    if not from_one_to_nine[0] or not (is_digit[:-1] | from_one_to_nine[1:]).all():
        return None
    two_digits = is_digit[1:] & is_digit[:-1]
    if (two_digits[3:] & two_digits[1:-2] & is_digit[:-4]).any():  # five in a row
        return None
    digits *= is_digit.view(np.uint8)
    values = _values_ending_at(digits, two_digits.view(np.uint8)).take(ends - 1)
    line_ends = np.flatnonzero(ends_line) + 1
    return values[0::2].astype(np.int32), values[1::2].astype(np.int32), line_ends


def _values_ending_at(digits: np.ndarray, two_digits: np.ndarray) -> np.ndarray:
    """The number of at most four digits that ends at each digit: uint16 [characters].

    First the number of its last two digits, then a hundred times the one of the two before; small
    types keep a block within the processor's cache.

    Args:
        digits: Value of each digit, 0 for all other characters: uint8 [characters].
        two_digits: 1 where this character and the next are digits, else 0: uint8 [characters - 1].
    """
    twos = digits.copy()
    twos[1:] += digits[:-1] * np.uint8(10)
    values = twos.astype(np.uint16)
    values[2:] += np.uint16(100) * (twos[:-2] * two_digits[:-1])
    return values
