"""Pure noise as a songs file: nothing can be learnt from it, so it shows only that all runs."""

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags
from representation_music.data_preprocessing.songs.splits import SPLIT_PARTS
from representation_music.data_preprocessing.synthetic.names import made_up_words, unique_ids
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings

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
        ids=np.sort(unique_ids("TR", "128F", songs, stream)),
        groups=unique_ids("AR", "1187", songs, stream),
        words=words,
        counts=counts,
        columns={
            "classification": LabelColumn("binary", positive),
            "regression 1": LabelColumn("regression", stream.standard_normal(songs)),
            "regression 2": LabelColumn("regression", stream.standard_normal(songs)),
        },
        tags=Tags.none(songs),
        splits={"artist": parts},
        kind="synthetic",
        provenance={"made": "pure noise", "seed": seed},
    )
