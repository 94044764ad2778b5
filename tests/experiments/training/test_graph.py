"""What the graph of a training step is made of, whatever network and objective it trains."""

from collections.abc import Iterator

import pytest
import tensorflow as tf
from tensorflow.python.framework.kernels import get_registered_kernels_for_op

from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.training.engine import Engine
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.networks import NETWORKS
from representation_music.utils.tasks import Task

TASKS = (Task("yes or no", "binary"), Task("number", "regression"), Task("kind", "multiclass", 4))
CONFIG = DEFAULT.replace(
    tasks=tuple(task.name for task in TASKS), widths=(8, 8, 4, 4), batch_size=4, patience=0
)
#: Kernels that TensorFlow registers for every device, those of control flow, say so by DEFAULT.
ON_GPU = ("GPU", "DEFAULT")


def nodes(config) -> Iterator:
    """Every node of a training step's graph and of the functions that it calls."""
    engine = Engine(config, TASKS, 16)  # its functions hold it weakly
    graph = engine.train.get_concrete_function().graph.as_graph_def()
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def without_gpu_kernel(config) -> set[str]:
    """Operations for whose types no kernel is registered for a GPU."""
    return {
        f"{node.op} of {', '.join(sorted(types_of(node)))}"
        for node in nodes(config)
        if not any(
            kernel.device_type in ON_GPU and takes(kernel, node)
            for kernel in get_registered_kernels_for_op(node.op).kernel
        )
    }


def takes(kernel, node) -> bool:
    """Whether a kernel is one for the node's types."""
    return all(
        constraint.name not in node.attr
        or node.attr[constraint.name].type in constraint.allowed_values.list.type
        for constraint in kernel.constraint
    )


def types_of(node) -> set[str]:
    return {tf.dtypes.as_dtype(value.type).name for value in node.attr.values() if value.type}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS.names())
def test_every_operation_of_a_network_has_a_gpu_kernel(name):
    assert without_gpu_kernel(CONFIG.replace(architecture=name)) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTIVES.names())
def test_every_operation_of_an_objective_has_a_gpu_kernel(name):
    assert without_gpu_kernel(CONFIG.replace(objective=name)) == set()


def test_an_operation_without_a_gpu_kernel_is_found(monkeypatch):
    def shuffled(objective, batch):
        with tf.GradientTape() as tape:
            losses = batch.losses()
        gradients = tape.gradient(losses, objective.network.trainable_variables)
        return tf.random.shuffle(losses), gradients

    monkeypatch.setattr(OBJECTIVES["sum"], "gradients", shuffled)
    assert without_gpu_kernel(CONFIG) == {"RandomShuffle of float32"}
