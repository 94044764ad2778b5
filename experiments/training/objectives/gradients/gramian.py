"""Objectives whose weights are a function of the Gramian of the tasks' gradients.

The Gramian `[tasks, tasks]` holds the inner products of the gradients of the shared variables.
One convention for all: variables of heads and private layers get the gradient of their own task's
loss at weight 1; shared ones get the weighted sum; L2 is added after. One task, or a network that
shares nothing, is trained as by `sum`. A batch without a label of a task leaves that task out.
"""

from typing import TYPE_CHECKING, ClassVar

from representation_music.experiments.training.objectives.gradients.task_gradients import (
    task_gradients,
)
from representation_music.experiments.training.objectives.objective import Batch
from representation_music.experiments.training.objectives.weighing import Weighing

if TYPE_CHECKING:
    import tensorflow as tf


class GramianWeighting(Weighing):
    """A gradient method; a subclass defines `weights`.

    Attributes:
        compiled: Whether `weights` is compiled: dozens of operations on tiny matrices then take
            microseconds, not milliseconds. Compiled eigenvectors are right to 1e-6 only.
    """

    compiled: ClassVar[bool] = True

    @classmethod
    def step_factor(cls, num_tasks, shared):
        """Derivatives of activations, .3 of a step, go down what is shared once per task.

        With .1 for the Gramian it is, on two kinds of network and 3 and 10 tasks, within a fifth of
        what is measured (benchmarks/README.md).
        """
        return 1.1 + 0.3 * (num_tasks - 1) * shared if num_tasks > 1 else 1.0

    def __init__(self, network, options=()):
        import tensorflow as tf

        super().__init__(network, options)
        self._weights = tf.function(self.weights, autograph=False, jit_compile=self.compiled)

    def weights(self, gramian: "tf.Tensor", present: "tf.Tensor", *drawn) -> "tf.Tensor":
        """The weights `[tasks]`, a pure function.

        Args:
            gramian: `[tasks, tasks]`, float64, scaled so that the mean of the squared norms of
                the tasks that are present is 1 (or 0, if all are 0); rows of the others are 0.
            present: `[tasks]` bool, which tasks the batch has a label of.
            drawn: What `draw` gives.
        """
        raise NotImplementedError

    def draw(self) -> tuple:
        """What else `weights` wants: random numbers, or what is remembered of earlier steps."""
        return ()

    def remember(self, state: "tf.Tensor") -> None:
        """Takes up a new state from `weights`, where that gives one beside the weights."""

    def gradients(self, batch: Batch) -> tuple:
        """The losses, and the gradients by the convention of this module."""

        if len(self.network.tasks) == 1 or not self.network.shared_variables:
            return self.plain_sum(batch)
        found = task_gradients(self.network, batch)
        weights = self.weigh(found.gramian, batch.labelled)
        self.note(weights, batch.labelled, *conflicts(found.gramian, batch.labelled))
        return found.losses, found.gradients(weights)

    def weigh(self, gramian: "tf.Tensor", present: "tf.Tensor") -> "tf.Tensor":
        """The step's weights `[tasks]`, float32, 0 for tasks that are not present.

        Args:
            gramian: `[tasks, tasks]`, of any scale.
            present: `[tasks]` bool, which tasks the batch has a label of.
        """
        import tensorflow as tf

        found = self._weights(scaled(gramian, present), present, *self.draw())
        if isinstance(found, (tuple, list)):
            found, state = found
            self.remember(state)
        return tf.where(present, tf.cast(found, tf.float32), 0.0)


def scaled(gramian: "tf.Tensor", present: "tf.Tensor") -> "tf.Tensor":
    """The Gramian for `weights`: methods do not depend on the scale, but their arithmetic does."""
    import tensorflow as tf

    gramian, known = tf.cast(gramian, tf.float64), tf.cast(present, tf.float64)
    gramian *= known[:, tf.newaxis] * known[tf.newaxis]
    mean = tf.linalg.trace(gramian) / tf.maximum(tf.reduce_sum(known), 1.0)
    return gramian / tf.where(mean > 0, mean, 1.0)


def conflicts(gramian: "tf.Tensor", present: "tf.Tensor") -> tuple["tf.Tensor", "tf.Tensor"]:
    """How many pairs of tasks have a negative inner product, and how many pairs there are."""
    import tensorflow as tf

    known = tf.cast(present, tf.float32)
    pairs = tf.linalg.band_part(known[:, tf.newaxis] * known[tf.newaxis], 0, -1)
    pairs -= tf.linalg.diag(known)
    return tf.reduce_sum(tf.where(gramian < 0, pairs, 0.0)), tf.reduce_sum(pairs)


def mean_weights(present: "tf.Tensor") -> "tf.Tensor":
    """1 / number of tasks present, `[tasks]`; 0 for the others."""
    import tensorflow as tf

    known = tf.cast(present, tf.float64)
    return known / tf.maximum(tf.reduce_sum(known), 1.0)


def number_of(present: "tf.Tensor") -> "tf.Tensor":
    """How many tasks are present, float64."""
    import tensorflow as tf

    return tf.reduce_sum(tf.cast(present, tf.float64))
