"""Multi-gate mixture of experts (Ma et al. 2018, doi:10.1145/3219819.3220007)."""

from dataclasses import dataclass
from typing import ClassVar

from representation_music.models.ple import PLE
from representation_music.models.soft_sharing import SoftOptions


class MMoE(PLE):
    """One shared layer, one level of experts that all tasks share, private layers above.

    Each task reads the experts' weighted sum by a gate of its own. It is PLE with one level and no
    experts of a task's own.
    """

    name = "mmoe"
    LEAST: ClassVar = {"experts": 1}
    expert_name = "expert"

    @dataclass(frozen=True)
    class Options(SoftOptions):
        """Its settings."""

        experts: int = 8
        """experts, each as wide as the second hidden layer"""

    @classmethod
    def shape(cls, options) -> tuple[int, int, int]:
        """None of a task's own, all shared, one level."""
        return 0, options.experts, 1
