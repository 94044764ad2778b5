"""Gramian and weighted sums of the tasks' gradients, of every pattern, against a tape per task."""

import numpy as np
import pytest
import tensorflow as tf
from reference_network import EVERY_KIND, NUM_WORDS, WIDTHS, random_counts, randomize, sparse

from representation_music.experiments.training.objectives.gradients import task_gradients as module
from representation_music.experiments.training.objectives.gradients.task_gradients import (
    by_layers,
    by_passes,
    task_gradients,
)
from representation_music.experiments.training.objectives.objective import Batch
from representation_music.models.dnn import ALL_PATTERNS
from representation_music.models.losses import summed_task_losses
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import network_of

SONGS = 12
SHARING = [pattern for pattern in ALL_PATTERNS if "S" in pattern]
WEIGHTS = np.float32([0.3, -1.2, 2.0])


def network_and_batch(pattern, missing=False, **settings):
    config = NetworkConfig(architecture=pattern, widths=WIDTHS, **settings)
    network = network_of(pattern)(config, EVERY_KIND, NUM_WORDS)
    rng = np.random.default_rng(6)
    randomize(network, rng)
    network.random_state.assign([4, 17])
    counts = sparse(random_counts(SONGS, rng), "float32")
    labels = np.float32([rng.normal(size=SONGS), rng.integers(0, 2, SONGS), [1, 3] * 6]).T
    labels[rng.random(labels.shape) < 0.3] = np.nan
    if missing:
        labels[:, 1] = np.nan

    def losses(**options):
        outputs = network(counts, training=True, **options)
        return summed_task_losses(EVERY_KIND, outputs, tf.constant(labels)) / SONGS

    return network, Batch(losses, tf.constant(np.isfinite(labels).any(axis=0)), tf.constant(17))


def expected(network, batch):
    """The Gramian, and the gradients by name at `WEIGHTS`, from a tape per task in float64."""
    of_tasks = []
    for task in range(3):
        with tf.GradientTape() as tape:
            loss = batch.losses()[task]
        variables = network.trainable_variables
        found = tape.gradient(loss, variables, unconnected_gradients="zero")
        of_tasks.append([gradient.numpy().astype(float) for gradient in found])
    shared = {id(variable) for variable in network.shared_variables}
    gramian, gradients = np.zeros((3, 3)), []
    for variable, *each in zip(network.trainable_variables, *of_tasks, strict=True):
        if id(variable) in shared:
            flat = np.reshape(each, [3, -1])
            gramian += flat @ flat.T
            gradients.append(np.tensordot(WEIGHTS, np.array(each), 1))
        else:
            gradients.append(np.sum(each, axis=0))
    return gramian, gradients


def check(found, network, batch, tapes=None):
    gramian, gradients = tapes or expected(network, batch)
    np.testing.assert_array_equal(found.losses, batch.losses())
    np.testing.assert_allclose(found.gramian, gramian, atol=1e-5 * gramian.max())
    ours = found.gradients(tf.constant(WEIGHTS))
    for variable, mine, other in zip(network.trainable_variables, ours, gradients, strict=True):
        largest = max(np.abs(other).max(), 1e-3)
        assert mine.shape == variable.shape
        np.testing.assert_allclose(mine, other, atol=1e-5 * largest, err_msg=variable.path)


@pytest.mark.parametrize("pattern", SHARING)
def test_every_pattern_has_the_gradients_of_a_pass_per_task_without_one(pattern, monkeypatch):
    network, batch = network_and_batch(pattern)
    tapes = expected(network, batch)
    check(by_passes(network, batch), network, batch, tapes)
    monkeypatch.setattr(module, "by_passes", None)  # none is needed
    check(task_gradients(network, batch), network, batch, tapes)


@pytest.mark.parametrize("pattern", ["SSPP", "SSSS", "PSSS", "SPSP"])
@pytest.mark.parametrize(
    "settings", [{"activation": "leaky_relu"}, {"dropout": (0.3, 0.2, 0.0, 0.5)}]
)
def test_dropout_and_missing_labels_make_no_difference(pattern, settings):
    for missing in (False, True):
        network, batch = network_and_batch(pattern, missing, **settings)
        check(by_layers(network, batch, network.shared_layers()), network, batch)


@pytest.mark.parametrize("architecture", ["cross_stitch", "mmoe", "ple"])
def test_soft_sharing_has_them_by_a_pass_per_task(architecture):
    network, batch = network_and_batch(architecture, missing=True)
    assert network.shared_layers() is None
    check(task_gradients(network, batch), network, batch)


def test_normalised_short_and_merged_networks_keep_no_record_of_their_layers():
    for pattern, settings in [
        ("SSPP", {"batch_normalization": True}),
        ("SSPP", {"precision": "bfloat16"}),
        ("PSPS", {"merge": "mean"}),
    ]:
        assert network_and_batch(pattern, **settings)[0].shared_layers() is None
    assert network_and_batch("SSPP", merge="mean")[0].shared_layers() is not None


@pytest.mark.parametrize(
    ("pattern", "settings"),
    [
        ("SSPP", {"batch_normalization": True}),
        ("PSPS", {"merge": "mean"}),
        ("PSPS", {"merge": "concatenate"}),
    ],
)
def test_normalised_and_merged_networks_take_a_pass_per_task(pattern, settings):
    network, batch = network_and_batch(pattern, **settings, dropout=(0.0,) * 4)
    check(task_gradients(network, batch), network, batch)


def test_a_record_of_the_layers_does_not_change_what_the_network_says():
    network, batch = network_and_batch("SSPP")
    np.testing.assert_array_equal(batch.losses(), batch.losses(shared=network.shared_layers()))


@pytest.mark.parametrize("pattern", ["SSPP", "SSSS", "PSSS", "SPSP"])
def test_the_gramian_is_positive_semidefinite_to_rounding(pattern):
    network, batch = network_and_batch(pattern)
    values = np.linalg.eigvalsh(task_gradients(network, batch).gramian)
    assert values.min() > -1e-5 * values.max()
