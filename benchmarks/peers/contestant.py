"""A peer in processes of its own, so that peers can be measured in turns."""

import importlib
import multiprocessing
import time
from pathlib import Path

from peers.problem import BATCH, Problem

PEERS = {
    "ours": ("ours", "Ours"),
    "Keras fit": ("keras_fit", "KerasFit"),
    "PyTorch dense": ("torch_dense", "TorchDense"),
    "PyTorch dense, fused": ("torch_dense", "TorchDenseFused"),
    "PyTorch EmbeddingBag": ("torch_embedding_bag", "TorchEmbeddingBag"),
    "scikit-learn MLP": ("sklearn_mlp", "SklearnMLP"),
}
IN_TENSORFLOW = ("ours", "Keras fit")


def make_peer(name: str, path: Path, pattern: str, threads: int, dropout: bool = True):
    """Builds a peer in this process; its library is imported here only."""
    if name in IN_TENSORFLOW:
        from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

        configure_tensorflow(threads)
    module, cls = PEERS[name]
    return getattr(importlib.import_module(f"peers.{module}"), cls)(
        Problem.load(path), pattern, threads, dropout
    )


def _serve(connection, *arguments) -> None:
    peer = make_peer(*arguments)
    connection.send("ready")
    while order := connection.recv():
        cpu = time.process_time()
        peer.train(*order)
        connection.send(time.process_time() - cpu)


class Contestant:
    """One or two processes of a peer, side by side; they build while others are started.

    Args:
        name: The peer.
        path: The problem's file.
        pattern: The sharing pattern.
        processes, threads: Layout: that many processes with so many threads each.
    """

    def __init__(self, name: str, path: Path, pattern: str, processes: int, threads: int):
        self.processes = processes
        context = multiprocessing.get_context("spawn")
        self.connections, self.children = [], []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            child = context.Process(
                target=_serve, args=(theirs, name, path, pattern, threads), daemon=True
            )
            child.start()
            self.connections.append(ours)
            self.children.append(child)

    def wait_until_ready(self) -> None:
        """Waits until all processes have built their networks."""
        for connection in self.connections:
            connection.recv()

    def __enter__(self) -> "Contestant":
        return self

    def __exit__(self, *_) -> None:
        for connection, child in zip(self.connections, self.children, strict=True):
            connection.send(None)
            child.join()

    def measure(self, first: int, last: int) -> tuple[float, float]:
        """Trains all processes on songs `first` to `last` - 1.

        Returns:
            Seconds a step of the machine (wall clock over the steps of all processes), and
            processor seconds a step.
        """
        steps = self.processes * -(-(last - first) // BATCH)
        began = time.perf_counter()
        for connection in self.connections:
            connection.send((first, last))
        cpu = sum(connection.recv() for connection in self.connections)
        return (time.perf_counter() - began) / steps, cpu / steps
