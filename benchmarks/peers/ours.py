"""This project's engine: sparse from file to gradient, the loop over steps inside the graph."""

import numpy as np
import tensorflow as tf

from peers.peer import Peer
from peers.problem import DROPOUT, LEARNING_RATE
from representation_music.experiments.runs.config import PAPER
from representation_music.experiments.training.engine import Engine, SongTensors, TrainingData
from representation_music.experiments.training.inputs import INPUT_STEP
from representation_music.utils.tasks import Task


class Ours(Peer):
    """The engine that runs of the product use, fed with the peers' songs and weights."""

    objective = "sum"

    def build(self, threads: int) -> None:
        """Builds the engine as an experiment does, inputs filled up to a multiple."""
        problem, num_tasks, regime = self.problem, self.problem.num_tasks, self.problem.regime
        config = PAPER.replace(
            architecture=self.pattern,
            objective=self.objective,
            dropout=DROPOUT if self.dropout else (0.0,) * 4,
            word_dropout=regime.word_dropout,
            l2=regime.l2,
            learning_rate=LEARNING_RATE,
        )
        tasks = [Task(f"task {number}", "binary") for number in range(num_tasks)]
        padding = -problem.num_inputs % INPUT_STEP
        self.engine = Engine(config, tasks, problem.num_inputs + padding)
        statistics = [np.pad(s, (0, padding)) for s in (problem.mean, problem.inverse_sd)]
        self.engine.reset(config, *statistics, [np.zeros(1)] * num_tasks)
        hidden, heads = problem.initial_weights(self.pattern)
        first, *others = self.engine.network.hidden
        first.kernel.assign(np.pad(np.hstack(hidden[0]), ((0, padding), (0, 0))))
        for layer, kernels in zip(others, hidden[1:], strict=True):
            layer.kernel.assign(np.stack(kernels))
        for head, kernel in zip(self.engine.network.heads, heads, strict=True):
            head.kernel.assign(kernel)
        self.data = TrainingData(
            songs=SongTensors.from_csr(problem.counts),
            labels=tf.constant(problem.labels),
            loss_factors=tf.ones(num_tasks),
            seed=tf.constant(0),
            l2=tf.constant(regime.l2, tf.float32),
        )
        self.step = 0

    def train_in_order(self, order: np.ndarray) -> list[float]:
        """All steps in one call; the engine tells only the mean of the losses."""
        ends = np.minimum(np.arange(self.batch, len(order) + self.batch, self.batch), len(order))
        losses = self.engine.train(
            self.data, tf.constant(order), tf.constant(ends), tf.constant(self.step)
        ).numpy()
        self.step += len(ends)
        return [float(losses.sum())]


class OursPCGrad(Ours):
    """The same with gradient surgery."""

    objective = "pcgrad"
