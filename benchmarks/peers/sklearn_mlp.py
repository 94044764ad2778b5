"""scikit-learn's MLPClassifier: one task only, without dropout or AdaGrad, which it lacks."""

import numpy as np
from sklearn.neural_network import MLPClassifier

from peers.peer import Peer
from peers.problem import LEARNING_RATE, WIDTHS


class SklearnMLP(Peer):
    """Plain SGD, the cheapest of its optimizers, on whitened dense arrays."""

    def build(self, threads: int) -> None:
        """Makes the dense array and the classifier; threads are those of numpy's BLAS."""
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads)
        self.inputs, self.labels = self.problem.whitened(), self.problem.labels[:, 0]
        self.classifier = MLPClassifier(
            WIDTHS,
            solver="sgd",
            momentum=0.0,
            batch_size=self.batch,
            learning_rate_init=LEARNING_RATE,
            alpha=0.0,
            random_state=0,
        )

    def train(self, first: int, last: int) -> None:
        """One epoch, which it shuffles itself."""
        inputs, labels = self.inputs[first:last], self.labels[first:last]
        self.classifier.partial_fit(inputs, labels, classes=[0, 1])

    def train_in_order(self, order: np.ndarray) -> list[float]:
        """Not offered by the library: its order and weights are its own."""
        raise TypeError("MLPClassifier keeps order and weights to itself")
