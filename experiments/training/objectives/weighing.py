"""What objectives have in common that weigh the tasks anew at each step, and the loss-based ones.

A batch without a label of a task leaves that task out of the step: the others are weighed as if
there were no more of them, and what the objective remembers of the task stays as it is. Weights
sum to the number of tasks where a method's paper lets them sum to 1, so that equal tasks make a
step as large as that of the plain sum. One task is never weighed: it is trained as by `sum`.
"""

from typing import TYPE_CHECKING

import numpy as np

from representation_music.experiments.training.objectives.objective import Batch, Objective

if TYPE_CHECKING:
    import tensorflow as tf

#: Losses are taken to be at least this large where they are divided by or a logarithm is taken.
SMALLEST_LOSS = 1e-8


class Weighing(Objective):
    """An objective with a weight per task and step; reports each task's mean weight."""

    def __init__(self, network, options=()):
        super().__init__(network, options)
        # Sums and counts since the last report: of each task's weight, and of conflicting pairs.
        self._noted = self.add_variable("noted", [2, len(network.tasks) + 1])

    def initialise(self) -> None:
        """Makes every variable 0."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape))

    def plain_sum(self, batch: Batch) -> tuple:
        """The losses and the gradient of their sum, for where there is nothing to weigh."""
        import tensorflow as tf

        with tf.GradientTape() as tape:
            losses = batch.losses()
            total = tf.reduce_sum(losses)
        self.note(tf.ones_like(losses), batch.labelled)
        return losses, tape.gradient(total, self.network.trainable_variables)

    def note(self, weights, labelled, conflicts=0.0, pairs=0.0) -> None:
        """Adds a step to the next report: weights `[tasks]`, conflicting pairs and all pairs."""
        import tensorflow as tf

        known = tf.cast(labelled, tf.float32)
        sums = tf.concat([weights * known, [conflicts]], axis=0)
        self._noted.assign_add(tf.stack([sums, tf.concat([known, [pairs]], axis=0)]))

    def report(self) -> dict[str, float]:
        """Each task's mean weight over the steps that had its label; NaN where none had."""
        sums, counts = self._noted.numpy().astype(float)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).tolist()
        self._noted.assign(np.zeros(self._noted.shape))
        names = [f"weight:{task.name}" for task in self.network.tasks]
        return dict(zip([*names, "conflicts"], means, strict=True))

    def random_seed(self) -> "tf.Tensor":
        """Two int32 for stateless draws, a function of the run's seed and the step alone."""
        import tensorflow as tf

        state = tf.convert_to_tensor(self.network.random_state)
        return tf.stack([state[0] - 104_729, state[1]])  # clear of the seeds of dropout


class LossWeighting(Weighing):
    """Weights that follow from the losses; a subclass defines `weights`.

    They hold for all variables, those of heads and private layers too, as the papers have it.
    """

    def weights(self, losses: "tf.Tensor", batch: Batch) -> "tf.Tensor":
        """The weights `[tasks]` of this step; those of tasks without a label are not looked at.

        Args:
            losses: `[tasks]`, without a way back for gradients.
            batch: Their batch.
        """
        raise NotImplementedError

    def gradients(self, batch: Batch) -> tuple:
        """The losses, and the gradient of their weighted sum."""
        import tensorflow as tf

        if len(self.network.tasks) == 1:
            return self.plain_sum(batch)
        with tf.GradientTape() as tape:
            losses = batch.losses()
            weights = self.weights(tf.stop_gradient(losses), batch)
            weights = tf.stop_gradient(tf.where(batch.labelled, weights, 0.0))
            total = tf.reduce_sum(weights * losses)
        self.note(weights, batch.labelled)
        return losses, tape.gradient(total, self.network.trainable_variables)

    def report(self) -> dict[str, float]:
        """The weights alone: what pairs of tasks do to each other is not looked at."""
        means = super().report()
        del means["conflicts"]
        return means


def shares(scores: "tf.Tensor", labelled: "tf.Tensor") -> "tf.Tensor":
    """Softmax of `scores` `[tasks]` over the tasks with a label; 0 for the others."""
    import tensorflow as tf

    lowest = tf.constant(-1e30, scores.dtype)
    return tf.where(labelled, tf.nn.softmax(tf.where(labelled, scores, lowest)), 0.0)


def as_many(labelled: "tf.Tensor") -> "tf.Tensor":
    """How many tasks have a label."""
    import tensorflow as tf

    return tf.reduce_sum(tf.cast(labelled, tf.float32))
