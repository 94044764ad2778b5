"""PyTorch on dense arrays, eager."""

import torch

from peers.torch_network import TorchPeer, linear


class TorchDense(TorchPeer):
    """Whitened rows picked from one dense tensor, AdaGrad as it comes."""

    first_layer = staticmethod(linear)

    def make_data(self) -> None:
        """Whitens all songs."""
        self.inputs = torch.from_numpy(self.problem.whitened())

    def batch(self, rows: torch.Tensor) -> torch.Tensor:
        """Whitened songs `[rows, inputs]`."""
        return self.inputs[rows]


class TorchDenseFused(TorchDense):
    """The same with AdaGrad as one fused operation."""

    fused = True
