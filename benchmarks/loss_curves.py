"""Proof that the peers do the same work: training losses of ours and Keras's `fit`, overlaid.

Both start from the same weights and see the same batches. Without dropout they agree to rounding,
which grows from epoch to epoch as between any two float32 programs; with dropout each drops units
of its own.
"""

import multiprocessing
from pathlib import Path

import numpy as np
from peers.contestant import make_peer
from peers.problem import Problem

NAMES = ("ours", "Keras fit")


def _train(queue, name: str, path: Path, dropout: bool, epochs: int) -> None:
    peer = make_peer(name, path, "SSPP", 0, dropout)
    rng = np.random.default_rng(1)
    num_songs = peer.problem.num_songs
    queue.put([peer.train_in_order(rng.permutation(num_songs))[0] for _ in range(epochs)])


def loss_curves(path: Path, epochs: int, advance) -> dict[str, list[float]]:
    """Mean loss of each epoch, by `peer` and `peer, dropout`."""
    context, curves = multiprocessing.get_context("spawn"), {}
    for dropout in (False, True):
        for name in NAMES:
            queue = context.Queue()
            child = context.Process(target=_train, args=(queue, name, path, dropout, epochs))
            child.start()
            curves[name + (", dropout" if dropout else "")] = queue.get(timeout=1800)
            child.join()
            advance()
    return curves


def differences(curves: dict[str, list[float]]) -> np.ndarray:
    """Relative difference of the losses of each epoch, without dropout."""
    ours, theirs = (np.array(curves[name]) for name in NAMES)
    return np.abs(ours - theirs) / theirs


def draw_loss_curves(curves: dict[str, list[float]], path: Path, stem: Path) -> None:
    """Draws both pairs of curves over epochs."""
    import matplotlib.pyplot as plt

    from representation_music.plots.drawing.style import (
        COLOURS,
        WIDTH,
        name_data,
        save_figure,
        shared_style,
    )

    problem = Problem.load(path)
    with shared_style():
        figure, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.2), sharey=True)
        titles = ("Without dropout", "With dropout 0.5, each drops its own units")
        for panel, title, ending in zip(panels, titles, ("", ", dropout"), strict=True):
            for name, colour, width, dash in zip(
                NAMES, COLOURS, (4.0, 1.5), ("-", "--"), strict=False
            ):
                losses = curves[name + ending]
                epochs = np.arange(1, len(losses) + 1)
                panel.plot(epochs, losses, dash, color=colour, linewidth=width, label=name)
            panel.set_title(title)
            panel.set_xlabel("epoch")
            panel.legend()
        panels[0].set_ylabel("training loss, sum of 3 tasks (nats)")
        name_data(figure, [f"{problem.source}, {problem.num_songs:,} of them"])
        save_figure(figure, stem)
        plt.close(figure)
