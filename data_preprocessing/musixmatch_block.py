"""Many rows of the musiXmatch text format at once, by arithmetic on the bytes, fully checked.

Says only whether a block is flawless; `musixmatch_row` finds and explains a flaw.
"""

from dataclasses import dataclass

import numpy as np

from representation_music.data_preprocessing.identifiers import ID_LENGTH, are_ids

_PAIR_THEN_PAIR, _PAIR_THEN_END = np.frombuffer(b":,:\n", np.uint16)


@dataclass
class Rows:
    """Word counts of consecutive rows.

    Attributes:
        track_ids: Track ids one after the other.
        lengths: Entries of each row [rows].
        indices: Word positions from 0, int32 [entries].
        counts: Occurrences, int32 [entries].
    """

    track_ids: bytes
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
    try:
        fields = [row.split(b",", 2) for row in block[:-1].split(b"\n")]
        track_ids, musixmatch_ids, pairs = zip(*fields, strict=True)
    except ValueError:
        return None
    joined_ids = b"".join(track_ids)
    if set(map(len, track_ids)) != {ID_LENGTH} or not are_ids(joined_ids, b"TR"):
        return None
    if not all(musixmatch_ids) or not b"".join(musixmatch_ids).isdigit():
        return None
    body = np.frombuffer(b"\n".join(pairs) + b"\n", np.uint8)
    parsed = parse_pairs(body)
    if parsed is None:
        return None
    indices, counts, ends = parsed
    indices -= 1
    ascending = indices[1:] > indices[:-1]
    ascending[ends[:-1] - 1] = True
    if indices.max() >= num_words or not ascending.all():
        return None
    return Rows(joined_ids, np.diff(ends, prepend=0), indices, counts)


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
    starts_number = np.empty_like(is_digit)
    starts_number[0] = True
    np.logical_not(is_digit[:-1], out=starts_number[1:])
    from_one_to_nine = digits - np.uint8(1) < 9
    two_digits = is_digit[1:] & is_digit[:-1]
    five_digits = two_digits[3:] & two_digits[1:-2] & is_digit[:-4]
    if (starts_number & ~from_one_to_nine).any() or five_digits.any():
        return None
    values = _values_ending_at(digits, is_digit.view(np.uint8)).take(ends - 1)
    line_ends = np.flatnonzero(ends_line) + 1
    return values[0::2].astype(np.int32), values[1::2].astype(np.int32), line_ends


def _values_ending_at(digits: np.ndarray, is_digit: np.ndarray) -> np.ndarray:
    """The number of at most four digits that ends at each character: uint16 [characters].

    First the numbers of up to two digits that end at each character, then a hundred times the
    one that ends two characters before; small types keep a block within the processor's cache.
    """
    ones = digits * is_digit
    twos = ones.copy()
    twos[1:] += ones[:-1] * np.uint8(10)
    twos *= is_digit
    values = twos.astype(np.uint16)
    values[2:] += np.uint16(100) * (twos[:-2] * is_digit[1:-1])
    return values
