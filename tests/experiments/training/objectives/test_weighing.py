"""Objectives that weigh losses: their formulas by hand, in numpy."""

import numpy as np
import pytest
import tensorflow as tf

from representation_music.experiments.training.objectives.objective import Batch
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

TASKS = [Task("a", "binary"), Task("b", "regression"), Task("c", "binary")]


class Line:
    """A network of one shared weight per task, whose loss is `scale * weight ** 2`."""

    def __init__(self, weights, scales=1.0, tasks=TASKS):
        self.tasks = tasks[: len(weights)]
        self.weight = tf.Variable(np.float32(weights))
        self.trainable_variables = self.shared_variables = [self.weight]
        self.random_state = tf.Variable([5, 0])
        self.scales = np.float32(scales)

    def batch(self, step=0, labelled=None):
        known = np.ones(len(self.tasks), bool) if labelled is None else np.array(labelled)
        self.random_state.assign([5, step])

        def losses():
            return tf.where(known, self.scales * tf.square(self.weight), 0.0)

        return Batch(losses, tf.constant(known), tf.constant(step))


def made(name, line, options=()):
    objective = OBJECTIVES[name](line, options)
    objective.initialise()
    return objective


def weights_of(objective, line, **batch):
    """The weights that the gradient tells of."""
    losses, (gradient,) = objective.gradients(line.batch(**batch))
    plain = 2 * line.scales * line.weight.numpy()
    return losses.numpy(), gradient.numpy() / plain


def softmax(values):
    powers = np.exp(np.array(values) - np.max(values))
    return powers / powers.sum()


def test_uncertainty_halves_regression_alone_and_descends_its_own_gradient():
    objective = made("uncertainty", line := Line([1, 2, 3]), ["rate=0.1"])
    s = np.zeros(3)
    for step in range(4):
        halves = np.array([1, 0.5, 1])
        losses, weights = weights_of(objective, line, step=step)
        np.testing.assert_allclose(weights, halves * np.exp(-s), rtol=1e-5)
        s -= 0.1 * (0.5 - halves * np.exp(-s) * losses)
        np.testing.assert_allclose(objective.log_variances, s, rtol=1e-5)


@pytest.mark.slow
def test_the_log_variances_of_uncertainty_settle_where_its_sum_is_least():
    objective = made("uncertainty", line := Line([1, 2, 3]), ["rate=0.1"])
    for step in range(2000):
        objective.gradients(line.batch(step))
    least = np.log([2 * 1, 4, 2 * 9])  # exp(-s) L = 1/2, and exp(-s) L / 2 = 1/2
    np.testing.assert_allclose(objective.log_variances, least, rtol=1e-3)


def test_dwa_weighs_by_the_ratio_of_the_means_of_the_last_two_periods():
    objective = made("dwa", line := Line([1, 2, 3]), ["period=2"])
    falls = np.array([0.9, 0.8, 1.0])
    seen = []
    for step in range(8):
        losses, weights = weights_of(objective, line, step=step)
        seen.append(losses)
        expected = np.ones(3)
        if step >= 4:
            end = step - step % 2
            mean = [np.mean(seen[end - n : end - n + 2], axis=0) for n in (2, 4)]
            expected = 3 * softmax(mean[0] / mean[1] / 2.0)
        np.testing.assert_allclose(weights, expected, rtol=1e-5)
        line.weight.assign(line.weight * falls)
    assert weights[2] > weights[0] > weights[1]  # the one that does not fall weighs most


def test_dwa_repeats_the_last_mean_of_a_task_without_a_label_in_a_period():
    objective = made("dwa", line := Line([1, 2, 3]), ["period=1"])
    for step in range(3):
        objective.gradients(line.batch(step))
    objective.gradients(line.batch(3, [True, False, True]))
    _, weights = weights_of(objective, line, step=4)
    np.testing.assert_allclose(weights, 1, rtol=1e-6)  # all ratios are 1 still, none is 0 / 4


@pytest.mark.slow
def test_random_weights_are_a_function_of_seed_and_step_and_sum_to_the_number_of_tasks():
    objective = made("rlw", line := Line([1, 2, 3]))
    drawn = np.array([weights_of(objective, line, step=step)[1] for step in range(300)])
    again = np.array([weights_of(objective, line, step=step)[1] for step in range(3)])
    np.testing.assert_array_equal(again, drawn[:3])
    np.testing.assert_allclose(drawn.sum(axis=1), 3, rtol=1e-5)
    np.testing.assert_allclose(drawn.mean(axis=0), 1, atol=0.12)
    logs = np.log(drawn)
    spread = logs - logs.mean(axis=1, keepdims=True)  # of normal draws less their mean: 2/3
    assert 0.55 < spread.var() < 0.8


@pytest.mark.parametrize("name", ["scale_invariant", "famo"])
def test_a_factor_of_a_loss_makes_no_difference(name):
    steps = []
    for scales in ([1, 1, 1], [1, 10, 0.01]):
        objective = made(name, line := Line([1, 2, 3], scales))
        _, (gradient,) = objective.gradients(line.batch())
        steps.append(gradient.numpy())
    # All up to one factor, c of FAMO, which is none of the directions.
    np.testing.assert_allclose(*(step / np.linalg.norm(step) for step in steps), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "depends"),
    [("rlw", (), False), ("dwa", ("period=1",), False), ("uncertainty", (), True)],
)
def test_weights_of_random_draws_and_of_ratios_do_not_depend_on_a_losss_scale_learnt_ones_do(
    name, options, depends
):
    ways = []
    for scales in ([1, 1, 1], [1, 10, 0.01]):
        objective = made(name, line := Line([1, 2, 3], scales), options)
        for step in range(4):
            _, weights = weights_of(objective, line, step=step)
            line.weight.assign(line.weight * [0.9, 0.8, 1.0])
        ways.append(weights)
    alike = np.isclose(*ways, rtol=1e-5)
    assert alike[0] and np.ptp(ways[0]) > 0.01
    assert (not alike[1:].any()) if depends else alike.all()


def test_scale_invariant_is_the_gradient_of_the_sum_of_logarithms():
    _, (gradient,) = made("scale_invariant", line := Line([1, 2, 3])).gradients(line.batch())
    np.testing.assert_allclose(gradient, 2 / np.array([1, 2, 3]), rtol=1e-6)


def test_famo_follows_algorithm_1_of_its_paper():
    objective = made("famo", line := Line([1, 2, 3]), ["rate=0.5", "decay=0.1"])
    x = np.zeros(3)
    for step in range(5):
        w = softmax(x)
        batch = line.batch(step)
        losses, (gradient,) = objective.gradients(batch)
        before = losses.numpy()
        expected = 3 * w / before / np.sum(w / before)
        plain = 2 * line.weight.numpy()
        np.testing.assert_allclose(gradient / plain, expected, rtol=1e-5)
        line.weight.assign_sub([0.1, 0.1, 0.0])
        objective.after_update(batch)
        fall = np.log(before) - np.log(np.square(line.weight.numpy()))
        jacobian = np.diag(w) - np.outer(w, w)
        x = x - 0.5 * (jacobian @ fall + 0.1 * x)
        np.testing.assert_allclose(objective.logits, x, rtol=1e-4, atol=1e-6)
    assert np.argmax(objective.logits) == 2  # the loss that did not fall


def test_what_is_remembered_of_a_task_stays_where_a_batch_has_no_label_of_it():
    for name in ("uncertainty", "famo"):
        objective = made(name, line := Line([1, 2, 3]))
        for step in range(3):
            batch = line.batch(step)
            objective.gradients(batch)
            line.weight.assign_sub([0.1, 0.2, 0.0])
            objective.after_update(batch)
        state = objective.variables[1]
        before = state.numpy()
        batch = line.batch(3, [True, False, True])
        objective.gradients(batch)
        line.weight.assign_sub([0.1, 0.2, 0.0])
        objective.after_update(batch)
        after = state.numpy()
        assert after[1] == before[1] and after[0] != before[0] and after[2] != before[2]


def test_a_report_has_the_mean_weight_of_the_steps_with_a_label_and_begins_anew():
    objective = made("uncertainty", line := Line([1, 2, 3]), ["rate=0.1"])
    seen = [weights_of(objective, line, step=step)[1] for step in range(3)]
    _, last = weights_of(objective, line, step=3, labelled=[True, False, True])
    report = objective.report()
    assert list(report) == ["weight:a", "weight:b", "weight:c"]
    assert report["weight:a"] == pytest.approx(np.mean([w[0] for w in [*seen, last]]), rel=1e-5)
    assert report["weight:b"] == pytest.approx(np.mean([w[1] for w in seen]), rel=1e-5)
    assert np.isnan(list(objective.report().values())).all()


@pytest.mark.parametrize(
    ("name", "option"),
    [
        *(("dwa", "period=0"), ("dwa", "temperature=0"), ("famo", "rate=-0.1")),
        *(("cagrad", "c=1"), ("cagrad", "c=-0.1"), ("gradvac", "beta=1.1")),
    ],
)
def test_options_that_mean_nothing_are_refused(name, option):
    with pytest.raises(InputError, match=r"--objective-options: found .*at (least|most)"):
        OBJECTIVES[name].check([option])
