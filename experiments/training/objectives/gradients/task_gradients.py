"""The tasks' gradients of the shared variables: their Gramian, and any weighted sum of them.

Exact for every network, without a backward pass per task: one for all goes down to where the tasks
part, below which only derivatives of activations are each task's own.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from representation_music.experiments.training.objectives.objective import Batch
from representation_music.models.shared_layers import Record, Use, recording

if TYPE_CHECKING:
    import tensorflow as tf

    from representation_music.models.network import Network

NOT_APART = "a variable is shared above the place where the tasks part, not by one use of a layer"


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
    """The gradients of a batch.

    Above the place where the tasks part, one backward pass of all losses has their derivatives
    apart. From there derivatives alone go down once per task, to the outputs of shared layers and
    to the few shared variables that no such layer has. A step's gradients of a layer follow from
    the weighted sum of its derivatives.

    Raises:
        ValueError: if variables are shared above that place otherwise than by a single use of a
            layer that notes it.
    """
    import tensorflow as tf

    tasks, shared = len(network.tasks), {id(v): v for v in network.shared_variables}
    private = [v for v in network.trainable_variables if id(v) not in shared]
    with tf.GradientTape(persistent=True) as tape, recording() as record:
        losses = batch.losses()
        total = tf.reduce_sum(losses)
    above, below = sole_uses(record, shared)
    in_layers = {id(v) for v in variables_of(above + below)}
    rest = [v for key, v in shared.items() if key not in in_layers]

    ends = [] if record.streams is None else [record.streams]
    wanted = ends, [use.outputs for use in above], private
    of_ends, of_above, of_private = tape.gradient(total, wanted, unconnected_gradients="zero")
    apart = [g for each in zip(above, of_above, strict=True) for g in gradients_apart(*each)]

    start, first = losses, tf.eye(tasks, dtype=losses.dtype)
    if ends:
        start, first = record.end, of_ends[0][:, tf.newaxis]  # [tasks, 1, batch, units]
        if start.shape[0] > 1:  # a task's loss depends on its own stream alone
            first *= tf.reshape(tf.eye(tasks, dtype=first.dtype), [tasks, tasks, 1, 1])
    found = sent_down(tape, start, first, [*(use.outputs for use in below), *rest])
    of_below, of_rest = found[: len(below)], [flat(each) for each in found[len(below) :]]

    def gradients(weights):
        parts = [(private, of_private), (rest, weighted(of_rest, weights, rest))]
        parts.append((variables_of(above), weighted(apart, weights, variables_of(above))))
        for use, derivatives in zip(below, of_below, strict=True):
            derivative = tf.tensordot(weights, tf.cast(derivatives, weights.dtype), 1)
            derivative = tf.cast(derivative, use.outputs.dtype)
            own = variables_of([use])
            parts.append((own, tape.gradient(use.outputs, own, output_gradients=derivative)))
        return in_order(network, *parts)

    gramians = list(map(gramian_of, apart + of_rest))
    for use, derivatives in zip(below, of_below, strict=True):
        gramians.append(inner_products(use.layer.similarity(use.inputs), derivatives))
    return TaskGradients(losses, tf.add_n(gramians), gradients)


def sole_uses(record: Record, shared: dict) -> tuple[list[Use], list[Use]]:
    """The uses above and below of shared layers that are used once.

    Args:
        record: What was used.
        shared: The shared variables, by `id`.

    Raises:
        ValueError: if a layer is used above and once more.
    """
    times = Counter(id(use.layer) for use in record.above + record.below)

    def of_shared(uses: list[Use]) -> list[Use]:
        return [use for use in uses if all(id(v) in shared for v in variables_of([use]))]

    above, below = of_shared(record.above), of_shared(record.below)
    if any(times[id(use.layer)] > 1 for use in above):
        raise ValueError(NOT_APART)
    return above, [use for use in below if times[id(use.layer)] == 1]


def sent_down(tape, start: "tf.Tensor", derivatives: "tf.Tensor", wanted: list) -> list:
    """Each task's derivatives of `wanted`, `[tasks, ...]`, from those at `start`.

    Raises:
        ValueError: if one of `wanted` is not below `start`.
    """
    import tensorflow as tf

    if not wanted:
        return []
    of_tasks = [
        tape.gradient(start, wanted, output_gradients=each) for each in tf.unstack(derivatives)
    ]
    if any(each is None for each in of_tasks[0]):
        raise ValueError(NOT_APART)
    return [tf.stack(same) for same in zip(*of_tasks, strict=True)]


def variables_of(uses: list[Use]) -> list:
    """Kernel and bias of each layer."""
    return [variable for use in uses for variable in (use.layer.kernel, use.layer.bias)]


def gradients_apart(use: Use, derivatives: "tf.Tensor") -> list:
    """Each task's gradients of kernel and bias, `[tasks, values]`, where it has its own stream."""
    import tensorflow as tf

    number = use.layer.variable_dtype
    inputs, derivatives = tf.cast(use.inputs, number), tf.cast(derivatives, number)
    kernels = tf.matmul(inputs, derivatives, transpose_a=True)
    return [flat(kernels), tf.reduce_sum(derivatives, axis=1)]


def inner_products(similarity: "tf.Tensor", derivatives: "tf.Tensor") -> "tf.Tensor":
    """sum((A A') * (D_j D_k')) for all pairs of tasks, `[tasks, tasks]`.

    Args:
        similarity: A A', `[streams or 1, rows, rows]`.
        derivatives: D, `[tasks, streams, batch, units]`; rows are songs, or songs of all streams.
    """
    import tensorflow as tf

    units, rows = derivatives.shape[-1], tf.shape(similarity)[-1]
    derivatives = tf.cast(derivatives, similarity.dtype)
    by_rows = tf.reshape(derivatives, [-1, rows, units])
    times = tf.shape(by_rows)[0] // similarity.shape[0]
    products = tf.matmul(tf.tile(similarity, [times, 1, 1]), by_rows)
    products = tf.reshape(products, [derivatives.shape[0], -1])
    return tf.matmul(products, flat(derivatives), transpose_b=True)


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


def in_order(network: "Network", *parts: tuple[list, list]) -> list:
    """Gradients as the network has its variables, from lists of variables and their gradients."""
    of = {id(v): g for variables, found in parts for v, g in zip(variables, found, strict=True)}
    return [of[id(variable)] for variable in network.trainable_variables]
