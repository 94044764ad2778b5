"""The layers of the networks: an exact sparse whitened first layer, and layers of several streams.

Activations between hidden layers have shape `[streams, batch, units]`: one stream while all
tasks go the same way, one a task after the first private layer.
"""

from typing import NamedTuple

import keras
import tensorflow as tf


@tf.custom_gradient
def _augmented_product(indices, values, dense_shape, kernel):
    """Product of a sparse matrix with `kernel`; the gradient is the transposed one's product."""
    matrix = tf.raw_ops.SparseTensorToCSRSparseMatrix(
        indices=indices, values=values, dense_shape=dense_shape
    )

    def gradient(upstream):
        # SparseMatrixMatMul's own transpose_a is slow; transposing a batch first is cheap.
        transposed = tf.raw_ops.SparseMatrixTranspose(input=matrix, type=values.dtype)
        return None, None, None, tf.raw_ops.SparseMatrixMatMul(a=transposed, b=upstream)

    return tf.raw_ops.SparseMatrixMatMul(a=matrix, b=kernel), gradient


class WhitenedSparseDense(keras.layers.Layer):
    """First hidden layer on whitened counts, computed without ever making them dense.

    Whitening commutes with the product: ((x - mean) / sd) W = (x / sd) W - (mean / sd) W. The
    row `mean / sd` is appended to the sparse batch, so one sparse product gives both terms, and
    autodiff's one transposed product gives the exact gradient.

    Args:
        copies: 1 for a layer that the tasks share, else the number of tasks.
        units: Outputs of each copy.
        num_words: Size of the vocabulary.

    Input: `tf.SparseTensor` `[batch, words]` of (transformed) counts, indices in row-major order.
    Output: `[copies, batch, units]`, before the activation.
    """

    def __init__(self, copies: int, units: int, num_words: int, **options):
        super().__init__(**options)
        self.copies, self.units, self.num_words = copies, units, num_words
        self.kernel = self.add_weight(
            shape=(num_words, copies * units), initializer="he_normal", name="kernel"
        )
        self.bias = self.add_weight(shape=(copies, 1, units), initializer="zeros", name="bias")
        self.mean = self.add_weight(
            shape=(num_words,), initializer="zeros", trainable=False, name="mean"
        )
        # 0 where a word never varies in training: its whitened value is then 0 for every song.
        self.inverse_sd = self.add_weight(
            shape=(num_words,), initializer="ones", trainable=False, name="inverse_sd"
        )

    def call(self, counts: tf.SparseTensor) -> tf.Tensor:
        """Whitens and multiplies by the kernel."""
        inverse_sd = tf.convert_to_tensor(self.inverse_sd)
        songs, words = counts.dense_shape[0], counts.indices[:, 1]
        mean_row = tf.stack(
            [tf.fill([self.num_words], songs), tf.range(self.num_words, dtype=tf.int64)], axis=1
        )
        product = _augmented_product(
            tf.concat([counts.indices, mean_row], axis=0),
            tf.concat(
                [counts.values * tf.gather(inverse_sd, words), self.mean * inverse_sd], axis=0
            ),
            tf.stack([songs + 1, tf.constant(self.num_words, tf.int64)]),
            tf.convert_to_tensor(self.kernel),
        )
        # Split, not sliced: the gradient of a slice fills and copies a whole array.
        scaled, of_mean = tf.split(product, tf.stack([songs, 1]))
        whitened = scaled + (tf.reshape(self.bias, [-1]) - of_mean)
        return tf.transpose(tf.reshape(whitened, [-1, self.copies, self.units]), [1, 0, 2])


class StreamDense(keras.layers.Layer):
    """A fully connected layer on streams: `[streams, batch, in]` to `[streams', batch, units]`.

    A shared layer (`copies` 1) applies the same weights to each stream. A private one has one
    kernel a task, `[tasks, in, units]`, applied to the task's own stream in one batched product.
    """

    def __init__(self, copies: int, units: int, inputs: int, **options):
        super().__init__(**options)
        self.copies, self.units, self.inputs = copies, units, inputs
        self.kernel = self.add_weight(
            shape=(copies, inputs, units), initializer="he_normal", name="kernel"
        )
        self.bias = self.add_weight(shape=(copies, 1, units), initializer="zeros", name="bias")

    def call(self, streams: tf.Tensor) -> tf.Tensor:
        """Multiplies each stream by its copy of the kernel."""
        if self.copies == 1 and streams.shape[0] > 1:
            flat = tf.reshape(streams, [-1, self.inputs]) @ tf.squeeze(self.kernel, 0)
            product = tf.reshape(flat, [streams.shape[0], -1, self.units])
        else:
            product = tf.matmul(streams, self.kernel)
        return product + self.bias


class StreamBatchNormalization(keras.layers.Layer):
    """Batch normalisation on streams: per task in a private layer, over all in a shared one."""

    def __init__(self, copies: int, units: int, **options):
        super().__init__(**options)
        self.copies, self.units = copies, units
        # Replicas that share a batch normalise by the whole of it.
        self.normalization = keras.layers.BatchNormalization(
            momentum=0.9, synchronized=tf.distribute.has_strategy(), dtype=self.dtype_policy
        )
        self.normalization.build((None, copies * units))

    def call(self, streams: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Normalises over the batch in training, by running averages otherwise."""
        if self.copies == 1:
            flat = self.normalization(tf.reshape(streams, [-1, self.units]), training=training)
            return tf.reshape(flat, tf.shape(streams))
        flat = tf.reshape(tf.transpose(streams, [1, 0, 2]), [-1, self.copies * self.units])
        flat = tf.reshape(
            self.normalization(flat, training=training), [-1, self.copies, self.units]
        )
        return tf.transpose(flat, [1, 0, 2])


class BatchPart(NamedTuple):
    """The songs of a batch that a replica works on: from `first` to `end` - 1, of `batch`."""

    first: tf.Tensor
    end: tf.Tensor
    batch: tf.Tensor


def dropout(
    values: tf.Tensor, rate: float, seed: tf.Tensor, part: BatchPart | None = None
) -> tf.Tensor:
    """Drops values with probability `rate` and scales the others by 1 / (1 - rate).

    Stateless: the same `seed` (two int32) drops the same values, so that a resumed run needs no
    generator state. A part of a batch, `[streams, songs, units]`, loses what it loses within the
    whole batch. 16 random bits a value are half the work of a random float32; they know `rate` to
    within 2^-17.
    """
    shape = tf.shape(values)
    if part is not None:
        shape = tf.stack([shape[0], part.batch, shape[2]])
    size = tf.reduce_prod(shape)
    four_each = tf.random.stateless_uniform(
        [(size + 3) // 4], seed, minval=None, maxval=None, dtype=tf.int64
    )
    bits = tf.reshape(tf.reshape(tf.bitcast(four_each, tf.int16), [-1])[:size], shape)
    if part is not None:
        bits = bits[:, part.first : part.end]
    threshold = min(round(rate * 2**16), 2**16 - 1) - 2**15
    kept = bits >= tf.constant(threshold, tf.int16)
    # As a factor: its gradient is one product, that of a choice fills and copies arrays.
    return values * (tf.cast(kept, values.dtype) * (1.0 / (1.0 - rate)))
