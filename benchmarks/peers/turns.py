"""Peers in processes of their own, measured in turns: A B A B ..."""

import importlib
import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from peers.problem import BATCH, Problem

PEERS = {
    "ours": ("ours", "Ours"),
    "ours, PCGrad": ("ours", "OursPCGrad"),
    "Keras fit": ("keras_fit", "KerasFit"),
    "PyTorch dense": ("torch_peers", "TorchDense"),
    "PyTorch dense, fused": ("torch_peers", "TorchDenseFused"),
    "PyTorch compiled": ("torch_peers", "TorchCompiled"),
    "PyTorch EmbeddingBag": ("torch_peers", "TorchEmbeddingBag"),
    "TorchJD, PCGrad": ("torch_peers", "TorchJDPCGrad"),
    "LibMTL, PCGrad": ("libmtl_pcgrad", "LibMTLPCGrad"),
    "scikit-learn MLP": ("sklearn_mlp", "SklearnMLP"),
}
IN_TENSORFLOW = ("ours", "ours, PCGrad", "Keras fit")
#: What is trained before the first measurement: traces, allocations, caches.
WARM_UP_STEPS = 6


class Entrant(NamedTuple):
    """A peer and its layout: `processes` side by side with `threads` each, songs a step."""

    peer: str
    processes: int
    threads: int
    batch: int = BATCH

    @property
    def label(self) -> str:
        """Name and layout in words."""
        layout = f"{self.processes} process{'es' * (self.processes > 1)}"
        return f"{self.peer}, {layout} x {self.threads} thread{'s' * (self.threads > 1)}"


class StepTimes(NamedTuple):
    """Seconds per step, one per round: of the clock (all processes' steps), of the processors."""

    wall: list[float]
    processor: list[float]


def make_peer(
    name: str, path: Path, pattern: str, threads: int, dropout: bool = True, batch: int = BATCH
):
    """Builds a peer in this process; its library is imported here only."""
    if name in IN_TENSORFLOW:
        from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

        configure_tensorflow(threads)
    module, cls = PEERS[name]
    peer = getattr(importlib.import_module(f"peers.{module}"), cls)
    return peer(Problem.load(path), pattern, threads, dropout, batch)


def _serve(connection, *arguments) -> None:
    peer = make_peer(*arguments)
    connection.send("ready")
    while order := connection.recv():
        cpu = time.process_time()
        peer.train(*order)
        connection.send(time.process_time() - cpu)


class Contestant:
    """The processes of an entrant, which build while others are started."""

    def __init__(self, entrant: Entrant, path: Path, pattern: str):
        context = multiprocessing.get_context("spawn")
        self.connections, self.children, self.batch = [], [], entrant.batch
        for _ in range(entrant.processes):
            ours, theirs = context.Pipe()
            arguments = (theirs, entrant.peer, path, pattern, entrant.threads, True, entrant.batch)
            child = context.Process(target=_serve, args=arguments, daemon=True)
            child.start()
            self.connections.append(ours)
            self.children.append(child)

    def __enter__(self) -> "Contestant":
        return self

    def __exit__(self, *_) -> None:
        for connection, child in zip(self.connections, self.children, strict=True):
            connection.send(None)
            child.join()

    def wait_until_ready(self) -> None:
        """Waits until all processes have built their networks."""
        for connection in self.connections:
            connection.recv()

    def measure(self, first: int, last: int) -> tuple[float, float]:
        """Trains all processes on songs `first` to `last` - 1.

        Returns:
            Seconds a step of the machine (wall clock over the steps of all processes), and
            processor seconds per step.
        """
        steps = len(self.children) * -(-(last - first) // self.batch)
        began = time.perf_counter()
        for connection in self.connections:
            connection.send((first, last))
        cpu = sum(connection.recv() for connection in self.connections)
        return (time.perf_counter() - began) / steps, cpu / steps


def compare(
    path: Path,
    pattern: str,
    entrants: Sequence[Entrant],
    rounds: int,
    steps: int,
    advance: Callable,
    each_round: Callable[[], None] = lambda: None,
) -> dict[Entrant, StepTimes]:
    """Measures entrants in turns on the same songs; every round takes other songs.

    Args:
        path, pattern: What is trained: the problem's file, and the sharing pattern.
        entrants: The peers.
        rounds, steps: Rounds, and steps of each measurement, of the first entrant's batches.
        advance: Called after each measurement.
        each_round: Called at the start of each round, for what else belongs to the moment.
    """
    batch = entrants[0].batch
    num_songs = Problem.load(path).num_songs
    songs = min(steps * batch, num_songs)
    slices = num_songs // songs
    # A smaller last batch is compiled apart, so the warm-up has one where the slices do.
    warm_up = songs if songs % batch else min(WARM_UP_STEPS, steps) * batch
    times = {entrant: StepTimes([], []) for entrant in entrants}
    with ExitStack() as stack:
        contestants = [stack.enter_context(Contestant(e, path, pattern)) for e in entrants]
        for contestant in contestants:
            contestant.wait_until_ready()
        for contestant in contestants:
            contestant.measure(0, warm_up)
        for turn in range(rounds):
            first = turn % slices * songs
            each_round()
            for of_entrant, contestant in zip(times.values(), contestants, strict=True):
                wall, processor = contestant.measure(first, first + songs)
                of_entrant.wall.append(wall)
                of_entrant.processor.append(processor)
                advance()
    return times
