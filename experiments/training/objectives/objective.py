"""What every objective has in common: from the tasks' losses on a batch to gradients.

A new objective is a file beside this one with a subclass of `Objective`, and a line in
`objectives.py`. Settings ask the class without TensorFlow: import that inside methods. These are
traced into the graph of a training step, without AutoGraph: write `tf.cond` and `tf.where`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from representation_music.utils.errors import InputError
from representation_music.utils.options import NoOptions, read_options

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from representation_music.models.network import Network


@dataclass(frozen=True)
class Batch:
    """A batch as an objective sees it.

    Attributes:
        losses: Runs the network on the batch and gives `[tasks]`, each task's loss: the mean over
            the songs that carry its label (in expectation), times its `--task-weights`. Call it
            under a `tf.GradientTape`. Called again it drops the same words and units.
        labelled: `[tasks]` bool, whether the batch has a label of the task. Without one its loss
            is 0, and so is its gradient.
        step: Number of steps done before, int32.
        l2: Factor of the penalty that is added to the gradients of kernels afterwards.
    """

    losses: "Callable[[], tf.Tensor]"
    labelled: "tf.Tensor"
    step: "tf.Tensor"
    l2: "tf.Tensor | float" = 0.0


class Objective:
    """How the losses of several tasks become one step.

    A subclass defines `gradients`; one with a state makes its variables in `__init__`, each by
    `add_variable`, and sets them in `initialise`.

    Attributes:
        name: What `--objective` calls it.
        Options: Dataclass of the settings that it alone has (`--objective-options`).
        CHOICES: Values that tuning tries for some of them, by name.
        LEAST, MOST: The least and the greatest value that some of them may have, by name.
        adds_up: Whether the gradients of a batch are the sum of its parts' gradients. Only such
            an objective can train on several replicas, each of which has a part of the batch.
        network: The network that is trained; gradient methods want its `shared_variables`.
        options: The chosen settings.
        variables: Its state, which checkpoints hold beside the weights.
    """

    name: ClassVar[str]
    Options: ClassVar[type] = NoOptions
    CHOICES: ClassVar[dict[str, tuple]] = {}
    LEAST: ClassVar[dict[str, float]] = {}
    MOST: ClassVar[dict[str, float]] = {}
    adds_up: ClassVar[bool] = False

    @classmethod
    def check(cls, options: Sequence[str]) -> None:
        """Reads its options.

        Raises:
            InputError: for one that it does not have, a value of another kind or out of bounds.
        """
        read_options(options, cls.Options, "--objective-options", cls.LEAST, cls.MOST)

    @classmethod
    def step_factor(cls, num_tasks: int, shared: float) -> float:
        """About how many times as long as the plain sum's a step takes, for estimates of cost.

        Args:
            num_tasks: Tasks that are learnt.
            shared: Share of the network's products of weights that lies below the place where its
                tasks part (`Network.share_below_parting`).
        """
        return 1.0

    @classmethod
    def check_run(cls, config) -> None:
        """Looks for settings of a run (its `RunConfig`) that do not go with it.

        Raises:
            InputError: if there are any.
        """

    def __init__(self, network: "Network", options: Sequence[str] = ()):
        self.network = network
        self.options = read_options(options, self.Options, "--objective-options")
        self.variables: list = []

    def add_variable(self, name: str, shape: Sequence[int]) -> "keras.Variable":
        """Makes a float32 variable of the objective's state."""
        import keras

        variable = keras.Variable(np.zeros(shape), dtype="float32", trainable=False, name=name)
        self.variables.append(variable)
        return variable

    def initialise(self) -> None:
        """Gives every variable its first value, whatever it held before."""

    def gradients(self, batch: Batch) -> "tuple[tf.Tensor, list[tf.Tensor]]":
        """The step that a batch asks for.

        Returns:
            The losses `[tasks]` as `batch.losses` gave them, for the history, and a gradient per
            variable of `network.trainable_variables`. The L2 penalty is added afterwards.
        """
        raise NotImplementedError

    def after_update(self, batch: Batch) -> None:
        """Is called when the optimizer has moved the weights; may look at the losses again."""

    def report(self) -> dict[str, float]:
        """What goes to `history.csv` and TensorBoard: means over the steps since the last report.

        The names are the same every time. What they are made from belongs to `variables`.
        """
        return {}


def require_one_replica(objective: type[Objective], replicas: int) -> None:
    """Refuses several replicas to an objective whose gradients do not add up over them.

    Raises:
        InputError: if it is refused.
    """
    if replicas > 1 and not objective.adds_up:
        expected = "--distribute none, or an objective whose gradients add up over parts of a batch"
        raise InputError("--objective", f"{objective.name!r} on {replicas} replicas", expected)
