"""Random loss weighting: a new draw at each step (Lin et al. 2022, arXiv:2111.10603)."""

from representation_music.experiments.training.objectives.weighing import (
    LossWeighting,
    as_many,
    shares,
)


class RandomLossWeighting(LossWeighting):
    """K softmax(z), z standard normal: a control that any weighting has to beat.

    Draws are a function of seed and step, so that a resumed run needs no generator state.
    """

    name = "rlw"

    def weights(self, losses, batch):
        """The step's draw."""
        import tensorflow as tf

        drawn = tf.random.stateless_normal([len(self.network.tasks)], self.random_seed())
        return as_many(batch.labelled) * shares(drawn, batch.labelled)
