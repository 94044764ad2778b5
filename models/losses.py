"""Losses masked for missing labels, one sum per task."""

from collections.abc import Sequence

import tensorflow as tf

from representation_music.utils.tasks import Task


def summed_task_losses(
    tasks: Sequence[Task], outputs: Sequence[tf.Tensor], labels: tf.Tensor
) -> tf.Tensor:
    """Each task's loss summed over the songs of a batch that carry its label.

    Soft-max or logistic cross-entropy (nats) for classification, squared error of standardised
    labels for regression.

    Args:
        tasks: The tasks.
        outputs: One tensor per task, `[batch, outputs]`, as networks give them.
        labels: `[batch, tasks]`; NaN where missing, class numbers for multi-class tasks.

    Returns:
        `[tasks]`; a task without a label in the batch has loss 0 and gradient 0.
    """
    known = tf.math.is_finite(labels)
    # Masking the input as well keeps NaN out of the gradient of the unused branch.
    filled = tf.where(known, labels, tf.zeros_like(labels))
    sums = []
    for number, (task, output) in enumerate(zip(tasks, outputs, strict=True)):
        label = filled[:, number]
        if task.kind == "regression":
            losses = tf.square(output[:, 0] - label)
        elif task.kind == "binary":
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=label, logits=output[:, 0])
        else:
            classes = tf.cast(label, tf.int32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=output)
        sums.append(tf.reduce_sum(tf.where(known[:, number], losses, tf.zeros_like(losses))))
    return tf.stack(sums)
