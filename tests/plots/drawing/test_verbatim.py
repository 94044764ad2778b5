import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib.figure import Figure

from representation_music.plots.drawing.style import LONGEST_TICK, save_figure, shared_style

ODD = ("A$AP", "$\\frac{$", "$x$", "_hidden", "* best", "@home", "a]b", "<b>&amp;", "\\alpha", "日")


def texts_of(svg) -> set[str]:
    return {"".join(element.itertext()) for element in ElementTree.parse(svg).iter()}


def drawn(name, stem):
    """Saves a figure that has a name in every place where one can stand; gives the SVG's texts."""
    with shared_style():
        figure = Figure(figsize=(6, 4))
        axes = figure.subplots()
        (line,) = axes.plot([0, 1], [0, 1])
        axes.set_xticks([0, 1], [f"tick {name}", "other"])
        axes.set_yticks([0.5], [f"row {name}"])
        axes.set(title=f"title {name}", xlabel=f"axis {name}")
        axes.annotate(f"note {name}", (0.5, 0.5))
        figure.legend([line], [f"entry {name}"], title=f"legend {name}", loc="outside upper left")
        figure.suptitle(f"above {name}")
        png, svg = save_figure(figure, stem)
    assert png.read_bytes().startswith(b"\x89PNG")
    return texts_of(svg)


pytestmark = pytest.mark.filterwarnings("ignore:Glyph", "ignore:constrained_layout")


@pytest.mark.parametrize("name", ODD)
def test_names_are_drawn_letter_by_letter_wherever_they_stand(name, tmp_path):
    texts = drawn(name, tmp_path / "figure")
    for place in ("tick", "row", "title", "axis", "note", "entry", "legend", "above"):
        assert f"{place} {name}" in texts


def test_control_characters_are_drawn_as_escapes(tmp_path):
    assert {"tick a\\x00\\x1bb", "title a\\x00\\x1bb"} <= drawn("a\x00\x1bb", tmp_path / "figure")


def test_an_endless_name_leaves_room_for_the_panel(tmp_path):
    texts = drawn("x" * 5000, tmp_path / "figure")
    ticks = [text for text in texts if text.startswith("row x")]
    assert [len(text) for text in ticks] == [LONGEST_TICK] and ticks[0].endswith("…")
