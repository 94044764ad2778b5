"""What a peer is: one library's way to train the networks, epoch by epoch."""

from abc import ABC, abstractmethod

import numpy as np

from peers.problem import BATCH, Problem


class Peer(ABC):
    """One library's way to train the networks.

    Args:
        problem: The songs.
        pattern: The sharing pattern.
        threads: Processor threads.
        dropout: Whether dropout is on.
        batch: Songs of a step.
    """

    def __init__(
        self, problem: Problem, pattern: str, threads: int, dropout: bool = True, batch: int = BATCH
    ):
        self.problem, self.pattern, self.dropout, self.batch = problem, pattern, dropout, batch
        self.rng = np.random.default_rng(0)
        self.build(threads)

    @abstractmethod
    def build(self, threads: int) -> None:
        """Makes data, network and optimizer."""

    @abstractmethod
    def train_in_order(self, order: np.ndarray) -> list[float]:
        """Trains a step for each batch of the songs in `order`; their losses, or the mean."""

    def train(self, first: int, last: int) -> None:
        """Trains an epoch over the songs `first` to `last` - 1, shuffled."""
        self.train_in_order(first + self.rng.permutation(last - first))
