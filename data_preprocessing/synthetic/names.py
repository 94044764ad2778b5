"""Names of what is made up: ids like those of The Echo Nest, and words of no language."""

import numpy as np

from representation_music.data_preprocessing.synthetic.lyrics import NUM_WORDS


def unique_ids(prefix: str, mark: str, size: int, stream: np.random.Generator) -> np.ndarray:
    """[size] different Echo Nest identifiers, 18 bytes: `TRAAAAV128F421A322`."""
    letters = 26**5
    # A step without a factor in common with `letters` visits each combination once.
    serial = (np.arange(size) * 7_368_787 + stream.integers(letters)) % letters
    tail = stream.integers(16**7, size=size)
    code = np.empty((size, 18), np.uint8)
    code[:, :2] = np.frombuffer(prefix.encode(), np.uint8)
    for position in range(5):
        code[:, 2 + position] = 65 + serial // 26 ** (4 - position) % 26
    code[:, 7:11] = np.frombuffer(mark.encode(), np.uint8)
    digits = np.frombuffer(b"0123456789ABCDEF", np.uint8)
    for position in range(7):
        code[:, 11 + position] = digits[tail >> 4 * (6 - position) & 15]
    return code.view("S18")[:, 0]


def made_up_words(stream: np.random.Generator) -> list[str]:
    """5,000 different pronounceable stems of no language, shorter ones first."""
    onsets = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "st", "tr"]
    codas = ["", "l", "m", "n", "r", "s", "t", "nd"]
    syllables = [onset + vowel for onset in onsets for vowel in "aeiou"]
    found: dict[str, None] = {}
    while len(found) < NUM_WORDS:
        length = 1 + (len(found) > 100) + (len(found) > 2500)
        *middle, last = stream.integers(1 << 20, size=length + 1).tolist()
        stem = "".join(syllables[number % len(syllables)] for number in middle)
        found.setdefault(stem + codas[last % len(codas)])
    return list(found)
