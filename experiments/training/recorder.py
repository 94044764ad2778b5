"""What a run leaves in its folder while it trains: config, checkpoints, history, summaries."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tensorflow as tf

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import LOCK, claim, write_history
from representation_music.experiments.training.early_stopping import History
from representation_music.utils.checkpoint import load_checkpoint, load_newest, save_checkpoint
from representation_music.utils.lock import require_held


class Recorder:
    """Writes a run's folder, and reads there how far an earlier process came.

    Args:
        folder: The run's folder.
        checkpoint_seconds: A checkpoint is not due while the last one is younger.
    """

    def __init__(self, folder: Path, checkpoint_seconds: float):
        self.folder, self.checkpoint_seconds = folder, checkpoint_seconds
        self.latest = folder / "checkpoints" / "latest.npz"
        self.best = folder / "checkpoints" / "best.npz"
        self._events: tf.summary.SummaryWriter | None = None
        self._last_checkpoint = time.monotonic()
        self._new_best: tuple[list[np.ndarray], dict] | None = None  # weights and state, unsaved

    def claim(self, config: RunConfig, fingerprint: str) -> None:
        """Makes sure that the folder is this run's, and clears away what is of no use any more."""
        claim(self.folder, config, fingerprint)
        for name in ("test.json", "predictions-test.npz"):
            (self.folder / name).unlink(missing_ok=True)  # of weights that training will replace

    @contextmanager
    def summaries(self) -> Iterator[None]:
        """Writes the block's summaries to the folder, for TensorBoard."""
        self._events = tf.summary.create_file_writer(str(self.folder / "tensorboard"))
        with self._events.as_default():
            yield
        self._events.close()

    @staticmethod
    def summarise(row: dict) -> None:
        """Writes a row as one event; one summary per value takes half as long as the scoring."""
        summary = tf.compat.v1.Summary()
        for key, value in row.items():
            summary.value.add(tag=key.replace(":", "/"), simple_value=value)
        tf.summary.experimental.write_raw_pb(summary.SerializeToString(), step=row["step"])

    def newest(self, history: History) -> tuple[list[np.ndarray], dict] | None:
        """The newest whole checkpoint; none if the best weights it speaks of are gone.

        Later best weights than its own do no harm: training reaches them again.

        Args:
            history: Says which row of the checkpoint's history is the best.
        """
        self._last_checkpoint = time.monotonic()
        loaded = load_newest(self.latest)
        if loaded and (rows := loaded[1]["history"]):
            best = load_newest(self.best)
            if not best or best[1]["step"] < rows[history.best_of(rows)]["step"]:
                return None
        return loaded

    def keep_best(self, weights: list[np.ndarray], step: int, scales: list) -> None:
        """Notes weights that are the best so far, with their step and the scales of predictions.

        The next checkpoint saves them.
        """
        self._new_best = weights, {"step": step, "scales": scales}

    def checkpoint_due(self) -> bool:
        """Whether the last checkpoint is old enough."""
        return time.monotonic() - self._last_checkpoint >= self.checkpoint_seconds

    def save(
        self, state: list[np.ndarray], step: int, history: History, what_it_reads: dict
    ) -> None:
        """Saves events and best before latest: what `latest` tells of is always on disk.

        Without `what_it_reads` (words, whitening and label scales) the engine's state means
        nothing.
        """
        require_held(self.folder / LOCK)
        if self._events:
            self._events.flush()
        if self._new_best:
            weights, of_best = self._new_best
            save_checkpoint(self.best, weights, what_it_reads | of_best)
            self._new_best = None
        content = {"step": step, "history": history.rows} | what_it_reads
        save_checkpoint(self.latest, state, content, keep_previous=True)
        write_history(self.folder, history.rows)
        self._last_checkpoint = time.monotonic()

    def best_weights(self) -> tuple[list[np.ndarray], list]:
        """The best weights and the scales of their predictions, as they were saved."""
        weights, state = load_checkpoint(self.best)
        return weights, state["scales"]
