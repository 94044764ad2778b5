"""The training engine: a network, its optimizer and their graph functions, traced once.

Songs stay sparse from file to gradient: bags of words lie as CSR on the device, a batch is
gathered inside the graph, and one call trains many steps without coming back to Python.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
import tensorflow as tf

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.training.distribution.replicas import part_of_batch
from representation_music.experiments.training.optimizers import OPTIMIZERS, FusedAdagrad
from representation_music.models.dnn import DNN
from representation_music.models.high_level_sharing import HighLevelSharing
from representation_music.models.interspersed_sharing import InterspersedSharing
from representation_music.models.losses import summed_task_losses
from representation_music.models.low_level_sharing import LowLevelSharing
from representation_music.models.no_sharing import NoSharing
from representation_music.utils.tasks import Task

NAMED_NETWORKS = {
    "PPPP": NoSharing,
    "SSPP": LowLevelSharing,
    "PSSS": HighLevelSharing,
    "SPSS": InterspersedSharing,
}


EVALUATION_BATCH = 1024


class SongTensors(NamedTuple):
    """Bags of words on the device, as CSR."""

    starts: tf.Tensor  # int64 [songs + 1], where each song's entries begin
    words: tf.Tensor  # int64 [entries]: TensorFlow keeps int32 in the host's memory
    counts: tf.Tensor  # float32 [entries]

    @classmethod
    def from_csr(cls, counts: scipy.sparse.csr_array) -> "SongTensors":
        """Copies `counts` `[songs, words]` to the device."""
        return cls(
            tf.constant(counts.indptr.astype(np.int64)),
            tf.cast(tf.constant(counts.indices.astype(np.int32, copy=False)), tf.int64),
            tf.constant(counts.data.astype(np.float32, copy=False)),
        )


SONGS = SongTensors(
    tf.TensorSpec([None], tf.int64), tf.TensorSpec([None], tf.int64), tf.TensorSpec([None])
)


def bags_of_words(songs: SongTensors, rows: tf.Tensor, num_words: int) -> tf.SparseTensor:
    """The bags of words `[rows, words]` of some songs, in the order of `rows`."""
    first = tf.gather(songs.starts, rows)
    ends = tf.cumsum(tf.gather(songs.starts, rows + 1) - first)
    entry = tf.range(ends[-1])
    row = tf.searchsorted(ends, entry, side="right", out_type=tf.int64)
    begins = tf.concat([tf.zeros([1], tf.int64), ends[:-1]], axis=0)
    position = entry + tf.gather(first - begins, row)
    word = tf.gather(songs.words, position)
    shape = tf.stack([tf.size(rows, tf.int64), tf.constant(num_words, tf.int64)])
    return tf.SparseTensor(tf.stack([row, word], axis=1), tf.gather(songs.counts, position), shape)


class Engine:
    """One architecture with one optimizer; `reset` makes it new for the next run.

    Args:
        config: The run's settings; those in `engine_signature` are built in, the others are inputs.
        tasks: The run's tasks.
        num_words: Number of inputs.
    """

    def __init__(self, config: RunConfig, tasks: Sequence[Task], num_words: int):
        self.tasks, self.num_words = tuple(tasks), num_words
        network = NAMED_NETWORKS.get(config.pattern)
        pattern = {} if network else {"pattern": config.pattern}
        self.network = (network or DNN)(
            self.tasks,
            num_words=num_words,
            widths=config.widths,
            activation=config.activation,
            dropout_rates=config.dropout,
            word_dropout=config.word_dropout,
            batch_normalization=config.batch_normalization,
            merge=config.merge,
            upper_precision=config.precision,
            **pattern,
        )
        self.variables = self.network.trainable_variables
        self.optimizer = OPTIMIZERS[config.optimizer](config.learning_rate)
        self.optimizer.build(self.variables)
        self.strategy = tf.distribute.get_strategy()
        self._update = lambda gradients: self.optimizer.apply(gradients, self.variables)
        if not tf.distribute.has_strategy():  # replicas cannot meet inside a function of their own
            # Compiled, an update of composed operations passes once over the weights as well.
            compiled = not isinstance(self.optimizer, FusedAdagrad)
            self._update = tf.function(self._update, autograph=False, jit_compile=compiled)
        rate_type = self.optimizer.learning_rate.dtype
        self.peak_rate = tf.Variable(config.learning_rate, dtype=rate_type)
        self.warmup_steps = tf.Variable(config.warmup_steps, dtype=rate_type)
        # Slots start as constants: one number each tells how to make them new.
        self._initial_slots = [np.ravel(slot)[0] for slot in self.optimizer.variables]

    def reset(
        self,
        config: RunConfig,
        mean: np.ndarray,
        inverse_sd: np.ndarray,
        head_biases: Sequence[np.ndarray],
    ) -> None:
        """Draws new weights and clears the optimizer.

        Args:
            config: Seed, initialisation, learning rate and warm-up are read from it.
            mean, inverse_sd: Whitening statistics `[inputs]`.
            head_biases: Initial bias of each head.
        """
        rng = np.random.default_rng([config.seed, 0])
        for variable in self.variables:
            if variable.name != "kernel":
                variable.assign(tf.fill(variable.shape, float(variable.name == "gamma")))
                continue
            # fc1 reads whitened words: those that never vary are 0 and no input.
            first = variable is self.network.hidden[0].kernel
            fan_in = max(1, np.count_nonzero(inverse_sd)) if first else variable.shape[-2]
            sd = np.sqrt(2 / fan_in) if config.initialization == "he" else 0.01
            variable.assign(rng.standard_normal(variable.shape, dtype=np.float32) * np.float32(sd))
        for head, bias in zip(self.network.heads, head_biases, strict=True):
            head.bias.assign(bias)
            if config.head_weights == "zero":
                head.kernel.assign(tf.zeros_like(head.kernel))
        for layer in self.network.normalizations:
            layer.normalization.moving_mean.assign(tf.zeros_like(layer.normalization.moving_mean))
            layer.normalization.moving_variance.assign(
                tf.ones_like(layer.normalization.moving_variance)
            )
        self.network.hidden[0].mean.assign(mean)
        self.network.hidden[0].inverse_sd.assign(inverse_sd)
        for slot, value in zip(self.optimizer.variables, self._initial_slots, strict=True):
            slot.assign(tf.fill(slot.shape, tf.cast(value, slot.dtype)))
        self.optimizer.learning_rate.assign(config.learning_rate)
        self.peak_rate.assign(config.learning_rate)
        self.warmup_steps.assign(config.warmup_steps)

    def state(self) -> list[np.ndarray]:
        """Copies of every variable of the network and the optimizer, in a fixed order."""
        return [
            variable.numpy().copy()
            for variable in self.network.variables + self.optimizer.variables
        ]

    def restore(self, values: Sequence[np.ndarray]) -> None:
        """Sets the variables from `state()`, or the network's alone from `weights()`."""
        variables = self.network.variables + self.optimizer.variables
        for variable, value in zip(variables, values, strict=False):
            variable.assign(value)

    def weights(self) -> list[np.ndarray]:
        """Copies of every variable of the network."""
        return [variable.numpy().copy() for variable in self.network.variables]

    @tf.function(
        input_signature=[
            SONGS,
            tf.TensorSpec([None, None]),
            tf.TensorSpec([None], tf.int64),
            tf.TensorSpec([None], tf.int64),
            tf.TensorSpec([2], tf.int32),
            tf.TensorSpec([None]),
            tf.TensorSpec([None, None]),
            tf.TensorSpec([]),
        ]
    )
    def train(
        self, songs, labels, order, ends, seed_and_step, loss_factors, turns, l2
    ) -> tf.Tensor:
        """Trains a step for each batch.

        Args:
            songs: The training songs.
            labels: `[songs, tasks]`; NaN where missing, regression standardised.
            order: Rows of the songs of all batches, one after the other.
            ends: End of each batch within `order`.
            seed_and_step: The run's seed, and the number of steps done before.
            loss_factors: `[tasks]`, a task's weight over the share of songs with its label.
            turns: `[turns, tasks]`, 1 for tasks that a step trains; steps take rows in turn.
            l2: Factor of the sum of squared kernel weights.

        Returns:
            `[tasks]`, each task's loss a labelled song times its weight, mean over the steps.
        """
        loss_factors = tf.ensure_shape(loss_factors, [len(self.tasks)])
        total = tf.zeros_like(loss_factors)
        begin = tf.zeros([], tf.int64)
        for step in tf.range(tf.size(ends)):
            rows = order[begin : ends[step]]
            begin = ends[step]
            seed_and_now = seed_and_step + tf.stack([0, step])
            total += self._train_batch(songs, labels, rows, seed_and_now, loss_factors, turns, l2)
        return total / tf.cast(tf.maximum(tf.size(ends), 1), tf.float32)

    # AutoGraph rewrites the source of what it converts, which takes longer than tracing it. Only
    # the loop over steps needs that.
    @tf.autograph.experimental.do_not_convert
    def _train_batch(self, songs, labels, rows, seed_and_step, loss_factors, turns, l2):
        """One step on the songs of `rows`.

        Returns:
            `[tasks]`, the batch's losses.
        """
        self.network.random_state.assign(seed_and_step)
        self._set_learning_rate(seed_and_step[1])
        turn = turns[seed_and_step[1] % tf.shape(turns)[0]]
        batch = bags_of_words(songs, rows, self.num_words), tf.gather(labels, rows)
        losses = self.strategy.run(self._step, (*batch, loss_factors, turn, l2))
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)

    def _step(self, counts, labels, loss_factors, turn, l2) -> tf.Tensor:
        """One step of a replica on its part of a batch; the optimizer sums all gradients.

        Returns:
            `[tasks]`, what its songs add to the batch's losses.
        """
        part = part_of_batch(tf.shape(labels)[0])
        batch_size = tf.cast(tf.shape(labels)[0], tf.float32)
        with tf.GradientTape() as tape:
            outputs = self.network(counts, training=True, part=part)
            if part is not None:
                labels = labels[part.first : part.end]
            losses = summed_task_losses(self.tasks, outputs, labels) * loss_factors / batch_size
            loss = tf.reduce_sum(losses * turn)
        gradients = tape.gradient(loss, self.variables)
        self.apply_gradients(gradients, l2 / self.strategy.num_replicas_in_sync)
        return losses

    def _set_learning_rate(self, step) -> None:
        """Raises the learning rate in a straight line over the first `warmup_steps` steps."""
        share = tf.cast(step + 1, self.warmup_steps.dtype) / tf.maximum(self.warmup_steps, 1.0)
        self.optimizer.learning_rate.assign(self.peak_rate * tf.minimum(share, 1.0))

    def apply_gradients(self, gradients, l2) -> None:
        """One optimizer update; `gradients` are the loss's, without the penalty."""
        regularised = tf.cond(
            l2 > 0,
            lambda: self._with_l2(gradients, l2),
            lambda: [tf.identity(g) for g in gradients],
        )
        self._update(regularised)

    @tf.function(autograph=False, jit_compile=True)
    def _with_l2(self, gradients, l2) -> list[tf.Tensor]:
        """Gradients of the loss with the penalty; compiled, the sum is made in one pass."""
        return [
            gradient + 2.0 * l2 * variable if variable.name == "kernel" else gradient
            for gradient, variable in zip(gradients, self.variables, strict=True)
        ]

    @tf.function(input_signature=[SONGS, tf.TensorSpec([None], tf.int64)], autograph=False)
    def _outputs(self, songs, rows) -> list[tf.Tensor]:
        return self.network(bags_of_words(songs, rows, self.num_words), training=False)

    def outputs(self, songs: SongTensors) -> list[np.ndarray]:
        """Each task's outputs for all songs, `[songs, outputs]`: values or logits."""
        num_songs = songs.starts.shape[0] - 1
        blocks = [
            self._outputs(
                songs, tf.range(first, min(first + EVALUATION_BATCH, num_songs), dtype=tf.int64)
            )
            for first in range(0, num_songs, EVALUATION_BATCH)
        ]
        return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]


#: The process's engine by its signature: runs of as many inputs (rounded up, `INPUT_STEP`) after
#: one another, whatever their sizes and seeds, build and trace once.
_ENGINES: dict[tuple, Engine] = {}


def engine_for(config: RunConfig, tasks, num_words: int) -> Engine:
    """The process's engine for such runs; a new one takes the place of the last."""
    key = config.engine_signature(tasks, num_words)
    if key not in _ENGINES:
        _ENGINES.clear()  # one at a time: an engine holds weights, slots and traced graphs
        _ENGINES[key] = Engine(config, tasks, num_words)
    return _ENGINES[key]
