"""Bags of words of many songs: how often each word of a fixed list occurs in each song."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

#: Counts are kept as float32.
LARGEST_COUNT = float(np.finfo(np.float32).max)


@dataclass
class BagsOfWords:
    """Word counts in compressed sparse row form; song `i` owns `indptr[i]:indptr[i + 1]`.

    Attributes:
        words: The word list, commonest first.
        track_ids: Track id of each song, bytes [songs], no two alike.
        indptr: Start of each song's entries, int64 [songs + 1].
        indices: Position in `words` of each entry, from 0, ascending within a song, int32.
        counts: Occurrences of the word, at least 1, int32.
        is_test: Whether musiXmatch puts the song into its test set, bool [songs].
    """

    words: list[str]
    track_ids: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    counts: np.ndarray
    is_test: np.ndarray

    @property
    def num_songs(self) -> int:
        """How many songs there are."""
        return len(self.track_ids)

    def to_csr(self) -> csr_array:
        """The counts as float32 [songs, words]."""
        shape = (self.num_songs, len(self.words))
        return csr_array((self.counts.astype(np.float32), self.indices, self.indptr), shape=shape)

    def keep(self, songs: np.ndarray) -> "BagsOfWords":
        """The songs where `songs`, bool [songs], is true, in the same order."""
        lengths = np.diff(self.indptr)
        entries = np.repeat(songs, lengths)
        return BagsOfWords(
            words=self.words,
            track_ids=self.track_ids[songs],
            indptr=offsets(lengths[songs]),
            indices=self.indices[entries],
            counts=self.counts[entries],
            is_test=self.is_test[songs],
        )


def offsets(lengths: np.ndarray) -> np.ndarray:
    """Start of each run of the given lengths [runs], and the end: int64 [runs + 1]."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
