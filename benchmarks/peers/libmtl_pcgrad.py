"""LibMTL's gradient surgery: its classes, and a step of its trainer's loop.

The trainer itself needs a GPU and a `DataLoader` of 2021. Two things without which the release
does not run beside PyTorch 2 are mended here; neither takes time in a step.
"""

import sys
from types import ModuleType

import torch
from torch import nn

from peers.torch_peers import TorchDenseFused, mean_losses

#: It imports a function of torchvision, which has moved since, to fetch weights nobody needs here.
_MOVED = ModuleType("torchvision.models.utils")
_MOVED.load_state_dict_from_url = None


class LibMTLPCGrad(TorchDenseFused):
    """Leading shared layers as its encoder, the rest of each task as its decoder."""

    def build(self, threads: int) -> None:
        """Hands the layers of the PyTorch peer to a model as its trainer puts it together."""
        super().build(threads)
        sys.modules.setdefault(_MOVED.__name__, _MOVED)
        from LibMTL.architecture import HPS
        from LibMTL.weighting import PCGrad

        class Model(HPS, PCGrad):
            def zero_grad_share_params(self):
                """Leaves zeros, which it goes on to overwrite, where PyTorch 2 leaves None."""
                self.encoder.zero_grad(set_to_none=False)

        parted = len(self.pattern.rstrip("P"))

        def stacked(task: int, depths: range) -> list[nn.Module]:
            layers = self.network.hidden
            return [
                module
                for depth in depths
                for module in (layers[depth][task], nn.ReLU(), self.network.drop[depth])
            ]

        encoder = nn.Sequential(*stacked(0, range(parted)))
        decoders = nn.ModuleDict(
            (str(task), nn.Sequential(*stacked(task, range(parted, len(self.pattern))), head))
            for task, head in enumerate(self.network.heads)
        )
        device = torch.device("cpu")
        self.model = Model(list(decoders), lambda: encoder, decoders, False, False, device)

    def backward(self, rows: torch.Tensor) -> torch.Tensor:
        """A backward pass per task; the projections on gradients laid end to end."""
        outputs = self.model(self.inputs_of(rows)).values()
        labels = self.labels[rows].split(1, dim=1)
        losses = [mean_losses(*pair)[0] for pair in zip(outputs, labels, strict=True)]
        self.model.backward(losses)
        return sum(losses)
