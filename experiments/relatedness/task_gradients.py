"""Task relatedness as networks see it: gradient cosine and TAG's inter-task affinity.

TAG is task affinity grouping (Fifty et al. 2021). Both are measured on the way of an ordinary run,
between two of its steps, and leave no trace.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.training.engine import SONGS, Engine, bags_of_words
from representation_music.experiments.training.inputs import RunInputs
from representation_music.experiments.training.trainer import Trainer
from representation_music.experiments.training.training_songs import TrainingSongs, loss_factors
from representation_music.models.losses import summed_task_losses
from representation_music.utils.errors import InputError

#: Steps of training between two measurements.
STRIDE = 50
#: Songs that are measured on, at most.
MEASURED_SONGS = 256


class TaskGradients:
    """Measures how the auxiliaries' gradients suit the target on the layers that tasks share.

    Dropout and word dropout are those that the next training step would see. The L2 penalty is
    left out: it is no task's.

    Args:
        engine: The network and its optimizer, at any moment of training.

    Raises:
        InputError: if the network shares no layer.
    """

    def __init__(self, engine: Engine):
        self.network, self.optimizer = engine.network, engine.optimizer
        self.num_words, self.tasks = engine.num_words, engine.tasks
        self.variables = self.network.trainable_variables
        shared = {id(variable) for variable in self.network.shared_variables}
        self.is_shared = [id(variable) in shared for variable in self.variables]
        self.private = {id(variable) for variable in self.variables} - shared
        if not shared or len(self.tasks) < 2:
            expected = "two tasks or more with a shared layer"
            raise InputError(
                "the network", f"the architecture {self.network.config.architecture}", expected
            )

    @tf.function(
        input_signature=[
            SONGS,
            tf.TensorSpec([None, None]),
            tf.TensorSpec([None], tf.int64),
            tf.TensorSpec([2], tf.int32),
            tf.TensorSpec([None]),
        ]
    )
    def measure(self, songs, labels, rows, seed_and_step, loss_factors):
        """Cosine and affinity of every auxiliary on one batch.

        The cosine is that of the target's and the auxiliary's loss gradients over all shared
        weights (Du et al. 2018, arXiv:1812.02224). The affinity is 1 - L'/L, where L is the
        target's loss and L' that after the optimizer, with the state it has, took a step on the
        auxiliary's loss and moved the shared weights (Fifty et al. 2021, arXiv:2109.04617,
        equation 1); then weights and optimizer are put back.

        Args:
            songs, labels, loss_factors: As `TrainingData` holds them.
            rows: Rows of the batch's songs.
            seed_and_step: The run's seed, and the step whose dropout is used.

        Returns:
            Two tensors `[auxiliaries]`; NaN where the batch lacks labels of either task.
        """
        state = self.network.variables + self.optimizer.variables
        kept = [tf.identity(variable) for variable in state]
        labels = tf.gather(labels, rows)
        with tf.GradientTape(persistent=True) as tape:
            losses = self._losses(songs, labels, rows, seed_and_step, loss_factors)
            of_task = tf.unstack(losses, len(self.tasks))
        gradients = [
            tape.gradient(loss, self.variables, unconnected_gradients="zero") for loss in of_task
        ]
        flat = [
            tf.concat(
                [tf.reshape(g, [-1]) for g, s in zip(of, self.is_shared, strict=True) if s], 0
            )
            for of in gradients
        ]
        cosines, affinities = [], []
        for number in range(1, len(self.tasks)):
            product = tf.reduce_sum(flat[0] * flat[number])
            cosines.append(product / (tf.norm(flat[0]) * tf.norm(flat[number])))
            for variable, value in zip(state, kept, strict=True):
                variable.assign(value)
            self.optimizer.apply(gradients[number], self.variables)
            for variable, value in zip(state, kept, strict=True):
                if id(variable) in self.private:
                    variable.assign(value)
            after = self._losses(songs, labels, rows, seed_and_step, loss_factors)[0]
            # A batch without labels of the auxiliary says nothing of it.
            defined = (losses[0] > 0) & (losses[number] > 0)
            affinities.append(tf.where(defined, 1 - after / losses[0], np.nan))
        for variable, value in zip(state, kept, strict=True):
            variable.assign(value)
        return tf.stack(cosines), tf.stack(affinities)

    def _losses(self, songs, labels, rows, seed_and_step, loss_factors) -> tf.Tensor:
        """`[tasks]`, as in a training step."""
        self.network.random_state.assign(seed_and_step)
        outputs = self.network(bags_of_words(songs, rows, self.num_words), training=True)
        sums = summed_task_losses(self.tasks, outputs, labels)
        return sums * loss_factors / tf.cast(tf.size(rows), tf.float32)


def net_relatedness(
    config: RunConfig, dataset: SongDataset, steps: int
) -> dict[str, dict[str, float]]:
    """Mean gradient cosine and affinity of every auxiliary over a run.

    They are measured on songs with the target's label, not on the run's batches, of which, beside
    many auxiliary labels, few songs carry it: by them even an auxiliary that is the target itself
    was not told from noise. Nor was it in the first 300 steps, by either.

    Args:
        config: The run: its first task is the target, its songs, batches and optimizer are used.
        dataset: The songs; only training songs are read.
        steps: Steps of training; measured after each `STRIDE` of them, and at the end.

    Returns:
        `{"gradient_cosine": ..., "affinity": ...}` by auxiliary.
    """
    inputs = RunInputs(config, dataset)
    trainer = Trainer(inputs)
    gradients = _gradients_of(trainer.engine)
    measured = np.flatnonzero(inputs.songs.has_target)[:MEASURED_SONGS]
    factors = tf.constant(_loss_factors_of(config, inputs.songs, measured))
    songs, labels = trainer.data.songs, trainer.data.labels
    cosines, affinities = [], []
    for step in range(0, steps, STRIDE):
        trainer.advance(min(step + STRIDE, steps))
        at = tf.constant([config.seed, trainer.step], tf.int32)
        found = gradients.measure(songs, labels, tf.constant(measured), at, factors)
        cosines.append(found[0].numpy())
        affinities.append(found[1].numpy())
    means = zip(config.tasks[1:], np.nanmean(cosines, 0), np.nanmean(affinities, 0), strict=True)
    return {name: {"gradient_cosine": float(c), "affinity": float(a)} for name, c, a in means}


def _loss_factors_of(config: RunConfig, songs: TrainingSongs, rows: np.ndarray) -> np.ndarray:
    """`[tasks]`: the factors of a batch of these rows alone."""
    batch = TrainingSongs(songs.positions[rows], songs.labels[rows], songs.has_target[rows])
    return loss_factors(config.replace(target_batch_size=0), batch)


#: The measuring graph of the process's engine: traced once, as the engine is.
_GRADIENTS: Sequence = ()


def _gradients_of(engine: Engine) -> TaskGradients:
    global _GRADIENTS
    if not _GRADIENTS or _GRADIENTS[0] is not engine:
        _GRADIENTS = (engine, TaskGradients(engine))
    return _GRADIENTS[1]
