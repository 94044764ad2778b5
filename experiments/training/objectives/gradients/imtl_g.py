"""IMTL-G: a step with equal projections on all gradients (Liu et al. 2021, ICLR)."""

from representation_music.experiments.training.objectives.gradients.aligned_mtl import ROUNDING
from representation_music.experiments.training.objectives.gradients.gramian import (
    GramianWeighting,
    number_of,
)


class IMTLG(GramianWeighting):
    """K v / sum(v), v the least solution of G v = d, d the norms of the gradients.

    "Towards Impartial Multi-task Learning", ICLR 2021. The line of the step does not depend on the
    norms. Weights may be negative, and so may the sum of v: the step then raises all losses alike,
    which is the published formula. Where that sum is 0 no step is made.
    """

    name = "imtl_g"
    compiled = False

    def weights(self, gramian, present):
        """The solution of sum 1, times the number of tasks."""
        import tensorflow as tf

        norms = tf.sqrt(tf.maximum(tf.linalg.diag_part(gramian), 0.0))
        # Of unit gradients: that of a small gradient must not be taken for rounding.
        safe = tf.where(norms > 0, norms, 1.0)
        cosines = gramian / (safe[:, tf.newaxis] * safe[tf.newaxis])
        values, vectors = tf.linalg.eigh(cosines)
        real = values > ROUNDING * gramian.shape[0] * tf.reduce_max(values)
        inverse = tf.where(real, 1.0 / tf.where(real, values, 1.0), 0.0)
        ones = tf.cast(norms > 0, gramian.dtype)
        sums = inverse * tf.linalg.matvec(vectors, ones, transpose_a=True)
        found = tf.linalg.matvec(vectors, sums) / safe
        total = tf.reduce_sum(found)
        usable = tf.abs(total) > 1e-9
        scale = tf.where(usable, number_of(present) / tf.where(usable, total, 1.0), 0.0)
        return scale * found
