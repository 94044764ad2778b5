import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure

from representation_music.plots.drawing.style import SETTINGS, name_data, save_figure, shared_style
from representation_music.utils.errors import InputError


def test_the_style_ends_with_its_block():
    before = rcParams["axes.spines.top"]
    with shared_style():
        assert rcParams["axes.spines.top"] is SETTINGS["axes.spines.top"]
    assert rcParams["axes.spines.top"] is before


def test_a_figure_is_saved_in_every_kind_and_a_dot_in_its_name_stays(tmp_path):
    paths = save_figure(Figure(), tmp_path / "rate-0.5", ["png", "svg", "pdf"])
    starts = [path.read_bytes()[:5] for path in paths]
    assert [path.name for path in paths] == ["rate-0.5.png", "rate-0.5.svg", "rate-0.5.pdf"]
    assert starts == [b"\x89PNG\r", b"<?xml", b"%PDF-"]


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    def save(name):
        with shared_style():
            figure = Figure()
            figure.subplots().plot([1, 3, 2])
        return [path.read_bytes() for path in save_figure(figure, tmp_path / name, ["svg", "pdf"])]

    assert save("a") == save("b")


def test_data_are_named_once_each():
    figure = Figure()
    name_data(figure, ["a", "b", "a"])
    assert figure.get_supxlabel() == "Data: a; b"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        save_figure(Figure(), tmp_path / "file" / "figure")
