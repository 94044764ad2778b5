"""`repmusic train --profile`: a TensorBoard trace of a few steps, and where a run's time goes.

Steps are done aside and undone: training starts from the state that it would have started from.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from representation_music.experiments.training.engine import bags_of_words
from representation_music.experiments.training.trainer import Trainer
from representation_music.utils.console import print_table, say

STEPS, REPEATS = 10, 7


class Profile(NamedTuple):
    """Where the time of a training step goes.

    Attributes:
        seconds: A step's processor time by part (of the clock on a GPU); of an evaluation what
            falls to one step.
        songs_per_second: Songs that training passes by the clock, evaluations included.
        trace: Folder of the TensorBoard trace.
    """

    seconds: dict[str, float]
    songs_per_second: float
    trace: str


def profile_steps(trainer: Trainer, score: Callable, run: Path) -> Profile:
    """Traces and times the next few steps of a run, and undoes them; `score` does one evaluation.

    Data and optimizer are timed in graphs that do nothing else; what a whole step takes longer is
    the forward and backward pass.
    """
    engine, folder, data = trainer.engine, str(run / "tensorboard"), trainer.data
    order, ends = trainer.batches.between(trainer.step, trainer.step + STEPS)
    zeros = [tf.zeros(variable.shape) for variable in engine.variables]

    @tf.function
    def assemble():
        total, begin = 0.0, tf.zeros([], tf.int64)
        for end in tf.constant(ends):
            bags = bags_of_words(data.songs, tf.constant(order)[begin:end], engine.num_words)
            total, begin = total + tf.reduce_sum(bags.values), end
        return total

    @tf.function
    def update():
        for _ in tf.range(STEPS):
            engine.apply_gradients(zeros, data.l2)

    def train():
        return trainer.train_batches(order, ends)

    before, scales = engine.state(), trainer.scales
    train()  # traces and compiles
    with tf.profiler.experimental.Profile(folder):
        train()
    every = trainer.budget.evaluation
    timed = {part: least_seconds(part) for part in (train, assemble, update, score)}
    engine.restore(before)
    trainer.scales = scales
    # Other programs disturb processor time little; what a GPU does, it does not see.
    of_clock = bool(tf.config.list_physical_devices("GPU"))
    step, data, optimizer = (timed[part][of_clock] / STEPS for part in (train, assemble, update))
    parts = {
        "data": data,
        "forward and backward": max(step - data - optimizer, 0.0),
        "optimizer": optimizer,
        f"evaluation, every {every} steps": timed[score][of_clock] / every,
    }
    clock = timed[train][1] / STEPS + timed[score][1] / every
    return Profile(parts, len(order) / STEPS / clock, folder)


def least_seconds(part: Callable) -> tuple[float, float]:
    """Least seconds of processor time and of the clock that `part` takes, once it is traced."""
    part()
    times = []
    for _ in range(REPEATS):
        processor, clock = time.process_time(), time.perf_counter()
        part()
        times.append((time.process_time() - processor, time.perf_counter() - clock))
    of_processor, of_clock = map(min, zip(*times, strict=True))
    return of_processor, of_clock


def print_profile(profile: Profile) -> None:
    """Prints a table of milliseconds and shares, and where the trace lies."""
    total = sum(profile.seconds.values())
    rows = [
        [part, f"{1e3 * value:.2f}", f"{100 * value / total:.0f} %"]
        for part, value in profile.seconds.items()
    ]
    print_table("Where the time of a training step goes", ["part", "ms", "share"], rows)
    say(f"{profile.songs_per_second:,.0f} songs/s. Trace: tensorboard --logdir {profile.trace}")
    say("(its Profile page needs `pip install tensorboard-plugin-profile`)")
