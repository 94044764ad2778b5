"""Each loss divided by a variance that is learnt (Kendall et al. 2018, arXiv:1705.07115)."""

from dataclasses import dataclass
from typing import ClassVar

from representation_music.experiments.training.objectives.weighing import LossWeighting


class Uncertainty(LossWeighting):
    """The sum of exp(-s) L + s / 2 over classification, of exp(-s) L / 2 + s / 2 over regression.

    Each task's log variance s starts at 0 and descends with a learning rate of its own, without
    momentum or L2.
    """

    name = "uncertainty"
    CHOICES: ClassVar = {"rate": (0.01, 0.025, 0.1)}
    LEAST: ClassVar = {"rate": 0.0}

    @dataclass(frozen=True)
    class Options:
        """Its settings."""

        rate: float = 0.025
        """learning rate of the log variances"""

    def __init__(self, network, options=()):
        super().__init__(network, options)
        self.log_variances = self.add_variable("log_variances", [len(network.tasks)])
        self._halves = [0.5 if task.kind == "regression" else 1.0 for task in network.tasks]

    def weights(self, losses, batch):
        """exp(-s), halved for regression; then moves s down its own gradient."""
        import tensorflow as tf

        weights = tf.constant(self._halves) * tf.exp(-tf.convert_to_tensor(self.log_variances))
        slope = tf.where(batch.labelled, 0.5 - weights * losses, 0.0)
        self.log_variances.assign_sub(self.options.rate * slope)
        return weights
