"""The sum of all tasks' losses, each times its weight: what joint training usually means.

Tuned, it is hard to beat (Kurin et al. 2022, arXiv:2201.04122).
"""

from representation_music.experiments.training.objectives.objective import Batch, Objective


class Sum(Objective):
    """The gradient of the sum of the losses; `--task-weights` weigh them."""

    name = "sum"
    adds_up = True

    def gradients(self, batch: Batch) -> tuple:
        """The losses, and the gradient of their sum."""
        import tensorflow as tf

        with tf.GradientTape() as tape:
            losses = batch.losses()
            loss = tf.reduce_sum(losses)
        return losses, tape.gradient(loss, self.network.trainable_variables)
