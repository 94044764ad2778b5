"""What one forward pass leaves of the shared layers, for objectives that weigh gradients.

With A the input of a shared layer `[batch, in]` and D_k the derivative of task k's loss at its
output `[batch, units]`, that task's gradient is A' D_k. Where all tasks go the same way, two
tasks' inner product is sum((A A') * (D_j D_k')), a bias adds 1 to A A', and no gradient per task
is needed. Where each task has a stream of its own, one backward pass has all D_k apart.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


@dataclass(frozen=True)
class Use:
    """One use of a shared layer.

    Attributes:
        layer: It has one kernel and one bias, and below the parting a `similarity` of its inputs.
        inputs: Its inputs, `[streams, batch, in]`, or the first layer's bags of words.
        outputs: `[streams, batch, units]`, before the activation.
    """

    layer: "keras.layers.Layer"
    inputs: "tf.Tensor | tf.SparseTensor"
    outputs: "tf.Tensor"


class SharedLayers:
    """The uses of all shared layers, from the first layer up.

    Attributes:
        below: Those before the streams part, of one stream.
        above: Those after, of a stream per task.
        end: `[1, batch, units]`, what all tasks have in common; None where the first layer is
            private.
        streams: `[tasks, batch, units]`, a copy of `end` per task: derivatives at it lie apart.
    """

    def __init__(self):
        self.below: list[Use] = []
        self.above: list[Use] = []
        self.end: tf.Tensor | None = None
        self.streams: tf.Tensor | None = None

    def note(self, layer: "keras.layers.Layer", inputs, outputs: "tf.Tensor") -> None:
        """Adds a use of a layer."""
        (self.below if outputs.shape[0] == 1 else self.above).append(Use(layer, inputs, outputs))

    def part(self, end: "tf.Tensor", tasks: int) -> "tf.Tensor":
        """Gives each task a stream of its own."""
        import tensorflow as tf

        self.end, self.streams = end, tf.repeat(end, tasks, axis=0)
        return self.streams
