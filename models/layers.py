"""The layers of the networks: an exact sparse whitened first layer, and layers of several streams.

Activations between hidden layers have shape `[streams, batch, units]`: one stream while all
tasks go the same way, one per task after the first private layer.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from representation_music.models.shared_layers import note


def draw_kernel(
    kernel: keras.Variable, rng: np.random.Generator, initialization: str, fan_in: int
) -> None:
    """Gives a kernel its first values.

    Args:
        kernel: The variable.
        rng: Source of the draws.
        initialization: `he` (He et al. 2015), `normal` (standard deviation 0.01) or `zero`.
        fan_in: Inputs of each of its units.
    """
    if initialization == "zero":
        kernel.assign(tf.zeros_like(kernel))
        return
    sd = np.sqrt(2 / fan_in) if initialization == "he" else 0.01
    kernel.assign(rng.standard_normal(kernel.shape, dtype=np.float32) * np.float32(sd))


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

    def initialise(
        self,
        rng: np.random.Generator,
        initialization: str,
        mean: np.ndarray,
        inverse_sd: np.ndarray,
    ) -> None:
        """Draws the kernel, clears the bias and takes up whitening statistics `[words]`."""
        # A word that never varies is 0 and no input.
        fan_in = max(1, np.count_nonzero(inverse_sd))
        draw_kernel(self.kernel, rng, initialization, fan_in)
        self.bias.assign(tf.zeros_like(self.bias))
        self.mean.assign(mean)
        self.inverse_sd.assign(inverse_sd)

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
        outputs = tf.transpose(tf.reshape(whitened, [-1, self.copies, self.units]), [1, 0, 2])
        note(self, counts, outputs)
        return outputs

    def similarity(self, counts: tf.SparseTensor) -> tf.Tensor:
        """Inner products of the songs' whitened counts and 1 for the bias, `[1, batch, batch]`."""
        inverse_sd = tf.convert_to_tensor(self.inverse_sd)
        dense = tf.sparse.to_dense(counts, validate_indices=False)
        whitened = (dense - tf.convert_to_tensor(self.mean)) * inverse_sd
        return tf.matmul(whitened, whitened, transpose_b=True)[tf.newaxis] + 1.0


class StreamDense(keras.layers.Layer):
    """A fully connected layer on streams: `[streams, batch, in]` to `[streams', batch, units]`.

    A shared layer (`copies` 1) applies the same weights to each stream. A private one has one
    kernel per task, `[tasks, in, units]`, applied to the task's own stream in one batched product.
    """

    product = staticmethod(tf.matmul)

    def __init__(self, copies: int, units: int, inputs: int, **options):
        super().__init__(**options)
        self.copies, self.units, self.inputs = copies, units, inputs
        self.kernel = self.add_weight(
            shape=(copies, inputs, units), initializer="he_normal", name="kernel"
        )
        self.bias = self.add_weight(shape=(copies, 1, units), initializer="zeros", name="bias")

    def initialise(self, rng: np.random.Generator, initialization: str) -> None:
        """Draws the kernel and clears the bias."""
        draw_kernel(self.kernel, rng, initialization, self.inputs)
        self.bias.assign(tf.zeros_like(self.bias))

    def call(self, streams: tf.Tensor) -> tf.Tensor:
        """Multiplies each stream by its copy of the kernel."""
        if self.copies == 1 and streams.shape[0] > 1:
            flat = tf.reshape(streams, [-1, self.inputs]) @ tf.squeeze(self.kernel, 0)
            product = tf.reshape(flat, [streams.shape[0], -1, self.units])
        else:
            product = self.product(streams, tf.convert_to_tensor(self.kernel))
        outputs = product + self.bias
        note(self, streams, outputs)
        return outputs

    def similarity(self, streams: tf.Tensor) -> tf.Tensor:
        """Inner products of the inputs of each kernel, and 1 for the bias.

        Returns:
            `[streams, batch, batch]`; of streams that share a kernel `[1, streams * batch, ...]`.
        """
        inputs = tf.cast(streams, self.variable_dtype)
        if self.copies == 1:
            inputs = tf.reshape(inputs, [1, -1, self.inputs])
        return tf.matmul(inputs, inputs, transpose_b=True) + 1.0


@tf.custom_gradient
def _products_of_rank_2(streams, kernels):
    """`tf.matmul(streams, kernels)`, whose gradient's products are batched, as of that."""

    def gradient(upstream):
        of_streams = tf.matmul(upstream, kernels, transpose_b=True)
        if streams.shape[0] < kernels.shape[0]:
            of_streams = tf.reduce_sum(of_streams, axis=0, keepdims=True)
        return of_streams, tf.matmul(streams, upstream, transpose_a=True)

    times = kernels.shape[0] // streams.shape[0]
    pairs = zip(tf.unstack(streams) * times, tf.unstack(kernels), strict=True)
    return tf.stack([stream @ kernel for stream, kernel in pairs]), gradient


class Experts(StreamDense):
    """Experts side by side, of all tasks or of each: one wide kernel for a stream.

    Of 64 songs and 4 million weights a product of rank 2 takes 6.0 ms, a batched one 7.2; the
    gradient of the songs takes 8.6 and 6.6, so that is left batched.
    """

    product = staticmethod(_products_of_rank_2)


class Stitch(keras.layers.Layer):
    """Every stream becomes a weighted sum of all: `[streams, batch, units]` to the same shape."""

    def __init__(self, streams: int, **options):
        super().__init__(**options)
        self.streams = streams
        self.matrix = self.add_weight(shape=(streams, streams), initializer="zeros", name="stitch")

    def initialise(self, own: float) -> None:
        """Gives each stream the weight `own` in its own sum, the others equal parts of the rest."""
        others = (1 - own) / max(self.streams - 1, 1)
        one = np.eye(self.streams)
        self.matrix.assign(own * one + others * (1 - one) if self.streams > 1 else one)

    def call(self, streams: tf.Tensor) -> tf.Tensor:
        """One small product for all songs and units."""
        flat = tf.reshape(streams, [self.streams, -1])
        return tf.reshape(tf.convert_to_tensor(self.matrix) @ flat, tf.shape(streams))


class Head(keras.layers.Dense):
    """A task's output layer: `[batch, in]` to `[batch, units]`, without an activation."""

    def __init__(self, units: int, inputs: int, **options):
        super().__init__(units, **options)
        self.inputs = inputs
        self.build((None, inputs))

    def initialise(self, rng: np.random.Generator, initialization: str, bias: np.ndarray) -> None:
        """Draws the kernel (or clears it, by `zero`) and sets the bias."""
        draw_kernel(self.kernel, rng, initialization, self.inputs)
        self.bias.assign(bias)


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

    def initialise(self) -> None:
        """Makes scale 1, offset 0 and forgets the running averages."""
        layer = self.normalization
        layer.gamma.assign(tf.ones_like(layer.gamma))
        layer.beta.assign(tf.zeros_like(layer.beta))
        layer.moving_mean.assign(tf.zeros_like(layer.moving_mean))
        layer.moving_variance.assign(tf.ones_like(layer.moving_variance))

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
