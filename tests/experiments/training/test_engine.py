import keras
import numpy as np
import pytest
import tensorflow as tf
from reference_network import EVERY_KIND, NUM_WORDS, WIDTHS, DenseReference, random_counts
from scipy.sparse import csr_array

from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.training.engine import (
    Engine,
    SongTensors,
    TrainingData,
    bags_of_words,
)
from representation_music.models.losses import summed_task_losses

SONGS = 60
CONFIG = DEFAULT.replace(
    tasks=("year", "pop", "genre"),
    widths=WIDTHS,
    dropout=(0.0,) * 4,
    word_dropout=0.0,
    learning_rate=0.02,
    seed=4,
    warmup_steps=0,
    head_weights="drawn",
)
#: Rows of five batches: of unequal size, one with a song twice, one of a single song.
BATCHES = [range(16), range(16, 32), [40, 41, 40, 50], [59], range(10, 60)]


@pytest.fixture(scope="module")
def songs():
    """Dense counts, labels of each kind with a third missing, and whitening statistics."""
    rng = np.random.default_rng(0)
    counts = random_counts(SONGS, rng)
    labels = np.stack(
        [rng.normal(size=SONGS), rng.integers(0, 2, SONGS), rng.integers(0, 4, SONGS)], axis=1
    )
    labels = np.where(rng.random(labels.shape) < 0.3, np.nan, labels)
    mean, sd = counts.mean(axis=0), counts.std(axis=0)
    inverse_sd = np.where(np.arange(NUM_WORDS) % 7 == 3, 0, 1 / sd)
    return counts, labels, mean, inverse_sd


def reset(engine, songs, config=CONFIG):
    biases = [np.array([0.0]), np.array([0.7]), np.array([0.1, -0.2, 0.0, 0.3])]
    engine.reset(config, songs[2], songs[3], biases)


def train(engine, songs, batches=BATCHES, *, step=0, l2=0.0, factors=(1, 2, 0.5)):
    counts, labels, *_ = songs
    data = TrainingData(
        SongTensors.from_csr(csr_array(counts)),
        tf.constant(labels, tf.float32),
        tf.constant(factors, tf.float32),
        tf.constant(CONFIG.seed, tf.int32),
        tf.constant(l2, tf.float32),
    )
    return engine.train(
        data,
        tf.constant(np.concatenate([list(batch) for batch in batches])),
        tf.constant(np.cumsum([len(batch) for batch in batches])),
        tf.constant(step, tf.int32),
    ).numpy()


def same(ours, theirs) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.fixture(scope="module")
def engine():
    return Engine(CONFIG, EVERY_KIND, NUM_WORDS)


STOCK = {
    "adagrad": lambda: keras.optimizers.Adagrad(0.02),
    "adadelta": lambda: keras.optimizers.Adadelta(0.02),
    "adam": lambda: keras.optimizers.Adam(0.02),
    "momentum": lambda: keras.optimizers.SGD(0.02, momentum=0.9),
}


@pytest.mark.parametrize(
    ("architecture", "optimizer", "l2", "objective"),
    [
        pytest.param("PPPP", "adagrad", 0.0, "sum", marks=pytest.mark.slow),
        ("SSPP", "adam", 0.01, "sum"),
        pytest.param("PSSS", "momentum", 0.01, "sum", marks=pytest.mark.slow),
        pytest.param("SPSS", "adadelta", 0.0, "sum", marks=pytest.mark.slow),
        pytest.param("SSPP", "adagrad", 0.0, "alternating", marks=pytest.mark.slow),
    ],
)
def test_training_equals_stock_keras_on_dense_whitened_songs_in_float64(
    songs, architecture, optimizer, l2, objective
):
    counts, labels, mean, inverse_sd = songs
    factors = np.array([1, 2, 0.5])
    turns = np.eye(3) if objective == "alternating" else np.ones((1, 3))
    config = CONFIG.replace(architecture=architecture, optimizer=optimizer, objective=objective)
    ours = Engine(config, EVERY_KIND, NUM_WORDS)
    reset(ours, songs, config)
    reference = DenseReference(ours.network)
    untrained = reference((counts - mean) * inverse_sd)
    stock = STOCK[optimizer]()
    losses = []
    for step, rows in enumerate(list(batch) for batch in BATCHES):
        with tf.GradientTape() as tape:
            outputs = reference((counts[rows] - mean) * inverse_sd)
            sums = summed_task_losses(EVERY_KIND, outputs, tf.constant(labels[rows]))
            losses.append(sums.numpy() * factors / len(rows))
            kernels = [v for v in reference.variables if v.name == "kernel"]
            penalty = l2 * sum(tf.reduce_sum(tf.square(kernel)) for kernel in kernels)
            turn = turns[step % len(turns)]
            loss = tf.reduce_sum(sums * factors * turn) / len(rows) + penalty
        found = tape.gradient(loss, reference.variables)
        # A private weight of a task whose turn it is not has gradient 0, not none.
        found = [
            tf.zeros(v.shape, v.dtype) if g is None else g
            for g, v in zip(found, reference.variables, strict=True)
        ]
        stock.apply(found, reference.variables)
    mean_losses = train(ours, songs, l2=l2, factors=factors)
    np.testing.assert_allclose(mean_losses, np.mean(losses, axis=0), rtol=1e-4)
    expected = reference((counts - mean) * inverse_sd)
    found = ours.outputs(SongTensors.from_csr(csr_array(counts)))
    for output, theirs, before in zip(found, expected, untrained, strict=True):
        np.testing.assert_allclose(output, theirs, rtol=1e-4, atol=2e-5)
        assert np.abs(output - before).max() > 0.001


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("adadelta", "momentum")]


@pytest.mark.parametrize("optimizer", ["adagrad", "adam", *SLOW])
def test_updates_equal_stock_keras_on_isolated_gradients(songs, optimizer):
    config = CONFIG.replace(optimizer=optimizer)
    ours = Engine(config, EVERY_KIND, NUM_WORDS)
    reset(ours, songs, config)
    theirs = [keras.Variable(variable.numpy()) for variable in ours.variables]
    stock = STOCK[optimizer]()
    rng = np.random.default_rng(9)
    for _ in range(5):
        gradients = [tf.constant(rng.normal(size=v.shape), tf.float32) for v in theirs]
        ours.apply_gradients(gradients, tf.constant(0.0))
        stock.apply(gradients, theirs)
    for variable, expected in zip(ours.variables, theirs, strict=True):
        np.testing.assert_allclose(variable.numpy(), expected.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_songs_without_labels_move_kernels_alone_and_those_by_twice_l2_times_the_weight(
    engine, songs, l2
):
    no_label = (songs[0], np.full((SONGS, 3), np.nan), *songs[2:])
    reset(engine, songs)
    before = [variable.numpy() for variable in engine.variables]
    assert not train(engine, no_label, [range(16)], l2=l2).any()
    for variable, start in zip(engine.variables, before, strict=True):
        gradient = 2 * l2 * start if variable.name == "kernel" else 0 * start
        # AdaGrad: sum of squares from 0.1, epsilon 1e-7.
        expected = start - 0.02 * gradient / np.sqrt(0.1 + gradient**2 + 1e-7)
        np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_a_reset_engine_gives_the_bits_of_a_new_one(songs):
    config = CONFIG.replace(
        dropout=(0.0, 0.3, 0.5, 0.5), word_dropout=0.5, batch_normalization=True
    )
    states, losses = [], []
    used = Engine(config, EVERY_KIND, NUM_WORDS)
    other = config.replace(seed=8, learning_rate=0.5)
    reset(used, songs, other)
    train(used, songs, step=3, l2=0.1)
    for ours in (used, Engine(config, EVERY_KIND, NUM_WORDS)):
        reset(ours, songs, config)
        losses.append(train(ours, songs))
        states.append(ours.state())
    assert same(*states) and same(*losses)


def test_steps_in_one_call_or_several_after_a_restore_give_the_same_bits(songs):
    config = CONFIG.replace(dropout=(0.0, 0.3, 0.5, 0.5), word_dropout=0.5, objective="alternating")
    ours = Engine(config, EVERY_KIND, NUM_WORDS)
    reset(ours, songs, config)
    train(ours, songs)
    straight = ours.state()
    reset(ours, songs, config)
    train(ours, songs, BATCHES[:2])
    saved = ours.state()
    reset(ours, songs, config.replace(seed=5))
    train(ours, songs, step=77)
    ours.restore(saved)
    train(ours, songs, BATCHES[2:], step=2)
    assert same(ours.state(), straight)


def test_initial_weights_are_he_normal_over_the_words_that_vary(songs):
    config = CONFIG.replace(architecture="PPPP", widths=(400, 300, 8, 6))
    ours = Engine(config, EVERY_KIND, NUM_WORDS)
    reset(ours, songs, config)
    varying = np.count_nonzero(songs[3])
    assert varying < NUM_WORDS
    kernels = [layer.kernel.numpy() for layer in ours.network.hidden]
    assert kernels[0].std() == pytest.approx(np.sqrt(2 / varying), rel=0.02)
    assert kernels[1].std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert not any(layer.bias.numpy().any() for layer in ours.network.hidden)
    np.testing.assert_allclose(ours.network.heads[1].bias.numpy(), [0.7], rtol=1e-6)
    config = config.replace(initialization="normal")
    ours = Engine(config, EVERY_KIND, NUM_WORDS)
    reset(ours, songs, config)
    for layer in ours.network.hidden[:2]:
        assert layer.kernel.numpy().std() == pytest.approx(0.01, rel=0.02)


def test_with_heads_of_zero_a_net_begins_as_the_constant_predictor_and_learns(songs):
    config = CONFIG.replace(head_weights="zero")
    engine = Engine(config, EVERY_KIND, NUM_WORDS)
    reset(engine, songs, config)
    tensors = SongTensors.from_csr(csr_array(songs[0]))
    biases = [head.bias.numpy() for head in engine.network.heads]
    for output, bias in zip(engine.outputs(tensors), biases, strict=True):
        np.testing.assert_array_equal(output, np.tile(bias, (SONGS, 1)))
    hidden = [layer.kernel.numpy() for layer in engine.network.hidden]
    train(engine, songs)
    assert all(head.kernel.numpy().any() for head in engine.network.heads)
    for layer, before in zip(engine.network.hidden, hidden, strict=True):
        assert not np.array_equal(layer.kernel.numpy(), before)


def test_outputs_are_those_of_the_network_in_blocks_of_any_size(engine, songs, monkeypatch):
    reset(engine, songs)
    tensors = SongTensors.from_csr(csr_array(songs[0]))
    whole = engine.outputs(tensors)
    expected = DenseReference(engine.network)((songs[0] - songs[2]) * songs[3])
    for output, theirs in zip(whole, expected, strict=True):
        np.testing.assert_allclose(output, theirs, rtol=1e-4, atol=1e-5)
    monkeypatch.setattr("representation_music.experiments.training.engine.EVALUATION_BATCH", 7)
    for output, in_blocks in zip(whole, engine.outputs(tensors), strict=True):
        np.testing.assert_allclose(in_blocks, output, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [[0], [30], [30, 30, 2], [5, 30, 5, 59, 0], range(60)])
def test_bags_of_words_are_the_rows_asked_for(songs, rows):
    counts = songs[0]
    assert not counts[30].any()  # a song without a word
    tensors = SongTensors.from_csr(csr_array(counts))
    bags = bags_of_words(tensors, tf.constant(list(rows), tf.int64), NUM_WORDS)
    np.testing.assert_array_equal(tf.sparse.to_dense(bags), counts[list(rows)])


def test_learning_rate_rises_in_a_straight_line_and_stays(engine, songs):
    reset(engine, songs, CONFIG.replace(learning_rate=0.4, warmup_steps=4))
    rates = []
    for step in range(6):
        train(engine, songs, BATCHES[:1], step=step)
        rates.append(float(engine.optimizer.learning_rate.numpy()))
    np.testing.assert_allclose(rates, [0.1, 0.2, 0.3, 0.4, 0.4, 0.4], rtol=1e-6)
