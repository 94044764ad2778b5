"""Weights from Gramians: against numpy, scipy and the claims of the papers."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import minimize, nnls

from representation_music.experiments.training.objectives.gradients.gramian import (
    GramianWeighting,
)
from representation_music.experiments.training.objectives.gradients.pcgrad import (
    random_orders,
)
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.utils.tasks import Task

METHODS = [n for n in OBJECTIVES.names() if issubclass(OBJECTIVES[n], GramianWeighting)]
#: Of these, those that draw nothing.
FIXED = [name for name in METHODS if name not in ("pcgrad", "gradvac")]
#: Numbers of tasks; one more is one more compilation of every method.
SOLVED = [2, 3, pytest.param(10, marks=pytest.mark.slow)]


class Stub:
    """What a weighting asks of a network."""

    def __init__(self, tasks):
        self.tasks = [Task(f"task{n}", "binary") for n in range(tasks)]
        self.random_state = tf.Variable([3, 0])


def method(name, tasks, options=()):
    objective = OBJECTIVES[name](Stub(tasks), options)
    objective.initialise()
    return objective


_MADE: dict = {}  # compiled once by name and number of tasks


def weights_of(name, gramian, present=None):
    tasks = len(gramian)
    if (name, tasks) not in _MADE:
        _MADE[name, tasks] = method(name, tasks)
    objective = _MADE[name, tasks]
    objective.initialise()
    present = np.ones(tasks, bool) if present is None else np.array(present)
    return objective.weigh(tf.constant(gramian), tf.constant(present)).numpy().astype(float)


def jacobians(number, tasks, seed=0, dimensions=8):
    """Gradients `[tasks, dimensions]` with conflicts, of lengths from .1 to 10."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        common = rng.normal(0, rng.choice([0, 1]), dimensions)
        lengths = 10 ** rng.uniform(-1, 1, (tasks, 1))
        yield (rng.normal(size=(tasks, dimensions)) + common) * lengths


def norm(vector):
    return np.linalg.norm(vector)


def pcgrad(gradients, orders):
    """Algorithm 1 of the paper, on the gradients themselves."""
    found = gradients.copy()
    for i, order in enumerate(orders):
        for j in order:
            inner = found[i] @ gradients[j]
            if j != i and inner < 0:
                found[i] -= inner / (gradients[j] @ gradients[j]) * gradients[j]
    return found.sum(axis=0)


def gradvac(gradients, orders, usual, beta):
    """Algorithm 1 of the paper, on the gradients themselves; moves `usual`."""
    found = gradients.copy()
    for i, order in enumerate(orders):
        for j in order:
            if j == i:
                continue
            mine, other = found[i], gradients[j]
            cosine, m = mine @ other / norm(mine) / norm(other), usual[i, j]
            if cosine < m:
                turned = norm(mine) * (m * np.sqrt(1 - cosine**2) - cosine * np.sqrt(1 - m**2))
                found[i] = mine + turned / (norm(other) * np.sqrt(1 - m**2)) * other
            usual[i, j] = (1 - beta) * m + beta * cosine
    return found.sum(axis=0)


@pytest.mark.parametrize("tasks", [2, 3, 6])
def test_pcgrad_is_its_algorithm_on_gradients(tasks):
    objective = method("pcgrad", tasks)
    rng = np.random.default_rng(1)
    for gradients in jacobians(40, tasks):
        orders = rng.permuted(np.tile(np.arange(tasks), (tasks, 1)), axis=1).astype(np.int32)
        gramian = gradients @ gradients.T
        present = np.ones(tasks, bool)
        weights = objective.weights(tf.constant(gramian), tf.constant(present), orders)
        expected = pcgrad(gradients, orders)
        scale = norm(gradients)
        np.testing.assert_allclose(weights.numpy() @ gradients, expected, atol=1e-10 * scale)


@pytest.mark.parametrize("tasks", [2, 3, 6])
def test_gradvac_is_its_algorithm_on_gradients(tasks):
    objective = method("gradvac", tasks, ["beta=0.3"])
    rng = np.random.default_rng(1)
    usual, state = np.zeros((tasks, tasks)), np.zeros((tasks, tasks), np.float32)
    for gradients in jacobians(40, tasks):
        orders = rng.permuted(np.tile(np.arange(tasks), (tasks, 1)), axis=1).astype(np.int32)
        gramian = tf.constant(gradients @ gradients.T)
        weights, state = objective.weights(gramian, np.ones(tasks, bool), orders, state)
        expected = gradvac(gradients, orders, usual, 0.3)
        tolerance = 1e-4 * norm(expected)  # averages are kept in float32
        np.testing.assert_allclose(weights.numpy() @ gradients, expected, atol=tolerance)
        np.testing.assert_allclose(state, usual, atol=1e-5)


def test_gradvac_with_averages_of_0_is_pcgrad():
    vaccine = method("gradvac", 3, ["beta=0"])
    for gradients in jacobians(20, 3):
        gramian = gradients @ gradients.T
        weights = vaccine.weigh(tf.constant(gramian), tf.constant([True] * 3))
        np.testing.assert_allclose(weights, weights_of("pcgrad", gramian), rtol=1e-5)


def test_orders_are_permutations_drawn_anew_at_each_step():
    first, second = (random_orders(5, [3, step]).numpy() for step in (0, 1))
    np.testing.assert_array_equal(np.sort(first, axis=1), np.tile(range(5), (5, 1)))
    assert (first != second).any()
    np.testing.assert_array_equal(first, random_orders(5, [3, 0]))


@pytest.mark.parametrize("tasks", SOLVED)
def test_mgda_is_the_shortest_average(tasks):
    for gradients in jacobians(40, tasks, dimensions=12):
        weights = weights_of("mgda", gradients @ gradients.T) / tasks
        # The least |A w| over the simplex is, up to its length, a least-squares problem.
        size = norm(gradients)
        found, _ = nnls(np.vstack([gradients.T / size, np.ones(tasks)]), np.r_[np.zeros(12), 1])
        expected = found / found.sum()
        assert weights.min() >= 0 and weights.sum() == pytest.approx(1, abs=1e-6)
        assert norm(weights @ gradients) <= norm(expected @ gradients) + 1e-6 * size


@pytest.mark.parametrize(
    ("tasks", "c"),
    [(2, 0.9), (3, 0.2), *(pytest.param(10, c, marks=pytest.mark.slow) for c in (0.2, 0.9))],
)
def test_cagrad_makes_its_function_least(tasks, c):
    objective = method("cagrad", tasks, [f"c={c}"])
    for gradients in jacobians(10, tasks, dimensions=12):
        size = np.sqrt(np.mean(np.sum(gradients**2, axis=1)))
        gradients /= size
        mean = gradients.mean(axis=0)

        def value(w, gradients=gradients, mean=mean):
            return w @ gradients @ mean + c * norm(mean) * norm(w @ gradients)

        weights = objective.weigh(
            tf.constant(gradients @ gradients.T), tf.constant([True] * tasks)
        ).numpy()
        added = weights / tasks - 1 / tasks
        found = added / added.sum()
        best = minimize(
            value,
            np.full(tasks, 1 / tasks),
            bounds=[(0, 1)] * tasks,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            options={"ftol": 1e-12, "maxiter": 500},
        )
        assert value(found) <= best.fun + 1e-5
        # d is on the sphere around the mean gradient: |d - g_0| = c |g_0|.
        step = weights @ gradients / tasks
        assert norm(step - mean) == pytest.approx(c * norm(mean), rel=1e-3)


@pytest.mark.parametrize("tasks", SOLVED)
def test_upgrad_sums_projections_that_conflict_with_no_gradient(tasks):
    for gradients in jacobians(20, tasks, dimensions=12):
        expected = np.zeros(12)
        for own in gradients:  # the projection: own + A' x with the least norm over x >= 0
            x, _ = nnls(gradients.T, -own, maxiter=1000)
            expected += own + x @ gradients
        step = weights_of("upgrad", gradients @ gradients.T) @ gradients
        np.testing.assert_allclose(step, expected, atol=1e-5 * norm(gradients))
        assert (gradients @ step >= -1e-5 * norm(gradients) ** 2).all()


@pytest.mark.parametrize("tasks", [2, 3, 6])
def test_aligned_mtl_gives_all_principal_directions_the_length_of_the_shortest(tasks):
    for gradients in jacobians(40, tasks):
        left, values, right = np.linalg.svd(gradients, full_matrices=False)
        expected = values.min() * (left @ right).sum(axis=0)
        step = weights_of("aligned_mtl", gradients @ gradients.T) @ gradients
        np.testing.assert_allclose(step, expected, atol=1e-4 * norm(expected))


@pytest.mark.parametrize("tasks", [2, 3, 6])
def test_imtl_g_has_equal_projections_on_all_gradients(tasks):
    for gradients in jacobians(40, tasks):
        weights = weights_of("imtl_g", gradients @ gradients.T)
        assert weights.sum() == pytest.approx(tasks, rel=1e-4)
        lengths = np.linalg.norm(gradients, axis=1)
        projections = gradients @ (weights @ gradients) / lengths
        assert np.ptp(projections) < 1e-4 * np.abs(weights * lengths).max()


@pytest.mark.parametrize("tasks", SOLVED)
def test_nash_mtl_solves_its_equation(tasks):
    for gradients in jacobians(40, tasks, dimensions=12):
        gramian = gradients @ gradients.T
        weights = weights_of("nash_mtl", gramian)
        normed = gramian / norm(gramian)
        assert (weights > 0).all()
        # The ridge of 1e-6 on the cosines leaves 1e-6 a^2 G_ii.
        left = 1e-6 * weights**2 * np.diag(normed)
        np.testing.assert_allclose(weights * (normed @ weights), 1 - left, atol=1e-5)


# ------------------------------------------------------------------ properties of all of them


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("tasks", [2, 3])
def test_equal_gradients_make_the_plain_sum(name, tasks):
    weights = weights_of(name, 4.0 * np.ones((tasks, tasks)))
    factor = 1.4 if name == "cagrad" else 1  # d = g_0 + c |g_0| g_w / |g_w|
    assert weights.sum() == pytest.approx(factor * tasks, rel=1e-4)


@pytest.mark.parametrize("name", FIXED)
def test_the_order_of_the_tasks_makes_no_difference(name):
    for gradients in jacobians(5, 3):
        gramian = gradients @ gradients.T
        weights = weights_of(name, gramian)
        for order in map(list, itertools.islice(itertools.permutations(range(3)), 1, 6, 2)):
            permuted = weights_of(name, gramian[np.ix_(order, order)])
            np.testing.assert_allclose(permuted, weights[order], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["pcgrad", "gradvac"])
def test_permuted_tasks_with_permuted_orders_have_permuted_weights(name):
    objective = method(name, 4)
    rng, order = np.random.default_rng(0), [2, 0, 3, 1]
    place = np.argsort(order)
    (gradients,) = jacobians(1, 4)
    gramian, present = gradients @ gradients.T, np.ones(4, bool)
    orders = rng.permuted(np.tile(np.arange(4), (4, 1)), axis=1).astype(np.int32)
    state = [np.full((4, 4), 0.1, np.float32)] * (name == "gradvac")
    straight = objective.weights(tf.constant(gramian), present, orders, *state)
    other = tf.constant(gramian[np.ix_(order, order)])
    permuted = objective.weights(other, present, place[orders[order]].astype(np.int32), *state)
    if state:
        straight, permuted = straight[0], permuted[0]
    np.testing.assert_allclose(permuted, straight.numpy()[order], rtol=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_the_scale_of_all_gradients_makes_no_difference(name):
    (gradients,) = jacobians(1, 3)
    gramian = np.float32(gradients @ gradients.T)
    expected = weights_of(name, gramian)
    for factor in (1e-12, 1e12):
        np.testing.assert_allclose(weights_of(name, gramian * np.float32(factor)), expected, 1e-3)


@pytest.mark.parametrize("name", ["imtl_g", "nash_mtl"])
def test_the_scale_of_one_gradient_does_not_turn_the_step(name):
    for gradients in jacobians(10, 3):
        steps = []
        for factors in ([1, 1, 1], [5, 0.2, 1]):
            own = gradients * np.array(factors)[:, None]
            step = weights_of(name, own @ own.T) @ own
            # IMTL-G's weights sum to K: where their sum was negative, the step turns about.
            steps.append(step / norm(step) * np.sign(step @ gradients[0]))
        np.testing.assert_allclose(*steps, atol=1e-4)


def test_imtl_g_as_published_raises_all_losses_where_the_sum_of_its_solution_is_negative():
    seen = []
    for gradients in jacobians(400, 3):
        gramian, lengths = gradients @ gradients.T, np.linalg.norm(gradients, axis=1)
        solution = np.linalg.solve(gramian, lengths)
        if -1 < solution.sum() / np.abs(solution).max() < -1e-2:
            weights = weights_of("imtl_g", gramian)
            np.testing.assert_allclose(weights, 3 * solution / solution.sum(), rtol=1e-3)
            seen.append((gradients @ (weights @ gradients)).max())
    assert seen and max(seen) < 0


def test_upgrad_is_linear_in_the_scale_of_each_gradient():
    """Definition 5 of Quinton & Rey: A(diag(c) J) is linear in c > 0."""
    for gradients in jacobians(10, 3):

        def step(c, gradients=gradients):
            own = gradients * np.array(c)[:, None]
            return weights_of("upgrad", own @ own.T) @ own

        mixed = step([1, 2, 3]) + 2 * step([2, 0.5, 1])
        np.testing.assert_allclose(step([5, 3, 5]), mixed, atol=1e-4 * norm(mixed))


@pytest.mark.parametrize("name", METHODS)
def test_a_gradient_of_0_and_no_gradient_at_all_make_no_nan(name):
    (gradients,) = jacobians(1, 3)
    for zeros in ([1], [0, 2], [0, 1, 2]):
        own = gradients.copy()
        own[zeros] = 0
        assert np.isfinite(weights_of(name, own @ own.T)).all()


@pytest.mark.parametrize("name", [name for name in METHODS if name != "mgda"])
def test_the_step_of_others_goes_on_beside_a_gradient_of_0(name):
    gradients = np.array([[1.0, 0.2, 0], [0, 0, 0], [0.3, 1, 0]])
    assert norm(weights_of(name, gradients @ gradients.T) @ gradients) > 0.1


def test_mgda_makes_no_step_beside_a_gradient_of_0():
    gradients = np.array([[1.0, 0.2, 0], [0, 0, 0], [0.3, 1, 0]])
    assert norm(weights_of("mgda", gradients @ gradients.T) @ gradients) < 1e-6


@pytest.mark.parametrize("name", METHODS)
def test_opposed_gradients_make_no_nan_and_no_large_step(name):
    gradients = np.array([[1.0, 0], [-1, 0], [0, 0.1]])
    weights = weights_of(name, gradients @ gradients.T)
    assert np.isfinite(weights).all()
    assert norm(weights @ gradients) < 10


@pytest.mark.parametrize("name", FIXED)
def test_a_task_without_a_label_is_left_out(name):
    for gradients in jacobians(5, 3):
        gramian = gradients @ gradients.T
        gramian[1] = gramian[:, 1] = 0  # as it is in a batch without a label
        weights = weights_of(name, gramian, [True, False, True])
        kept = [0, 2]
        assert weights[1] == 0
        expected = weights_of(name, gramian[np.ix_(kept, kept)])
        np.testing.assert_allclose(weights[kept], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", METHODS)
def test_one_task_with_a_label_weighs_1_and_none_at_all_nothing(name):
    gramian = np.zeros((3, 3))
    assert (weights_of(name, gramian, [False] * 3) == 0).all()
    gramian[1, 1] = 7.0
    weights = weights_of(name, gramian, [False, True, False])
    expected = 1.4 if name == "cagrad" else 1
    np.testing.assert_allclose(weights, [0, expected, 0], rtol=1e-4)
