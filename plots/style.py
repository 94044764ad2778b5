"""The look that all figures share: colour-blind-safe, few lines, saved as PNG and SVG."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib

from representation_music.utils.files import atomic_path

#: Okabe and Ito's palette, told apart with every common colour blindness.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

SETTINGS = {
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "font.size": 9,
    "legend.frameon": False,
    # Text stays text, and the same figure gives the same file.
    "svg.fonttype": "none",
    "svg.hashsalt": "representation_music",
}


@contextmanager
def shared_style() -> Iterator[None]:
    """Figures made in this block have the shared look."""
    with matplotlib.rc_context(SETTINGS):
        yield


def save_figure(figure, stem: Path | str) -> list[Path]:
    """Saves a figure as `stem`.png and `stem`.svg, each whole or not at all; gives both paths."""
    stem = Path(stem)
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in ("png", "svg")]
    for path in paths:
        metadata = {"Date": None} if path.suffix == ".svg" else None
        with shared_style(), atomic_path(path) as temporary:
            figure.savefig(temporary, format=path.suffix[1:], dpi=150, metadata=metadata)
    return paths
