"""The tasks' gradients of the shared variables: their Gramian, and any weighted sum of them.

Exact for every network by a backward pass per task; for a network with a `Trunk` without making
any task's gradient at all.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from representation_music.experiments.training.objectives.objective import Batch

if TYPE_CHECKING:
    import tensorflow as tf

    from representation_music.models.network import Network
    from representation_music.models.trunk import Trunk


class TaskGradients(NamedTuple):
    """What a gradient method needs of a batch.

    Attributes:
        losses: `[tasks]`.
        gramian: `[tasks, tasks]`, inner products of the gradients of the shared variables.
        gradients: From weights `[tasks]` to a gradient per variable of
            `network.trainable_variables`: shared ones weighted, the others at weight 1.
    """

    losses: "tf.Tensor"
    gramian: "tf.Tensor"
    gradients: "Callable[[tf.Tensor], list[tf.Tensor]]"


def task_gradients(network: "Network", batch: Batch) -> TaskGradients:
    """The gradients of a batch by the cheaper of the ways that the network has."""
    trunk = network.trunk()
    return by_passes(network, batch) if trunk is None else by_trunk(network, batch, trunk)


def by_passes(network: "Network", batch: Batch) -> TaskGradients:
    """Every task's gradient by a backward pass of its own."""
    import tensorflow as tf

    shared, private = network.shared_variables, private_variables(network)
    with tf.GradientTape(persistent=True) as tape:
        losses = batch.losses()
        each, total = tf.unstack(losses), tf.reduce_sum(losses)
    none = tf.UnconnectedGradients.ZERO
    of_tasks = [tape.gradient(loss, shared, unconnected_gradients=none) for loss in each]
    of_private = tape.gradient(total, private)
    del tape
    flat = [tf.stack([tf.reshape(g, [-1]) for g in same]) for same in zip(*of_tasks, strict=True)]
    gramian = tf.add_n([tf.matmul(each, each, transpose_b=True) for each in flat])

    def gradients(weights):
        summed = [
            tf.reshape(tf.linalg.matvec(each, weights, transpose_a=True), variable.shape)
            for each, variable in zip(flat, shared, strict=True)
        ]
        return in_order(network, (shared, summed), (private, of_private))

    return TaskGradients(losses, gramian, gradients)


def by_trunk(network: "Network", batch: Batch, trunk: "Trunk") -> TaskGradients:
    """The same from derivatives of activations alone; no task's gradient is made.

    One backward pass through the private part gives every task's derivative at the end of the
    trunk. Derivatives of activations go down the trunk once per task, their weighted sum once
    more, which alone makes gradients of weights.
    """
    import tensorflow as tf

    private = private_variables(network)
    with tf.GradientTape(persistent=True) as tape:
        losses = batch.losses(trunk=trunk)
        total = tf.reduce_sum(losses)
    of_streams, *of_private = tape.gradient(total, [trunk.streams, *private])
    at_end = tf.split(of_streams, len(network.tasks))  # each [1, batch, units]
    down = [tape.gradient(trunk.end, trunk.outputs, output_gradients=each) for each in at_end]
    gramian = tf.add_n(
        [
            inner_products(layer.similarity(inputs), tf.concat(derivatives, axis=0))
            for layer, inputs, *derivatives in zip(trunk.layers, trunk.inputs, *down, strict=True)
        ]
    )

    def gradients(weights):
        weighted = tf.tensordot(weights, of_streams, 1)[tf.newaxis]
        shared = network.shared_variables
        summed = tape.gradient(trunk.end, shared, output_gradients=weighted)
        return in_order(network, (shared, summed), (private, of_private))

    return TaskGradients(losses, gramian, gradients)


def inner_products(similarity: "tf.Tensor", derivatives: "tf.Tensor") -> "tf.Tensor":
    """sum((A A') * (D_j D_k')) for all pairs of tasks, `[tasks, tasks]`.

    Args:
        similarity: A A', `[batch, batch]`.
        derivatives: D, `[tasks, batch, units]`.
    """
    import tensorflow as tf

    tasks = derivatives.shape[0]
    spread = tf.matmul(similarity, derivatives)
    left, right = (tf.reshape(each, [tasks, -1]) for each in (spread, derivatives))
    return tf.matmul(left, right, transpose_b=True)


def private_variables(network: "Network") -> list:
    """The trained variables that are not shared, in their order."""
    shared = {id(variable) for variable in network.shared_variables}
    return [variable for variable in network.trainable_variables if id(variable) not in shared]


def in_order(network: "Network", *parts: tuple[list, list]) -> list:
    """Gradients as the network has its variables, from lists of variables and their gradients."""
    of = {id(v): g for variables, found in parts for v, g in zip(variables, found, strict=True)}
    return [of[id(variable)] for variable in network.trainable_variables]
