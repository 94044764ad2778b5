"""One run over several devices or processes, by TensorFlow's own `tf.distribute`.

Every replica trains on its part of each batch and all gradients are summed, so a run learns what
it learns on one device, up to the rounding of sums in another order. Like the device, then, the
replicas are no part of a run's config: a run may be resumed with more or fewer of them, and
`record.json` says how many there were.
"""

import json
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np

from representation_music.utils.errors import InputError
from representation_music.utils.signals import SIGNALS

if TYPE_CHECKING:
    import tensorflow as tf

    from representation_music.models.layers import BatchPart

Distribution = Literal["none", "mirrored", "multi-worker"]


class WorkerLost(Exception):
    """Another process of the run is gone; what it trained since the last checkpoint is, too."""


@contextmanager
def distributed(distribution: Distribution) -> Iterator[None]:
    """Builds and trains what the block builds and trains on several replicas.

    Must begin before TensorFlow is used for anything else.

    Args:
        distribution: `none`; `mirrored`, all devices of this process; or `multi-worker`, the tasks
            of a Slurm job step or the processes that the environment's TF_CONFIG names.

    Raises:
        InputError: if there is one device only, or nothing that names the other processes.
        WorkerLost: if another process ends before the run does.
    """
    if distribution == "none":
        yield
        return
    import tensorflow as tf

    try:
        strategy = _mirrored() if distribution == "mirrored" else _multi_worker()
        with strategy.scope():
            yield
            any_worker(False)  # nobody leaves before the others, which would take it for a crash
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        raise WorkerLost(str(error).splitlines()[-1]) from error


def _mirrored() -> "tf.distribute.Strategy":
    import tensorflow as tf

    gpus, cpus = (tf.config.list_logical_devices(kind) for kind in ("GPU", "CPU"))
    devices = [device.name for device in gpus or cpus]
    if len(devices) < 2:
        raise InputError(
            "--distribute mirrored",
            f"{len(devices)} device ({', '.join(devices)})",
            "two GPUs or more",
            "CUDA_VISIBLE_DEVICES may hide some; leave the flag out to train on one.",
        )
    return tf.distribute.MirroredStrategy(devices)


def _multi_worker() -> "tf.distribute.Strategy":
    import tensorflow as tf

    if "TF_CONFIG" in os.environ:
        _check_tf_config()
        resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    elif "SLURM_STEP_NUM_TASKS" in os.environ:
        from representation_music.experiments.training.distribution.slurm_workers import (
            SlurmWorkers,
        )

        resolver = SlurmWorkers()
    else:
        raise InputError(
            "--distribute multi-worker",
            "neither a Slurm job step nor TF_CONFIG",
            "either",
            "Within a job, start it by srun: srun --ntasks=2 repmusic train ...",
        )
    try:
        with _signals_that_kill():
            return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    except tf.errors.UnknownError as error:
        address = resolver.cluster_spec().task_address("worker", resolver.task_id)
        raise InputError(
            "--distribute multi-worker",
            f"that this process cannot listen at {address} ({str(error).splitlines()[0]})",
            "a free port of this host",
        ) from error


@contextmanager
def _signals_that_kill() -> Iterator[None]:
    """Lets signals end the process: while TensorFlow waits for others, Python hears of none."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_tf_config() -> None:
    text = os.environ["TF_CONFIG"]
    try:
        content = json.loads(text)
        workers, task = content["cluster"]["worker"], content["task"]
        whole = task["type"] == "worker" and 0 <= task["index"] < len(workers)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise InputError(
            "TF_CONFIG",
            repr(text),
            'JSON such as {"cluster": {"worker": ["host:port", "host:port"]}, '
            '"task": {"type": "worker", "index": 0}}',
        )


def _workers() -> tuple[int, int]:
    """This process's number among the run's processes, and how many there are."""
    import tensorflow as tf

    strategy = tf.distribute.get_strategy()
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return 0, 1
    resolver = strategy.cluster_resolver
    return resolver.task_id, resolver.cluster_spec().num_tasks("worker")


def num_workers() -> int:
    """The processes that train the run together."""
    return _workers()[1]


def is_chief() -> bool:
    """Whether this process evaluates and writes for the run; the others only train along."""
    return _workers()[0] == 0


def num_replicas() -> int:
    """The devices, over all processes, that share each batch."""
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync


def any_worker(flag: bool) -> bool:
    """Whether it is so for any of the run's processes; all of them must ask, and wait for it."""
    return bool(_sum_over_workers(np.int32(flag)) > 0)


def from_chief(values: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The chief's arrays, in every process; all of them must ask, with arrays of its shapes."""
    if is_chief():
        for value in values:
            _sum_over_workers(value)
        return list(values)
    return [_sum_over_workers(np.zeros_like(value)) for value in values]


def _sum_over_workers(value: np.ndarray) -> np.ndarray:
    if num_workers() == 1:
        return value
    import tensorflow as tf

    strategy = tf.distribute.get_strategy()
    return strategy.reduce(tf.distribute.ReduceOp.SUM, tf.constant(value), axis=None).numpy()


def part_of_batch(batch: "tf.Tensor") -> "BatchPart | None":
    """The part of `batch` songs that this replica works on, or None if there is one replica.

    Parts differ by one song at most, and are empty where there are fewer songs than replicas.
    """
    import tensorflow as tf

    from representation_music.models.layers import BatchPart

    replica = tf.distribute.get_replica_context()
    parts = replica.num_replicas_in_sync
    if parts == 1:
        return None
    number = tf.cast(replica.replica_id_in_sync_group, tf.int32)
    return BatchPart(batch * number // parts, batch * (number + 1) // parts, batch)
