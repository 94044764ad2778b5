import pytest

from representation_music.plots.runs.history import RunHistory
from representation_music.plots.runs.mixing import (
    draw_mixing,
    mixing_curves_figure,
    mixing_figure,
)
from representation_music.utils.errors import InputError

MIXING = {
    "fc2": {"pop": {"pop 1": 0.875, "shared 1": 0.125}, "year": {"year 1": 0.9, "shared 1": 0.1}},
    "fc3": {"pop": {"pop 1": -0.5, "shared 1": 0.5}, "year": {"year 1": 0.2, "shared 1": 0.8}},
}
#: The same at three evaluations: equal weights, half way, and those.
COLUMNS = {
    f"mixing:{layer}:{reader}:{part}": [0.5, 0.25 + weight / 2, weight]
    for layer, readers in MIXING.items()
    for reader, parts in readers.items()
    for part, weight in parts.items()
}


@pytest.fixture
def run(write_run):
    return write_run("run-1", architecture="ple", columns=COLUMNS, record={"mixing": MIXING})


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


def test_every_weight_has_a_curve_over_the_steps_in_the_panel_of_its_reader_and_layer(run):
    panels = iter(mixing_curves_figure(RunHistory.read(run)).axes)
    drawn, colours = {}, {}
    for reader in ("pop", "year"):  # row by row
        for layer in ("fc2", "fc3"):
            axes = next(panels)
            *curves, best = axes.get_lines()
            assert list(best.get_xdata()) == [50, 50]
            for line in curves:
                drawn[f"mixing:{layer}:{reader}:{line.get_label()}"] = line.get_ydata().tolist()
                colours.setdefault(line.get_label(), set()).add(line.get_color())
                assert line.get_xdata().tolist() == [25, 50, 75]
    assert drawn == COLUMNS
    assert len(set.union(*colours.values())) == len(colours) == 3


def test_experts_of_one_colour_differ_in_marker_and_dashes(write_run):
    weights = {f"expert {n}": 1 / 8 for n in range(1, 9)}
    columns = {f"mixing:fc2:pop:{expert}": [1 / 8] * 3 for expert in weights}
    record = {"mixing": {"fc2": {"pop": weights}}}
    run = write_run("run-4", architecture="mmoe", columns=columns, record=record)
    first, *_, eighth, _ = mixing_curves_figure(RunHistory.read(run)).axes[0].get_lines()
    assert (eighth.get_label(), eighth.get_color()) == ("expert 8", first.get_color())
    assert first.get_marker() != eighth.get_marker()
    assert (first.get_linestyle(), eighth.get_linestyle()) == ("-", "--")


def test_a_reader_that_a_layer_lacks_has_no_panel_there(write_run):
    mixing = {"fc2": MIXING["fc2"] | {"all tasks": {"shared 1": 1.0}}, "fc3": MIXING["fc3"]}
    columns = COLUMNS | {"mixing:fc2:all tasks:shared 1": [1.0, 1.0, 1.0]}
    run = write_run("run-3", architecture="ple", columns=columns, record={"mixing": mixing})
    axes = mixing_curves_figure(RunHistory.read(run)).axes
    assert [each.get_visible() for each in axes] == [True] * 5 + [False]
    assert [each.get_xlabel() for each in axes] == [""] * 3 + ["training step"] * 2 + [""]


def test_the_figure_names_run_and_data_and_is_written_beside_the_run(run):
    figure = mixing_figure(RunHistory.read(run))
    assert figure.get_suptitle().startswith("run-1: PLE, 500 training songs, seed 0")
    assert "synthetic songs" in figure.get_supxlabel()
    curves = mixing_curves_figure(RunHistory.read(run))
    assert "run-1: PLE" in curves.legends[0].get_title().get_text()
    assert "synthetic songs" in curves.get_supxlabel()
    names = [path.name for path in draw_mixing(run)]
    assert names == [
        f"{name}.{kind}" for name in ("mixing", "mixing_curves") for kind in ("png", "svg")
    ]


def test_a_run_without_gates_is_refused(write_run):
    with pytest.raises(InputError, match="no mixing weights"):
        draw_mixing(write_run("run-2"))
