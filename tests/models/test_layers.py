import numpy as np
import pytest
import tensorflow as tf
from reference_network import NUM_WORDS, copies_of, random_counts, sparse

from representation_music.models.layers import (
    StreamBatchNormalization,
    StreamDense,
    WhitenedSparseDense,
    dropout,
)

SONGS, UNITS = 9, 7


@pytest.fixture
def counts():
    return random_counts(SONGS, np.random.default_rng(1))


def first_layer(copies: int, dtype: str) -> WhitenedSparseDense:
    rng = np.random.default_rng(2)
    layer = WhitenedSparseDense(copies, UNITS, NUM_WORDS, dtype=dtype)
    layer.bias.assign(rng.normal(size=layer.bias.shape))
    layer.mean.assign(rng.uniform(0.1, 1, NUM_WORDS))
    layer.inverse_sd.assign(rng.uniform(0.5, 2, NUM_WORDS))
    return layer


def whiten(layer, counts):
    return (counts - layer.mean.numpy().astype("f8")) * layer.inverse_sd.numpy().astype("f8")


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 1e-5)])
def test_the_sparse_first_layer_equals_the_dense_product_of_whitened_counts(
    counts, copies, dtype, tolerance
):
    layer = first_layer(copies, dtype)
    dense = [whiten(layer, counts) @ kernel + bias for kernel, bias in copies_of(layer)]
    np.testing.assert_allclose(
        layer(sparse(counts, dtype)), dense, rtol=tolerance, atol=10 * tolerance
    )


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 1e-5)])
def test_its_gradient_equals_the_dense_one(counts, copies, dtype, tolerance):
    layer = first_layer(copies, dtype)
    upstream = np.random.default_rng(3).normal(size=(copies, SONGS, UNITS))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(sparse(counts, dtype)) * tf.constant(upstream, dtype))
    kernel, bias = tape.gradient(loss, [layer.kernel, layer.bias])
    expected = np.hstack([whiten(layer, counts).T @ of_copy for of_copy in upstream])
    np.testing.assert_allclose(kernel, expected, rtol=tolerance, atol=10 * tolerance)
    np.testing.assert_allclose(bias[:, 0], upstream.sum(axis=1), rtol=tolerance, atol=tolerance)


def test_a_word_that_never_varies_gives_0_whatever_its_count_and_learns_nothing(counts):
    layer = first_layer(1, "float64")
    inverse_sd = layer.inverse_sd.numpy()
    inverse_sd[[4, 20]] = 0
    layer.inverse_sd.assign(inverse_sd)
    before = layer(sparse(counts)).numpy()
    counts[:, 4] += 1000
    with tf.GradientTape() as tape:
        after = layer(sparse(counts))
        loss = tf.reduce_sum(after**2)
    gradient = tape.gradient(loss, layer.kernel).numpy()
    np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-12)
    assert not gradient[[4, 20]].any() and gradient[5].any()


def test_a_shared_layer_applies_the_same_weights_to_each_stream():
    layer = StreamDense(1, UNITS, 5, dtype="float64")
    streams = np.random.default_rng(4).normal(size=(3, SONGS, 5))
    ((kernel, bias),) = copies_of(layer)
    np.testing.assert_allclose(layer(tf.constant(streams)), streams @ kernel + bias, rtol=1e-12)


@pytest.mark.parametrize("streams", [1, 3])
def test_a_private_layer_applies_each_tasks_weights(streams):
    layer = StreamDense(3, UNITS, 5, dtype="float64")
    values = np.random.default_rng(4).normal(size=(streams, SONGS, 5))
    expected = [
        values[min(task, streams - 1)] @ kernel + bias
        for task, (kernel, bias) in enumerate(copies_of(layer))
    ]
    np.testing.assert_allclose(layer(tf.constant(values)), expected, rtol=1e-12)


@pytest.mark.parametrize(("copies", "streams"), [(1, 1), (1, 3), (3, 3)])
def test_batch_normalisation_is_by_task_in_private_layers_and_over_all_streams_in_shared_ones(
    copies, streams
):
    layer = StreamBatchNormalization(copies, UNITS, dtype="float64")
    rng = np.random.default_rng(5)
    values = rng.normal(2, 3, (streams, SONGS, UNITS))
    axis = (0, 1) if copies == 1 else 1
    mean, variance = values.mean(axis, keepdims=True), values.var(axis, keepdims=True)
    trained = layer(tf.constant(values), training=True)
    np.testing.assert_allclose(trained, (values - mean) / np.sqrt(variance + 1e-3), rtol=1e-6)
    # Running averages started at 0 and 1 and moved a tenth of the way.
    evaluated = layer(tf.constant(values), training=False)
    expected = (values - 0.1 * mean) / np.sqrt(0.9 + 0.1 * variance + 1e-3)
    np.testing.assert_allclose(evaluated, expected, rtol=1e-6)


def test_the_same_seed_drops_the_same_values_and_another_seed_others():
    values = tf.random.stateless_normal([40, 50], [1, 2])
    first, again = (dropout(values, 0.5, tf.constant([3, 7])).numpy() for _ in range(2))
    assert (first == again).all()
    for other in ([3, 8], [4, 7]):
        assert (
            np.mean((dropout(values, 0.5, tf.constant(other)).numpy() == 0) != (first == 0)) > 0.4
        )


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_drops_the_named_share_and_scales_what_it_keeps(rate):
    dropped = dropout(tf.fill([400, 500], 3.0), rate, tf.constant([0, 1])).numpy()
    # 200,000 draws: the share's standard error is at most 0.0011.
    assert np.mean(dropped == 0) == pytest.approx(rate, abs=0.005)
    np.testing.assert_allclose(dropped[dropped != 0], 3 / (1 - rate), rtol=1e-6)
