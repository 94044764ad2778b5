"""UPGrad: no gradient, once moved, conflicts with any (Quinton & Rey 2024, arXiv:2406.16232)."""

from representation_music.experiments.training.objectives.gradients.gramian import GramianWeighting
from representation_music.experiments.training.objectives.gradients.simplex import (
    projections_on_dual_cone,
)


class UPGrad(GramianWeighting):
    """The sum of the projections of all gradients on the cone of what conflicts with none of them.

    Where no two conflict it is the plain sum; it grows with each gradient as that grows.
    """

    name = "upgrad"

    def weights(self, gramian, present):
        """The sum of the rows of the projections."""
        import tensorflow as tf

        known = tf.cast(present, gramian.dtype)
        return tf.linalg.matvec(projections_on_dual_cone(gramian), known, transpose_a=True)
