"""The look that all figures share: colour-blind-safe, few lines, saved as PNG and SVG."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib

from representation_music.utils.files import atomic_path

#: Okabe and Ito's palette, told apart with every common colour blindness.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
#: What stands behind the data: the constant predictor, the name of the data.
GREY = "#666666"
#: Width of a figure, in inches.
WIDTH = 8.0

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
    "pdf.fonttype": 42,
}
NO_DATE = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


@contextmanager
def shared_style() -> Iterator[None]:
    """Figures made in this block have the shared look."""
    with matplotlib.rc_context(SETTINGS):
        yield


def name_data(figure, sources: Sequence[str]) -> None:
    """Writes below the figure what data it shows, such as `sample of real songs (10,244 songs)`."""
    text = "Data: " + "; ".join(dict.fromkeys(sources))
    figure.supxlabel(text, x=0.01, ha="left", fontsize=8, color=GREY)


def save_figure(figure, stem: Path | str, kinds: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Saves a figure as `stem`.png and `stem`.svg, each whole or not at all; gives their paths.

    `kinds` may also have `pdf`.
    """
    stem = Path(stem)
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in kinds]
    with shared_style():
        figure.draw_without_rendering()  # the first layout does not know the tick labels
    for path in paths:
        metadata = NO_DATE.get(path.suffix)
        with shared_style(), atomic_path(path) as temporary:
            figure.savefig(temporary, format=path.suffix[1:], dpi=150, metadata=metadata)
    return paths
