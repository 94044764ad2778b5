"""Small convex problems of gradient methods, solved inside the graph to rounding.

Loops compile into one piece of code, so that a few hundred turns on matrices of ten tasks take
less than a millisecond.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

TURNS = 1000
TOLERANCE = 1e-9
TINY = 1e-30


def least_on_simplex(
    gramian: "tf.Tensor", linear: "tf.Tensor", factor: "tf.Tensor", present: "tf.Tensor"
) -> "tf.Tensor":
    """The w >= 0 with sum 1 that makes linear.w + factor sqrt(w'Gw) least.

    Each turn moves weight from the task that has most to lose to the one that has most to gain, as
    far as is best; how far is known in closed form. Tasks that are not present get 0.

    Args:
        gramian: G, `[tasks, tasks]` float64, positive semidefinite.
        linear: `[tasks]`.
        factor: Not negative.
        present: `[tasks]` bool.
    """
    import tensorflow as tf

    tasks = gramian.shape[0]
    known = tf.cast(present, gramian.dtype)
    high = tf.constant(1e30, gramian.dtype)
    first = known / tf.maximum(tf.reduce_sum(known), 1.0)

    def step(turn, w, gap):
        product = tf.linalg.matvec(gramian, w)
        norm = tf.sqrt(tf.maximum(tf.tensordot(w, product, 1), TINY))
        slope = linear + factor * product / norm
        gains = tf.argmin(tf.where(present, slope, high), output_type=tf.int32)
        loses = tf.argmax(tf.where(present & (w > 0), slope, -high), output_type=tf.int32)
        move = tf.one_hot(gains, tasks, dtype=w.dtype) - tf.one_hot(loses, tasks, dtype=w.dtype)
        gap = -tf.tensordot(slope, move, 1)
        # Along the move by t: down + factor sqrt(a t^2 + 2 b t + norm^2).
        down = tf.tensordot(linear, move, 1)
        a = tf.maximum(tf.tensordot(move, tf.linalg.matvec(gramian, move), 1), 0.0)
        b = tf.tensordot(move, product, 1)
        curved = a > 1e-14
        safe = tf.where(curved, a, 1.0)
        rest = tf.sqrt(tf.maximum(norm**2 - b**2 / safe, 0.0))
        bend = factor**2 * safe - down**2
        inner = -down * rest / tf.sqrt(safe * tf.maximum(bend, TINY)) - b / safe
        most = tf.tensordot(tf.one_hot(loses, tasks, dtype=w.dtype), w, 1)
        far = tf.where(down < 0, most, tf.zeros_like(most))
        t = tf.where(curved, tf.where(bend > 0, inner, far), most)
        t = tf.where(gap > TOLERANCE, tf.clip_by_value(t, 0.0, most), 0.0)
        w = tf.maximum(w + t * move, 0.0)
        # What was moved whole must not leave a crumb, which would be moved for ever.
        w = tf.where((t < most) | (tf.range(tasks) != loses), w, 0.0)
        return turn + 1, w, tf.where(t > 0, gap, 0.0)

    _, w, _ = tf.while_loop(
        lambda turn, w, gap: (turn < TURNS) & (gap > TOLERANCE),
        step,
        (0, first, tf.constant(1.0, gramian.dtype)),
    )
    return w


def projections_on_dual_cone(gramian: "tf.Tensor") -> "tf.Tensor":
    """Each task's gradient, moved as little as possible so that it conflicts with none.

    Row i of the result `[tasks, tasks]` is the v >= e_i that makes v'Gv least (Quinton & Rey 2024,
    proposition 1), found by coordinates in turn.

    Args:
        gramian: G, `[tasks, tasks]` float64, positive semidefinite.
    """
    import tensorflow as tf

    tasks = gramian.shape[0]
    norms = tf.linalg.diag_part(gramian)
    units = tf.eye(tasks, dtype=gramian.dtype)

    def sweep(turn, found, change):
        before = found
        for task in range(tasks):
            inner = tf.linalg.matvec(found, gramian[task])
            norm = norms[task]
            best = found[:, task] - inner / tf.where(norm > 0, norm, 1.0)
            best = tf.where(norm > 0, tf.maximum(best, units[:, task]), units[:, task])
            found += (best - found[:, task])[:, tf.newaxis] * units[task]
        return turn + 1, found, tf.reduce_max(tf.abs(found - before))

    _, found, _ = tf.while_loop(
        lambda turn, found, change: (turn < TURNS) & (change > TOLERANCE),
        sweep,
        (0, units, tf.constant(1.0, gramian.dtype)),
    )
    return found
