"""The tasks' gradients of the shared variables: their Gramian, and any weighted sum of them.

Exact for every network by a backward pass per task; for one that keeps a record of its
`shared_layers` by one backward pass and derivatives of activations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from representation_music.experiments.training.objectives.objective import Batch

if TYPE_CHECKING:
    import tensorflow as tf

    from representation_music.models.network import Network
    from representation_music.models.shared_layers import SharedLayers


@dataclass(frozen=True)
class TaskGradients:
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
    shared = network.shared_layers()
    return by_passes(network, batch) if shared is None else by_layers(network, batch, shared)


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
    apart = [flat(tf.stack(same)) for same in zip(*of_tasks, strict=True)]
    gramian = tf.add_n(list(map(gramian_of, apart)))

    def gradients(weights):
        summed = weighted(apart, weights, shared)
        return in_order(network, (shared, summed), (private, of_private))

    return TaskGradients(losses, gramian, gradients)


def by_layers(network: "Network", batch: Batch, shared: "SharedLayers") -> TaskGradients:
    """The same from one backward pass of all tasks through what is theirs alone.

    It has the derivatives of tasks apart where their streams are. Of shared layers above the
    parting that gives each task's gradient at the price of their sum. Below it derivatives of
    activations go down once per task, their weighted sum once more, which alone makes gradients.
    """
    import tensorflow as tf

    tasks, private = len(network.tasks), private_variables(network)
    with tf.GradientTape(persistent=True) as tape:
        losses = batch.losses(shared=shared)
        total = tf.reduce_sum(losses)
    ends = [shared.streams] if shared.below else []
    outputs = [use.outputs for use in shared.above]
    found = tape.gradient(total, [*ends, *outputs, *private])
    of_ends, found = found[: len(ends)], found[len(ends) :]
    of_outputs, of_private = found[: len(outputs)], found[len(outputs) :]

    variables_above, apart = [], []
    for use, derivatives in zip(shared.above, of_outputs, strict=True):
        variables_above += [use.layer.kernel, use.layer.bias]
        kernels = tf.matmul(use.inputs, derivatives, transpose_a=True)
        apart += [flat(kernels), tf.reduce_sum(derivatives, axis=1)]
    products = list(map(gramian_of, apart))
    if shared.below:
        down = [
            tape.gradient(shared.end, [use.outputs for use in shared.below], output_gradients=end)
            for end in tf.split(of_ends[0], tasks)  # each [1, batch, units]
        ]
        for use, *derivatives in zip(shared.below, *down, strict=True):
            similarity = use.layer.similarity(use.inputs)
            products.append(inner_products(similarity, tf.concat(derivatives, axis=0)))

    def gradients(weights):
        parts = [(private, of_private)]
        parts.append((variables_above, weighted(apart, weights, variables_above)))
        if shared.below:
            below = [v for use in shared.below for v in (use.layer.kernel, use.layer.bias)]
            end = tf.tensordot(weights, of_ends[0], 1)[tf.newaxis]
            parts.append((below, tape.gradient(shared.end, below, output_gradients=end)))
        return in_order(network, *parts)

    return TaskGradients(losses, tf.add_n(products), gradients)


def inner_products(similarity: "tf.Tensor", derivatives: "tf.Tensor") -> "tf.Tensor":
    """sum((A A') * (D_j D_k')) for all pairs of tasks, `[tasks, tasks]`.

    Args:
        similarity: A A', `[batch, batch]`.
        derivatives: D, `[tasks, batch, units]`.
    """
    import tensorflow as tf

    return tf.matmul(flat(tf.matmul(similarity, derivatives)), flat(derivatives), transpose_b=True)


def flat(each: "tf.Tensor") -> "tf.Tensor":
    """`[tasks, values]` from `[tasks, ...]`."""
    import tensorflow as tf

    return tf.reshape(each, [each.shape[0], -1])


def gramian_of(apart: "tf.Tensor") -> "tf.Tensor":
    """Inner products `[tasks, tasks]` of rows."""
    import tensorflow as tf

    return tf.matmul(apart, apart, transpose_b=True)


def weighted(apart: list, weights: "tf.Tensor", variables: list) -> list:
    """The weighted sum of each variable's gradients `[tasks, values]`, in the variable's shape."""
    import tensorflow as tf

    return [
        tf.reshape(tf.linalg.matvec(each, weights, transpose_a=True), variable.shape)
        for each, variable in zip(apart, variables, strict=True)
    ]


def private_variables(network: "Network") -> list:
    """The trained variables that are not shared, in their order."""
    shared = {id(variable) for variable in network.shared_variables}
    return [variable for variable in network.trainable_variables if id(variable) not in shared]


def in_order(network: "Network", *parts: tuple[list, list]) -> list:
    """Gradients as the network has its variables, from lists of variables and their gradients."""
    of = {id(v): g for variables, found in parts for v, g in zip(variables, found, strict=True)}
    return [of[id(variable)] for variable in network.trainable_variables]
