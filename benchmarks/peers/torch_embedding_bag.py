"""PyTorch with a sparse first layer: EmbeddingBag sums the rows of a song's words."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from peers.torch_network import TorchPeer


class Bags(NamedTuple):
    """Songs of a batch, one after the other."""

    words: torch.Tensor  # int64 [entries]
    values: torch.Tensor  # float32 [entries], counts over standard deviations
    begins: torch.Tensor  # int64 [songs]


class WhitenedBag(nn.Module):
    """First layer on whitened counts, by the same identity as this project's layer.

    Args:
        kernel: `[inputs, units]`.
        mean_row: `[1, inputs]`, means over standard deviations.
    """

    def __init__(self, kernel: np.ndarray, mean_row: torch.Tensor):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(
            torch.from_numpy(kernel), freeze=False, mode="sum"
        )
        self.bias = nn.Parameter(torch.zeros(kernel.shape[1]))
        self.register_buffer("mean_row", mean_row)

    def forward(self, bags: Bags) -> torch.Tensor:
        """`[songs, units]`, before the activation."""
        sums = self.bag(bags.words, bags.begins, per_sample_weights=bags.values)
        return sums + (self.bias - self.mean_row @ self.bag.weight)


class TorchEmbeddingBag(TorchPeer):
    """EmbeddingBag (mode sum, weights a word) and fused AdaGrad: the fastest eager PyTorch."""

    fused = True

    def make_data(self) -> None:
        """Divides counts by their standard deviations and keeps them as CSR."""
        problem = self.problem
        self.starts = torch.from_numpy(problem.counts.indptr.astype(np.int64))
        self.words = torch.from_numpy(problem.counts.indices.astype(np.int64))
        scaled = problem.counts.data * problem.inverse_sd[problem.counts.indices]
        self.values = torch.from_numpy(scaled)
        self.mean_row = torch.from_numpy(problem.mean * problem.inverse_sd)[None]

    def first_layer(self, kernel: np.ndarray) -> WhitenedBag:
        """The sparse first layer."""
        return WhitenedBag(kernel, self.mean_row)

    def batch(self, rows: torch.Tensor) -> Bags:
        """The words and values of some songs."""
        first = self.starts[rows]
        lengths = self.starts[rows + 1] - first
        begins = torch.cumsum(lengths, 0) - lengths
        position = torch.arange(int(lengths.sum())) + torch.repeat_interleave(
            first - begins, lengths
        )
        return Bags(self.words[position], self.values[position], begins)
