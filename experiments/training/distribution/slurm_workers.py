"""The tasks of a Slurm job step as TensorFlow's workers."""

import os
import zlib
from collections.abc import Mapping

import tensorflow as tf

from representation_music.utils.errors import InputError

#: Ports lie below those that Linux hands out by itself (from 32768), 16 a job step.
FIRST_PORT, PORTS_A_STEP, NUM_STEPS = 16384, 16, 1000


class SlurmWorkers(tf.distribute.cluster_resolver.SlurmClusterResolver):
    """TensorFlow's resolver, mended: the base class fails without GPUs, sorts nodes by name.

    Sorted by name, node 10 comes before node 2, while Slurm numbers tasks in its own order. The
    base class also renumbers the GPUs that Slurm has given to a task from 0; here they stay, and
    are shared out only among tasks that all see the same ones.

    Raises:
        InputError: if Slurm did not fill one node with tasks after the other.
    """

    def __init__(self):
        super().__init__(
            port_base=first_port(os.environ),
            gpus_per_node=0,
            gpus_per_task=0,
            auto_set_gpu=False,
        )
        self.task_type, self.task_id = "worker", self._rank
        self._addresses = addresses(self._task_configuration, self._port_base)
        node = os.environ.get("SLURMD_NODENAME", "")
        nodes = [name for name, tasks in self._task_configuration.items() for _ in range(tasks)]
        if node and node != nodes[self._rank]:
            raise InputError(
                "srun",
                f"task {self._rank} on node {node}",
                f"it on {nodes[self._rank]}",
                "Let Slurm fill one node after the other: srun --distribution=block.",
            )
        tasks_here = self._task_configuration[nodes[self._rank]]
        gpus = tf.config.list_physical_devices("GPU")
        self._gpus = own_gpus(gpus, tasks_here, os.environ)
        if len(self._gpus) < len(gpus):
            tf.config.set_visible_devices(self._gpus, "GPU")

    def cluster_spec(self) -> tf.train.ClusterSpec:
        """The address of each task, in Slurm's order."""
        return tf.train.ClusterSpec({"worker": self._addresses})

    def num_accelerators(self, *_, **__) -> dict[str, int]:
        """The GPUs that each task uses."""
        return {"GPU": len(self._gpus)}


def first_port(environment: Mapping[str, str]) -> int:
    """First port of a job step's tasks: steps that share a node should not share ports."""
    step = f"{environment.get('SLURM_JOB_ID')}.{environment.get('SLURM_STEP_ID')}"
    return FIRST_PORT + PORTS_A_STEP * (zlib.crc32(step.encode()) % NUM_STEPS)


def addresses(tasks_of_node: Mapping[str, int], port: int) -> list[str]:
    """`host:port` of each task, in Slurm's order; a single node is spoken to without the network.

    Args:
        tasks_of_node: Number of tasks of each node, in Slurm's order.
        port: The first task's port on each node.
    """
    alone = len(tasks_of_node) == 1
    return [
        f"{'localhost' if alone else node}:{port + number}"
        for node, tasks in tasks_of_node.items()
        for number in range(tasks)
    ]


def own_gpus(gpus: list, tasks_here: int, environment: Mapping[str, str]) -> list:
    """The GPUs, of those a task sees, that it uses.

    Args:
        gpus: What it sees: its own, if Slurm binds GPUs to tasks, else all of the job on this node.
        tasks_here: Tasks of the job step on this node.
        environment: SLURM_LOCALID numbers them from 0; SLURM_GPUS_PER_TASK says that Slurm binds.
    """
    if tasks_here == 1 or len(gpus) < 2 or "SLURM_GPUS_PER_TASK" in environment:
        return gpus
    share = len(gpus) // tasks_here
    if share == 0:
        raise InputError(
            "srun", f"{tasks_here} tasks and {len(gpus)} GPUs on a node", "a GPU a task, or more"
        )
    first = int(environment.get("SLURM_LOCALID", 0)) * share
    return gpus[first : first + share]
