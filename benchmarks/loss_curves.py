"""Proof that the peers do the same work: training losses of ours and Keras's `fit`, overlaid.

Both start from the same weights and see the same batches. Without dropout they agree to rounding,
which grows from epoch to epoch as between any two float32 programs; with dropout each drops units
of its own.
"""

import multiprocessing
from pathlib import Path

import numpy as np
from peers.problem import Problem
from peers.turns import make_peer

NAMES = ("ours", "Keras fit")


def _train(name: str, path: Path, dropout: bool, epochs: int) -> list[float]:
    peer = make_peer(name, path, "SSPP", 0, dropout)
    rng = np.random.default_rng(1)
    num_songs = peer.problem.num_songs
    return [peer.train_in_order(rng.permutation(num_songs))[0] for _ in range(epochs)]


def loss_curves(path: Path, epochs: int, advance) -> dict[str, list[float]]:
    """Mean loss of each epoch, by `peer` and `peer, dropout`."""
    curves = {}
    for ending in ("", ", dropout"):
        for name in NAMES:
            with multiprocessing.get_context("spawn").Pool(1) as process:
                curves[name + ending] = process.apply(_train, (name, path, bool(ending), epochs))
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
    looks = dict(zip(NAMES, ((COLOURS[0], 4.0, "-"), (COLOURS[1], 1.5, "--")), strict=True))
    titles = {"": "Without dropout", ", dropout": "With dropout 0.5, each drops its own units"}
    with shared_style():
        figure, panels = plt.subplots(1, 2, figsize=(WIDTH, 3.2), sharey=True)
        for panel, (ending, title) in zip(panels, titles.items(), strict=True):
            for name, (colour, width, dash) in looks.items():
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
