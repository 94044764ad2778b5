"""One after the other: first the auxiliary tasks, then the target on what they have learnt."""

from dataclasses import dataclass
from typing import ClassVar

from representation_music.experiments.training.objectives.objective import Batch, Objective
from representation_music.utils.errors import InputError
from representation_music.utils.options import read_options


class Transfer(Objective):
    """The gradient of the auxiliary losses for so many steps, and then that of the target's alone.

    Both in one run, whose best checkpoint is the target's: nothing is carried from run to run.
    """

    @dataclass(frozen=True)
    class Options:
        """Settings of this objective."""

        steps: int = 1500
        """steps that learn the auxiliary tasks, before the target"""
        freeze: bool = False
        """whether the shared layers then stay as they are"""

    name = "transfer"
    LEAST: ClassVar[dict[str, float]] = {"steps": 0}
    adds_up = True

    @classmethod
    def check_run(cls, config) -> None:
        """Refuses what would end a run before the target's turn, or move what is frozen."""
        options = read_options(config.objective_options, cls.Options, "--objective-options")
        if len(config.tasks) == 1:
            return
        if config.patience or config.num_epochs:
            found = f"--patience {config.patience} and --num-epochs {config.num_epochs}"
            raise InputError("--objective transfer", found, "0 and 0: the target comes last")
        if options.steps >= config.num_steps:
            found, expected = f"steps={options.steps}", f"less than --num-steps {config.num_steps}"
            raise InputError("--objective-options", found, expected)
        if options.freeze and config.optimizer != "adagrad":
            expected = "adagrad: others move weights by gradients of earlier steps"
            raise InputError("--optimizer", config.optimizer, expected)

    def gradients(self, batch: Batch) -> tuple:
        """The losses, and the gradient of those whose time it is."""
        import tensorflow as tf

        network, others = self.network, len(self.network.tasks) - 1
        second = batch.step >= (self.options.steps if others else 0)
        of_target = tf.concat([tf.ones(1), tf.zeros(others)], 0)
        weights = tf.where(second, of_target, 1 - of_target)
        with tf.GradientTape() as tape:
            losses = batch.losses()
            loss = tf.reduce_sum(losses * weights)
        variables = network.trainable_variables
        gradients = tape.gradient(loss, variables)
        if not (self.options.freeze and others):
            return losses, gradients
        shared = {id(variable) for variable in network.shared_variables}
        frozen = [self._unmoved(batch, v) if id(v) in shared else None for v in variables]
        return losses, [
            gradient if still is None else tf.where(second, still, gradient)
            for gradient, still in zip(gradients, frozen, strict=True)
        ]

    def _unmoved(self, batch: Batch, variable):
        """The gradient that leaves a variable as it is: it takes back what penalty it has."""
        import tensorflow as tf

        value = tf.convert_to_tensor(variable)
        return -2.0 * batch.l2 * value if variable.name == "kernel" else tf.zeros_like(value)
