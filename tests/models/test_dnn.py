from itertools import product

import numpy as np
import pytest
import tensorflow as tf
from reference_network import (
    BINARY,
    EVERY_KIND,
    MULTICLASS,
    NUM_WORDS,
    REGRESSION,
    WIDTHS,
    DenseReference,
    random_counts,
    randomize,
    reference_outputs,
    sparse,
)

from representation_music.models.dnn import ALL_PATTERNS, DNN
from representation_music.models.losses import summed_task_losses
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import network_of
from representation_music.utils.errors import InputError

SONGS = 9


def small(tasks=EVERY_KIND, pattern="SSPP", *, dtype="float64", **settings) -> DNN:
    plain = {"widths": WIDTHS, "dropout": (0.0,) * len(pattern), "word_dropout": 0.0}
    config = NetworkConfig(architecture=pattern, **plain | settings)
    network = DNN(config, tasks, NUM_WORDS, dtype)
    randomize(network, np.random.default_rng(6))
    return network


def copy(network, other) -> None:
    """Gives one network the variables of another."""
    for variable, value in zip(network.variables, other.variables, strict=True):
        variable.assign(value)


def gradients(network, counts, labels, factors=(1.0, 1.0, 1.0)) -> dict[str, np.ndarray]:
    with tf.GradientTape() as tape:
        sums = summed_task_losses(network.tasks, network(sparse(counts)), tf.constant(labels))
        loss = tf.reduce_sum(sums * tf.constant(factors, sums.dtype))
    paths = [variable.path for variable in network.trainable_variables]
    found = tape.gradient(loss, network.trainable_variables)
    return {path: gradient.numpy() for path, gradient in zip(paths, found, strict=True)}


@pytest.fixture
def counts():
    return random_counts(SONGS, np.random.default_rng(1))


@pytest.fixture
def labels():
    rng = np.random.default_rng(2)
    values = [rng.normal(size=SONGS), rng.integers(0, 2, SONGS), rng.integers(0, 4, SONGS)]
    return np.stack(values, axis=1).astype(np.float64)


@pytest.mark.parametrize(
    ("pattern", "merge"), list(product(ALL_PATTERNS, ("none", "mean", "concatenate")))
)
def test_every_pattern_computes_what_its_definition_says(pattern, merge, counts):
    network = small(pattern=pattern, merge=merge)
    outputs = network(sparse(counts))
    assert [output.shape for output in outputs] == [(SONGS, 1), (SONGS, 1), (SONGS, 4)]
    for output, expected in zip(outputs, reference_outputs(network, counts), strict=True):
        np.testing.assert_allclose(output, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("pattern", ALL_PATTERNS)
def test_gradients_of_every_pattern_are_those_of_stock_layers_on_dense_songs(
    pattern, counts, labels
):
    network = small(pattern=pattern)
    reference, first = DenseReference(network), network.hidden[0]
    labels[::3, 1] = np.nan
    with tf.GradientTape() as tape:
        outputs = reference((counts - first.mean.numpy()) * first.inverse_sd.numpy())
        loss = tf.reduce_sum(summed_task_losses(EVERY_KIND, outputs, tf.constant(labels)))
    expected = tape.gradient(loss, reference.variables)
    found, ours = [], gradients(network, counts, labels)
    for layer in network.hidden:
        kernels, biases = ours[layer.kernel.path], ours[layer.bias.path]
        if kernels.ndim == 2:  # fc1's copies stand side by side
            kernels = np.split(kernels, layer.copies, axis=1)
        for kernel, bias in zip(kernels, biases, strict=True):
            found += [kernel, bias[0]]
    for head in network.heads:
        found += [ours[head.kernel.path], ours[head.bias.path]]
    for gradient, theirs in zip(found, expected, strict=True):
        assert np.abs(theirs).max() > 0
        np.testing.assert_allclose(gradient, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("tasks", [[REGRESSION], [BINARY], [MULTICLASS], [BINARY] * 5])
@pytest.mark.parametrize("pattern", ["PPPP", "SSPP", "PSPSP", "P"])
def test_any_number_of_tasks_and_layers_works_in_float32(tasks, pattern, counts):
    widths = (16, 12, 8, 6, 5)[: len(pattern)]
    network = small(tasks, pattern, dtype="float32", widths=widths)
    outputs = network(sparse(counts, "float32"))
    for output, expected in zip(outputs, reference_outputs(network, counts), strict=True):
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-4)


def test_leaky_relu_lets_a_hundredth_through(counts):
    network = small([BINARY], "S", widths=(16,), activation="leaky_relu")
    hidden = network.hidden[0](sparse(counts))[0].numpy()
    assert (hidden < 0).any()
    leaky = np.where(hidden > 0, hidden, 0.01 * hidden)
    head = network.heads[0]
    expected = leaky @ head.kernel.numpy() + head.bias.numpy()
    np.testing.assert_allclose(network(sparse(counts))[0], expected, rtol=1e-7)


def test_a_linear_shared_layer_is_a_dictionary_of_low_rank_with_each_tasks_codes(counts):
    network = small(pattern="S", widths=(3,), activation="linear")
    first = network.hidden[0]
    codes = np.hstack([head.kernel.numpy() for head in network.heads])
    constant = np.concatenate([head.bias.numpy() for head in network.heads])
    weights = first.kernel.numpy() @ codes
    assert codes.shape == (3, 6) and np.linalg.matrix_rank(weights) == 3
    whitened = (counts - first.mean.numpy()) * first.inverse_sd.numpy()
    expected = whitened @ weights + first.bias.numpy()[0, 0] @ codes + constant
    np.testing.assert_allclose(np.hstack(network(sparse(counts))), expected, rtol=1e-9, atol=1e-9)


def large(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


# By hand, for 5,000 words and widths 1024-512-256-128: fc1 has 5000 x 1024 + 1024 = 5,121,024
# parameters, fc2 524,800, fc3 131,328, fc4 32,896, and a binary task's head 129.
@pytest.mark.parametrize(
    ("architecture", "num_tasks", "parameters"),
    [
        large("no_sharing", 3, 3 * (5_121_024 + 524_800 + 131_328 + 32_896) + 387),
        ("low_level_sharing", 3, 5_121_024 + 524_800 + 3 * (131_328 + 32_896) + 387),
        large("high_level_sharing", 3, 3 * 5_121_024 + 524_800 + 131_328 + 32_896 + 387),
        large("interspersed_sharing", 3, 5_121_024 + 3 * 524_800 + 131_328 + 32_896 + 387),
        ("no_sharing", 1, 5_810_177),
    ],
)
def test_the_studys_networks_have_as_many_parameters_as_counted_by_hand(
    architecture, num_tasks, parameters
):
    config, tasks = NetworkConfig(architecture=architecture), [BINARY] * num_tasks
    network = network_of(architecture)
    assert network(config, tasks, 5000).count_parameters() == parameters
    # What is estimated without building it leaves out biases and heads.
    layers = network(config, tasks, 5000).hidden
    kernels = sum(np.prod(layer.kernel.shape) for layer in layers)
    assert network.number_of_weights(config, num_tasks, 5000) == kernels


def test_concatenated_streams_widen_the_layer_above_them():
    # fc2 reads 3 x 16 units; the heads read fc2's 12 units: 1 + 1 + 4 outputs.
    network = small(pattern="PS", widths=(16, 12), merge="concatenate")
    assert network.count_parameters() == 3 * (50 * 16 + 16) + (48 * 12 + 12) + 6 * 13


@pytest.mark.parametrize("pattern", ALL_PATTERNS)
def test_a_shared_weight_is_one_variable_moved_by_every_task_and_a_private_one_by_its_own_only(
    pattern, counts, labels
):
    network = small(pattern=pattern)
    by_task = [gradients(network, counts, labels, np.eye(3)[task]) for task in range(3)]
    for depth, letter in enumerate(pattern):
        for name in ("kernel", "bias"):
            variable = getattr(network.hidden[depth], name)
            assert sum(variable is other for other in network.trainable_variables) == 1
            of_layer = [task[variable.path] for task in by_task]
            is_shared = any(variable is other for other in network.shared_variables)
            assert is_shared == (letter == "S")
            if is_shared:
                assert all(gradient.any() for gradient in of_layer)
                continue
            for task, gradient in enumerate(of_layer):
                if gradient.ndim == 2:  # fc1's kernel: copies stand side by side
                    gradient = np.stack(np.split(gradient, 3, axis=1))
                assert [bool(copy.any()) for copy in gradient] == list(np.arange(3) == task)
    for task, head in enumerate(network.heads):
        moved = [bool(of_task[head.kernel.path].any()) for of_task in by_task]
        assert moved == list(np.arange(3) == task)
    assert len(network.shared_variables) == 2 * pattern.count("S")


@pytest.mark.parametrize(
    ("pattern", "task"), [(p, EVERY_KIND[n % 3]) for n, p in enumerate(ALL_PATTERNS)]
)
def test_a_one_task_net_of_any_pattern_is_the_single_task_net(pattern, task, counts):
    rates = (0.0, 0.0, 0.5, 0.5)
    single = small([task], "PPPP", dropout=rates)
    network = small([task], pattern, merge="concatenate", dropout=rates)
    copy(single, network)
    for training in (False, True):
        ours, theirs = (net(sparse(counts), training=training)[0] for net in (network, single))
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("pattern", ["PPPP", "SSPP", "PSSS", "SPSS"])
def test_a_missing_label_weighs_as_much_as_a_song_that_is_not_there(pattern, counts, labels):
    network = small(pattern=pattern)
    masked = labels.copy()
    masked[3:] = np.nan
    with_nan = gradients(network, counts, masked)
    removed = gradients(network, counts[:3], labels[:3])
    for path, gradient in removed.items():
        np.testing.assert_allclose(with_nan[path], gradient, rtol=1e-10, atol=1e-12)


def test_another_tasks_missing_label_leaves_a_private_gradient_bit_for_bit(counts, labels):
    network = small(pattern="PPPP")
    masked = labels.copy()
    masked[::2, 1] = np.nan
    before, after = (gradients(network, counts, values) for values in (labels, masked))
    for layer in network.hidden[1:]:
        changed = before[layer.kernel.path] != after[layer.kernel.path]
        assert [bool(copy.any()) for copy in changed] == [False, True, False]


@pytest.mark.parametrize("hidden", [np.nan, np.inf, -np.inf])
def test_no_label_at_all_gives_gradient_0_everywhere(hidden, counts):
    found = gradients(small(), counts, np.full((SONGS, 3), hidden))
    assert not any(gradient.any() for gradient in found.values())


def test_dropout_and_word_dropout_are_off_in_evaluation_and_a_function_of_the_seed_in_training(
    counts,
):
    network, plain = small(dropout=(0.2, 0.2, 0.5, 0.5), word_dropout=0.5), small()
    copy(plain, network)

    def output(seed, training):
        network.random_state.assign(seed)
        return network(sparse(counts), training=training)[0].numpy()

    np.testing.assert_array_equal(output([1, 2], False), plain(sparse(counts))[0])
    np.testing.assert_array_equal(output([1, 2], True), output([1, 2], True))
    for seed, training in [([1, 3], True), ([2, 2], True), ([1, 2], False)]:
        assert (output(seed, training) != output([1, 2], True)).any()


def test_word_dropout_leaves_the_mean_of_the_first_layer_unchanged(counts):
    network = small([BINARY], "S", widths=(16,), word_dropout=0.7)
    batch = sparse(np.repeat(counts[:1], 5000, axis=0))
    network.activation = lambda values: values  # linear, so that means can be compared
    expected = network(sparse(counts[:1]))[0].numpy()
    draws = network(batch, training=True)[0].numpy()
    error = draws.std() / np.sqrt(len(draws))
    assert error > 0.01
    assert draws.mean() == pytest.approx(expected.item(), abs=4 * error)


@pytest.mark.parametrize("pattern", ["PPPP", "SSPP", "PSSS", "SPSS", "PSPS"])
def test_batch_normalisation_makes_the_units_of_a_batch_standard(pattern, counts):
    network = small(pattern=pattern, batch_normalization=True)
    for layer in network.normalizations:
        layer.normalization.gamma.assign(np.ones(layer.normalization.gamma.shape))
        layer.normalization.beta.assign(np.zeros(layer.normalization.beta.shape))
    seen = []
    network.activation = lambda values: seen.append(values.numpy()) or tf.nn.relu(values)
    network(sparse(counts), training=True)
    for letter, values in zip(pattern, seen, strict=True):
        axis = (1,) if letter == "P" else (0, 1)
        np.testing.assert_allclose(values.mean(axis), 0, atol=1e-6)
        sd = values.std(axis)
        np.testing.assert_allclose(sd[sd > 0], 1, atol=0.05)  # epsilon lets it fall short of 1


@pytest.mark.parametrize(
    "settings", [{"widths": (8, 8)}, {"architecture": "SSP"}, {"dropout": (0.5,)}]
)
def test_pattern_widths_and_dropout_of_different_lengths_are_refused(settings):
    with pytest.raises(InputError, match=r"one for each of the \d layers"):
        DNN(NetworkConfig(**{"architecture": "SSPP"} | settings), [BINARY], NUM_WORDS)
