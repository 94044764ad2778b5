"""What one forward pass leaves of the layers, for objectives that weigh gradients.

With A the input of a layer `[batch, in]` and D_k the derivative of task k's loss at its output
`[batch, units]`, that task's gradient is A' D_k. Two tasks' inner product is
sum((A A') * (D_j D_k')), a bias adds 1 to A A', and no gradient per task is needed. Above the
place where tasks part for good, one backward pass of all losses has all D_k apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


@dataclass(frozen=True)
class Use:
    """One use of a layer.

    Attributes:
        layer: It has a kernel and a bias, and a `similarity` of its inputs.
        inputs: Its inputs, `[streams, batch, in]`, or the first layer's bags of words.
        outputs: `[streams, batch, units]`, before the activation.
    """

    layer: "keras.layers.Layer"
    inputs: "tf.Tensor | tf.SparseTensor"
    outputs: "tf.Tensor"


@dataclass
class Record:
    """The uses of layers in one forward pass.

    Attributes:
        below: Those before the tasks part.
        above: Those after, of a stream per task.
        parted: Whether they parted; where a network does not say, all is below.
        end: `[streams, batch, units]`, the last that tasks have in common; None if that is words.
        streams: `[tasks, batch, units]`, each task's part or copy of it: derivatives lie apart.
    """

    below: list[Use] = field(default_factory=list)
    above: list[Use] = field(default_factory=list)
    parted: bool = False
    end: "tf.Tensor | None" = None
    streams: "tf.Tensor | None" = None


_open: ContextVar[Record | None] = ContextVar("_open", default=None)


@contextmanager
def recording() -> Iterator[Record]:
    """Opens a record, which the layers of a network that is called meanwhile fill."""
    record = Record()
    token = _open.set(record)
    try:
        yield record
    finally:
        _open.reset(token)


def note(layer: "keras.layers.Layer", inputs, outputs: "tf.Tensor") -> None:
    """Adds a use of a layer to the open record, if there is one."""
    if (record := _open.get()) is not None:
        (record.above if record.parted else record.below).append(Use(layer, inputs, outputs))


def tasks_part(streams, tasks: int):
    """Says that from here on no task's loss depends on another's stream.

    What tasks share above must be layers that `note` themselves.

    Args:
        streams: The words, one stream for all tasks, or one per task.
        tasks: Number of tasks.

    Returns:
        `streams`; a copy per task of one stream for all, while a record is open.
    """
    import tensorflow as tf

    record = _open.get()
    if record is not None:
        record.parted = True
        if record.below:
            record.end = streams
            streams = tf.repeat(streams, tasks, axis=0) if streams.shape[0] == 1 else streams
            record.streams = streams
    return streams
