"""Our weights beside those of TorchJD (`pip install -e '.[peers]'`), on hundreds of Gramians."""

from functools import cache

import numpy as np
import pytest
import tensorflow as tf
from reference_network import EVERY_KIND, NUM_WORDS, WIDTHS, random_counts, randomize, sparse

from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.dnn import DNN
from representation_music.models.losses import summed_task_losses
from representation_music.models.network import NetworkConfig
from representation_music.utils.tasks import Task

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch", reason="the extra `peers` is not installed")
peers = pytest.importorskip("torchjd.aggregation", reason="the extra `peers` is not installed")

SIZES = (2, 3, 5, 8)
NUMBER = 60  # per size


class Stub:
    def __init__(self, tasks):
        self.tasks = [Task(f"task{n}", "binary") for n in range(tasks)]
        self.random_state = tf.Variable([3, 0])


def method(name, tasks, options=()):
    objective = OBJECTIVES[name](Stub(tasks), options)
    objective.initialise()
    return objective


def jacobians(tasks):
    """Random gradients `[tasks, 12]` of lengths from .3 to 3, with and without a common part.

    Of three tasks, the gradients of our own networks as well.
    """
    if tasks == 3:
        yield from our_own()
    rng = np.random.default_rng(tasks)
    for _ in range(NUMBER):
        common = rng.normal(0, rng.choice([0, 1]), 12)
        yield (rng.normal(size=(tasks, 12)) + common) * 10 ** rng.uniform(-0.5, 0.5, (tasks, 1))


@cache
def our_own():
    """Gradients `[3, weights]` of the shared weights of networks of every kind of pattern."""
    found, rng = [], np.random.default_rng(6)
    for pattern in ("SSPP", "SSSS", "PSSS", "SPSP"):
        config = NetworkConfig(architecture=pattern, widths=WIDTHS)
        network = DNN(config, EVERY_KIND, NUM_WORDS)
        randomize(network, rng)
        counts = sparse(random_counts(12, rng), "float32")
        labels = np.float32([rng.normal(size=12), rng.integers(0, 2, 12), [1, 3] * 6]).T
        with tf.GradientTape(persistent=True) as tape:
            outputs = network(counts, training=True)
            losses = tf.unstack(summed_task_losses(EVERY_KIND, outputs, tf.constant(labels)))
        of_tasks = [tape.gradient(loss, network.shared_variables) for loss in losses]
        rows = [np.concatenate([np.ravel(each) for each in of_task]) for of_task in of_tasks]
        rows = np.array(rows, dtype=float)
        # Lengths as of the random ones: the peer's problems are regularised by a fixed amount.
        found.append(rows / np.linalg.norm(rows, axis=1, keepdims=True) * [[1], [0.5], [2]])
    return found


def pairs(name, peer, tasks, options=()):
    """Of every Jacobian: itself, our weights and the peer's, as sums over tasks and not means."""
    ours = method(name, tasks, options)
    for gradients in jacobians(tasks):
        gramian = gradients @ gradients.T
        found = ours.weigh(tf.constant(gramian), tf.constant([True] * tasks)).numpy()
        yield gradients, found, tasks * peer(torch.tensor(gramian)).numpy()


@pytest.mark.parametrize("tasks", SIZES)
@pytest.mark.parametrize(
    ("name", "peer", "tolerance"),
    [
        ("imtl_g", "IMTLGWeighting", 1e-4),
        ("aligned_mtl", "AlignedMTLWeighting", 1e-5),
    ],
)
def test_weights_are_those_of_torchjd(name, peer, tolerance, tasks):
    for _, ours, theirs in pairs(name, getattr(peers, peer)(), tasks):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * tasks)


@pytest.mark.parametrize("tasks", SIZES)
def test_upgrad_has_the_weights_of_torchjd(tasks):
    projector = pytest.importorskip("torchjd.linalg").QuadprogProjector(reg_eps=1e-9)
    for _, ours, theirs in pairs("upgrad", peers.UPGradWeighting(projector=projector), tasks):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * tasks)


@pytest.mark.parametrize("tasks", SIZES)
@pytest.mark.parametrize("c", [0.4, 0.8])
def test_cagrad_makes_the_step_of_torchjd(tasks, c):
    for gradients, ours, theirs in pairs("cagrad", peers.CAGradWeighting(c), tasks, [f"c={c}"]):
        difference = np.linalg.norm((ours - theirs) @ gradients)
        assert difference < 2e-3 * np.linalg.norm(theirs @ gradients)


@pytest.mark.parametrize("tasks", SIZES)
def test_mgda_comes_as_near_to_0_as_torchjd_or_nearer(tasks):
    peer = peers.MGDAWeighting(epsilon=1e-4, max_iters=2000)
    for gradients, ours, theirs in pairs("mgda", peer, tasks):
        near, other = (np.linalg.norm(weights @ gradients) for weights in (ours, theirs))
        size = np.linalg.norm(gradients)
        assert near <= other + 1e-6 * size
        assert other - near < 0.02 * size  # the peer stops before it is there


@pytest.mark.parametrize("tasks", SIZES)
@pytest.mark.parametrize("name", ["pcgrad", "gradvac"])
def test_surgery_in_the_same_random_order_is_that_of_torchjd(name, tasks, monkeypatch):
    options = ["beta=0.3"] if name == "gradvac" else []
    ours = method(name, tasks, options)
    peer = peers.GradVacWeighting(beta=0.3) if options else peers.PCGradWeighting()
    rng, state = np.random.default_rng(0), np.zeros((tasks, tasks), np.float32)
    for gradients in jacobians(tasks):
        gramian = gradients @ gradients.T
        orders = rng.permuted(np.tile(np.arange(tasks), (tasks, 1)), axis=1).astype(np.int32)
        rows = iter(enumerate(orders))

        def drawn(length, rows=rows):
            task, order = next(rows)
            if length < tasks:  # places among the others
                order = [other - (other > task) for other in order if other != task]
            return torch.tensor(np.array(order))

        monkeypatch.setattr(torch, "randperm", drawn)
        theirs = peer(torch.tensor(gramian)).numpy()
        memory = [state] if options else []
        found = ours.weights(tf.constant(gramian), np.ones(tasks, bool), orders, *memory)
        if options:
            found, state = found
        np.testing.assert_allclose(found, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("tasks", SIZES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_nash_mtl_has_the_direction_of_torchjd(tasks):
    ours, compared = method("nash_mtl", tasks), 0
    for gradients in list(jacobians(tasks))[:20]:
        gramian = gradients @ gradients.T
        peer = peers.NashMTL(n_tasks=tasks, max_norm=0.0, optim_niter=100)
        theirs = peer(torch.tensor(gradients)).numpy()
        weights = ours.weigh(tf.constant(gramian), tf.constant([True] * tasks)).numpy()
        step = weights @ gradients
        # The peer's convex problems do not always get there: at the solution |step|^2 = K.
        if abs(np.linalg.norm(theirs) ** 2 / tasks - 1) < 1e-2:
            directions = [vector / np.linalg.norm(vector) for vector in (step, theirs)]
            np.testing.assert_allclose(*directions, atol=2e-3)
            compared += 1
    assert compared >= 15
