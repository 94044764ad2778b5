"""One task's loss per step, the tasks in turn (future work of the 2016 study)."""

from representation_music.experiments.training.objectives.objective import Batch, Objective


class Alternating(Objective):
    """The gradient of one task's loss, the first task's at step 0, the second's at step 1, ..."""

    name = "alternating"
    adds_up = True

    def gradients(self, batch: Batch) -> tuple:
        """The losses, and the gradient of the one whose turn it is."""
        import tensorflow as tf

        num_tasks = len(self.network.tasks)
        turn = tf.one_hot(batch.step % num_tasks, num_tasks)
        with tf.GradientTape() as tape:
            losses = batch.losses()
            loss = tf.reduce_sum(losses * turn)
        return losses, tape.gradient(loss, self.network.trainable_variables)
