"""Progressive layered extraction (Tang et al. 2020, doi:10.1145/3383313.3412236): experts of each
task's own and of all tasks, read by gates, level upon level; with one level it is CGC."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from representation_music.models.shared_layers import tasks_part
from representation_music.models.soft_sharing import SoftOptions, SoftSharing
from representation_music.utils.errors import InputError

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


@dataclass(frozen=True)
class Level:
    """The experts of one level, by their place among the hidden layers, and what reads them."""

    specific: int | None
    shared: int
    gates: "keras.layers.Layer"
    gate_of_all: "keras.layers.Layer | None"


class PLE(SoftSharing):
    """One shared layer, levels of experts, private layers above.

    An expert is a hidden layer. A task's gate weighs its own experts and the shared ones by a
    softmax of what its own experts read, and makes their weighted sum the task's stream. Below the
    last level one more gate reads all experts, for the shared experts above. Gates start at equal
    weights. The first hidden layer is common, so that words are read once and gates read its
    units, not thousands of words.
    """

    name = "ple"
    LEAST: ClassVar = {"specific": 0, "shared": 1, "levels": 1}
    expert_name = "shared"

    @dataclass(frozen=True)
    class Options(SoftOptions):
        """Its settings."""

        specific: int = 2
        """experts of each task's own, per level"""
        shared: int = 2
        """experts of all tasks, per level"""
        levels: int = 2
        """hidden layers that are experts, from the second on; 1 makes it CGC"""

    @classmethod
    def shape(cls, options) -> tuple[int, int, int]:
        """Experts of a task's own and shared ones per level, and the number of levels."""
        return options.specific, options.shared, options.levels

    @classmethod
    def check(cls, config) -> None:
        """Looks for settings that do not go together; see `Network`."""
        super().check(config)
        *_, levels = cls.shape(cls.options_of(config))
        if len(config.widths) <= levels:
            expected = f"one for the first layer and each of the {levels} levels of {cls.name}"
            raise InputError("--widths", repr(config.widths), expected)

    @classmethod
    def weights(cls, options, widths: Sequence[int], num_tasks: int, num_inputs: int) -> int:
        """Of the common layer, experts, gates and private layers."""
        specific, shared, levels = cls.shape(options)
        experts = num_tasks * specific + shared
        total = num_inputs * widths[0]
        for depth, (inputs, units) in enumerate(pairwise(widths), start=1):
            if depth > levels:
                total += num_tasks * inputs * units
            else:
                gates = num_tasks * (specific + shared) + (experts if depth < levels else 0)
                total += inputs * (experts * units + gates)
        return total

    def __init__(self, config, tasks, num_inputs, dtype="float32"):
        from representation_music.models.layers import Experts, StreamDense

        super().__init__(config, tasks, num_inputs, dtype)
        specific, shared, levels = self.shape(self.options)
        first, *widths = self.widths
        number, names = len(self.tasks), [task.name for task in self.tasks]
        self.add_hidden(1, first, num_inputs)
        self.levels, self.mixing_names, inputs = [], {}, first
        of_all = tuple(f"{self.expert_name} {n + 1}" for n in range(shared))
        own = {name: tuple(f"{name} {n + 1}" for n in range(specific)) for name in names}
        every = (*(expert for experts in own.values() for expert in experts), *of_all)
        for depth, units in enumerate(widths[:levels], start=2):
            of_tasks = None
            if specific:
                name = f"fc{depth}_specific"
                of_tasks = self.add_hidden(number, specific * units, inputs, name, Experts)
            common = self.add_hidden(1, shared * units, inputs, f"fc{depth}_shared", Experts)
            gate = StreamDense(number, specific + shared, inputs, name=f"gates{depth}", dtype=dtype)
            level = Level(of_tasks, common, self.add(gate), None)
            self.mixing_names[f"fc{depth}"] = {name: own[name] + of_all for name in names}
            if depth <= levels:
                gate = StreamDense(1, len(every), inputs, name=f"gate_of_all{depth}", dtype=dtype)
                level = replace(level, gate_of_all=self.add(gate))
                self.mixing_names[f"fc{depth}"]["all tasks"] = every
            self.levels.append(level)
            inputs = units
        self.towers = []
        for depth, units in enumerate(widths[levels:], start=levels + 2):
            self.towers.append(self.add_hidden(number, units, inputs, f"fc{depth}"))
            inputs = units
        self.add_heads(inputs)

    def forward(self, counts, training, part):
        """The outputs, and the gates' weights by level."""
        import tensorflow as tf

        words = self.words_read(counts, training, part)
        streams = self.activated(0, self.hidden[0](words), training)
        streams = self.dropped(0, streams, training, part)
        common, mixing = streams, {}
        for depth, level in enumerate(self.levels, start=1):
            experts = self._experts(level, streams, common, training)
            weights, mixing[f"fc{depth + 1}"] = self._weights(level, streams, common)
            read = tf.matmul(tf.cast(weights, experts.dtype), experts)  # [batch, readers, units]
            read = self.dropped(depth, tf.transpose(read, [1, 0, 2]), training, part)
            streams, common = tf.split(read, [len(self.tasks), -1])
            if level is self.levels[-1]:
                streams = tasks_part(streams, len(self.tasks))
        for depth, number in enumerate(self.towers, start=len(self.levels) + 1):
            streams = self.activated(number, self.hidden[number](streams), training)
            streams = self.dropped(depth, streams, training, part)
        return self.outputs(streams), mixing

    @classmethod
    def misuse(cls, mixing):
        """Experts whose mean weight, over songs and gates, is below a tenth of an equal one, and
        gates of which that holds for all experts but one."""
        idle, collapsed = [], []
        for layer, readers in mixing.items():
            of_experts = Counter()
            for reader, weights in readers.items():
                excess = {part: weight - 0.1 / len(weights) for part, weight in weights.items()}
                of_experts.update(excess)
                used = [part for part, value in excess.items() if value >= 0]
                if len(used) == 1 < len(weights):
                    collapsed.append(f"{layer} {reader} on {used[0]}")
            idle += [f"{layer} {part}" for part, value in of_experts.items() if value < 0]
        return {"idle_experts": idle, "collapsed_gates": collapsed}

    def _experts(self, level: Level, streams, common, training) -> "tf.Tensor":
        """What the experts of a level make of the tasks' and the common stream.

        Returns:
            `[batch, experts, units]`, the first task's own experts first, the shared ones last.
        """
        import tensorflow as tf

        specific, shared, _ = self.shape(self.options)
        values = self.activated(level.shared, self.hidden[level.shared](common), training)
        units = values.shape[-1] // shared
        experts = tf.reshape(values, [-1, shared, units])
        if level.specific is None:
            return experts
        values = self.activated(level.specific, self.hidden[level.specific](streams), training)
        own = tf.transpose(values, [1, 0, 2])
        own = tf.reshape(own, [-1, len(self.tasks) * specific, units])
        return tf.concat([own, experts], axis=1)

    def _weights(self, level: Level, streams, common) -> tuple:
        """By how much each reader weighs each expert, `[batch, readers, experts]`.

        Returns:
            These, 0 where a gate does not reach; and each reader's means over the songs.
        """
        import tensorflow as tf

        specific, shared, _ = self.shape(self.options)
        number = len(self.tasks)
        weights = tf.nn.softmax(level.gates(streams))  # [tasks, batch, specific + shared]
        means = tf.unstack(tf.reduce_mean(weights, axis=1))
        if specific:
            own, of_all = tf.split(weights, [specific, shared], axis=-1)
            place = tf.eye(number, dtype=own.dtype)[:, tf.newaxis, :, tf.newaxis]
            own = tf.reshape(own[:, :, tf.newaxis] * place, [number, -1, number * specific])
            weights = tf.concat([own, of_all], axis=-1)
        if level.gate_of_all:
            of_all = tf.nn.softmax(level.gate_of_all(common))
            means += tf.unstack(tf.reduce_mean(of_all, axis=1))
            weights = tf.concat([weights, of_all], axis=0)
        return tf.transpose(weights, [1, 0, 2]), means

    def initialise(self, rng, mean, inverse_sd, head_biases):
        """Draws the weights; gates start at equal weights."""
        super().initialise(rng, mean, inverse_sd, head_biases)
        for level in self.levels:
            for gate in filter(None, (level.gates, level.gate_of_all)):
                gate.initialise(rng, "zero")

    @property
    def shared_variables(self) -> list:
        """What every task's loss goes through: a task's own experts, below the last level, too."""
        shared, last = self.variables_of_hidden(0), len(self.levels)
        for number, level in enumerate(self.levels, start=1):
            if number < last and level.specific is not None:
                shared += self.variables_of_hidden(level.specific)
            shared += self.variables_of_hidden(level.shared)
            # A task's stream is read by all where another gate of all lies above it.
            if number + 1 < last and level.specific is not None:
                shared += level.gates.trainable_variables
            if level.gate_of_all:
                shared += level.gate_of_all.trainable_variables
        return shared
