"""Keras as its guides show it: a functional model, `compile`, `fit` on dense float32 arrays."""

import keras
import numpy as np

from peers.peer import Peer
from peers.problem import (
    BATCH,
    DROPOUT,
    EPSILON,
    FIRST_ACCUMULATOR,
    LEARNING_RATE,
    WIDTHS,
    initial_weights,
)


def keras_model(pattern: str, num_inputs: int, num_tasks: int, dropout: bool = True):
    """A multi-output model, from the peers' initial weights; compiled with Keras's defaults."""
    weights = initial_weights(pattern, num_inputs, num_tasks)
    inputs = keras.Input((num_inputs,))
    streams = [inputs] * num_tasks
    for units, rate, kernels in zip(WIDTHS, DROPOUT, weights.hidden, strict=True):
        layers = [
            keras.layers.Dense(
                units, activation="relu", kernel_initializer=keras.initializers.Constant(kernel)
            )
            for kernel in kernels
        ]
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
    outputs = [
        keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(kernel))(stream)
        for kernel, stream in zip(weights.heads, streams, strict=True)
    ]
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.Adagrad(LEARNING_RATE, FIRST_ACCUMULATOR, epsilon=EPSILON),
        [keras.losses.BinaryCrossentropy(from_logits=True) for _ in range(num_tasks)],
    )
    return model


class KerasFit(Peer):
    """`model.fit` on whitened dense arrays."""

    def build(self, threads: int) -> None:
        """Makes the dense arrays and the model; threads are TensorFlow's and set before."""
        self.inputs = self.problem.whitened()
        self.labels = list(self.problem.labels.T[:, :, np.newaxis])
        self.model = keras_model(
            self.pattern, self.problem.num_inputs, self.problem.num_tasks, self.dropout
        )

    def train(self, first: int, last: int) -> None:
        """One epoch of `fit`, which shuffles."""
        labels = [of_task[first:last] for of_task in self.labels]
        self.model.fit(self.inputs[first:last], labels, batch_size=BATCH, verbose=0)

    def train_in_order(self, order: np.ndarray) -> list[float]:
        """One epoch of `fit` in the given order; its mean loss."""
        labels = [of_task[order] for of_task in self.labels]
        history = self.model.fit(
            self.inputs[order], labels, batch_size=BATCH, shuffle=False, verbose=0
        )
        return history.history["loss"]
