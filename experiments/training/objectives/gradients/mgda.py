"""MGDA: the shortest average of the gradients (Sener & Koltun 2018, arXiv:1810.04650)."""

from representation_music.experiments.training.objectives.gradients.gramian import (
    GramianWeighting,
    number_of,
)
from representation_music.experiments.training.objectives.gradients.simplex import least_on_simplex


class MGDA(GramianWeighting):
    """K w, w >= 0 of sum 1 with the least w'Gw (Desideri 2012): a step along it lowers every loss,
    and it is 0 where none does.
    """

    name = "mgda"

    def weights(self, gramian, present):
        """The least w, times the number of tasks."""
        import tensorflow as tf

        one = tf.ones([], gramian.dtype)
        found = least_on_simplex(gramian, tf.zeros([gramian.shape[0]], gramian.dtype), one, present)
        return number_of(present) * found
