"""PyTorch's eager loop, on dense arrays and with an EmbeddingBag as its first layer."""

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from peers.peer import Peer
from peers.problem import DROPOUT, EPSILON, FIRST_ACCUMULATOR, LEARNING_RATE


def linear(kernel: np.ndarray) -> nn.Linear:
    """A linear layer with this kernel `[in, units]` and bias 0."""
    layer = nn.Linear(*kernel.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(kernel.T))
        layer.bias.zero_()
    return layer


class Network(nn.Module):
    """Hidden layers, shared or one per task, and a head per task.

    Args:
        hidden, heads: Initial weights.
        first_layer: Makes the module of the first layer from its kernel `[inputs, units]`.
        dropout: Whether dropout is on.
    """

    def __init__(self, hidden: list, heads: list, first_layer: Callable, dropout: bool):
        super().__init__()
        makers = [first_layer] + [linear] * (len(hidden) - 1)
        self.hidden = nn.ModuleList(
            nn.ModuleList(map(make, kernels)) for make, kernels in zip(makers, hidden, strict=True)
        )
        self.drop = nn.ModuleList(nn.Dropout(rate if dropout else 0.0) for rate in DROPOUT)
        self.heads = nn.ModuleList(map(linear, heads))

    def forward(self, batch) -> torch.Tensor:
        """Logits `[songs, tasks]`; one stream until layers part."""
        streams = [batch]
        for depth in range(len(self.hidden)):
            streams = self.next_streams(depth, streams)
        return self.logits(streams)

    def next_streams(self, depth: int, streams: list) -> list:
        """What comes out of a hidden layer."""
        return [
            self.drop[depth](torch.relu(layer(stream)))
            for layer, stream in _paired(self.hidden[depth], streams)
        ]

    def logits(self, streams: list) -> torch.Tensor:
        """What the heads say."""
        return torch.cat([head(stream) for head, stream in _paired(self.heads, streams)], dim=1)


def _paired(layers, streams: list) -> zip:
    """Each layer with its stream, where one of either serves all of the other."""
    number = max(len(layers), len(streams))
    both = (list(each) * (number // len(each)) for each in (layers, streams))
    return zip(*both, strict=True)


def mean_losses(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Each task's mean over the songs of a batch, `[tasks]`."""
    loss = nn.functional.binary_cross_entropy_with_logits
    return loss(logits, labels, reduction="none").mean(dim=0)


class TorchPeer(Peer):
    """The eager training loop; subclasses say how a batch is made and read."""

    #: Whether AdaGrad runs as one fused operation.
    fused = False
    #: Makes the module of the first layer from its kernel.
    first_layer = staticmethod(linear)

    @abstractmethod
    def make_data(self) -> None:
        """Keeps the songs as tensors."""

    @abstractmethod
    def inputs_of(self, rows: torch.Tensor):
        """The songs of some rows, as the first layer takes them."""

    def build(self, threads: int) -> None:
        """Makes data, network and optimizer."""
        torch.set_num_threads(threads)
        self.make_data()
        weights = self.problem.initial_weights(self.pattern)
        self.network = Network(*weights, self.first_layer, self.dropout)
        self.labels = torch.from_numpy(self.problem.labels)
        # As the product does, biases are not decayed.
        kernels = [p for p in self.network.parameters() if p.dim() > 1]
        biases = [p for p in self.network.parameters() if p.dim() == 1]
        decay = 2 * self.problem.regime.l2
        self.optimizer = torch.optim.Adagrad(
            [{"params": kernels, "weight_decay": decay}, {"params": biases}],
            LEARNING_RATE,
            initial_accumulator_value=FIRST_ACCUMULATOR,
            eps=EPSILON,
            fused=self.fused or None,
        )

    def train_in_order(self, order: np.ndarray) -> list[float]:
        """The usual loop."""
        self.network.train()
        losses = []
        for rows in torch.from_numpy(order).split(self.batch):
            self.optimizer.zero_grad()
            losses.append(self.backward(rows).detach())
            self.optimizer.step()
        return [float(loss) for loss in losses]

    def backward(self, rows: torch.Tensor) -> torch.Tensor:
        """Leaves a gradient with each weight; gives the sum of the losses."""
        loss = mean_losses(self.network(self.inputs_of(rows)), self.labels[rows]).sum()
        loss.backward()
        return loss


class TorchDense(TorchPeer):
    """Whitened rows picked from one dense tensor, AdaGrad as it comes."""

    def make_data(self) -> None:
        """Whitens all songs, unless words are to be dropped before that."""
        problem = self.problem
        self.inputs = torch.from_numpy(problem.dense_inputs())
        self.mean, self.inverse_sd = map(torch.from_numpy, (problem.mean, problem.inverse_sd))

    def inputs_of(self, rows: torch.Tensor) -> torch.Tensor:
        """Whitened songs `[rows, inputs]`."""
        inputs = self.inputs[rows]
        if not (rate := self.problem.regime.word_dropout):
            return inputs
        return (nn.functional.dropout(inputs, rate) - self.mean) * self.inverse_sd


class TorchDenseFused(TorchDense):
    """The same with AdaGrad as one fused operation."""

    fused = True


class TorchCompiled(TorchDenseFused):
    """The same with its network compiled, for the sizes that batches turn out to have."""

    def build(self, threads: int) -> None:
        """Compiles forward and backward pass."""
        super().build(threads)
        self.network = torch.compile(self.network)


class TorchJDPCGrad(TorchDenseFused):
    """TorchJD's gradient surgery on low-level sharing, as its own example of several tasks."""

    def backward(self, rows: torch.Tensor) -> torch.Tensor:
        """A Jacobian of the shared layers, from which PCGrad makes their gradient."""
        from torchjd.aggregation import PCGrad
        from torchjd.autojac import jac_to_grad, mtl_backward

        network, leading = self.network, len(self.pattern.rstrip("P"))
        streams = [self.inputs_of(rows)]
        for depth in range(leading):
            streams = network.next_streams(depth, streams)
        (features,) = streams
        for depth in range(leading, len(self.pattern)):
            streams = network.next_streams(depth, streams)
        losses = [  # apart, as each is differentiated by itself
            mean_losses(head(stream), labels[:, None])[0]
            for (head, stream), labels in zip(
                _paired(network.heads, streams), self.labels[rows].T, strict=True
            )
        ]
        mtl_backward(losses, features=features)
        jac_to_grad(network.hidden[:leading].parameters(), PCGrad())
        return sum(losses)


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
        weights = torch.from_numpy(kernel)
        self.bag = nn.EmbeddingBag.from_pretrained(weights, freeze=False, mode="sum")
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

    def inputs_of(self, rows: torch.Tensor) -> Bags:
        """The words and values of some songs."""
        first = self.starts[rows]
        lengths = self.starts[rows + 1] - first
        begins = torch.cumsum(lengths, 0) - lengths
        shifts = torch.repeat_interleave(first - begins, lengths)
        position = torch.arange(int(lengths.sum())) + shifts
        values = nn.functional.dropout(self.values[position], self.problem.regime.word_dropout)
        return Bags(self.words[position], values, begins)
