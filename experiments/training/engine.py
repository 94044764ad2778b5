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
from representation_music.experiments.training.objectives.objective import (
    Batch,
    require_one_replica,
)
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.experiments.training.optimizers import OPTIMIZERS, FusedAdagrad
from representation_music.models.losses import summed_task_losses
from representation_music.models.networks import network_of
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

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

SOME_SONGS = [SONGS, tf.TensorSpec([None], tf.int64)]


class TrainingData(NamedTuple):
    """What a run's training steps read, the same ones throughout the run."""

    songs: SongTensors  # the training songs
    labels: tf.Tensor  # [songs, tasks]; NaN where missing, regression standardised
    loss_factors: tf.Tensor  # [tasks], a task's weight over the share of songs with its label
    seed: tf.Tensor  # int32, of dropout
    l2: tf.Tensor  # factor of the sum of squared kernel weights


TRAINING_DATA = TrainingData(
    SONGS,
    tf.TensorSpec([None, None]),
    tf.TensorSpec([None]),
    tf.TensorSpec([], tf.int32),
    tf.TensorSpec([]),
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
        network = network_of(config.network.architecture)
        self.network = network(config.network, self.tasks, num_words)
        self.variables = self.network.trainable_variables
        self.strategy = tf.distribute.get_strategy()
        objective = OBJECTIVES[config.objective]
        require_one_replica(objective, self.strategy.num_replicas_in_sync)
        self.objective = objective(self.network, config.objective_options)
        self.optimizer = OPTIMIZERS[config.optimizer](config.learning_rate)
        self.optimizer.build(self.variables)
        self.penalised = config.l2 > 0
        self._update, self._sums = self._penalised_update, [None] * len(self.variables)
        if tf.distribute.has_strategy():
            pass  # replicas cannot meet inside a function of their own
        elif not isinstance(self.optimizer, FusedAdagrad):
            # Compiled, an update of composed operations passes once over the weights as well.
            self._update = tf.function(self._update, autograph=False, jit_compile=True)
        elif self.penalised:
            self._sums = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in self.variables]
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
        """Draws new weights, clears the optimizer and the objective.

        Args:
            config: Seed, learning rate and warm-up are read from it.
            mean, inverse_sd: Whitening statistics `[inputs]`.
            head_biases: Initial bias of each head.
        """
        if config.network != self.network.config:
            raise ValueError("the engine's network was built from another config")
        first_values = self.network.variables + self.objective.variables
        floats = [variable for variable in first_values if variable.dtype.startswith("float")]
        for variable in floats:
            variable.assign(tf.fill(variable.shape, tf.cast(np.nan, variable.dtype)))
        rng = np.random.default_rng([config.training_seed, 0])
        self.network.initialise(rng, mean, inverse_sd, head_biases)
        self.network.random_state.assign([0, 0])
        self.objective.initialise()
        for variable in floats:
            if tf.reduce_any(tf.math.is_nan(variable)):
                raise ValueError(f"`initialise` gives no first value to {variable.path}")
        for slot, value in zip(self.optimizer.variables, self._initial_slots, strict=True):
            slot.assign(tf.fill(slot.shape, tf.cast(value, slot.dtype)))
        self.optimizer.learning_rate.assign(config.learning_rate)
        self.peak_rate.assign(config.learning_rate)
        self.warmup_steps.assign(config.warmup_steps)

    def state(self) -> list[np.ndarray]:
        """Copies of every variable of network, optimizer and objective, in a fixed order."""
        return [variable.numpy().copy() for variable in self.state_variables()]

    def restore(self, values: Sequence[np.ndarray], place: str = "the checkpoint") -> None:
        """Sets the variables from `state()`.

        Raises:
            InputError: if the values are not such a network's; `place` says where they are from.
        """
        self._assign(self.state_variables(), values, place)

    def restore_weights(self, values: Sequence[np.ndarray], place: str = "the checkpoint") -> None:
        """Sets the variables from `weights()`, from `state()`, or from both after one another.

        Of both, as a trainer's state has them, the weights are the averaged ones, which count.

        Raises:
            InputError: if the values are not such a network's; `place` says where they are from.
        """
        variables, state = self.network.variables, len(self.state_variables())
        if len(values) == state:
            values = values[: len(variables)]
        elif len(values) == state + len(variables):
            values = values[state:]
        self._assign(variables, values, place)

    def state_variables(self) -> list:
        """Every variable of network, optimizer and objective, in a fixed order."""
        return self.network.variables + self.optimizer.variables + self.objective.variables

    @staticmethod
    def _assign(variables: list, values: Sequence[np.ndarray], place: str) -> None:
        wanted = [tuple(variable.shape) for variable in variables]
        found = [np.shape(value) for value in values]
        if found != wanted:
            differing = [n for n, (f, w) in enumerate(zip(found, wanted, strict=False)) if f != w]
            which = f", the first of another shape at place {differing[0]}" if differing else ""
            raise InputError(
                place,
                f"{len(found)} arrays{which}",
                f"the {len(wanted)} arrays of the run's network",
                "Remove the run's folder and train again.",
            )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def weights(self) -> list[np.ndarray]:
        """Copies of every variable of the network."""
        return [variable.numpy().copy() for variable in self.network.variables]

    @tf.function(
        autograph=False,  # which takes as long to rewrite a source as tracing it
        input_signature=[
            TRAINING_DATA,
            tf.TensorSpec([None], tf.int64),
            tf.TensorSpec([None], tf.int64),
            tf.TensorSpec([], tf.int32),
        ],
    )
    def train(self, data, order, ends, first_step) -> tf.Tensor:
        """Trains a step for each batch.

        Args:
            data: The run's `TrainingData`.
            order: Rows of the songs of all batches, one after the other.
            ends: End of each batch within `order`.
            first_step: The number of steps done before.

        Returns:
            `[tasks]`, each task's loss a labelled song times its weight, mean over the steps.
        """
        steps = tf.size(ends)

        def train_step(step, begin, total):
            rows = order[begin : ends[step]]
            return step + 1, ends[step], total + self._train_batch(data, rows, first_step + step)

        first = 0, tf.zeros([], tf.int64), tf.zeros([len(self.tasks)])
        _, _, total = tf.while_loop(lambda step, *_: step < steps, train_step, first)
        return total / tf.cast(tf.maximum(steps, 1), tf.float32)

    def _train_batch(self, data: TrainingData, rows: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """One step on the songs of `rows`.

        Returns:
            `[tasks]`, the batch's losses.
        """
        self.network.random_state.assign(tf.stack([data.seed, step]))
        self._set_learning_rate(step)
        counts = bags_of_words(data.songs, rows, self.num_words)
        labels = tf.ensure_shape(tf.gather(data.labels, rows), [None, len(self.tasks)])
        factors = tf.ensure_shape(data.loss_factors, [len(self.tasks)])
        losses = self.strategy.run(self._step, (counts, labels, factors, step, data.l2))
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)

    def _step(self, counts, labels, loss_factors, step, l2) -> tf.Tensor:
        """One step of a replica on its part of a batch; the optimizer sums all gradients.

        Returns:
            `[tasks]`, what its songs add to the batch's losses.
        """
        part = part_of_batch(tf.shape(labels)[0])
        batch_size = tf.cast(tf.shape(labels)[0], tf.float32)
        if part is not None:
            labels = labels[part.first : part.end]

        def losses() -> tf.Tensor:
            outputs = self.network(counts, training=True, part=part)
            return summed_task_losses(self.tasks, outputs, labels) * loss_factors / batch_size

        labelled = tf.reduce_any(tf.math.is_finite(labels), axis=0) & (loss_factors > 0)
        l2 = l2 / self.strategy.num_replicas_in_sync
        batch = Batch(losses, labelled, step, l2)
        found, gradients = self.objective.gradients(batch)
        self.apply_gradients(gradients, l2)
        self.objective.after_update(batch)
        return found

    def _set_learning_rate(self, step) -> None:
        """Raises the learning rate in a straight line over the first `warmup_steps` steps."""
        share = tf.cast(step + 1, self.warmup_steps.dtype) / tf.maximum(self.warmup_steps, 1.0)
        self.optimizer.learning_rate.assign(self.peak_rate * tf.minimum(share, 1.0))

    def apply_gradients(self, gradients, l2) -> None:
        """One optimizer update; `gradients` are the loss's, without the penalty."""
        self._update(gradients, l2)

    def _penalised_update(self, gradients, l2) -> None:
        if self.penalised:
            columns = gradients, self.variables, self._sums
            gradients = [
                _sum(gradient, 2.0 * l2, variable, place) if variable.name == "kernel" else gradient
                for gradient, variable, place in zip(*columns, strict=True)
            ]
        self.optimizer.apply(gradients, self.variables)

    @tf.function(input_signature=SOME_SONGS, autograph=False)
    def _outputs(self, songs, rows) -> list[tf.Tensor]:
        return self.network(bags_of_words(songs, rows, self.num_words), training=False)

    def outputs(self, songs: SongTensors) -> list[np.ndarray]:
        """Each task's outputs for all songs, `[songs, outputs]`: values or logits."""
        blocks = [self._outputs(songs, rows) for rows in _blocks(songs)]
        return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]

    @tf.function(input_signature=SOME_SONGS, autograph=False)
    def _mixing(self, songs, rows) -> dict[str, list[tf.Tensor]]:
        return self.network.mixing(bags_of_words(songs, rows, self.num_words))

    def mixing(self, songs: SongTensors) -> dict[str, dict[str, dict[str, float]]]:
        """The network's mean mixing weights over the songs, by layer, reader and part."""
        names, blocks = self.network.mixing_names, _blocks(songs)
        found = [self._mixing(songs, rows) for rows in blocks] if names else []
        sizes = [len(rows) for rows in blocks]
        return {
            layer: {
                reader: dict(
                    zip(
                        parts,
                        np.average([f[layer][n] for f in found], axis=0, weights=sizes).tolist(),
                        strict=True,
                    )
                )
                for n, (reader, parts) in enumerate(readers.items())
            }
            for layer, readers in names.items()
        }


def _blocks(songs: SongTensors) -> list[tf.Tensor]:
    """The rows of all songs, so many at a time that their activations are small."""
    num_songs = songs.starts.shape[0] - 1
    return [
        tf.range(first, min(first + EVALUATION_BATCH, num_songs), dtype=tf.int64)
        for first in range(0, num_songs, EVALUATION_BATCH)
    ]


def _sum(gradient, factor, weights, place: tf.Variable | None) -> tf.Tensor:
    """`gradient + factor * weights`; without a compiler, `place` makes it one pass.

    A variable takes up the gradient without a copy, and can be added to where it lies.
    """
    if place is None:
        return gradient + factor * weights
    place.assign(gradient, read_value=False)
    weights = tf.convert_to_tensor(weights)
    tf.raw_ops.ResourceApplyGradientDescent(var=place.handle, alpha=-factor, delta=weights)
    return place.read_value()


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
