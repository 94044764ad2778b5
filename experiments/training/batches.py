"""The order of training: which songs each step sees, as a function of seed and step alone."""

import numpy as np

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.training.training_songs import TrainingSongs

#: Streams of songs, as the seeds of their shuffles.
ALL_SONGS, TARGETS = 3, 4


class Batches:
    """The batches of a run. Nothing is drawn in passing, so a resumed run needs no state.

    Plain batches walk through a new shuffle of the songs every epoch; the last batch of an epoch
    holds what is left. With `target_batch_size`, each batch also holds that many songs with the
    target's label, from endless shuffles of their own.
    """

    def __init__(self, config: RunConfig, songs: TrainingSongs):
        self.seed, self.size = config.training_seed, config.batch_size
        self.num_songs = len(songs.positions)
        self.steps_per_epoch = -(-self.num_songs // self.size)
        self.target_size = config.target_batch_size
        self.with_target = np.flatnonzero(songs.has_target)
        self._last: dict[int, tuple[int, np.ndarray]] = {}  # by stream: round and its shuffle

    def between(self, first_step: int, last_step: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the songs of steps `first_step` to `last_step` - 1, and each batch's end."""
        batches = [self._batch(step) for step in range(first_step, last_step)]
        return np.concatenate(batches), np.cumsum([len(batch) for batch in batches])

    def _batch(self, step: int) -> np.ndarray:
        epoch, number = divmod(step, self.steps_per_epoch)
        order = self._shuffle(ALL_SONGS, epoch, self.num_songs)
        batch = order[number * self.size : (number + 1) * self.size]
        if not self.target_size:
            return batch
        places = np.arange(step * self.target_size, (step + 1) * self.target_size)
        rounds, places = np.divmod(places, len(self.with_target))
        targets = [
            self.with_target[self._shuffle(TARGETS, r, len(self.with_target))[places[rounds == r]]]
            for r in np.unique(rounds).tolist()
        ]
        return np.concatenate([*targets, batch])

    def _shuffle(self, stream: int, number: int, songs: int) -> np.ndarray:
        """The order of a stream's songs in its `number`th round."""
        if self._last.get(stream, (None,))[0] != number:
            rng = np.random.default_rng([self.seed, stream, number])
            self._last[stream] = number, rng.permutation(songs)
        return self._last[stream][1]
