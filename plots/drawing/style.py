"""The look that all figures share: colour-blind-safe, few lines, saved as PNG and SVG."""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from representation_music.utils.console import visible
from representation_music.utils.files import atomic_path

#: Okabe and Ito's palette, told apart with every common colour blindness.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
#: What stands behind the data: the constant predictor, the name of the data.
GREY = "#666666"
#: Width of a figure on a printed page, in inches.
WIDTH = 7.0
#: Below so many inches a figure's panels stand below each other.
NARROW = 5.0
#: About how many letters of 8 points fit in an inch.
LETTERS_PER_INCH = 16
#: Letters of the longest name of a tick, and more than any line of an inch holds.
LONGEST_TICK, MOST_LETTERS_PER_INCH = 60, 24

SETTINGS = {
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "figure.constrained_layout.use": True,
    "font.size": 8,
    "legend.frameon": False,
    # A `$` in a label is a dollar.
    "text.parse_math": False,
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


def line_look(number: int) -> dict:
    """Colour, marker and dashes of a figure's line of this number: 49 look different."""
    # Lists of 7 each, the markers turned by one each round; every other round is dashed.
    turn = number // 7
    return {
        "color": COLOURS[number % 7],
        "marker": MARKERS[(number + turn) % 7],
        "linestyle": "-" if turn % 2 == 0 else "--",
    }


def name_data(figure, sources: Sequence[str]):
    """Writes below the figure what data it shows, such as `sample of real songs (10,244 songs)`.

    Returns:
        The text.
    """
    text = "Data: " + "; ".join(dict.fromkeys(sources))
    wrapped = wrap_to(figure.get_figwidth(), text)
    return figure.supxlabel(wrapped, x=0.01, ha="left", fontsize=8, color=GREY)


def wrap_to(inches: float, text: str, points: float = 8) -> str:
    """Breaks text into lines that fit so many inches in letters of so many points."""
    letters = max(8, int(inches * LETTERS_PER_INCH * 8 / points))
    # The minus of `1 - accuracy` ends no line.
    lines = textwrap.wrap(text.replace(" - ", "\xa0-\xa0"), letters, break_on_hyphens=False)
    return "\n".join(lines).replace("\xa0", " ")


def save_figure(figure, stem: Path | str, kinds: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Saves a figure as `stem`.png and `stem`.svg, each whole or not at all; gives their paths.

    `kinds` may also have `pdf`.
    """
    stem = Path(stem)
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in kinds]
    _show_names_verbatim(figure)
    with shared_style():
        figure.draw_without_rendering()  # the first layout does not know the tick labels
    for path in paths:
        metadata = NO_DATE.get(path.suffix)
        with shared_style(), atomic_path(path) as temporary:
            figure.savefig(temporary, format=path.suffix[1:], dpi=150, metadata=metadata)
        figure.set_layout_engine("none")  # what the first file has found, all have
    return paths


def shortened(text: str, letters: int) -> str:
    """Text whose lines have no more letters, and whose control characters are visible."""
    lines = visible(text).split("\n")
    return "\n".join(line if len(line) <= letters else f"{line[: letters - 1]}…" for line in lines)


def _show_names_verbatim(figure) -> None:
    """Makes every text of a figure one that every format can hold, whatever a label is called."""
    letters = int(figure.get_figwidth() * MOST_LETTERS_PER_INCH)
    for text in figure.findobj(Text):
        if (shown := shortened(text.get_text(), letters)) != text.get_text():
            text.set_text(shown)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            formatter = axis.get_major_formatter()
            if isinstance(formatter, FuncFormatter):  # what names ticks
                axis.set_major_formatter(_shortening(formatter.func))


def _shortening(name_of) -> FuncFormatter:
    return FuncFormatter(lambda value, place: shortened(name_of(value, place), LONGEST_TICK))
