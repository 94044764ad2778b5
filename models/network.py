"""What every network has in common: its settings, and what the rest of the project asks of it.

A new network is a file beside this one with a subclass of `Network`, and a line in
`networks.py`. Settings, figures and estimates of cost ask the class, without TensorFlow: import
that, and the layers, where layers are made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from representation_music.utils.errors import InputError
from representation_music.utils.options import NoOptions, read_options
from representation_music.utils.tasks import Task

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that makes a network. Networks of equal configs, tasks and inputs are alike."""

    architecture: str = "low_level_sharing"
    """no_sharing, low_level_sharing, high_level_sharing, interspersed_sharing, cross_stitch, mmoe,
    ple, or a pattern of S (shared) and P (private) such as SPSP, the first layer first"""
    widths: tuple[int, ...] = (1024, 512, 256, 128)
    """units of each hidden layer"""
    activation: Literal["relu", "leaky_relu", "linear"] = "relu"
    """activation of the hidden layers; leaky_relu has slope 0.01 below 0; with linear one shared
    layer (architecture S) is a dictionary of low rank, and the heads are each task's codes"""
    merge: Literal["none", "mean", "concatenate"] = "none"
    """how a shared layer above private ones joins their streams; none: same weights on each"""
    dropout: tuple[float, ...] = (0.0, 0.0, 0.5, 0.5)
    """share of units dropped after each hidden layer in training"""
    word_dropout: float = 0.7
    """share of a song's words dropped in training"""
    batch_normalization: bool = False
    """normalise before each activation"""
    initialization: Literal["he", "normal"] = "he"
    """initial weights: He et al. (2015), or normal with standard deviation 0.01"""
    head_weights: Literal["zero", "drawn"] = "zero"
    """initial weights of the heads: zero, so that a net begins as the constant predictor, or drawn
    as all others are; drawn ones predict so wildly at first that the losses of regression tasks
    leave most units of shared layers dead"""
    head_bias: Literal["base_rate", "zero"] = "base_rate"
    """initial bias of the heads: the constant predictor, or zero"""
    precision: Literal["float32", "bfloat16"] = "float32"
    """number format of the hidden layers after the first; bfloat16 changes results, about as
    another seed would, and is faster or slower by the processor (see `train --profile`); weights,
    first layer and heads stay float32"""
    network_options: tuple[str, ...] = ()
    """settings that the chosen network alone has, each as name=value"""


class Network:
    """A multi-task network: bags of words in, one output per task out.

    A subclass makes its layers in `__init__`, each through `add`, and defines `__call__`,
    `initialise` and `shared_variables`. Where `__call__` says where the tasks part
    (`shared_layers.tasks_part`), gradient methods take less time.

    Attributes:
        name: What `--architecture` calls it.
        Options: Dataclass of the settings that it alone has (`--network-options`).
        tasks: Its tasks; each has one head.
        random_state: Seed and step of the training step: dropout is a function of them alone.
        mixing_names: By layer and reader (a task), the names of what `mixing` weighs; empty for
            networks whose sharing is not learnt.
    """

    name: ClassVar[str]
    Options: ClassVar[type] = NoOptions
    mixing_names: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType({})

    # ------------------------------------------------- what is asked of the class, of a config

    @classmethod
    def check(cls, config: NetworkConfig) -> None:
        """Looks for settings that do not go together.

        Raises:
            InputError: with the flag of one that does not.
        """
        read_options(config.network_options, cls.Options, "--network-options")
        for name, rates in {
            "dropout": config.dropout,
            "word-dropout": (config.word_dropout,),
        }.items():
            if not all(0 <= rate < 1 for rate in rates):
                raise InputError(f"--{name}", repr(rates), "at least 0 and below 1 each")
        if not all(units > 0 for units in config.widths):
            raise InputError("--widths", repr(config.widths), "1 unit or more each")
        depth = cls.depth(config)
        for name in ("widths", "dropout"):
            if len(given := getattr(config, name)) != depth:
                expected = f"one for each of the {depth} layers of {config.architecture}"
                raise InputError(f"--{name}", repr(given), expected)

    @classmethod
    def pattern_of(cls, config: NetworkConfig) -> str:
        """Which layers it shares: a pattern of S and P, or the architecture's name without one."""
        return config.architecture

    @classmethod
    def depth(cls, config: NetworkConfig) -> int:
        """Number of hidden layers, each with a width and a dropout rate."""
        return len(config.widths)

    @classmethod
    def alone(cls, config: NetworkConfig) -> str:
        """The architecture that names the same network where there is one task only."""
        return config.architecture

    @classmethod
    def single_task(cls, config: NetworkConfig) -> NetworkConfig:
        """The network that stands for a task alone where studies compare this one with it."""
        return replace(config, architecture=cls.alone(config), merge="none")

    @classmethod
    def number_of_weights(cls, config: NetworkConfig, num_tasks: int, num_inputs: int) -> int:
        """About how many weights the hidden layers have; here, as many as with nothing shared."""
        inputs = (num_inputs, *config.widths[:-1])
        return num_tasks * int(np.dot(inputs, config.widths))

    @classmethod
    def products_per_song(cls, config: NetworkConfig, num_tasks: int, num_words: int) -> int:
        """About how many products of weights a song with so many words takes."""
        return cls.number_of_weights(config, num_tasks, num_words)

    @classmethod
    def share_below_parting(cls, config: NetworkConfig, num_tasks: int, num_words: int) -> float:
        """About which share of them lies between the words and the place where the tasks part."""
        return 1.0

    # ------------------------------------------------- the network itself

    def __init__(
        self, config: NetworkConfig, tasks: Sequence[Task], num_inputs: int, dtype: str = "float32"
    ):
        """Begins a network without layers.

        Args:
            config: Its settings.
            tasks: Tasks to predict.
            num_inputs: Number of words it reads.
            dtype: Number format of what `config.precision` does not reach.
        """
        import keras

        self.check(config)
        self.config, self.tasks, self.num_inputs = config, tuple(tasks), num_inputs
        self.dtype = dtype
        self.options = read_options(config.network_options, self.Options, "--network-options")
        self.random_state = keras.Variable(
            np.zeros(2), dtype="int32", trainable=False, name="random_state"
        )
        self._layers: list[keras.layers.Layer] = []

    def add(self, layer: "keras.layers.Layer") -> "keras.layers.Layer":
        """Makes a layer's variables the network's own, to be trained and saved; gives it back."""
        self._layers.append(layer)
        return layer

    def __call__(
        self, counts: "tf.SparseTensor", training: bool = False, part=None
    ) -> "list[tf.Tensor]":
        """Predicts every task from bags of words.

        Args:
            counts: `[batch, words]`, (transformed) counts; whitening is the first layer's.
            training: Whether to drop units and words and normalise by the batch.
            part: The songs of the batch to predict, a `layers.BatchPart`; None: all. They lose
                the same words and units as within the whole batch.

        Returns:
            One tensor per task, `[batch, outputs]`: standardised values, a logit, or class logits.
        """
        raise NotImplementedError

    def initialise(
        self,
        rng: np.random.Generator,
        mean: np.ndarray,
        inverse_sd: np.ndarray,
        head_biases: Sequence[np.ndarray],
    ) -> None:
        """Gives every variable but `random_state` its first value, whatever it held before.

        Args:
            rng: Source of all that is drawn.
            mean, inverse_sd: Whitening statistics `[words]`.
            head_biases: Initial bias of each head.
        """
        raise NotImplementedError

    @property
    def shared_variables(self) -> list:
        """The trained variables through which every task's loss goes."""
        raise NotImplementedError

    def mixing(self, counts: "tf.SparseTensor") -> "dict[str, list[tf.Tensor]]":
        """By how much tasks read what others learn in these counts, for logs and figures.

        Returns:
            By layer a vector per reader, means over the songs, as `mixing_names` names them.
        """
        return {}

    @classmethod
    def misuse(cls, mixing: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, list]:
        """What warnings name, of weights by layer, reader and part; nothing where no gates are.

        Returns:
            `idle_experts` that hardly any gate reads, `collapsed_gates` that read one alone.
        """
        return {}

    @property
    def trainable_variables(self) -> list:
        """The variables that training moves, in the order of the layers."""
        return [variable for layer in self._layers for variable in layer.trainable_variables]

    @property
    def variables(self) -> list:
        """All variables, in a fixed order: what a checkpoint holds."""
        return [self.random_state, *(v for layer in self._layers for v in layer.variables)]

    def count_parameters(self) -> int:
        """Number of trained parameters."""
        return int(sum(variable.shape.num_elements() for variable in self.trainable_variables))
