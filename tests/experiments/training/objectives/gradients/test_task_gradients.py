"""Gramian and weighted sums of the tasks' gradients, of every network, against a tape per task."""

import numpy as np
import pytest
import tensorflow as tf
from reference_network import EVERY_KIND, NUM_WORDS, WIDTHS, random_counts, randomize, sparse

from representation_music.experiments.training.objectives.gradients.task_gradients import (
    task_gradients,
)
from representation_music.experiments.training.objectives.objective import Batch
from representation_music.models.dnn import ALL_PATTERNS
from representation_music.models.layers import StreamDense
from representation_music.models.losses import summed_task_losses
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import network_of
from representation_music.models.shared_layers import tasks_part

SONGS = 12
#: Quick: layers of every kind, on top of every kind.
QUICK = ("SSSS", "SSPP", "PSSS", "SPSP")
SHARING = [
    pattern if pattern in QUICK else pytest.param(pattern, marks=pytest.mark.slow)
    for pattern in ALL_PATTERNS
    if "S" in pattern
]
SOFT = (
    ("cross_stitch", ()),
    ("mmoe", ("experts=3",)),
    ("ple", ("levels=1", "shared=1")),
    ("ple", ()),
    ("ple", ("levels=3", "specific=1")),
)
WEIGHTS = np.array([0.3, -1.2, 2.0])


def network_and_batch(architecture, missing=False, dtype="float64", **settings):
    config = NetworkConfig(architecture=architecture, **{"widths": WIDTHS} | settings)
    network = network_of(architecture)(config, EVERY_KIND, NUM_WORDS, dtype)
    rng = np.random.default_rng(6)
    randomize(network, rng)
    network.random_state.assign([4, 17])
    counts = sparse(random_counts(SONGS, rng), dtype)
    labels = np.array([rng.normal(size=SONGS), rng.integers(0, 2, SONGS), [1, 3] * 6], dtype).T
    labels[rng.random(labels.shape) < 0.3] = np.nan
    if missing:
        labels[:, 1] = np.nan

    def losses():
        return summed_task_losses(EVERY_KIND, network(counts, training=True), labels) / SONGS

    return network, Batch(losses, tf.constant(np.isfinite(labels).any(axis=0)), tf.constant(17))


def expected(network, batch):
    """The Gramian, and the gradients at `WEIGHTS`, from each task's gradient by the tape."""
    variables = network.trainable_variables
    with tf.GradientTape(persistent=True) as tape:
        losses = tf.unstack(batch.losses())
    of_tasks = [tape.gradient(loss, variables, unconnected_gradients="zero") for loss in losses]
    shared = {id(variable) for variable in network.shared_variables}
    gramian, gradients = np.zeros((3, 3)), []
    for variable, *each in zip(variables, *of_tasks, strict=True):
        each = np.array(each, float)
        if id(variable) in shared:
            flat = each.reshape(3, -1)
            gramian += flat @ flat.T
            gradients.append(np.tensordot(WEIGHTS, each, 1))
        else:
            gradients.append(each.sum(axis=0))
    return gramian, gradients


def check(network, batch, tolerance=1e-10):
    found, (gramian, gradients) = task_gradients(network, batch), expected(network, batch)
    np.testing.assert_allclose(found.losses, batch.losses(), rtol=tolerance)
    np.testing.assert_allclose(found.gramian, gramian, atol=tolerance * gramian.max())
    ours = found.gradients(tf.constant(WEIGHTS, found.gramian.dtype))
    for variable, mine, other in zip(network.trainable_variables, ours, gradients, strict=True):
        largest = max(np.abs(other).max(), 1e-3)
        assert mine.shape == variable.shape
        np.testing.assert_allclose(mine, other, atol=tolerance * largest, err_msg=variable.name)


@pytest.mark.parametrize("pattern", SHARING)
def test_every_pattern_has_the_gradients_of_a_pass_per_task_without_one(pattern):
    check(*network_and_batch(pattern))


@pytest.mark.parametrize(("architecture", "options"), SOFT)
def test_soft_sharing_has_them_too(architecture, options):
    check(*network_and_batch(architecture, network_options=options))


DROPOUT = {"dropout": (0.3, 0.2, 0.0, 0.5)}
NORMALISED = {"batch_normalization": True}


@pytest.mark.parametrize(
    ("architecture", "settings"),
    [
        ("SSPP", {"activation": "leaky_relu"}),
        ("PSSS", DROPOUT),
        ("ple", DROPOUT),
        ("cross_stitch", {"activation": "leaky_relu"}),
        ("SSPP", NORMALISED),
        ("SPSP", NORMALISED),  # over the streams of all tasks
        ("ple", NORMALISED),
        ("PSPS", {"merge": "mean"}),
        ("PSPP", {"merge": "concatenate"}),
    ],
)
def test_no_setting_and_no_missing_task_makes_a_difference(architecture, settings):
    check(*network_and_batch(architecture, missing=True, **settings))


@pytest.mark.parametrize("architecture", ["SPSP", "mmoe"])
def test_bfloat16_has_them_to_its_digits(architecture):
    network, batch = network_and_batch(architecture, dtype="float32", precision="bfloat16")
    check(network, batch, tolerance=0.03)


class Odd:
    """Three tasks that read what a layer makes of the words, `uses` times, times a factor."""

    def __init__(self, uses, parts=False, factor_shared=True):
        rng = np.random.default_rng(3)
        self.tasks, self.uses, self.parts = EVERY_KIND, uses, parts
        self.layer = StreamDense(1, 4, 4, dtype="float64")
        self.factor = tf.Variable(rng.normal(size=4))
        heads = self.heads = tf.Variable(rng.normal(size=(4, 3)))
        self.shared_variables = self.layer.trainable_variables + [self.factor] * factor_shared
        self.trainable_variables = [heads, *self.layer.trainable_variables, self.factor]
        self.words = tf.constant(rng.normal(size=(1, 6, 4)))

    def batch(self):
        return Batch(self.losses, tf.constant([True] * 3), tf.constant(0))

    def losses(self):
        read = self.layer(self.words)
        if self.parts:
            read = tasks_part(read, 3)[:1]
        for _ in range(self.uses - 1):
            read = self.layer(tf.nn.relu(read))
        return tf.reduce_sum(tf.square((read[0] * self.factor) @ self.heads), axis=0)


def test_a_layer_used_twice_and_a_variable_of_no_layer_have_them():
    network = Odd(uses=2)
    check(network, network.batch())


@pytest.mark.parametrize(("uses", "factor_shared"), [(2, False), (1, True)])
def test_a_network_that_shares_such_above_the_place_where_tasks_part_is_refused(
    uses, factor_shared
):
    network = Odd(uses, True, factor_shared)
    with pytest.raises(ValueError, match="shared above the place where the tasks part"):
        task_gradients(network, network.batch())


@pytest.mark.parametrize("pattern", ["SSPP", "SSSS", "PSSS", "cross_stitch"])
def test_the_gramian_is_positive_semidefinite_to_rounding(pattern):
    values = np.linalg.eigvalsh(
        task_gradients(*network_and_batch(pattern, dtype="float32")).gramian
    )
    assert values.min() > -1e-5 * values.max()
