"""What holds for every objective: on networks of a few weights, and in runs."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from small_runs import CONFIG, Stopping, assert_logged, bits, history, run, stop_at

from representation_music.experiments.training.objectives import objectives
from representation_music.experiments.training.objectives.gradients.gramian import (
    GramianWeighting,
)
from representation_music.experiments.training.objectives.objective import Batch
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.experiments.training.objectives.weighing import Weighing
from representation_music.experiments.training.training_loop import Experiment
from representation_music.plots.runs.history import RunHistory
from representation_music.plots.runs.task_weights import task_weights_figure
from representation_music.utils.tasks import Task

EVERY = OBJECTIVES.names()
WEIGHING = [name for name in EVERY if issubclass(OBJECTIVES[name], Weighing)]
GRADIENT_METHODS = [name for name in EVERY if issubclass(OBJECTIVES[name], GramianWeighting)]
#: By the order of the tasks, or by a random one (`test_gramian.py` permutes that as well).
ORDERED = ("alternating", "transfer", "rlw", "pcgrad", "gradvac")
#: Keep nothing from step to step but the sums of their next report, as `cagrad` does.
STATELESS = ("scale_invariant", "mgda", "aligned_mtl", "upgrad", "imtl_g")
TASKS = [Task("a", "binary"), Task("b", "binary"), Task("c", "binary")]


class Plane:
    """Shared weights `[dimensions]` and one private weight per task.

    Task k's loss at 0 is 1; its gradient of the shared weights is `slopes[k]`, of its own weight
    k + 1.
    """

    def __init__(self, slopes):
        self.slopes = np.float32(slopes)
        self.tasks = TASKS[: len(slopes)]
        self.shared = tf.Variable(tf.zeros(self.slopes.shape[1]))
        self.private = [tf.Variable(0.0) for _ in self.tasks]
        self.shared_variables = [self.shared]
        self.trainable_variables = [self.private[0], self.shared, *self.private[1:]]
        self.random_state = tf.Variable([3, 0])

    def batch(self, labelled=None, step=0):
        known = tf.constant([True] * len(self.tasks) if labelled is None else labelled)

        def losses():
            values = 1.0 + tf.linalg.matvec(self.slopes, self.shared)
            own = [(k + 1.0) * weight for k, weight in enumerate(self.private)]
            return tf.where(known, values + tf.stack(own), 0.0)

        self.random_state.assign([3, step])
        return Batch(losses, known, tf.constant(step))


def step_of(objective, plane, labelled=None):
    """The losses and the gradients of a step, shared ones first."""
    if isinstance(objective, str):
        objective = OBJECTIVES[objective](plane)
        objective.initialise()
    batch = plane.batch(labelled)
    losses, (first, shared, *others) = objective.gradients(batch)
    objective.after_update(batch)
    assert all(np.isfinite(variable.numpy()).all() for variable in objective.variables)
    return losses.numpy(), shared.numpy(), np.array([first, *others])


@pytest.fixture
def uncompiled(monkeypatch):
    """Weights without XLA, which takes longer than all they are asked here; in runs it is there."""
    monkeypatch.setattr(GramianWeighting, "compiled", False)


def unit(vector):
    return vector / np.linalg.norm(vector)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("name", [name for name in EVERY if name != "alternating"])
def test_equal_tasks_make_a_step_in_the_direction_of_the_sum(name):
    plane = Plane([[1, 2, -1]] * 3)
    _, shared, _ = step_of(name, plane)
    np.testing.assert_allclose(unit(shared), unit(plane.slopes[0]), atol=1e-6)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("name", EVERY)
def test_one_task_is_trained_as_by_the_sum(name):
    plane = Plane([[1, 2, -1]])
    losses, shared, private = step_of(name, plane)
    assert losses == [1]
    np.testing.assert_array_equal(shared, plane.slopes[0])
    np.testing.assert_array_equal(private, [1])


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("name", EVERY)
def test_whatever_labels_a_batch_lacks_no_step_is_nan_and_none_moves_a_task_without(name):
    plane = Plane(np.random.default_rng(0).normal(size=(3, 5)))
    objective = OBJECTIVES[name](plane)  # one for all, so that it compiles once
    objective.initialise()
    for labelled in itertools.product([False, True], repeat=3):
        losses, shared, private = step_of(objective, plane, labelled)
        np.testing.assert_array_equal(losses, labelled)
        assert np.isfinite(shared).all() and np.isfinite(private).all()
        assert (private[~np.array(labelled)] == 0).all()
        weights = np.linalg.lstsq(plane.slopes.T, shared, rcond=None)[0]
        np.testing.assert_allclose(weights[~np.array(labelled)], 0, atol=1e-5)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("name", [name for name in EVERY if name not in ORDERED])
def test_the_order_of_the_tasks_makes_no_difference(name):
    slopes, ways = np.random.default_rng(1).normal(size=(3, 4)), []
    for order in ([0, 1, 2], [2, 0, 1]):
        plane = Plane(slopes[order])
        objective = OBJECTIVES[name](plane)
        objective.initialise()
        for step in range(3):
            batch = plane.batch(step=step)
            _, (_, shared, *_) = objective.gradients(batch)
            plane.shared.assign_sub(0.05 * shared)
            objective.after_update(batch)
        ways.append(plane.shared.numpy())
    assert np.abs(ways[0]).max() > 0.01
    np.testing.assert_allclose(*ways, rtol=1e-3, atol=1e-5)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("name", GRADIENT_METHODS)
def test_heads_have_their_own_gradient_at_weight_1(name):
    _, _, private = step_of(name, Plane([[1, 0, 0], [-1, 1, 0], [0, -1, 2]]))
    np.testing.assert_array_equal(private, [1, 2, 3])


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("name", GRADIENT_METHODS)
def test_a_network_that_shares_nothing_is_trained_as_by_the_sum(name):
    plane = Plane([[1, 0, 0], [-1, 1, 0], [0, -1, 2]])
    plane.shared_variables = []
    _, shared, private = step_of(name, plane)
    np.testing.assert_array_equal(shared, [0, 0, 2])
    np.testing.assert_array_equal(private, [1, 2, 3])


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("name", GRADIENT_METHODS)
def test_conflicts_are_reported_as_a_share_of_the_pairs_with_labels(name):
    plane = Plane([[1, 0, 0], [-1, 1, 0], [0, -1, 2]])  # a and b conflict, b and c too
    objective = OBJECTIVES[name](plane)
    objective.initialise()
    objective.gradients(plane.batch())
    objective.gradients(plane.batch([True, False, True], step=1))
    assert objective.report()["conflicts"] == pytest.approx(2 / 4)
    assert np.isnan(objective.report()["conflicts"])


# ---------------------------------------------------------------- the toy problem of two tasks


def toy_losses(x):
    """The two losses of PCGrad's and CAGrad's figures (appendix of Liu et al. 2021), `[2]`."""
    one, two = x[0], x[1]
    first = tf.math.log(tf.maximum(tf.abs(0.5 * (-one - 7) - tf.tanh(-two)), 5e-6)) + 6
    second = tf.math.log(tf.maximum(tf.abs(0.5 * (-one + 3) + tf.tanh(-two) + 2), 5e-6)) + 6
    upper = tf.clip_by_value(tf.tanh(0.5 * two), 0, 1)
    lower = tf.clip_by_value(tf.tanh(-0.5 * two), 0, 1)
    third = (tf.square(-one + 7) + 0.1 * tf.square(-two - 8)) / 10 - 20
    fourth = (tf.square(-one - 7) + 0.1 * tf.square(-two - 8)) / 10 - 20
    return tf.stack([first * upper + third * lower, second * upper + fourth * lower])


class Toy:
    """Two weights that two tasks share; losses are raised by 30, so that all are positive."""

    def __init__(self, start):
        self.tasks, self.weights = TASKS[:2], tf.Variable(np.float32(start))
        self.trainable_variables = self.shared_variables = [self.weights]
        self.random_state = tf.Variable([0, 0])


def descend(name, start, steps=30_000, rate=0.003):
    """The two losses after so many steps of Adam."""
    toy = Toy(start)
    objective = OBJECTIVES[name](toy)
    objective.initialise()

    def step(number, first, second):
        toy.random_state.assign(tf.stack([0, number]))
        known = tf.constant([True, True])
        batch = Batch(lambda: toy_losses(toy.weights) + 30, known, number)
        _, (gradient,) = objective.gradients(batch)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * tf.square(gradient)
        time = tf.cast(number + 1, tf.float32)
        mean, square = first / (1 - 0.9**time), second / (1 - 0.999**time)
        toy.weights.assign_sub(rate * mean / (tf.sqrt(square) + 1e-8))
        objective.after_update(batch)
        return number + 1, first, second

    @tf.function(autograph=False)
    def train():
        begin = [tf.constant(0), tf.zeros(2), tf.zeros(2)]
        tf.while_loop(lambda number, *_: number < steps, step, begin)

    train()
    return toy_losses(toy.weights).numpy()


@pytest.mark.slow
@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("start", [(9.0, 9.0), (-8.5, 7.5)])
def test_gradient_methods_leave_the_valley_in_which_the_plain_sum_is_stuck(start):
    """Two of the paper's three starts; from the third the sum comes down as well. CAGrad ends where
    the sum is least, PCGrad at another Pareto point."""
    assert (descend("sum", start) > 1).all()
    assert descend("cagrad", start) == pytest.approx([-15.1, -15.1], abs=0.3)
    ends = descend("pcgrad", start)
    assert (ends < -5).all() and abs(ends[0] - ends[1]) > 5


# ------------------------------------------------------------------------------------- in runs


@pytest.mark.parametrize("name", STATELESS)
def test_objectives_without_a_state_have_the_variables_of_cagrad(name):
    one, other = (OBJECTIVES[of](Plane([[1, 2, -1]] * 3)) for of in (name, "cagrad"))
    assert [v.shape for v in one.variables] == [v.shape for v in other.variables] == [(2, 4)]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WEIGHING if name not in STATELESS])
def test_a_killed_run_goes_on_with_the_same_bits(name, song_dataset, tmp_path):
    options = ("period=7",) if name == "dwa" else ()
    # Checkpoints lie between evaluations, so that half a report must be kept too.
    config = CONFIG.replace(objective=name, objective_options=options, num_epochs=6)
    config = config.replace(evaluate_every=3, batch_size=64)
    straight = Experiment(config, song_dataset, tmp_path / "straight", 0.0)
    straight.train()
    per_epoch = straight.trainer.batches.steps_per_epoch
    with pytest.raises(Stopping):
        Experiment(config, song_dataset, tmp_path / "killed", 0.0).train(stop_at(2 * per_epoch))
    resumed = Experiment(config, song_dataset, tmp_path / "killed", 0.0)
    resumed.train()
    assert bits(resumed.folder) == bits(straight.folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_batches_that_lack_labels_train_without_nan_and_weights_and_conflicts_are_logged_and_drawn(
    name, song_dataset, tmp_path
):
    settings = {"objective_options": ("steps=20",)} if name == "transfer" else {}
    settings |= {"objective": name, "batch_size": 2, "num_steps": 40}
    folder, _ = run(song_dataset, tmp_path, **settings)
    rows = history(folder)
    losses = [float(v) for row in rows for key, v in row.items() if "training_loss" in key]
    assert np.isfinite(losses).all()
    weights = [key for key in rows[0] if key.startswith("weight:")]
    assert len(weights) == (3 if name in WEIGHING else 0)
    assert ("conflicts" in rows[0]) == (name in GRADIENT_METHODS)
    assert all(np.isfinite(float(row[key])) for row in rows for key in weights)
    assert_logged(folder)
    if weights:
        panels = task_weights_figure(RunHistory.read(folder)).axes
        drawn = weights + ["conflicts"] * (name in GRADIENT_METHODS)
        lines = [line.get_ydata() for axes in panels for line in axes.get_lines()]
        np.testing.assert_array_equal(lines, [[float(row[key]) for row in rows] for key in drawn])


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["cross_stitch", "mmoe", "ple"])
def test_a_gradient_method_trains_a_network_of_soft_sharing(architecture, song_dataset, tmp_path):
    settings = {"architecture": architecture, "objective": "pcgrad", "num_steps": 40}
    rows = history(run(song_dataset, tmp_path, batch_size=2, **settings)[0])
    numbers = [float(v) for row in rows for k, v in row.items() if "loss" in k or k == "conflicts"]
    assert len(numbers) >= 4 * len(rows)
    assert np.isfinite(numbers).all()


@pytest.mark.slow
def test_a_run_of_one_task_has_the_bits_of_the_sum(song_dataset, tmp_path):
    found = {}
    for name in ("sum", "pcgrad", "famo"):
        config = CONFIG.replace(objective=name, tasks=("pop",), num_steps=20)
        experiment = Experiment(config, song_dataset, tmp_path / name)
        experiment.train()
        found[name] = [array.tobytes() for array in experiment.trainer.engine.weights()]
    assert found["pcgrad"] == found["sum"] and found["famo"] == found["sum"]


@pytest.mark.slow
def test_the_penalty_is_added_after_the_tasks_are_weighed(song_dataset, tmp_path):
    """Without a gradient (step 0 of zero heads) a shared kernel moves by the penalty alone."""
    moved = {}
    for name in ("sum", "mgda"):
        config = CONFIG.replace(objective=name, num_steps=1, evaluate_every=1, l2=0.1)
        config = config.replace(optimizer="momentum", warmup_steps=0)
        experiment = Experiment(config, song_dataset, tmp_path / name)
        kernel = experiment.trainer.engine.network.hidden[0].kernel
        before = kernel.numpy()
        experiment.train()
        moved[name] = kernel.numpy() - before
        expected = -config.learning_rate * 2 * config.l2 * before
        np.testing.assert_allclose(moved[name], expected, rtol=1e-3, atol=1e-7)
    np.testing.assert_array_equal(moved["mgda"], moved["sum"])


def test_every_objective_is_listed_in_their_readme():
    text = Path(objectives.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert [name for name in EVERY if f"| `{name}` |" not in text] == []
