"""Keras as its guides show it: a functional model, `compile`, `fit` on dense float32 arrays."""

import keras
import numpy as np

from peers.peer import Peer
from peers.problem import DROPOUT, EPSILON, FIRST_ACCUMULATOR, LEARNING_RATE, Problem


def keras_model(problem: Problem, pattern: str, dropout: bool = True):
    """A multi-output model, from the peers' initial weights; compiled with Keras's defaults."""

    def dense(kernel: np.ndarray, activation: str | None = None):
        first, l2 = keras.initializers.Constant(kernel), problem.regime.l2
        penalty = keras.regularizers.L2(l2) if l2 else None
        return keras.layers.Dense(
            kernel.shape[1], activation, kernel_initializer=first, kernel_regularizer=penalty
        )

    hidden, heads = problem.initial_weights(pattern)
    inputs = keras.Input((problem.num_inputs,))
    whitened = inputs
    if problem.regime.word_dropout:
        dropped = keras.layers.Dropout(problem.regime.word_dropout)(inputs)
        variance = problem.inverse_sd.astype(np.float64) ** -2
        whitened = keras.layers.Normalization(mean=problem.mean, variance=variance)(dropped)
    streams = [whitened] * problem.num_tasks
    for rate, kernels in zip(DROPOUT, hidden, strict=True):
        layers = [dense(kernel, "relu") for kernel in kernels]
        # The same tensor goes through a shared layer once.
        seen = {}
        for task, stream in enumerate(streams):
            layer = layers[task % len(layers)]
            if (id(layer), id(stream)) not in seen:
                output = layer(stream)
                if rate and dropout:
                    output = keras.layers.Dropout(rate)(output)
                seen[id(layer), id(stream)] = output
            streams[task] = seen[id(layer), id(stream)]
    model = keras.Model(inputs, [dense(k)(s) for k, s in zip(heads, streams, strict=True)])
    model.compile(
        keras.optimizers.Adagrad(LEARNING_RATE, FIRST_ACCUMULATOR, epsilon=EPSILON),
        [keras.losses.BinaryCrossentropy(from_logits=True) for _ in heads],
    )
    return model


class KerasFit(Peer):
    """`model.fit` on whitened dense arrays."""

    def build(self, threads: int) -> None:
        """Makes the dense arrays and the model; threads are TensorFlow's and set before."""
        self.inputs = self.problem.dense_inputs()
        self.labels = list(self.problem.labels.T[:, :, np.newaxis])
        self.model = keras_model(self.problem, self.pattern, self.dropout)

    def train(self, first: int, last: int) -> None:
        """One epoch of `fit`, which shuffles."""
        labels = [of_task[first:last] for of_task in self.labels]
        self.model.fit(self.inputs[first:last], labels, batch_size=self.batch, verbose=0)

    def train_in_order(self, order: np.ndarray) -> list[float]:
        """One epoch of `fit` in the given order; its mean loss."""
        inputs, labels = self.inputs[order], [of_task[order] for of_task in self.labels]
        fit = self.model.fit(inputs, labels, batch_size=self.batch, shuffle=False, verbose=0)
        return fit.history["loss"]
