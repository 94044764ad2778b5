"""Aligned-MTL: principal directions of the gradients, all of one length (Senushkin et al. 2023)."""

from representation_music.experiments.training.objectives.gradients.gramian import GramianWeighting

#: Gramians are made of float32: smaller eigenvalues, of the largest and per task, are rounding.
ROUNDING = 1.2e-7


class AlignedMTL(GramianWeighting):
    """B 1, B = sqrt(l_min) V L^-1/2 V', of the eigenvectors V and values L of G above rounding.

    The principal components of the gradients get the length of the shortest of them (CVPR 2023,
    arXiv:2305.19000, scale "min"); tasks weigh equally before.
    """

    name = "aligned_mtl"
    compiled = False

    def weights(self, gramian, present):
        """The row sums of B."""
        import tensorflow as tf

        values, vectors = tf.linalg.eigh(gramian)
        real = values > ROUNDING * gramian.shape[0] * tf.reduce_max(values)
        least = tf.reduce_min(tf.where(real, values, tf.reduce_max(values)))
        scales = tf.where(real, tf.sqrt(least / tf.where(real, values, 1.0)), 0.0)
        sums = tf.linalg.matvec(vectors, tf.cast(present, gramian.dtype), transpose_a=True)
        return tf.linalg.matvec(vectors, scales * sums)
