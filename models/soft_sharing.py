"""Soft sharing: each task goes a way of its own and reads, by weights that are learnt, what is
beside it. Hard sharing, a pattern of shared and private layers, is `dnn.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from representation_music.models.dnn import weights_of_pattern
from representation_music.models.network import NetworkConfig
from representation_music.models.streams import StreamNetwork
from representation_music.utils.errors import InputError
from representation_music.utils.options import read_options

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class SoftOptions:
    """What every network of soft sharing lets a user choose."""

    matched: bool = False
    """all widths times one factor, so that it has as many weights as low-level sharing has"""


class SoftSharing(StreamNetwork):
    """A network of soft sharing; a subclass defines `weights`, `forward` and `mixing_names`.

    Attributes:
        LEAST, MOST: The least and the greatest value that some options may have, by name.
        widths: Units of its hidden layers.
    """

    Options: ClassVar[type] = SoftOptions
    LEAST: ClassVar[dict[str, float]] = {}
    MOST: ClassVar[dict[str, float]] = {}

    @classmethod
    def options_of(cls, config: NetworkConfig):
        """Its own settings of a config."""
        words, flag = config.network_options, "--network-options"
        return read_options(words, cls.Options, flag, cls.LEAST, cls.MOST)

    @classmethod
    def check(cls, config: NetworkConfig) -> None:
        """Looks for settings that do not go together; see `Network`."""
        super().check(config)
        cls.options_of(config)
        if config.merge != "none":
            raise InputError("--merge", repr(config.merge), f"none: {cls.name} has its own way")

    @classmethod
    def single_task(cls, config: NetworkConfig) -> NetworkConfig:
        """A plain net of the same widths: there is nothing to read beside one task."""
        return replace(config, architecture="P" * cls.depth(config), network_options=())

    @classmethod
    def weights(
        cls, options: SoftOptions, widths: Sequence[int], num_tasks: int, num_inputs: int
    ) -> int:
        """Weights of hidden layers of these widths, and of what mixes them, without biases."""
        raise NotImplementedError

    @classmethod
    def widths_of(cls, config: NetworkConfig, num_tasks: int, num_inputs: int) -> tuple[int, ...]:
        """The hidden layers' units: the config's, or what `matched` makes of them."""
        options, depth = cls.options_of(config), cls.depth(config)
        if not options.matched:
            return config.widths
        pattern = "S" * (depth - depth // 2) + "P" * (depth // 2)
        wanted = weights_of_pattern(pattern, config.widths, num_tasks, num_inputs)

        def scaled(factor: float) -> tuple[int, ...]:
            return tuple(max(1, round(factor * units)) for units in config.widths)

        def excess(factor: float) -> int:
            return cls.weights(options, scaled(factor), num_tasks, num_inputs) - wanted

        below, above = 0.0, 8.0
        for _ in range(20):
            middle = (below + above) / 2
            below, above = (below, middle) if excess(middle) > 0 else (middle, above)
        return scaled(min(below, above, key=lambda factor: abs(excess(factor))))

    @classmethod
    def number_of_weights(cls, config: NetworkConfig, num_tasks: int, num_inputs: int) -> int:
        """Weights of the hidden layers and of what mixes them, without biases."""
        widths = cls.widths_of(config, num_tasks, num_inputs)
        return cls.weights(cls.options_of(config), widths, num_tasks, num_inputs)

    def __init__(self, config, tasks, num_inputs, dtype="float32"):
        super().__init__(config, tasks, num_inputs, dtype)
        self.widths = self.widths_of(config, len(self.tasks), num_inputs)

    def __call__(
        self, counts: "tf.SparseTensor", training: bool = False, part=None
    ) -> "list[tf.Tensor]":
        """Predicts every task from bags of words; see `Network`."""
        return self.forward(counts, training, part)[0]

    def mixing(self, counts: "tf.SparseTensor") -> "dict[str, list[tf.Tensor]]":
        """The weights by which it reads, means over the songs; see `Network`."""
        return self.forward(counts, False, None)[1]

    def forward(self, counts: "tf.SparseTensor", training: bool, part) -> tuple:
        """What `__call__` and what `mixing` give."""
        raise NotImplementedError
