"""Networks of streams: what hidden layers have in common, whichever of them tasks share.

Values between hidden layers are streams, `[streams, batch, units]`: one while all tasks go the
same way, one per task where their ways part.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from representation_music.models.network import Network, NetworkConfig
from representation_music.utils.tasks import Task

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


class StreamNetwork(Network):
    """A network of hidden layers on streams, and a head per task.

    Attributes:
        hidden: Its hidden layers, before normalisation and activation.
        normalizations: Batch normalisation of each; empty without.
        heads: One per task.
        activation: What follows each hidden layer.
    """

    def __init__(
        self, config: NetworkConfig, tasks: Sequence[Task], num_inputs: int, dtype: str = "float32"
    ):
        import tensorflow as tf

        super().__init__(config, tasks, num_inputs, dtype)
        # The sparse product has no bfloat16 kernel; heads are small, and a loss needs every digit.
        self.upper_dtype = "mixed_bfloat16" if config.precision == "bfloat16" else dtype
        self.activation = {
            "relu": tf.nn.relu,
            "leaky_relu": lambda values: tf.nn.leaky_relu(values, 0.01),
            "linear": lambda values: values,
        }[config.activation]
        self.hidden, self.normalizations, self.heads = [], [], []

    def add_hidden(
        self, copies: int, units: int, inputs: int, name: str = "", kind: type | None = None
    ) -> int:
        """Makes a hidden layer of `copies` side by side; the first one reads words.

        Args:
            copies, units, inputs, name: See `StreamDense`.
            kind: Another class than that, above the first.

        Returns:
            Its number in `hidden`.
        """
        from representation_music.models.layers import (
            StreamBatchNormalization,
            StreamDense,
            WhitenedSparseDense,
        )

        number = len(self.hidden)
        name = name or f"fc{number + 1}"
        dtype = self.upper_dtype if number else self.dtype
        kind = kind or (StreamDense if number else WhitenedSparseDense)
        self.hidden.append(self.add(kind(copies, units, inputs, name=name, dtype=dtype)))
        if self.config.batch_normalization:
            name = f"normalization{number + 1}"
            layer = StreamBatchNormalization(copies, units, name=name, dtype=dtype)
            self.normalizations.append(self.add(layer))
        return number

    def add_heads(self, inputs: int) -> None:
        """Makes a head per task on streams of so many units."""
        from representation_music.models.layers import Head

        self.heads = [
            self.add(Head(task.num_outputs, inputs, name=f"head{number}", dtype=self.dtype))
            for number, task in enumerate(self.tasks)
        ]

    def words_read(self, counts: "tf.SparseTensor", training: bool, part) -> "tf.SparseTensor":
        """The songs of `part` without the words that are dropped; arguments as of `__call__`."""
        import tensorflow as tf

        from representation_music.models.layers import dropout

        if training and self.config.word_dropout:
            state = tf.convert_to_tensor(self.random_state)
            values = dropout(counts.values, self.config.word_dropout, state)
            counts = tf.SparseTensor(counts.indices, values, counts.dense_shape)
        if part is None:
            return counts
        size = [part.end - part.first, counts.dense_shape[1]]
        return tf.sparse.slice(counts, [part.first, 0], size)

    def activated(self, number: int, outputs: "tf.Tensor", training: bool) -> "tf.Tensor":
        """What leaves hidden layer `number`: its outputs, normalised and activated."""
        if self.normalizations:
            outputs = self.normalizations[number](outputs, training=training)
        return self.activation(outputs)

    def dropped(self, depth: int, streams: "tf.Tensor", training: bool, part) -> "tf.Tensor":
        """The streams at a depth, in training without the units that are dropped there."""
        import tensorflow as tf

        from representation_music.models.layers import dropout

        rate = self.config.dropout[depth] if training else 0.0
        if not rate:
            return streams
        # Another seed at each depth; 7919 keeps clear of other runs' small seeds.
        state = tf.convert_to_tensor(self.random_state)
        return dropout(streams, rate, tf.stack([state[0] + 7919 * (depth + 1), state[1]]), part)

    def outputs(self, streams: "tf.Tensor") -> "list[tf.Tensor]":
        """What the heads make of one stream per task, or of one for all."""
        import tensorflow as tf

        of_task = tf.unstack(streams)
        if len(of_task) == 1:
            of_task *= len(self.heads)
        return [head(stream) for head, stream in zip(self.heads, of_task, strict=True)]

    def initialise(
        self,
        rng: np.random.Generator,
        mean: np.ndarray,
        inverse_sd: np.ndarray,
        head_biases: Sequence[np.ndarray],
    ) -> None:
        """Draws weights, the first layer's first; biases are 0 but for the heads'."""
        config = self.config
        first, *others = self.hidden
        first.initialise(rng, config.initialization, mean, inverse_sd)
        for layer in others:
            layer.initialise(rng, config.initialization)
        for layer in self.normalizations:
            layer.initialise()
        of_heads = config.initialization if config.head_weights == "drawn" else "zero"
        for head, bias in zip(self.heads, head_biases, strict=True):
            head.initialise(rng, of_heads, bias)

    def variables_of_hidden(self, number: int) -> list:
        """The trained variables of a hidden layer and its normalisation."""
        layers: list[keras.layers.Layer] = [
            self.hidden[number],
            *self.normalizations[number : number + 1],
        ]
        return [variable for layer in layers for variable in layer.trainable_variables]
