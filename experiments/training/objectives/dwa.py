"""Dynamic weight average: slow tasks weigh more (Liu et al. 2019, arXiv:1803.10704)."""

from dataclasses import dataclass
from typing import ClassVar

from representation_music.experiments.training.objectives.weighing import (
    LossWeighting,
    as_many,
    shares,
)


class DynamicWeightAverage(LossWeighting):
    """K softmax(r / T), r a task's mean loss of the last period over that of the one before.

    The paper's period is an epoch; budgets here count steps, and so does the period. Weights are 1
    until two periods are over. A period without a label of a task repeats its last mean.
    """

    name = "dwa"
    CHOICES: ClassVar = {"period": (50, 100, 200)}
    LEAST: ClassVar = {"temperature": 0.01, "period": 1}

    @dataclass(frozen=True)
    class Options:
        """Its settings."""

        temperature: float = 2.0
        """T: the higher, the more alike the weights"""
        period: int = 100
        """steps over which losses are averaged"""

    def __init__(self, network, options=()):
        super().__init__(network, options)
        # Sums and counts of this period, means of the last one and of the one before.
        self.losses = self.add_variable("losses", [4, len(network.tasks)])

    def weights(self, losses, batch):
        """The weights of this period; then adds the losses to it."""
        import tensorflow as tf

        sums, counts, last, before = tf.unstack(tf.convert_to_tensor(self.losses))
        over = (batch.step > 0) & (batch.step % self.options.period == 0)
        mean = tf.where(counts > 0, sums / tf.maximum(counts, 1.0), last)
        last, before = tf.where(over, mean, last), tf.where(over, last, before)
        sums, counts = tf.where(over, 0.0, sums), tf.where(over, 0.0, counts)
        known = (last > 0) & (before > 0)
        ratio = tf.where(known, last / tf.where(known, before, 1.0), 1.0)
        sums += tf.where(batch.labelled, losses, 0.0)
        counts += tf.cast(batch.labelled, tf.float32)
        self.losses.assign(tf.stack([sums, counts, last, before]))
        share = shares(ratio / self.options.temperature, batch.labelled)
        return as_many(batch.labelled) * share
