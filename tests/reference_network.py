"""The networks a second time, from their definition: dense, one task after another, float64."""

import keras
import numpy as np
import tensorflow as tf

from representation_music.utils.tasks import Task

NUM_WORDS, WIDTHS = 50, (16, 12, 8, 6)

REGRESSION = Task("year", "regression", unit="years")
BINARY = Task("pop", "binary")
MULTICLASS = Task("genre", "multiclass", num_classes=4)
EVERY_KIND = (REGRESSION, BINARY, MULTICLASS)


def random_counts(songs: int, rng, words: int = NUM_WORDS) -> np.ndarray:
    """Bags of words `[songs, words]`; one song has no word at all."""
    counts = rng.poisson(0.4, (songs, words)).astype(np.float64)
    counts[songs // 2] = 0
    return counts


def sparse(counts: np.ndarray, dtype="float64") -> tf.SparseTensor:
    """The same counts as the networks read them."""
    return tf.sparse.from_dense(counts.astype(dtype))


def randomize(network, rng) -> None:
    """Gives all weights, biases and whitening statistics random values."""
    for variable in network.trainable_variables:
        variable.assign(rng.normal(0, 0.4, variable.shape))
    first = network.hidden[0]
    first.mean.assign(rng.uniform(0.1, 1, first.mean.shape))
    first.inverse_sd.assign(rng.uniform(0.5, 2, first.mean.shape))


def copies_of(layer) -> list[tuple[np.ndarray, np.ndarray]]:
    """Kernel `[in, units]` and bias `[units]` of each copy of a hidden layer."""
    kernel = layer.kernel.numpy().astype(np.float64)
    bias = layer.bias.numpy().astype(np.float64)[:, 0]
    if kernel.ndim == 2:  # fc1: the copies stand side by side
        kernel = np.stack(np.split(kernel, layer.copies, axis=1))
    return list(zip(kernel, bias, strict=True))


def reference_outputs(network, counts: np.ndarray) -> list[np.ndarray]:
    """Each task's outputs, from the weights of `network` and dense whitened counts."""
    first = network.hidden[0]
    mean, inverse_sd = (v.numpy().astype(np.float64) for v in (first.mean, first.inverse_sd))
    ways = [(counts - mean) * inverse_sd for _ in network.tasks]
    parted = False
    for letter, layer in zip(network.pattern, network.hidden, strict=True):
        copies = copies_of(layer)
        if letter == "S" and parted and network.config.merge != "none":
            merged = sum(ways) / len(ways) if network.config.merge == "mean" else np.hstack(ways)
            ways, parted = [merged] * len(ways), False
        parted |= letter == "P" and len(ways) > 1
        for task, values in enumerate(ways):
            kernel, bias = copies[task if letter == "P" else 0]
            ways[task] = np.maximum(values @ kernel + bias, 0)
    return [
        values @ head.kernel.numpy().astype(np.float64) + head.bias.numpy().astype(np.float64)
        for values, head in zip(ways, network.heads, strict=True)
    ]


class DenseReference:
    """A multi-task net of stock Keras layers in float64, given the weights of one of ours."""

    def __init__(self, network):
        self.tasks, self.pattern = network.tasks, network.pattern
        self.layers = [[_dense(*copy) for copy in copies_of(layer)] for layer in network.hidden]
        self.heads = [_dense(h.kernel.numpy(), h.bias.numpy()) for h in network.heads]

    def __call__(self, whitened: np.ndarray) -> list[tf.Tensor]:
        ways = [tf.constant(whitened)] * len(self.tasks)
        for letter, copies in zip(self.pattern, self.layers, strict=True):
            ways = [
                tf.nn.relu(copies[task if letter == "P" else 0](values))
                for task, values in enumerate(ways)
            ]
        return [head(values) for head, values in zip(self.heads, ways, strict=True)]

    @property
    def variables(self) -> list:
        every = [layer for copies in self.layers for layer in copies] + self.heads
        return [variable for layer in every for variable in layer.trainable_variables]


def _dense(kernel: np.ndarray, bias: np.ndarray) -> keras.layers.Dense:
    layer = keras.layers.Dense(kernel.shape[1], dtype="float64")
    layer.build((None, kernel.shape[0]))
    layer.set_weights([kernel, bias])
    return layer
