"""Cross-stitch networks (Misra et al. 2016, arXiv:1604.03539): every task has all layers of its
own, and after each a task's stream becomes a weighted sum of all tasks' streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from representation_music.models.shared_layers import tasks_part
from representation_music.models.soft_sharing import SoftOptions, SoftSharing


class CrossStitch(SoftSharing):
    """A net per task, stitched to the others after each hidden layer's activation.

    The weights of a task's sum are one number per task and layer, learnt from a start at `own` for
    its own stream and equal parts of the rest for the others. L2 does not reach them.
    """

    name = "cross_stitch"
    LEAST: ClassVar = {"own": 0.0}
    MOST: ClassVar = {"own": 1.0}

    @dataclass(frozen=True)
    class Options(SoftOptions):
        """Its settings."""

        own: float = 0.9
        """first weight of a task's own stream; the others share 1 - own"""

    @classmethod
    def weights(
        cls, options: Options, widths: Sequence[int], num_tasks: int, num_inputs: int
    ) -> int:
        """As with nothing shared, and the stitches."""
        layers = int(np.dot((num_inputs, *widths[:-1]), widths))
        return num_tasks * layers + num_tasks**2 * len(widths)

    def __init__(self, config, tasks, num_inputs, dtype="float32"):
        from representation_music.models.layers import Stitch

        super().__init__(config, tasks, num_inputs, dtype)
        names = tuple(task.name for task in self.tasks)
        self.stitches, self.mixing_names, inputs = [], {}, num_inputs
        for depth, units in enumerate(self.widths, start=1):
            self.add_hidden(len(names), units, inputs)
            self.stitches.append(self.add(Stitch(len(names), name=f"stitch{depth}", dtype=dtype)))
            self.mixing_names[f"fc{depth}"] = dict.fromkeys(names, names)
            inputs = units
        self.add_heads(inputs)

    def forward(self, counts, training, part):
        """The outputs, and each layer's stitch by its rows."""
        import tensorflow as tf

        streams, mixing = self.words_read(counts, training, part), {}
        for depth, (layer, stitch) in enumerate(zip(self.hidden, self.stitches, strict=True)):
            streams = stitch(self.activated(depth, layer(streams), training))
            if stitch is self.stitches[-1]:
                streams = tasks_part(streams, len(self.tasks))
            streams = self.dropped(depth, streams, training, part)
            mixing[f"fc{depth + 1}"] = tf.unstack(tf.convert_to_tensor(stitch.matrix))
        return self.outputs(streams), mixing

    def initialise(self, rng, mean, inverse_sd, head_biases):
        """Draws the weights; stitches start the same whatever the seed."""
        super().initialise(rng, mean, inverse_sd, head_biases)
        for stitch in self.stitches:
            stitch.initialise(self.options.own)

    @property
    def shared_variables(self) -> list:
        """All hidden layers, and the stitches that another stitch lies above."""
        hidden = [v for number in range(len(self.hidden)) for v in self.variables_of_hidden(number)]
        return hidden + [v for stitch in self.stitches[:-1] for v in stitch.trainable_variables]
