"""FAMO: all losses fall at a like rate (Liu et al. 2023, arXiv:2306.03792)."""

from dataclasses import dataclass
from typing import ClassVar

from representation_music.experiments.training.objectives.weighing import (
    SMALLEST_LOSS,
    LossWeighting,
    as_many,
    shares,
)


class FAMO(LossWeighting):
    """K c w / L, w = softmax(x), c = 1 / sum(w / L): the gradient of the log losses, weighed by w.

    After the step the same batch is read again with the same dropout, and x moves by
    -rate (J d + decay x): d is the fall of each log loss, J the derivative of w by x. A task whose
    loss fell less than others' weighs more. Running averages of batch normalisation move twice.
    """

    name = "famo"
    CHOICES: ClassVar = {"rate": (0.01, 0.025, 0.1)}
    LEAST: ClassVar = {"rate": 0.0, "decay": 0.0}

    @dataclass(frozen=True)
    class Options:
        """Its settings."""

        rate: float = 0.025
        """learning rate of the logits x"""
        decay: float = 0.001
        """how strongly x is drawn to 0"""

    @classmethod
    def step_factor(cls, num_tasks, shared):
        """A second forward pass, a third of a step."""
        return 4 / 3 if num_tasks > 1 else 1.0

    def __init__(self, network, options=()):
        super().__init__(network, options)
        self.logits = self.add_variable("logits", [len(network.tasks)])

    def weights(self, losses, batch):
        """w / L over its sum, times the number of tasks."""
        import tensorflow as tf

        self._before = losses = tf.maximum(losses, SMALLEST_LOSS)
        weighed = shares(tf.convert_to_tensor(self.logits), batch.labelled) / losses
        total = tf.reduce_sum(weighed)
        return as_many(batch.labelled) * weighed / tf.where(total > 0, total, 1.0)

    def after_update(self, batch):
        """Moves the logits by what the step did to the losses."""
        import tensorflow as tf

        if len(self.network.tasks) == 1:
            return
        logits = tf.convert_to_tensor(self.logits)
        after = tf.maximum(batch.losses(), SMALLEST_LOSS)
        fall = tf.where(batch.labelled, tf.math.log(self._before) - tf.math.log(after), 0.0)
        share = shares(logits, batch.labelled)
        slope = share * (fall - tf.reduce_sum(share * fall)) + self.options.decay * logits
        self.logits.assign_sub(self.options.rate * tf.where(batch.labelled, slope, 0.0))
