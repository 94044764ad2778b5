"""The base network: a bag of words through hidden layers, shared or private, to one head a task."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from representation_music.models.layers import (
    BatchPart,
    StreamBatchNormalization,
    StreamDense,
    WhitenedSparseDense,
    dropout,
)
from representation_music.models.sharing_pattern import sharing_pattern
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

ACTIVATIONS = {"relu": tf.nn.relu, "leaky_relu": lambda values: tf.nn.leaky_relu(values, 0.01)}


class DNN(keras.Model):
    """A multi-task network whose sharing pattern is data.

    Layer k is one set of weights for all tasks where the pattern has `S`, one set a task where
    it has `P`. A shared layer above private ones applies its weights to each task's stream, or,
    with `merge`, joins the streams into one first.

    Args:
        tasks: Tasks to predict; each has one linear head. One task makes the single-task net.
        num_words: Size of the vocabulary.
        pattern: One letter a hidden layer, or the name of an architecture.
        widths: Units of each hidden layer.
        activation: `relu` or `leaky_relu` (slope 0.01).
        dropout_rates: Share of units dropped after each hidden layer, in training only.
        word_dropout: Share of a song's words dropped in training; the kept counts are scaled
            by 1 / (1 - rate) before whitening, so their mean is unchanged.
        batch_normalization: Whether to normalise before each activation.
        merge: `none`, or how a shared layer joins the streams it meets: `mean`, `concatenate`.
        upper_precision: `bfloat16` to compute the hidden layers after the first in it, on weights
            that stay float32.

    Raises:
        InputError: if pattern, widths and dropout rates differ in length, or a word is unknown.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        num_words: int = 5000,
        pattern: str = "SSPP",
        widths: Sequence[int] = (1024, 512, 256, 128),
        activation: str = "relu",
        dropout_rates: Sequence[float] = (0.0, 0.0, 0.5, 0.5),
        word_dropout: float = 0.0,
        batch_normalization: bool = False,
        merge: str = "none",
        upper_precision: str = "float32",
        **options,
    ):
        super().__init__(**options)
        self.pattern = sharing_pattern(pattern)
        if not len(self.pattern) == len(widths) == len(dropout_rates):
            raise InputError(
                "the network",
                f"pattern {self.pattern}, widths {tuple(widths)}, dropout {tuple(dropout_rates)}",
                "one letter, one width and one dropout rate for each hidden layer",
            )
        self.tasks = tuple(tasks)
        self.activation = ACTIVATIONS[activation]
        self.dropout_rates, self.word_dropout = tuple(dropout_rates), word_dropout
        self.merge = merge
        # Seed and step of the training step: dropout is a function of them and nothing else.
        self.random_state = self.add_weight(
            shape=(2,), dtype="int32", initializer="zeros", trainable=False, name="random_state"
        )
        # The sparse product has no bfloat16 kernel; heads are small, and losses want all digits.
        mixed = upper_precision == "bfloat16"
        upper = keras.DTypePolicy("mixed_bfloat16") if mixed else self.dtype_policy
        self._build_layers(num_words, tuple(widths), batch_normalization, upper)
        self.built = True  # by hand: Keras would trace `call` to find out, outside of any replica

    def _build_layers(
        self, num_words: int, widths: tuple[int, ...], normalise: bool, upper: keras.DTypePolicy
    ) -> None:
        """Makes hidden layers and heads, following streams and units through the net."""
        self.hidden, self.normalizations = [], []
        streams, inputs = 1, num_words
        for depth, (letter, units) in enumerate(zip(self.pattern, widths, strict=True)):
            copies = 1 if letter == "S" else len(self.tasks)
            if self._merges_before(depth, streams):
                inputs, streams = inputs * (streams if self.merge == "concatenate" else 1), 1
            name = f"fc{depth + 1}"
            if depth == 0:
                policy = self.dtype_policy
                layer = WhitenedSparseDense(copies, units, num_words, name=name, dtype=policy)
            else:
                policy = upper
                layer = StreamDense(copies, units, inputs, name=name, dtype=policy)
            self.hidden.append(layer)
            if normalise:
                name = f"normalization{depth + 1}"
                self.normalizations.append(
                    StreamBatchNormalization(copies, units, name=name, dtype=policy)
                )
            streams, inputs = max(streams, copies), units
        self.heads = []
        for number, task in enumerate(self.tasks):
            name, policy = f"head{number}", self.dtype_policy
            head = keras.layers.Dense(task.num_outputs, name=name, dtype=policy)
            head.build((None, inputs))
            self.heads.append(head)

    def _merges_before(self, depth: int, streams: int) -> bool:
        """Whether the streams are joined before the layer at `depth`."""
        return self.merge != "none" and self.pattern[depth] == "S" and streams > 1

    def call(
        self, counts: tf.SparseTensor, training: bool = False, part: BatchPart | None = None
    ) -> list[tf.Tensor]:
        """Predicts every task from bags of words.

        Args:
            counts: `[batch, words]`, (transformed) counts; whitening is the first layer's.
            training: Whether to drop units and words and normalise by the batch.
            part: The songs of the batch to predict; None: all. They lose the same words and units
                as within the whole batch.

        Returns:
            One tensor a task, `[batch, outputs]`: standardised values, a logit, or class logits.
        """
        state = tf.convert_to_tensor(self.random_state)
        if training and self.word_dropout:
            values = dropout(counts.values, self.word_dropout, state)
            counts = tf.SparseTensor(counts.indices, values, counts.dense_shape)
        if part is not None:
            size = [part.end - part.first, counts.dense_shape[1]]
            counts = tf.sparse.slice(counts, [part.first, 0], size)
        streams = self.hidden[0](counts)
        for depth in range(len(self.hidden)):
            if depth > 0:
                if self._merges_before(depth, streams.shape[0]):
                    streams = self._merged(streams)
                streams = self.hidden[depth](streams)
            if self.normalizations:
                streams = self.normalizations[depth](streams, training=training)
            streams = self.activation(streams)
            if training and self.dropout_rates[depth]:
                # Another seed at each depth; 7919 keeps clear of other runs' small seeds.
                seed = tf.stack([state[0] + 7919 * (depth + 1), state[1]])
                streams = dropout(streams, self.dropout_rates[depth], seed, part)
        of_task = tf.unstack(streams)
        if len(of_task) == 1:
            of_task *= len(self.heads)
        return [head(stream) for head, stream in zip(self.heads, of_task, strict=True)]

    def _merged(self, streams: tf.Tensor) -> tf.Tensor:
        """All streams as one: `[1, batch, units]`, or `[1, batch, streams * units]`."""
        if self.merge == "mean":
            return tf.reduce_mean(streams, axis=0, keepdims=True)
        return tf.concat(tf.unstack(streams), axis=-1)[tf.newaxis]

    def count_parameters(self) -> int:
        """Number of trained parameters."""
        return int(sum(variable.shape.num_elements() for variable in self.trainable_variables))
