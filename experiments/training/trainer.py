"""A run's network on its way from first weights to the end of the budget; it knows no files."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.training.batches import Batches
from representation_music.experiments.training.engine import engine_for
from representation_music.experiments.training.inputs import LabelledSongs, RunInputs
from representation_music.experiments.training.scoring import (
    fitted_scale,
    initial_head_biases,
    to_predictions,
)


class Budget(NamedTuple):
    """How far a run trains, all in steps.

    Attributes:
        stride: Steps that are trained before anything else is looked at.
        evaluation: Steps between evaluations, a multiple of `stride`.
        total: Steps of the whole run.
    """

    stride: int
    evaluation: int
    total: int

    @classmethod
    def of(cls, config: RunConfig, steps_per_epoch: int) -> "Budget":
        """The budget of a config, which counts in steps or in epochs."""
        if config.num_epochs:
            evaluation = steps_per_epoch * config.evaluate_every
            return cls(steps_per_epoch, evaluation, steps_per_epoch * config.num_epochs)
        return cls(config.evaluate_every, config.evaluate_every, config.num_steps)


class Trainer:
    """A network with new weights, the songs it trains on, and the step that it is at.

    Its `scales` are mean and standard deviation that make each task's outputs predictions.
    """

    def __init__(self, inputs: RunInputs):
        config = inputs.config
        self.inputs, self.step, self.scales = inputs, 0, inputs.scales
        self.engine = engine_for(config, inputs.tasks, inputs.words.num_inputs)
        self.data = inputs.training_data()
        self.batches = Batches(config, inputs.songs)
        self.budget = Budget.of(config, self.batches.steps_per_epoch)
        biases = initial_head_biases(inputs.tasks, inputs.constant, config.network.head_bias)
        self.engine.reset(config, inputs.words.mean, inputs.words.inverse_sd, biases)
        self._average: list[np.ndarray] = []

    def state(self) -> list[np.ndarray]:
        """The engine's state, and the averaged weights if there are any yet."""
        return self.engine.state() + self._average

    def restore(self, values: list[np.ndarray], place: str) -> None:
        """Takes up a `state()`; `place` says where it is from, for errors."""
        number = len(self.engine.state_variables())
        averages = len(self.engine.network.variables) * bool(self.inputs.config.averaging)
        if len(values) == number + averages:
            values, self._average = values[:number], list(values[number:])
        self.engine.restore(values, place)

    @contextmanager
    def averaged(self, evaluations: int) -> Iterator[None]:
        """Gives the network its averaged weights for a while; nothing where none are asked for.

        Args:
            evaluations: How many there have been, with the one that begins.
        """
        if not (extra := self.inputs.config.averaging):
            yield
            return
        weights = self.engine.weights()
        share = (extra + 1) / (evaluations + extra)
        self._average = [
            old + np.float32(share) * (new - old) if new.dtype == np.float32 else new
            for old, new in zip(self._average or weights, weights, strict=True)
        ]
        self.engine.restore_weights(self._average)
        yield
        self.engine.restore_weights(weights)

    def advance(self, last_step: int | None = None) -> tuple[np.ndarray, int]:
        """Trains the steps up to number `last_step`; without one, a stride of the budget.

        Returns:
            `[tasks]`, the mean losses of these steps, and the number of songs they read.
        """
        if last_step is None:
            last_step = min(self.step + self.budget.stride, self.budget.total)
        order, ends = self.batches.between(self.step, last_step)
        losses = self.train_batches(order, ends)
        self.step = last_step
        return losses, len(order)

    def evaluation_due(self) -> bool:
        """Whether the budget asks for an evaluation after the current step."""
        return self.step % self.budget.evaluation == 0 or self.step >= self.budget.total

    def train_batches(self, order: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Trains on these batches, as the steps after the current one; see `Engine.train`."""
        step = tf.constant(self.step, tf.int32)
        return self.engine.train(self.data, tf.constant(order), tf.constant(ends), step).numpy()

    def predictions(self, songs: LabelledSongs) -> list[np.ndarray]:
        """Each task's predictions, `[songs]` or `[songs, classes]`, in its unit or as chances."""
        outputs = self.engine.outputs(songs.tensors)
        return to_predictions(self.inputs.tasks, outputs, self.scales)

    def rescale(self, songs: LabelledSongs) -> None:
        """Fits the scales of regression tasks to the labels of some songs, if the run does so."""
        if not self.inputs.config.rescale_predictions:
            return
        self.scales = self.inputs.scales
        fits = [
            fitted_scale(labels, predictions) if task.kind == "regression" else (0.0, 1.0)
            for task, labels, predictions in zip(
                self.inputs.tasks, songs.labels, self.predictions(songs), strict=True
            )
        ]
        self.scales = [
            (offset + factor * mean, factor * sd)
            for (offset, factor), (mean, sd) in zip(fits, self.inputs.scales, strict=True)
        ]
