"""The layers that all tasks share below the place where their streams part.

What a forward pass leaves here lets gradient methods do without a gradient per task: with A the
input of a shared layer `[batch, in]` and D_k the derivative of task k's loss at its output
`[batch, units]`, that task's gradient is A' D_k, two tasks' inner product is
sum((A A') * (D_j D_k')), and a bias adds 1 to A A'.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


class Trunk:
    """What one forward pass leaves, from the first layer up.

    Attributes:
        layers: The shared layers, each with a `similarity` of its inputs.
        inputs: Their inputs.
        outputs: Their outputs `[1, batch, units]`, before the activation.
        end: `[1, batch, units]`, what comes out of the trunk.
        streams: `[tasks, batch, units]`, a copy of `end` per task: derivatives at it lie apart.
    """

    def __init__(self):
        self.layers: list[keras.layers.Layer] = []
        self.inputs: list = []
        self.outputs: list[tf.Tensor] = []
        self.end: tf.Tensor | None = None
        self.streams: tf.Tensor | None = None

    def note(self, layer: "keras.layers.Layer", inputs, outputs: "tf.Tensor") -> None:
        """Adds a layer."""
        self.layers.append(layer)
        self.inputs.append(inputs)
        self.outputs.append(outputs)

    def part(self, end: "tf.Tensor", tasks: int) -> "tf.Tensor":
        """Ends the trunk; gives each task a stream of its own."""
        import tensorflow as tf

        self.end, self.streams = end, tf.repeat(end, tasks, axis=0)
        return self.streams
