"""The order of training: which songs each step sees, as a function of seed and step alone."""

import numpy as np

from representation_music.experiments.config import RunConfig
from representation_music.experiments.training_songs import TrainingSongs


class Batches:
    """The batches of a run. Nothing is drawn in passing, so a resumed run needs no state.

    Plain batches walk through a new shuffle of the songs every epoch; the last batch of an epoch
    holds what is left. With `target_batch_size`, each batch also holds that many songs with the
    target's label, from endless shuffles of their own.
    """

    def __init__(self, config: RunConfig, songs: TrainingSongs):
        self.seed, self.size = config.seed, config.batch_size
        self.num_songs = len(songs.positions)
        self.steps_per_epoch = -(-self.num_songs // self.size)
        self.target_size = config.target_batch_size
        self.with_target = np.flatnonzero(songs.has_target)
        self._cached: tuple[tuple, np.ndarray] = ((), np.zeros(0, np.int64))

    def between(self, first_step: int, last_step: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the songs of steps `first_step` to `last_step` - 1, and each batch's end."""
        batches = [self._batch(step) for step in range(first_step, last_step)]
        return np.concatenate(batches), np.cumsum([len(batch) for batch in batches])

    def _batch(self, step: int) -> np.ndarray:
        epoch, number = divmod(step, self.steps_per_epoch)
        batch = self._shuffle(3, epoch)[number * self.size : (number + 1) * self.size]
        if not self.target_size:
            return batch
        places = np.arange(step * self.target_size, (step + 1) * self.target_size)
        rounds, places = np.divmod(places, len(self.with_target))
        targets = [
            self.with_target[
                np.random.default_rng([self.seed, 4, r]).permutation(len(self.with_target))
            ][places[rounds == r]]
            for r in np.unique(rounds)
        ]
        return np.concatenate([*targets, batch])

    def _shuffle(self, purpose: int, epoch: int) -> np.ndarray:
        key = (purpose, epoch)
        if self._cached[0] != key:
            rng = np.random.default_rng([self.seed, purpose, epoch])
            self._cached = key, rng.permutation(self.num_songs)
        return self._cached[1]
