import numpy as np
import pytest
import tensorflow as tf
from reference_network import BINARY, EVERY_KIND, MULTICLASS, REGRESSION
from scipy.special import log_softmax
from sklearn.metrics import log_loss, mean_squared_error

from representation_music.models.losses import summed_task_losses

SONGS = 40


@pytest.fixture
def outputs():
    rng = np.random.default_rng(0)
    return [rng.normal(0, 2, (SONGS, task.num_outputs)) for task in EVERY_KIND]


@pytest.fixture
def labels():
    rng = np.random.default_rng(1)
    values = [rng.normal(size=SONGS), rng.integers(0, 2, SONGS), rng.integers(0, 4, SONGS)]
    labels = np.stack(values, axis=1).astype(np.float64)
    labels[rng.random(labels.shape) < 0.3] = np.nan
    return labels


def losses_of(outputs, labels, tasks=EVERY_KIND):
    return summed_task_losses(tasks, [tf.constant(o) for o in outputs], tf.constant(labels)).numpy()


def test_losses_are_those_of_scikit_learn_over_the_songs_with_a_label(outputs, labels):
    known = ~np.isnan(labels)
    rows, marks = zip(*((known[:, n], labels[known[:, n], n]) for n in range(3)), strict=True)
    probability = 1 / (1 + np.exp(-outputs[1][rows[1], 0]))
    classes = np.exp(log_softmax(outputs[2][rows[2]], axis=1))
    expected = [
        mean_squared_error(marks[0], outputs[0][rows[0], 0]) * rows[0].sum(),
        log_loss(marks[1], probability, normalize=False),
        log_loss(marks[2], classes, labels=range(4), normalize=False),
    ]
    np.testing.assert_allclose(losses_of(outputs, labels), expected, rtol=1e-10)


def test_the_gradient_is_the_textbooks_and_exactly_0_where_the_label_is_missing(outputs, labels):
    tensors = [tf.constant(output) for output in outputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        loss = tf.reduce_sum(summed_task_losses(EVERY_KIND, tensors, tf.constant(labels)))
    regression, binary, classes = (g.numpy() for g in tape.gradient(loss, tensors))
    known = ~np.isnan(labels)
    filled = np.nan_to_num(labels)
    softmax = np.exp(log_softmax(outputs[2], axis=1))
    expected = [
        2 * (outputs[0][:, 0] - filled[:, 0]),
        1 / (1 + np.exp(-outputs[1][:, 0])) - filled[:, 1],
        softmax - np.eye(4)[filled[:, 2].astype(int)],
    ]
    for n, found in enumerate([regression[:, 0], binary[:, 0], classes]):
        np.testing.assert_allclose(found[known[:, n]], expected[n][known[:, n]], rtol=1e-9)
        assert (found[~known[:, n]] == 0).all()


@pytest.mark.parametrize("task", EVERY_KIND)
def test_a_batch_without_a_label_of_a_task_gives_it_loss_0(task):
    outputs = np.full((3, task.num_outputs), 7.0)
    assert losses_of([outputs], np.full((3, 1), np.nan), [task]) == [0]


@pytest.mark.parametrize(("task", "loss"), [(BINARY, 0.0), (MULTICLASS, 0.0), (REGRESSION, 1e4)])
def test_sure_answers_far_from_0_stay_finite(task, loss):
    outputs = np.full((1, task.num_outputs), -100.0)
    outputs[0, 0] = 100.0 if task.kind == "multiclass" else -100.0
    found = losses_of([outputs], np.zeros((1, 1)), [task])
    np.testing.assert_allclose(found, [loss], atol=1e-30)
