"""Nash-MTL: the step is a bargain between the tasks (Navon et al. 2022, arXiv:2202.01017)."""

from representation_music.experiments.training.objectives.gradients.gramian import GramianWeighting

STEPS = 100
TOLERANCE = 1e-9
#: Added to the cosines' diagonal: opposed gradients have no finite solution.
RIDGE = 1e-6


class NashMTL(GramianWeighting):
    """The a > 0 with G a = 1 / a, G divided by its Frobenius norm.

    The paper's G is not divided: its step has the length sqrt(K) whatever the gradients, and is
    cut off at 1. Ours has the same direction and is as long as the sum where all gradients are
    equal. a is where a'Ga / 2 - sum log a is least, which Newton's damped steps find; the
    authors' code comes near it by convex problems in turn. With b = a times the norms, the
    cosines C have C b = 1 / b: the norms make no difference to the direction.
    """

    name = "nash_mtl"

    def weights(self, gramian, present):
        """The solution; 1 for a gradient of 0, which has no bargain to make."""
        import tensorflow as tf

        norms = tf.sqrt(tf.maximum(tf.linalg.diag_part(gramian), 0.0))
        alive = present & (norms > 0)
        safe = tf.where(alive, norms, 1.0)
        cosines = gramian / (safe[:, tf.newaxis] * safe[tf.newaxis])
        # The others stand alone: cosine 1 with themselves.
        cosines += tf.linalg.diag(tf.where(alive, tf.constant(RIDGE, gramian.dtype), 1.0))

        def newton(step, b, decrement):
            slope = tf.linalg.matvec(cosines, b) - 1.0 / b
            factor = tf.linalg.cholesky(cosines + tf.linalg.diag(1.0 / tf.square(b)))
            move = tf.linalg.cholesky_solve(factor, slope[:, tf.newaxis])[:, 0]
            decrement = tf.sqrt(tf.maximum(tf.tensordot(slope, move, 1), 0.0))
            b -= move / tf.where(decrement > 0.25, 1.0 + decrement, 1.0)
            return step + 1, b, decrement

        _, b, _ = tf.while_loop(
            lambda step, b, decrement: (step < STEPS) & (decrement > TOLERANCE),
            newton,
            (0, tf.ones_like(norms), tf.constant(1.0, gramian.dtype)),
        )
        return tf.where(alive, b / safe * tf.sqrt(tf.norm(gramian)), 1.0)
