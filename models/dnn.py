"""The base network: a bag of words through hidden layers, shared or private, to one head per task.

Which layers are shared is data, a pattern of one letter per hidden layer.
"""

from collections.abc import Sequence
from itertools import pairwise, product
from typing import TYPE_CHECKING, ClassVar

from representation_music.models.network import NetworkConfig
from representation_music.models.shared_layers import tasks_part
from representation_music.models.streams import StreamNetwork
from representation_music.utils.tasks import Task

if TYPE_CHECKING:
    import tensorflow as tf

#: All 16 patterns of four hidden layers.
ALL_PATTERNS = tuple("".join(letters) for letters in product("PS", repeat=4))


def is_pattern(architecture: str) -> bool:
    """Whether a word is a sharing pattern, of the letters S and P."""
    return bool(architecture) and set(architecture) <= {"S", "P"}


class DNN(StreamNetwork):
    """A multi-task network with any sharing pattern; subclasses name a pattern of their own.

    Layer k is one set of weights for all tasks where the pattern has `S`, one set per task where
    it has `P`. A shared layer above private ones applies its weights to each task's stream, or,
    with `merge`, joins the streams into one first. One task makes the single-task net.
    """

    #: The pattern that a subclass's name stands for.
    pattern_of_name: ClassVar[str] = ""

    @classmethod
    def pattern_of(cls, config: NetworkConfig) -> str:
        """The sharing pattern of an architecture, one letter per hidden layer."""
        return cls.pattern_of_name or config.architecture

    @classmethod
    def depth(cls, config: NetworkConfig) -> int:
        """Number of hidden layers: the pattern's letters."""
        return len(cls.pattern_of(config))

    @classmethod
    def alone(cls, config: NetworkConfig) -> str:
        """With one task nothing can be shared: all patterns are one network."""
        return "P" * cls.depth(config)

    @classmethod
    def number_of_weights(cls, config: NetworkConfig, num_tasks: int, num_inputs: int) -> int:
        """Weights of the hidden layers, biases and heads left out, streams not merged."""
        return weights_of_pattern(cls.pattern_of(config), config.widths, num_tasks, num_inputs)

    @classmethod
    def products_per_song(cls, config: NetworkConfig, num_tasks: int, num_words: int) -> int:
        """A shared layer above private ones works once per stream, so it costs what they do."""
        pattern = cls.pattern_of(config)
        shared = _leading(pattern)
        streams = "S" * shared + "P" * (len(pattern) - shared)
        return weights_of_pattern(streams, config.widths, num_tasks, num_words)

    @classmethod
    def share_below_parting(cls, config: NetworkConfig, num_tasks: int, num_words: int) -> float:
        """The layers from the second on that lie below; see `Network`."""
        pattern = cls.pattern_of(config)
        layers = enumerate(pairwise(config.widths[: _parting(config, pattern)]), start=1)
        shared = _leading(pattern)
        below = sum((1 if n < shared else num_tasks) * i * units for n, (i, units) in layers)
        return below / cls.products_per_song(config, num_tasks, num_words)

    def __init__(
        self, config: NetworkConfig, tasks: Sequence[Task], num_inputs: int, dtype: str = "float32"
    ):
        super().__init__(config, tasks, num_inputs, dtype)
        self.pattern = self.pattern_of(config)
        streams, inputs = 1, num_inputs
        for depth, (letter, units) in enumerate(zip(self.pattern, config.widths, strict=True)):
            copies = 1 if letter == "S" else len(self.tasks)
            if self._merges_before(depth, streams):
                inputs, streams = inputs * (streams if config.merge == "concatenate" else 1), 1
            self.add_hidden(copies, units, inputs)
            streams, inputs = max(streams, copies), units
        self.add_heads(inputs)

    def _merges_before(self, depth: int, streams: int) -> bool:
        """Whether the streams are joined before the layer at `depth`."""
        return self.config.merge != "none" and self.pattern[depth] == "S" and streams > 1

    def __call__(
        self, counts: "tf.SparseTensor", training: bool = False, part=None
    ) -> "list[tf.Tensor]":
        """Predicts every task from bags of words; see `Network`."""
        streams = self.words_read(counts, training, part)
        parting = _parting(self.config, self.pattern)
        for depth, layer in enumerate(self.hidden):
            if depth > 0 and self._merges_before(depth, streams.shape[0]):
                streams = self._merged(streams)
            if depth == parting:
                streams = tasks_part(streams, len(self.tasks))
            streams = self.activated(depth, layer(streams), training)
            streams = self.dropped(depth, streams, training, part)
        if parting == len(self.hidden):
            streams = tasks_part(streams, len(self.tasks))
        return self.outputs(streams)

    def _merged(self, streams: "tf.Tensor") -> "tf.Tensor":
        """All streams as one: `[1, batch, units]`, or `[1, batch, streams * units]`."""
        import tensorflow as tf

        if self.config.merge == "mean":
            return tf.reduce_mean(streams, axis=0, keepdims=True)
        return tf.concat(tf.unstack(streams), axis=-1)[tf.newaxis]

    @property
    def shared_variables(self) -> list:
        """The trained variables of the layers that the pattern shares."""
        shared = [depth for depth, letter in enumerate(self.pattern) if letter == "S"]
        return [variable for depth in shared for variable in self.variables_of_hidden(depth)]


def _leading(pattern: str) -> int:
    """How many layers all streams share before they part."""
    return len(pattern) - len(pattern.lstrip("S"))


def _parting(config: NetworkConfig, pattern: str) -> int:
    """How many layers lie below the place where the tasks part for good.

    Where streams merge, or a shared layer normalises over them, that is the last shared one.
    """
    joined = config.merge != "none" or config.batch_normalization
    return len(pattern.rstrip("P")) if joined else _leading(pattern)


def weights_of_pattern(pattern: str, widths: Sequence[int], num_tasks: int, num_inputs: int) -> int:
    """Weights of hidden layers, by the letters of a sharing pattern; biases are left out."""
    copies = [1 if letter == "S" else num_tasks for letter in pattern]
    inputs = (num_inputs, *widths[:-1])
    return sum(n * i * units for n, i, units in zip(copies, inputs, widths, strict=True))
