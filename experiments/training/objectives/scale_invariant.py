"""The sum of the logarithms of the losses: the unit of a loss does not matter."""

from representation_music.experiments.training.objectives.weighing import (
    SMALLEST_LOSS,
    LossWeighting,
)


class ScaleInvariant(LossWeighting):
    """Each loss weighs 1 / L, the gradient of sum log L: `--task-weights` make no difference.

    Up to a factor it is the logarithm of the geometric mean of the losses (Chennupati et al. 2019,
    arXiv:1904.08492).
    """

    name = "scale_invariant"

    def weights(self, losses, batch):
        """1 / L."""
        import tensorflow as tf

        return 1.0 / tf.maximum(losses, SMALLEST_LOSS)
