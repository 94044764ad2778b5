"""The networks in PyTorch; what comes before the first activation is left to the peer."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from peers.peer import Peer, batches
from peers.problem import (
    DROPOUT,
    EPSILON,
    FIRST_ACCUMULATOR,
    LEARNING_RATE,
    initial_weights,
)


def linear(kernel: np.ndarray) -> nn.Linear:
    """A linear layer with this kernel `[in, units]` and bias 0."""
    layer = nn.Linear(*kernel.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(kernel.T))
        layer.bias.zero_()
    return layer


class Network(nn.Module):
    """Hidden layers, shared or one a task, and a head a task.

    Args:
        pattern: The sharing pattern.
        weights: Initial weights.
        first_layer: Makes the module of the first layer from its kernel `[inputs, units]`.
        dropout: Whether dropout is on.
    """

    def __init__(self, pattern: str, weights, first_layer: Callable, dropout: bool):
        super().__init__()
        makers = [first_layer] + [linear] * (len(pattern) - 1)
        self.hidden = nn.ModuleList(
            nn.ModuleList(make(kernel) for kernel in kernels)
            for make, kernels in zip(makers, weights.hidden, strict=True)
        )
        self.drop = nn.ModuleList(nn.Dropout(rate if dropout else 0.0) for rate in DROPOUT)
        self.heads = nn.ModuleList(linear(kernel) for kernel in weights.heads)

    def forward(self, batch) -> torch.Tensor:
        """Logits `[songs, tasks]`; one stream until layers part."""
        streams = [batch]
        for layers, drop in zip(self.hidden, self.drop, strict=True):
            if len(layers) > 1:
                streams = streams if len(streams) > 1 else streams * len(layers)
                pairs = zip(layers, streams, strict=True)
            else:
                pairs = ((layers[0], stream) for stream in streams)
            streams = [drop(torch.relu(layer(stream))) for layer, stream in pairs]
        streams = streams if len(streams) > 1 else streams * len(self.heads)
        return torch.cat([h(s) for h, s in zip(self.heads, streams, strict=True)], dim=1)


class TorchPeer(Peer):
    """The eager training loop; subclasses say how a batch is made and read."""

    #: Whether AdaGrad runs as one fused operation.
    fused = False

    def build(self, threads: int) -> None:
        """Makes data, network and optimizer."""
        torch.set_num_threads(threads)
        self.make_data()
        weights = initial_weights(self.pattern, self.problem.num_inputs, self.problem.num_tasks)
        self.network = Network(self.pattern, weights, self.first_layer, self.dropout)
        self.labels = torch.from_numpy(self.problem.labels)
        self.optimizer = torch.optim.Adagrad(
            self.network.parameters(),
            LEARNING_RATE,
            initial_accumulator_value=FIRST_ACCUMULATOR,
            eps=EPSILON,
            fused=self.fused or None,
        )

    def train_in_order(self, order: np.ndarray) -> list[float]:
        """The usual loop."""
        self.network.train()
        losses = []
        for rows in map(torch.from_numpy, batches(order)):
            self.optimizer.zero_grad()
            logits = self.network(self.batch(rows))
            # A mean over songs of the sum over tasks.
            loss = nn.functional.binary_cross_entropy_with_logits(
                logits, self.labels[rows], reduction="sum"
            ) / len(rows)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
        return [float(loss) for loss in losses]
