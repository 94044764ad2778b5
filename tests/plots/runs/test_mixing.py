import json

import pytest

from representation_music.plots.runs.history import RunHistory
from representation_music.plots.runs.mixing import draw_mixing, mixing_figure
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json

MIXING = {
    "fc2": {"pop": {"pop 1": 0.875, "shared 1": 0.125}, "year": {"year 1": 0.9, "shared 1": 0.1}},
    "fc3": {"pop": {"pop 1": -0.5, "shared 1": 0.5}, "year": {"year 1": 0.2, "shared 1": 0.8}},
}


@pytest.fixture
def run(write_run):
    folder = write_run("run-1", architecture="ple")
    record = json.loads((folder / "record.json").read_text())
    write_json(folder / "record.json", (record | {"mixing": MIXING}))
    return folder


def test_every_weight_stands_where_its_task_and_what_it_reads_cross(run):
    first, second = mixing_figure(RunHistory.read(run)).axes
    for axes, layer in ((first, "fc2"), (second, "fc3")):
        assert axes.get_title(loc="left") == layer
        parts, readers = (
            [t.get_text() for t in ts] for ts in (axes.get_xticklabels(), axes.get_yticklabels())
        )
        shown = {}
        for text in axes.texts:
            column, row = text.get_position()
            shown.setdefault(readers[row], {})[parts[column]] = float(text.get_text())
        assert shown == MIXING[layer]


def test_the_figure_names_run_and_data_and_is_written_beside_the_run(run):
    figure = mixing_figure(RunHistory.read(run))
    assert figure.get_suptitle().startswith("run-1: PLE, 500 training songs, seed 0")
    assert "synthetic songs" in figure.get_supxlabel()
    assert [path.name for path in draw_mixing(run)] == ["mixing.png", "mixing.svg"]


def test_a_run_without_gates_is_refused(write_run):
    with pytest.raises(InputError, match="no mixing weights"):
        draw_mixing(write_run("run-2"))
