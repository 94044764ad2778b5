"""CAGrad: near the mean, best for the worst-off task (Liu et al. 2021, arXiv:2110.14048)."""

from dataclasses import dataclass
from typing import ClassVar

from representation_music.experiments.training.objectives.gradients.gramian import (
    GramianWeighting,
    mean_weights,
    number_of,
)
from representation_music.experiments.training.objectives.gradients.simplex import least_on_simplex


class CAGrad(GramianWeighting):
    """K d, d = g_0 + c |g_0| g_w / |g_w|, g_0 the mean gradient and w the weights of sum 1 with the
    least g_w.g_0 + c |g_0| |g_w|.
    """

    name = "cagrad"
    CHOICES: ClassVar = {"c": (0.2, 0.4, 0.8)}
    LEAST: ClassVar = {"c": 0.0}
    MOST: ClassVar = {"c": 0.99}

    @dataclass(frozen=True)
    class Options:
        """Its settings."""

        c: float = 0.4
        """how far d may be from the mean gradient, of its length; at most 0.99"""

    def weights(self, gramian, present):
        """1 / K and the share of w, times the number of tasks."""
        import tensorflow as tf

        mean = mean_weights(present)
        linear = tf.linalg.matvec(gramian, mean)
        radius = self.options.c * length(gramian, mean)
        found = least_on_simplex(gramian, linear, radius, present)
        norm = length(gramian, found)
        # Where |g_w| is 0, up to rounding, there is no direction to add: d is the mean gradient.
        added = tf.where(norm > 1e-4, radius / tf.maximum(norm, 1e-4), 0.0)
        return number_of(present) * (mean + added * found)


def length(gramian, weights):
    """The norm of the gradients' weighted sum."""
    import tensorflow as tf

    square = tf.tensordot(weights, tf.linalg.matvec(gramian, weights), 1)
    return tf.sqrt(tf.maximum(square, 0.0))
