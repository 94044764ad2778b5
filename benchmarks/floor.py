"""The least time that a training step can take here: its arithmetic and its memory traffic.

    floor = F / R + B / W

- F, floating-point operations of the matrix products. Above the first layer three products a
  layer and stream (forward, gradient of its input, gradient of its kernel), each
  2 x batch x in x units; in the first layer two, each 2 x units for each entry of the bags of
  words that word dropout leaves, and of the mean row.
- R, the rate of the float32 matrix product, 1,024 x 1,024, in operations a second: numpy's or
  TensorFlow's, whichever is faster here.
- B, bytes between memory and cores. A step reads a weight once in the forward pass, writes its
  gradient once, and AdaGrad reads gradient, weight and accumulator and writes the last two:
  7 passes of 4 bytes; weights above the first layer are read once more, for their input's gradient.
- W, the rate of `numpy.add` on three arrays that no cache holds, counting two read, one written;
  where a network's weights fit in a cache, on three arrays of their size.

R and W are those of as many processes side by side as the machine has cores to measure, so that
the floor is that of the whole machine. Arithmetic and traffic are taken to not overlap, as hardly
any do: the products work on what lies in the caches, the updates on what does not.
"""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from peers.problem import WIDTHS, Problem

MATRIX = 1024
ARRAY = 25_000_000
#: For which each rate is measured.
SECONDS = 0.5


@dataclass(frozen=True)
class Machine:
    """Measured rates: `operations` of float32 products and `bytes`, each a second."""

    operations: float
    bytes: float


def _measure(barrier, queue, array: int, clock: Callable[[], float]) -> None:
    from threadpoolctl import threadpool_limits

    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    threadpool_limits(1)
    configure_tensorflow(1)
    import tensorflow as tf

    left = np.random.default_rng(0).random((MATRIX, MATRIX), np.float32)
    product = np.empty_like(left)
    first, second, third = (np.ones(array, np.float32) for _ in range(3))

    def rate(work, amount: float) -> float:
        work()
        barrier.wait()
        began, times = clock(), 0
        while clock() - began < SECONDS:
            work()
            times += 1
        return times * amount / (clock() - began)

    tensor = tf.constant(left)
    operations = [
        rate(lambda: np.matmul(left, left, out=product), 2 * MATRIX**3),
        rate(lambda: tf.matmul(tensor, tensor), 2 * MATRIX**3),
    ]
    queue.put((*operations, rate(lambda: np.add(first, second, out=third), 12 * array)))


def measure_machine(
    processes: int, array: int = ARRAY, clock: Callable[[], float] = time.perf_counter
) -> Machine:
    """Rates of so many one-thread processes together, that of memory on arrays of a length.

    By `time.process_time` they are those of processor time, which a busy machine stretches less.
    """
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(processes), context.Queue()
    arguments = (barrier, queue, array, clock)
    children = [context.Process(target=_measure, args=arguments) for _ in range(processes)]
    for child in children:
        child.start()
    by_numpy, by_tensorflow, memory = np.sum([queue.get(timeout=600) for _ in children], axis=0)
    for child in children:
        child.join()
    return Machine(float(max(by_numpy, by_tensorflow)), float(memory))


def step_floor(problem: Problem, pattern: str, machine: Machine) -> float:
    """Seconds a step that this network needs at least; formula above."""
    num_tasks = problem.num_tasks
    copies = [1 if letter == "S" else num_tasks for letter in pattern]
    batch = problem.regime.batch
    words = (1 - problem.regime.word_dropout) * problem.counts.nnz / problem.num_songs
    entries = batch * words + problem.num_inputs
    operations = 2 * 2 * entries * copies[0] * WIDTHS[0]
    weights = copies[0] * problem.num_inputs * WIDTHS[0]
    passes = 7 * weights
    streams = copies[0]
    for inputs, units, copy in zip(WIDTHS, WIDTHS[1:], copies[1:], strict=False):
        streams = max(streams, copy)
        operations += 3 * 2 * batch * streams * inputs * units
        passes += 8 * copy * inputs * units
    return operations / machine.operations + 4 * passes / machine.bytes


def step_weights(problem: Problem, pattern: str) -> int:
    """How many weights the hidden layers of this network have."""
    copies = [1 if letter == "S" else problem.num_tasks for letter in pattern]
    shapes = zip(copies, (problem.num_inputs, *WIDTHS), WIDTHS, strict=False)
    return sum(n * inputs * units for n, inputs, units in shapes)
