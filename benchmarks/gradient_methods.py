"""Steps with PCGrad against the plain sum, TorchJD's and LibMTL's; memory over the plain sum.

The default preset's network and batches, low-level sharing, 1,024 inputs, AdaGrad, no L2; one
thread each, in turns. What counts is processor time. Run with the extras `bench` and `peers`, and
LibMTL where it is installed: `python benchmarks/gradient_methods.py`; with none of them, for memory
alone, with `--memory-only`, and for what other networks' gradients take, with
`--gradients cross_stitch mmoe ple low_level_sharing`.
"""

import sys
import time
from importlib.util import find_spec
from itertools import product
from statistics import median

import numpy as np
import whole_runs
from measuring import median_and_spread, ratios, run_python
from peers.problem import Problem
from peers.turns import Entrant, compare
from songs import DATA, problem_file, repeated_file

from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
from representation_music.utils.command_line import run_command
from representation_music.utils.console import progress
from representation_music.utils.tasks import Task

BATCH, INPUTS, SONGS = 64, 1024, 4096
#: Training songs, at least, of 10,000: 85 %, artist by artist.
TRAINING_SONGS = 8_400
#: Calls of a graph per measurement of gradients.
CALLS = 4
#: Tasks, and how many times the plain sum's time is asked for at most, of ours TorchJD's at least.
BOUNDS = ((3, 1.5, 4.0), (10, 1.8, 6.0))
SUM, OURS, TORCHJD, LIBMTL = (
    Entrant(name, 1, 1, BATCH)
    for name in ("ours", "ours, PCGrad", "TorchJD, PCGrad", "LibMTL, PCGrad")
)


def small_problem(num_tasks: int):
    """The most frequent words of 4,096 synthetic songs; labels repeat where there are too few."""
    path = DATA / f"problem-{INPUTS}-inputs-{num_tasks}-tasks.npz"
    if not path.exists():
        of = Problem.load(problem_file(SONGS, 10_000))
        used = np.sort(np.argsort(-of.counts.count_nonzero(axis=0))[:INPUTS])
        labels = np.take(of.labels, range(num_tasks), axis=1, mode="wrap")
        counts = of.counts[:, used]
        Problem(counts, labels, of.mean[used], of.inverse_sd[used], of.source).save(path)
    return path


def memory_of(objective: str, num_tasks: int, num_songs: int) -> float:
    """GB at the peak of a process's short run on so many training songs, which repeat 10,000."""
    songs = repeated_file(-(-num_songs // TRAINING_SONGS))
    return run_python(whole_runs.__file__, num_songs, songs, objective, num_tasks).gigabytes


def gradients_of(architecture: str, num_tasks: int, rounds: int) -> list[list[float]]:
    """Processor seconds of a batch's gradients, by the plain sum and by PCGrad in turns.

    Gradients of the losses alone, of random bags of words: neither L2 nor an optimizer.
    """
    import tensorflow as tf

    from representation_music.experiments.training.objectives.objective import Batch
    from representation_music.experiments.training.objectives.objectives import OBJECTIVES
    from representation_music.models.losses import summed_task_losses
    from representation_music.models.network import NetworkConfig
    from representation_music.models.networks import network_of

    tasks = [Task(f"task {number}", "binary") for number in range(num_tasks)]
    network = network_of(architecture)(NetworkConfig(architecture=architecture), tasks, INPUTS)
    rng = np.random.default_rng(0)
    words = (rng.random((BATCH, INPUTS)) < 0.08).astype(np.float32)
    counts = tf.sparse.from_dense(words)
    labels = tf.constant(rng.integers(0, 2, (BATCH, num_tasks)).astype(np.float32))
    statistics = words.mean(axis=0), np.ones(INPUTS, np.float32)
    network.initialise(rng, *statistics, [np.zeros(1)] * num_tasks)

    def losses() -> tf.Tensor:
        outputs = network(counts, training=True)
        return summed_task_losses(tasks, outputs, labels) / BATCH

    batch = Batch(losses, tf.ones(num_tasks, tf.bool), tf.constant(0))
    ways = [OBJECTIVES[name](network) for name in ("sum", "pcgrad")]
    graphs = [tf.function(lambda way=way: way.gradients(batch), autograph=False) for way in ways]
    for graph in graphs:
        graph()
    seconds: list[list[float]] = [[] for _ in graphs]
    for _ in range(rounds):
        for graph, of_graph in zip(graphs, seconds, strict=True):
            began = time.process_time()
            for _ in range(CALLS):
                graph()
            of_graph.append((time.process_time() - began) / CALLS)
    return seconds


def benchmark(
    rounds: int = 7,
    steps: int = 64,
    memory_songs: int = 200_000,
    memory_only: bool = False,
    gradients: tuple[str, ...] = (),
    tasks: tuple[int, ...] = (3, 10),
) -> None:
    """Print each ratio beside what was asked for.

    Args:
        rounds, steps: Measurements, and steps of each.
        memory_songs: Training songs where memory is measured; 0: it is not.
        memory_only: Whether memory is all that is measured.
        gradients: Networks of which only gradients are timed, in this process; nothing else is
            measured then.
        tasks: With how many tasks their gradients are timed.
    """
    if gradients:
        configure_tensorflow(1)
    for num_tasks, network in product(tasks, gradients):
        plain, ours = gradients_of(network, num_tasks, rounds)
        middle, spread = median_and_spread(ratios(plain, ours))
        milliseconds = " | ".join(f"{1e3 * median(each):.1f}" for each in (plain, ours))
        print(f"| `{network}` | {num_tasks} | {milliseconds} | {middle} ({spread}) |", flush=True)
    if gradients:
        return
    entrants = [SUM, OURS, TORCHJD, *[LIBMTL] * bool(find_spec("LibMTL"))]
    rows = []
    for num_tasks, most_over_sum, least_over_peer in () if memory_only else BOUNDS:
        path = small_problem(num_tasks)
        with progress(f"{num_tasks} tasks", len(entrants) * rounds) as advance:
            times = compare(path, "SSPP", entrants, rounds, steps, advance)
        plain, ours, *theirs = (times[entrant].processor for entrant in entrants)
        rows.append((f"{num_tasks} tasks, over our plain sum", ratios(plain, ours), most_over_sum))
        for entrant, samples in zip(entrants[2:], theirs, strict=True):
            bound = least_over_peer if entrant is TORCHJD else None
            rows.append(
                (f"{num_tasks} tasks, {entrant.peer} over ours", ratios(ours, samples), bound)
            )
        milliseconds = (f"{e.peer} {1e3 * median(times[e].processor):.1f}" for e in entrants)
        print(f"{num_tasks} tasks, ms per step: {'; '.join(milliseconds)}")
    for name, samples, bound in rows:
        middle, spread = median_and_spread(samples)
        print(f"{name}: {middle} times ({spread})" + (f"; asked for: {bound:g}" if bound else ""))
    if memory_songs:
        plain, ours = (1e3 * memory_of(name, 10, memory_songs) for name in ("sum", "pcgrad"))
        print(
            f"10 tasks, {memory_songs:,} training songs, which repeat 10,000 synthetic ones: PCGrad"
        )
        print(f"{ours - plain:.0f} MB over the sum ({plain:,.0f} and {ours:,.0f}); asked for: 150")


if __name__ == "__main__":
    sys.exit(run_command(benchmark))
