"""Where the milliseconds of a training step go, by timing ever larger parts of it on one thread.

A part's time is the difference between two graphs, one of which has the part and the other not.
Run: `python benchmarks/step_profile.py` (processor time, so other programs disturb it little).
"""

import json
import statistics
import time
from collections.abc import Callable

import tyro
from peers.problem import BATCH, Problem

from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
from representation_music.utils.console import print_table

STEPS = 20


def parts_of_a_step(peer) -> dict[str, Callable]:
    """Functions of a batch's rows and the step's number, each doing more than the one before."""
    import tensorflow as tf

    from representation_music.experiments.training.engine import bags_of_words
    from representation_music.models.losses import summed_task_losses

    engine, network = peer.engine, peer.engine.network
    zeros = [tf.zeros(variable.shape) for variable in engine.variables]

    def assemble(rows, _):
        return bags_of_words(peer.data.songs, rows, engine.num_words)

    def first_layer(rows, step):
        return network.hidden[0](assemble(rows, step))

    def first_layer_and_gradient(rows, step):
        with tf.GradientTape() as tape:
            # Squares make the gradient depend on the outputs, so that both are computed.
            squares = tf.reduce_sum(tf.square(first_layer(rows, step)))
        return tape.gradient(squares, network.hidden[0].kernel)

    def loss(rows, step):
        network.random_state.assign(tf.stack([0, step]))
        outputs = network(assemble(rows, step), training=True)
        return tf.reduce_sum(
            summed_task_losses(engine.tasks, outputs, tf.gather(peer.data.labels, rows))
        )

    def gradients(rows, step):
        with tf.GradientTape() as tape:
            value = loss(rows, step)
        return tape.gradient(value, engine.variables)

    def optimizer(_rows, _step):
        engine.apply_gradients(zeros, tf.zeros([]))
        return []

    return {
        "batch assembly": lambda rows, step: assemble(rows, step).values,
        "first layer": first_layer,
        "first layer and gradient": first_layer_and_gradient,
        "loss": loss,
        "gradients": gradients,
        "optimizer": optimizer,
    }


def looped(part: Callable, rows) -> Callable:
    """A graph that does `part` for every batch of `rows`; a number of each result keeps it all."""
    import tensorflow as tf

    @tf.function
    def loop():
        total = tf.zeros([])
        for step in tf.range(STEPS):
            for tensor in tf.nest.flatten(part(rows[step], step)):
                total += tf.reshape(tensor, [-1])[0]
        return total

    return loop


def profile(problem: Problem, pattern: str, repeats: int = 7) -> dict[str, float]:
    """Milliseconds of processor time a step, by part."""
    import tensorflow as tf
    from peers.ours import Ours

    peer = Ours(problem, pattern, threads=1)
    rows = tf.constant(peer.rng.permutation(problem.num_songs)[: STEPS * BATCH])
    rows = tf.reshape(rows, [STEPS, BATCH])
    graphs = {name: looped(part, rows) for name, part in parts_of_a_step(peer).items()}
    graphs["step"] = lambda: peer.train_in_order(rows.numpy().ravel())
    times = {name: [] for name in graphs}
    for graph in graphs.values():
        graph()
    for _ in range(repeats):
        for name, graph in graphs.items():
            began = time.process_time()
            graph()
            times[name].append((time.process_time() - began) / STEPS * 1e3)
    part = {name: statistics.median(values) for name, values in times.items()}
    first, both = part["first layer"], part["first layer and gradient"]
    return {
        "batch assembly": part["batch assembly"],
        "first layer, forward (sparse)": first - part["batch assembly"],
        "first layer, backward (sparse)": both - first,
        "other layers and loss, forward": part["loss"] - first,
        "other layers and loss, backward": part["gradients"] - part["loss"] - (both - first),
        "optimizer": part["optimizer"],
        "rest": part["step"] - part["gradients"] - part["optimizer"],
        "whole step": part["step"],
    }


def main(
    songs: int = 25_000, patterns: tuple[str, ...] = ("SSPP", "PPPP"), as_json: bool = False
) -> None:
    """Print the profile of low-level sharing and of no sharing.

    Args:
        songs: Songs of the training set.
        patterns: Sharing patterns.
        as_json: Whether to print JSON instead of a table.
    """
    from songs import problem_file

    configure_tensorflow(1)
    problem = Problem.load(problem_file(songs))
    profiles = [profile(problem, pattern) for pattern in patterns]
    if as_json:
        print(json.dumps(dict(zip(patterns, profiles, strict=True))))
        return
    rows = [[name, *(f"{p[name]:.1f}" for p in profiles)] for name in profiles[0]]
    print_table(f"ms a step of {BATCH} songs, one thread", ["part", *patterns], rows)


if __name__ == "__main__":
    tyro.cli(main)
