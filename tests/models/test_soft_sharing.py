"""Networks of soft sharing against their definitions, written a second time in numpy."""

import numpy as np
import pytest
import tensorflow as tf
from reference_network import (
    BINARY,
    EVERY_KIND,
    NUM_WORDS,
    WIDTHS,
    copies_of,
    random_counts,
    randomize,
    sparse,
)

from representation_music.models.layers import BatchPart
from representation_music.models.losses import summed_task_losses
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import network_of
from representation_music.utils.errors import InputError

SONGS = 9
NETWORKS = (
    ("cross_stitch", ()),
    ("mmoe", ("experts=3",)),
    ("ple", ("levels=1", "shared=1")),
    ("ple", ()),
    ("ple", ("levels=3", "specific=1")),
)
each_network = pytest.mark.parametrize(("architecture", "options"), NETWORKS)


def small(architecture, options=(), tasks=EVERY_KIND, *, dtype="float64", **settings):
    plain = {"widths": WIDTHS, "dropout": (0.0,) * 4, "word_dropout": 0.0}
    config = NetworkConfig(architecture, network_options=options, **plain | settings)
    network = network_of(architecture)(config, tasks, NUM_WORDS, dtype)
    randomize(network, np.random.default_rng(6))
    return network


@pytest.fixture(scope="module")
def counts():
    return random_counts(SONGS, np.random.default_rng(1))


@pytest.fixture(scope="module")
def labels():
    rng = np.random.default_rng(2)
    values = [rng.normal(size=SONGS), rng.integers(0, 2, SONGS), rng.integers(0, 4, SONGS)]
    labels = np.stack(values, axis=1).astype(np.float64)
    labels[::3, 1] = np.nan
    return labels


# ---------------------------------------------------------------- the definitions


def relu_layer(values, layer, copy=0):
    kernel, bias = copies_of(layer)[copy]
    return np.maximum(values @ kernel + bias, 0)


def softmax_layer(values, layer, copy=0):
    kernel, bias = copies_of(layer)[copy]
    exponentials = np.exp(values @ kernel + bias)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_stitch_streams(network, whitened):
    """Each task's own layer, then a sum of all tasks' streams by the task's row."""
    tasks = range(len(network.tasks))
    streams = [whitened for _ in tasks]
    for layer, stitch in zip(network.hidden, network.stitches, strict=True):
        own = [relu_layer(streams[task], layer, task) for task in tasks]
        streams = [
            sum(w * o for w, o in zip(stitch.matrix.numpy()[t], own, strict=True)) for t in tasks
        ]
    return streams


def expert_streams(network, whitened):
    """Expert by expert, gate by gate; what a gate does not reach is not in its sum."""
    tasks = range(len(network.tasks))
    specific, shared, _ = network.shape(network.options)
    common = relu_layer(whitened, network.hidden[0])
    streams = [common for _ in tasks]

    def halves(values, number):
        return np.split(values, number, axis=1)

    for level in network.levels:
        own = [[] for _ in tasks]
        if level.specific is not None:
            layer = network.hidden[level.specific]
            own = [halves(relu_layer(streams[t], layer, t), specific) for t in tasks]
        of_all = halves(relu_layer(common, network.hidden[level.shared]), shared)
        gates = [softmax_layer(streams[t], level.gates, t) for t in tasks]
        if level.gate_of_all:
            weights = softmax_layer(common, level.gate_of_all)
            experts = [expert for of_task in own for expert in of_task] + of_all
            common = sum(weights[:, [n]] * expert for n, expert in enumerate(experts))
        streams = [
            sum(gates[t][:, [n]] * expert for n, expert in enumerate(own[t] + of_all))
            for t in tasks
        ]
    for number in network.towers:
        streams = [relu_layer(streams[t], network.hidden[number], t) for t in tasks]
    return streams


def reference_outputs(network, counts):
    first = network.hidden[0]
    whitened = (counts - first.mean.numpy()) * first.inverse_sd.numpy()
    streams_of = cross_stitch_streams if network.name == "cross_stitch" else expert_streams
    streams = streams_of(network, whitened)
    return [
        values @ head.kernel.numpy() + head.bias.numpy()
        for values, head in zip(streams, network.heads, strict=True)
    ]


# ---------------------------------------------------------------- against them


@each_network
@pytest.mark.parametrize("tasks", [EVERY_KIND, [BINARY]], ids=["3 tasks", "1 task"])
def test_a_network_computes_what_its_definition_says(architecture, options, tasks, counts):
    network = small(architecture, options, tasks)
    outputs = network(sparse(counts))
    assert [output.shape for output in outputs] == [(SONGS, task.num_outputs) for task in tasks]
    for output, expected in zip(outputs, reference_outputs(network, counts), strict=True):
        np.testing.assert_allclose(output, expected, rtol=1e-10, atol=1e-11)


def task_gradients(network, counts, labels):
    """Each task's gradient of every variable, by path; all of them where nothing flows, 0."""
    with tf.GradientTape(persistent=True) as tape:
        losses = tf.unstack(
            summed_task_losses(network.tasks, network(sparse(counts)), tf.constant(labels))
        )
    variables = network.trainable_variables
    zero = tf.UnconnectedGradients.ZERO
    found = [tape.gradient(loss, variables, unconnected_gradients=zero) for loss in losses]
    return [dict(zip([v.path for v in variables], map(np.array, of), strict=True)) for of in found]


@each_network
def test_gradients_equal_finite_differences_of_every_variable(
    architecture, options, counts, labels
):
    network, rng, step = small(architecture, options), np.random.default_rng(4), 1e-6
    batch, marks = sparse(counts), tf.constant(labels)

    @tf.function
    def loss():
        return tf.reduce_sum(summed_task_losses(network.tasks, network(batch), marks))

    by_task = task_gradients(network, counts, labels)
    for variable in network.trainable_variables:
        value, direction = variable.numpy(), rng.normal(size=variable.shape)
        ends = []
        for sign in (1, -1):
            variable.assign(value + sign * step * direction)
            ends.append(float(loss()))
        variable.assign(value)
        slope = sum(np.sum(of_task[variable.path] * direction) for of_task in by_task)
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-6)


@each_network
def test_shared_variables_are_those_of_which_all_tasks_move_the_same_entries(
    architecture, options, counts, labels
):
    network = small(architecture, options)
    by_task = task_gradients(network, counts, labels)
    moved_by_all = {
        path
        for path in by_task[0]
        if np.logical_and.reduce([of_task[path] != 0 for of_task in by_task]).any()
    }
    assert {variable.path for variable in network.shared_variables} == moved_by_all
    assert len({variable.path for variable in network.variables}) == len(network.variables)


@each_network
def test_a_missing_label_weighs_as_much_as_a_song_that_is_not_there(
    architecture, options, counts, labels
):
    network, masked = small(architecture, options), labels.copy()
    masked[3:] = np.nan
    with_nan, removed = (
        task_gradients(network, *songs) for songs in ((counts, masked), (counts[:3], labels[:3]))
    )
    for ours, theirs in zip(with_nan, removed, strict=True):
        for path, gradient in theirs.items():
            np.testing.assert_allclose(ours[path], gradient, rtol=1e-9, atol=1e-11)


@each_network
def test_a_replicas_part_of_a_batch_loses_what_it_loses_within_the_whole(
    architecture, options, counts
):
    settings = {"dropout": (0.2, 0.3, 0.5, 0.5), "word_dropout": 0.5}
    network = small(architecture, options, **settings)
    whole = network(sparse(counts), training=True)
    ends = [(0, 4), (4, SONGS)]
    parts = [
        network(sparse(counts), True, BatchPart(*map(tf.constant, (*end, SONGS)))) for end in ends
    ]
    plain = network(sparse(counts))
    for task, output in enumerate(whole):
        of_parts = np.concatenate([part[task] for part in parts])
        np.testing.assert_allclose(of_parts, output, rtol=1e-10)
        assert (plain[task].numpy() != output.numpy()).any()


@each_network
@pytest.mark.parametrize("settings", [{"precision": "bfloat16"}, {"batch_normalization": True}])
def test_precision_and_batch_normalisation_are_as_in_other_networks(
    architecture, options, settings, counts
):
    network = small(architecture, options, dtype="float32", **settings)
    for layer in network.normalizations:
        layer.initialise()
    plain = small(architecture, options, dtype="float32")
    of = {variable.path: variable for variable in network.variables}
    for variable in plain.variables:
        variable.assign(of[variable.path])
    outputs, exact = network(sparse(counts, "float32")), plain(sparse(counts, "float32"))
    for output, expected in zip(outputs, exact, strict=True):
        assert output.dtype == tf.float32
        # Running averages are 0 and 1 yet: a factor of 1 / sqrt(1.001) per layer.
        np.testing.assert_allclose(output, expected, atol=0.03 * np.abs(expected).max())


# ---------------------------------------------------------------- how they start, and options


@pytest.mark.parametrize(("architecture", "inputs"), [("cross_stitch", 0.9), ("mmoe", 1 / 8)])
def test_a_network_starts_with_the_weights_that_its_options_say(architecture, inputs, counts):
    network = small(architecture)
    biases = [np.zeros(task.num_outputs) for task in EVERY_KIND]
    network.initialise(np.random.default_rng(0), np.zeros(NUM_WORDS), np.ones(NUM_WORDS), biases)
    for layer, readers in network.mixing(sparse(counts)).items():
        assert list(network.mixing_names[layer]) == ["year", "pop", "genre"]
        for number, weights in enumerate(readers):
            assert len(weights) == len(network.mixing_names[layer]["pop"])
            np.testing.assert_allclose(weights[number], inputs)
            np.testing.assert_allclose(np.sum(weights), 1)


@each_network
def test_mixing_tells_the_mean_weight_that_each_reader_gives_each_part(
    architecture, options, counts
):
    network = small(architecture, options)
    parts = [network.mixing(sparse(rows)) for rows in (counts[:3], counts[3:])]
    for layer, readers in network.mixing(sparse(counts)).items():
        names = network.mixing_names[layer]
        for number, of_reader in enumerate(names.values()):
            first, second = (part[layer][number] for part in parts)
            np.testing.assert_allclose(readers[number], (3 * first + 6 * second) / SONGS)
            assert len(readers[number]) == len(of_reader)
            if architecture != "cross_stitch":
                assert np.sum(readers[number]) == pytest.approx(1)
        assert len(readers) == len(names)


@pytest.mark.parametrize("architecture", ["cross_stitch", "mmoe", "ple"])
@pytest.mark.parametrize("num_inputs", [1024, 5120])
def test_a_matched_network_has_as_many_parameters_as_low_level_sharing(architecture, num_inputs):
    counted = []
    for name, options in ((architecture, ("matched=true",)), ("low_level_sharing", ())):
        config = NetworkConfig(name, network_options=options)
        network = network_of(name)
        counted.append(network(config, EVERY_KIND, num_inputs).count_parameters())
        estimated = network.number_of_weights(config, 3, num_inputs)
        assert estimated == pytest.approx(counted[-1], rel=0.01)
    assert counted[0] == pytest.approx(counted[1], rel=0.02)


@pytest.mark.parametrize(
    ("architecture", "settings", "message"),
    [
        ("mmoe", {"network_options": ("experts=0",)}, "--network-options: found experts=0"),
        ("ple", {"network_options": ("shared=0",)}, "found shared=0, expected at least 1"),
        ("ple", {"network_options": ("levels=4",)}, "--widths: .* each of the 4 levels of ple"),
        ("cross_stitch", {"network_options": ("own=3",)}, "found own=3.0, expected at most 1"),
        ("cross_stitch", {"merge": "mean"}, "--merge: found 'mean'"),
        ("mmoe", {"network_options": ("gates=2",)}, "matched=false, experts=8"),
    ],
)
def test_options_that_make_no_network_are_refused(architecture, settings, message):
    with pytest.raises(InputError, match=message):
        network_of(architecture).check(NetworkConfig(architecture, **settings))


def test_an_expert_is_idle_below_a_tenth_of_an_equal_weight_over_the_gates_that_reach_it():
    misuse = network_of("ple").misuse
    ours, theirs = {"a 1": 0.03, "all 1": 0.97}, {"b 1": 0.96, "all 1": 0.04}
    assert misuse({"fc2": {"a": ours, "b": theirs}})["idle_experts"] == ["fc2 a 1"]
    reader_of_all = {"a 1": 0.4, "b 1": 0.3, "all 1": 0.3}
    readers = {"a": ours, "b": theirs, "all tasks": reader_of_all}
    assert misuse({"fc2": readers})["idle_experts"] == []
    stitches = {"fc1": {"a": {"a": 0.99, "b": 0.01}}}
    assert network_of("cross_stitch").misuse(stitches) == {}


def test_a_gate_has_collapsed_when_all_its_experts_but_one_are_below_a_tenth_of_an_equal_weight():
    def collapsed(*weights):
        readers = {"a": {f"expert {n}": weight for n, weight in enumerate(weights, 1)}}
        return network_of("mmoe").misuse({"fc2": readers})["collapsed_gates"]

    assert collapsed(0.02, 0.96, 0.02) == ["fc2 a on expert 2"]
    assert collapsed(0.04, 0.94, 0.02) == []
    assert collapsed(1.0) == []  # it has no choice
