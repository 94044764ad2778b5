"""PCGrad: conflicting parts of gradients are cut off (Yu et al. 2020, arXiv:2001.06782)."""

from representation_music.experiments.training.objectives.gradients.gramian import GramianWeighting


class PCGrad(GramianWeighting):
    """The sum of all g_i after, for each j other than i in random order: if g_i.g_j < 0, g_i loses
    its projection on g_j as that was at first.
    """

    name = "pcgrad"

    def draw(self):
        """Random orders, a function of seed and step."""
        return (random_orders(len(self.network.tasks), self.random_seed()),)

    def weights(self, gramian, present, orders):
        """The sum of the rows of C, where row i holds g_i's share of every gradient.

        Args:
            gramian, present: See `GramianWeighting.weights`.
            orders: `[tasks, tasks]` int32, in each row the order in which that task meets others.
        """
        import tensorflow as tf

        tasks = gramian.shape[0]
        norms, found = tf.linalg.diag_part(gramian), tf.eye(tasks, dtype=gramian.dtype)
        for turn in range(tasks):
            met = orders[:, turn]
            inner = tf.reduce_sum(found * tf.gather(gramian, met), axis=1)
            norm = tf.gather(norms, met)
            cut = (inner < 0) & (norm > 0) & (met != tf.range(tasks))
            projection = tf.where(cut, inner / tf.where(norm > 0, norm, 1.0), 0.0)
            found -= projection[:, tf.newaxis] * tf.one_hot(met, tasks, dtype=gramian.dtype)
        known = tf.cast(present, gramian.dtype)
        return tf.linalg.matvec(found, known, transpose_a=True)


def random_orders(tasks: int, seed):
    """In each of `tasks` rows a random order of the tasks, `[tasks, tasks]` int32."""
    import tensorflow as tf

    return tf.argsort(tf.random.stateless_uniform([tasks, tasks], seed), axis=1)
