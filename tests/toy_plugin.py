"""A network and an objective as a user would add them, in a file that REPMUSIC_PLUGINS names."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from representation_music.experiments.training.objectives.objective import Objective
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.layers import Head, WhitenedSparseDense
from representation_music.models.network import Network
from representation_music.models.networks import NETWORKS


class Gates(keras.layers.Layer):
    """A factor per task and unit: `[batch, units]` to `[tasks, batch, units]`."""

    def __init__(self, tasks: int, units: int):
        super().__init__()
        self.gates = self.add_weight(shape=(tasks, 1, units), name="gates")

    def call(self, values):
        return values * self.gates


@NETWORKS.register
class GatedNetwork(Network):
    """One shared layer, whose units each task weighs by gates of its own."""

    name = "gated_network"

    @dataclass(frozen=True)
    class Options:
        start: float = 1.0

    def __init__(self, config, tasks, num_inputs, dtype="float32"):
        super().__init__(config, tasks, num_inputs, dtype)
        (units,) = config.widths
        self.first = self.add(WhitenedSparseDense(1, units, num_inputs))
        self.gates = self.add(Gates(len(tasks), units))
        self.heads = [self.add(Head(task.num_outputs, units)) for task in tasks]

    def __call__(self, counts, training=False, part=None):
        units = tf.nn.relu(self.first(counts)[0])
        streams = tf.unstack(self.gates(units))
        return [head(stream) for head, stream in zip(self.heads, streams, strict=True)]

    def initialise(self, rng, mean, inverse_sd, head_biases):
        self.first.initialise(rng, self.config.initialization, mean, inverse_sd)
        self.gates.gates.assign(np.full(self.gates.gates.shape, self.options.start))
        for head, bias in zip(self.heads, head_biases, strict=True):
            head.initialise(rng, self.config.initialization, bias)

    @property
    def shared_variables(self):
        return self.first.trainable_variables


@OBJECTIVES.register
class Uncertainty(Objective):
    """Each loss divided by a variance that is learnt (Kendall et al. 2018, arXiv:1705.07115)."""

    name = "toy_uncertainty"
    CHOICES: ClassVar = {"rate": (0.01, 0.025, 0.1)}

    @dataclass(frozen=True)
    class Options:
        rate: float = 0.025

    def __init__(self, network, options=()):
        super().__init__(network, options)
        self.log_variances = self.add_variable("log_variances", [len(network.tasks)])

    def initialise(self):
        self.log_variances.assign(tf.zeros_like(self.log_variances))

    def gradients(self, batch):
        weights, state = self.network.trainable_variables, self.log_variances
        with tf.GradientTape() as tape:
            losses = batch.losses()
            tape.watch(s := tf.convert_to_tensor(state))
            terms = tf.exp(-s) * losses + s
            total = tf.reduce_sum(tf.where(batch.labelled, terms, tf.zeros_like(terms)))
        *found, of_state = tape.gradient(total, [*weights, s])
        state.assign_sub(self.options.rate * of_state)
        return losses, found
