from functools import cache

import numpy as np
import pytest
import tensorflow as tf
from scipy.sparse import random as random_sparse

from representation_music.experiments.relatedness.task_gradients import (
    TaskGradients,
    net_relatedness,
)
from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.training.engine import (
    Engine,
    SongTensors,
    TrainingData,
    bags_of_words,
)
from representation_music.models.losses import summed_task_losses
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

TASKS = [Task("pop", "binary"), Task("year", "regression"), Task("ballad", "binary")]
NUM_WORDS, SONGS = 6, 40
SMALL = DEFAULT.replace(
    tasks=("pop", "year", "ballad"),
    widths=(4, 3, 3, 2),
    word_dropout=0.3,
    dropout=(0, 0, 0.3, 0),
    activation="leaky_relu",
    learning_rate=0.05,
    warmup_steps=0,
    head_weights="drawn",  # with heads near zero, finite differences in float32 are rounding
)
FACTORS = tf.constant([1.0, 0.5, 2.0])
SEED_AND_STEP = tf.constant([3, 8], tf.int32)


@cache
def engine_and_songs(config):
    """A small engine some steps into training, songs, labels (some missing), and its state."""
    random = np.random.default_rng(5)
    counts = random_sparse(SONGS, NUM_WORDS, 0.6, "csr", np.float32, random)
    labels = np.stack(
        [random.random(SONGS) < 0.5, random.normal(size=SONGS), random.random(SONGS) < 0.4], axis=1
    ).astype(np.float32)
    labels[::7, 1] = np.nan
    engine = Engine(config, TASKS, NUM_WORDS)
    biases = [np.zeros(1, np.float32)] * 3
    ones = np.ones(NUM_WORDS, np.float32)
    engine.reset(config, 0.3 * ones, 2 * ones, biases)
    songs, labels = SongTensors.from_csr(counts), tf.constant(labels)
    order, ends = np.tile(np.arange(SONGS), 5), SONGS * np.arange(1, 6)
    data = TrainingData(songs, labels, FACTORS, tf.constant(3), tf.constant(0.0))
    engine.train(data, tf.constant(order), tf.constant(ends), tf.constant(0))
    return engine, songs, labels, engine.state()


def trained(config=SMALL):
    """The same, whatever a test before has done to the engine."""
    engine, songs, labels, state = engine_and_songs(config)
    engine.restore(state)
    return engine, songs, labels


@cache
def gradients_of(config=SMALL):
    return TaskGradients(engine_and_songs(config)[0])


def task_losses(engine, songs, labels, rows):
    """Every task's loss on a batch, with the dropout of the step to come."""
    sums = summed_losses_of(engine)(songs, labels, rows)
    return (sums * FACTORS / float(len(rows))).numpy().astype(np.float64)


@cache
def summed_losses_of(engine):
    """A graph of an engine's losses, for they are computed hundreds of times."""

    @tf.function(autograph=False)
    def losses(songs, labels, rows):
        engine.network.random_state.assign(SEED_AND_STEP)
        outputs = engine.network(bags_of_words(songs, rows, NUM_WORDS), training=True)
        return summed_task_losses(TASKS, outputs, tf.gather(labels, rows))

    return losses


ROWS = tf.range(0, 24, dtype=tf.int64)


@pytest.mark.slow
def test_the_cosine_is_that_of_gradients_by_finite_differences():
    engine, songs, labels = trained()
    cosines, _ = gradients_of().measure(songs, labels, ROWS, SEED_AND_STEP, FACTORS)
    differences = []
    for variable in engine.network.shared_variables:
        value = variable.numpy()
        for place in np.ndindex(value.shape):
            around = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] += sign * 2e-3
                variable.assign(moved)
                around.append(task_losses(engine, songs, labels, ROWS))
            variable.assign(value)
            differences.append((around[0] - around[1]) / 4e-3)
    slopes = np.array(differences).T
    norms = np.linalg.norm(slopes, axis=1)
    expected = slopes[1:] @ slopes[0] / (norms[1:] * norms[0])
    assert cosines.numpy() == pytest.approx(expected, abs=0.02)
    assert np.abs(expected).max() > 0.05


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("adam", "momentum", "adadelta")]


@pytest.mark.parametrize("optimizer", ["adagrad", *SLOW])
def test_the_affinity_is_what_a_real_step_does_to_the_targets_loss(optimizer):
    config = SMALL.replace(optimizer=optimizer)
    engine, songs, labels = trained(config)
    before = engine.state()
    _, affinities = gradients_of(config).measure(songs, labels, ROWS, SEED_AND_STEP, FACTORS)
    for ours, theirs in zip(engine.state(), before, strict=True):
        assert np.array_equal(ours, theirs)  # weights, slots and dropout state are put back
    loss = task_losses(engine, songs, labels, ROWS)[0]
    shared = [id(variable) for variable in engine.network.shared_variables]
    for number in (1, 2):
        with tf.GradientTape() as tape:
            engine.network.random_state.assign(SEED_AND_STEP)
            outputs = engine.network(bags_of_words(songs, ROWS, NUM_WORDS), training=True)
            sums = summed_task_losses(TASKS, outputs, tf.gather(labels, ROWS))
            of_auxiliary = sums[number] * FACTORS[number] / float(len(ROWS))
        variables = engine.network.trainable_variables
        kept = [variable.numpy() for variable in variables]
        gradients = tape.gradient(of_auxiliary, variables, unconnected_gradients="zero")
        engine.optimizer.apply(gradients, variables)
        for variable, value in zip(variables, kept, strict=True):
            if id(variable) not in shared:
                variable.assign(value)
        after = task_losses(engine, songs, labels, ROWS)[0]
        engine.restore(before)
        assert affinities[number - 1].numpy() == pytest.approx(1 - after / loss, abs=2e-5)
        assert after != loss


def test_a_batch_without_labels_of_an_auxiliary_says_nothing_of_it():
    _, songs, labels = trained()
    unlabelled = tf.stack([labels[:, 0], labels[:, 1], labels[:, 2] * np.nan], axis=1)
    found = gradients_of().measure(songs, unlabelled, ROWS, SEED_AND_STEP, FACTORS)
    assert all(np.isnan(values[1]) and np.isfinite(values[0]) for values in found)


def test_a_network_that_shares_nothing_is_refused():
    engine, *_ = trained(SMALL.replace(architecture="no_sharing"))
    with pytest.raises(InputError, match="a shared layer"):
        TaskGradients(engine)


@pytest.mark.slow
def test_a_runs_measures_tell_a_related_task_from_a_permuted_one(song_dataset):
    config = DEFAULT.replace(
        tasks=("pop", "pop rock"),
        training_size=200,
        batch_size=64,
        widths=(32, 16, 8, 8),
        dropout=(0, 0, 0, 0),
        word_dropout=0.3,
        learning_rate=0.03,
        warmup_steps=0,
        l2=0.0,
    )
    related = net_relatedness(config, song_dataset, steps=400)["pop rock"]
    permuted = config.replace(permuted_tasks=("pop rock",))
    unrelated = net_relatedness(permuted, song_dataset, steps=400)["pop rock"]
    assert related["gradient_cosine"] > 0.05 > abs(unrelated["gradient_cosine"])
    assert related["affinity"] > 0.001 > abs(unrelated["affinity"])
    # Measuring leaves no trace, so the same run gives the same numbers.
    assert net_relatedness(config, song_dataset, steps=400)["pop rock"] == related
