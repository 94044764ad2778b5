"""Pure noise as a songs file: nothing can be learnt from it, so it shows only that all runs."""

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import LabelColumn, SongDataset
from representation_music.data_preprocessing.songs.splits import SPLIT_PARTS
from representation_music.data_preprocessing.synthesize import made_up_words, unique_ids
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.utils.tasks import NUMERIC_LABELS

#: Songs of the training, validation and test split.
NOISE_SPLIT = (750, 100, 150)

#: The tasks: the first is the target.
NOISE_TASKS = ("classification", "regression 1", "regression 2")
POSITIVE_SHARE = 0.8


def noise_songs(seed: int = 0) -> SongDataset:
    """1,000 songs of random words, with labels drawn apart from them.

    One binary label, exactly 80 % positive in each part of the split `artist` (so the constant
    predictor errs in 20 %), and two standard normal ones. Every song is an artist of its own.
    """
    stream = SyntheticSettings(seed=seed).stream("noise songs")
    words = made_up_words(stream)
    songs = sum(NOISE_SPLIT)
    counts = csr_array(stream.poisson(0.02, (songs, len(words))).astype(np.float32))
    parts = stream.permutation(np.repeat(np.arange(len(SPLIT_PARTS), dtype=np.int8), NOISE_SPLIT))
    positive = np.empty(songs)
    for part, size in enumerate(NOISE_SPLIT):
        positive[parts == part] = stream.permutation(size) < POSITIVE_SHARE * size
    return SongDataset(
        track_ids=np.sort(unique_ids("TR", "128F", songs, stream)),
        artist_ids=unique_ids("AR", "1187", songs, stream),
        words=words,
        counts=counts,
        numeric={name: np.full(songs, np.nan) for name in NUMERIC_LABELS},
        genre=np.full(songs, -1, np.int16),
        genre_names=[],
        tag_known=np.zeros(songs, bool),
        tag_indptr=np.zeros(songs + 1, np.int64),
        tag_indices=np.zeros(0, np.int32),
        tag_names=[],
        tag_counts=np.zeros(0, np.int64),
        columns={
            "classification": LabelColumn("binary", positive),
            "regression 1": LabelColumn("regression", stream.standard_normal(songs)),
            "regression 2": LabelColumn("regression", stream.standard_normal(songs)),
        },
        splits={"artist": parts},
        kind="synthetic",
        provenance={"made": "pure noise", "seed": seed},
    )
