"""Gradient Vaccine: gradients are turned to usual angles (Wang et al. 2021, arXiv:2010.05874)."""

from dataclasses import dataclass
from typing import ClassVar

from representation_music.experiments.training.objectives.gradients.gramian import GramianWeighting
from representation_music.experiments.training.objectives.gradients.pcgrad import random_orders


class GradVac(GramianWeighting):
    """The sum of all g_i after, for each j other than i in random order: if their cosine c is below
    its moving average m, g_i gets so much of g_j that it becomes m; then m += beta (c - m).

    With m 0 for ever it is PCGrad.
    """

    name = "gradvac"
    CHOICES: ClassVar = {"beta": (0.001, 0.01, 0.1)}
    LEAST: ClassVar = {"beta": 0.0}
    MOST: ClassVar = {"beta": 1.0}

    @dataclass(frozen=True)
    class Options:
        """Its settings."""

        beta: float = 0.01
        """how fast moving averages of cosines move; at most 1"""

    def __init__(self, network, options=()):
        super().__init__(network, options)
        tasks = len(network.tasks)
        self.cosines = self.add_variable("cosines", [tasks, tasks])

    def draw(self):
        """Random orders, and the moving averages."""
        import tensorflow as tf

        orders = random_orders(len(self.network.tasks), self.random_seed())
        return orders, tf.convert_to_tensor(self.cosines)

    def remember(self, state):
        """Keeps the moving averages."""
        self.cosines.assign(state)

    def weights(self, gramian, present, orders, averages):
        """The sum of the rows of C (see `PCGrad`), and the new averages.

        Args:
            gramian, present: See `GramianWeighting.weights`.
            orders: `[tasks, tasks]` int32, in each row the order in which that task meets others.
            averages: `[tasks, tasks]`, float32.
        """
        import tensorflow as tf

        tasks, number = gramian.shape[0], gramian.dtype
        norms = tf.sqrt(tf.maximum(tf.linalg.diag_part(gramian), 0.0))
        averages, found = tf.cast(averages, number), tf.eye(tasks, dtype=number)
        for turn in range(tasks):
            met = orders[:, turn]
            where = tf.one_hot(met, tasks, dtype=number)
            inner = tf.reduce_sum(found * tf.gather(gramian, met), axis=1)
            own = tf.reduce_sum(found * (found @ gramian), axis=1)
            own, other = tf.sqrt(tf.maximum(own, 0.0)), tf.gather(norms, met)
            usable = (own > 0) & (other > 0) & (met != tf.range(tasks))
            cosine = inner / tf.where(usable, own * other, 1.0)
            usual = tf.reduce_sum(averages * where, axis=1)
            sine, usual_sine = (tf.sqrt(tf.maximum(1.0 - c**2, 0.0)) for c in (cosine, usual))
            turned = own * (usual * sine - cosine * usual_sine)
            below = usable & (cosine < usual) & (usual_sine > 0)
            added = tf.where(below, turned / tf.where(below, other * usual_sine, 1.0), 0.0)
            found += added[:, tf.newaxis] * where
            step = tf.where(usable, self.options.beta * (cosine - usual), 0.0)
            averages += step[:, tf.newaxis] * where
        known = tf.cast(present, number)
        weights = tf.linalg.matvec(found, known, transpose_a=True)
        return weights, tf.cast(averages, tf.float32)
