"""The tasks of a Slurm job step as TensorFlow's workers."""

import os
import re
import zlib
from collections.abc import Iterator, Mapping
from itertools import product

import tensorflow as tf

from representation_music.utils.errors import InputError

#: Ports lie below those that Linux hands out by itself (from 32768), 16 a job step.
FIRST_PORT, PORTS_A_STEP, NUM_STEPS = 16384, 16, 1000


class SlurmWorkers(tf.distribute.cluster_resolver.SlurmClusterResolver):
    """TensorFlow's resolver, mended: the base class fails without GPUs, sorts nodes by name.

    Nor can it read names with more than a number at their end, such as rack[1-2]n[01-16].

    Sorted by name, node 10 comes before node 2, while Slurm numbers tasks in its own order. The
    base class also renumbers the GPUs that Slurm has given to a task from 0; here they stay, and
    are shared out only among tasks that all see the same ones.

    Raises:
        InputError: if Slurm did not fill one node with tasks after the other, or for a list of
            nodes that cannot be read.
    """

    def __init__(self):
        super().__init__(
            port_base=first_port(os.environ), gpus_per_node=0, gpus_per_task=0, auto_set_gpu=False
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

    def _resolve_hostlist(self) -> list[str]:
        return host_names(os.environ["SLURM_STEP_NODELIST"])

    def cluster_spec(self) -> tf.train.ClusterSpec:
        """The address of each task, in Slurm's order."""
        return tf.train.ClusterSpec({"worker": self._addresses})

    def num_accelerators(self, *_, **__) -> dict[str, int]:
        """The GPUs that each task uses."""
        return {"GPU": len(self._gpus)}


def host_names(node_list: str) -> list[str]:
    """The nodes of a list as Slurm writes it, in its order: `n[08-10],rack[1-2]n5`.

    `scontrol show hostnames` would do, but prints nothing for a name that goes on behind a bracket.

    Raises:
        InputError: for a list that cannot be read.
    """
    item = r"(?:[^][,\s]|\[[0-9,-]+\])+"
    if not re.fullmatch(rf"{item}(?:,{item})*", node_list):
        raise _unreadable(node_list)
    names = []
    for pattern in re.findall(item, node_list):
        parts = re.split(r"\[([^]]+)\]", pattern)  # text and ranges in turn
        choices = [list(_numbers(p, node_list)) if n % 2 else [p] for n, p in enumerate(parts)]
        names += map("".join, product(*choices))
    return names


def _numbers(ranges: str, node_list: str) -> Iterator[str]:
    """`08-10,12` one by one, as wide as the first number of each range."""
    for span in ranges.split(","):
        first, dash, last = span.partition("-")
        last = last if dash else first
        if not (first.isdigit() and last.isdigit() and int(first) <= int(last)):
            raise _unreadable(node_list)
        for number in range(int(first), int(last) + 1):
            yield f"{number:0{len(first)}}"


def _unreadable(node_list: str) -> InputError:
    expected = "names such as n[08-10],rack[1-2]n5"
    advice = "Name the processes by TF_CONFIG instead."
    return InputError("SLURM_STEP_NODELIST", repr(node_list), expected, advice)


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
            "srun", f"{tasks_here} tasks and {len(gpus)} GPUs on a node", "a GPU per task or more"
        )
    first = int(environment.get("SLURM_LOCALID", 0)) * share
    return gpus[first : first + share]
