import pytest
from made_up_study import make_results

from representation_music.plots.studies.forest import forest_figure


def points(axes):
    lines = [line for line in axes.get_lines() if line.get_marker() == "o"]
    return [(line.get_xdata()[0], line.get_ydata()[0]) for line in lines]


def names(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_rows_are_named_by_what_differs_and_the_title_by_what_does_not():
    factors = [
        {"stopped by": metric, "architecture": "low_level_sharing", "songs": 1000}
        for metric in ("auc", "log_loss")
    ]
    figure = forest_figure(make_results(factors, "stopping"))
    assert names(figure.axes[0]) == ["stopped by AUC", "stopped by log loss"]
    assert figure.legends[0].get_title().get_text() == (
        "stopping: gain in AUC of pop on test songs, low-level, 1,000 songs"
    )
    for place, axes in enumerate(figure.axes):
        assert points(axes) == [
            (pytest.approx(0.01 + 0.01 * place), 0),
            (pytest.approx(0.02 + 0.01 * place), 1),
        ]


def test_a_single_cell_and_an_unknown_rival_have_a_row_and_a_look():
    factors = [{"architecture": "SPSP", "coupling": "loose", "songs": 1000}]
    (axes,) = forest_figure(make_results(factors, "output_scaling", ("raw labels",))).axes
    assert names(axes) == ["SPSP, loose, 1,000 songs"]
    assert axes.get_title(loc="left") == "against\nraw labels"
    assert points(axes) == [(pytest.approx(0.01), 0)]


def test_cells_of_other_rivals_stand_in_a_block_of_their_own_and_say_whether_they_pass():
    results = make_results([{"control": "related", "correlation": 0.9, "songs": 250}], "controls")
    null = make_results([{"control": "null", "meeting": n} for n in (1, 2)], rivals=("itself",))
    results["cells"] += null["cells"]
    for cell, passes in zip(results["cells"], (True, False, True), strict=True):
        cell["passes"] = passes
    figure = forest_figure(results)
    *related, meetings = figure.axes
    assert len(related) == 3
    assert [text.get_text() for text in related[-1].texts] == ["▲ benefit: PASS"]
    assert names(meetings) == ["meeting 1", "meeting 2"]
    assert [text.get_text() for text in meetings.texts] == [
        "▲ benefit: FAIL",
        "? no evidence: PASS",
    ]
    assert meetings.get_title(loc="left") == "null\nagainst\nitself"


def test_a_row_is_a_method_and_its_task_set_and_songs_a_block():
    factors = [
        {"method": method, "coupling": coupling, "songs": 250, "auxiliary songs": 5000}
        for coupling in ("tight", "loose")
        for method in ("high_level_sharing", "ple", "aligned_mtl")
    ]
    figure = forest_figure(make_results(factors, "methods", ("single task", "plain sum")))
    assert len(figure.axes) == 4
    for block, coupling in enumerate(("tight", "loose")):
        over_single, over_sum = figure.axes[2 * block : 2 * block + 2]
        assert names(over_single) == ["high-level", "PLE", "Aligned-MTL"]
        title = over_single.get_title(loc="left").replace("\n", " ")
        assert title.startswith(f"{coupling}, 250 songs, 5,000 auxiliary songs against")
        expected = [(pytest.approx(0.01 * (3 * block + row + 2)), row) for row in range(3)]
        assert points(over_sum) == expected
        assert over_sum.get_title(loc="left").endswith("against\nplain sum")


def test_the_margin_within_which_no_difference_is_material_is_a_band():
    figure = forest_figure(make_results([{"songs": 1}, {"songs": 2}]))
    left, right = (
        figure.axes[0]
        .patches[0]
        .get_extents()
        .transformed(figure.axes[0].transData.inverted())
        .intervalx
    )
    assert (left, right) == (pytest.approx(-0.02), pytest.approx(0.02))
    no_margin = forest_figure(make_results([{"songs": 1}]), "error")
    assert not no_margin.axes[0].patches


@pytest.mark.parametrize("width", [7.0, 3.3])
def test_long_names_stay_within_the_figure(width):
    name = "a study's factor with a very long name indeed, such as nobody would write"
    factors = [{"control": f"{name} {number}", "songs": number} for number in (1, 2)]
    figure = forest_figure(make_results(factors), width=width)
    figure.draw_without_rendering()
    box = figure.get_tightbbox()
    assert box.x0 >= 0 and box.x1 <= width
    assert all(axes.get_position().width > 0.1 for axes in figure.axes)


def test_without_rivals_there_is_no_figure():
    assert forest_figure(make_results([{"songs": 1}], rivals=())) is None
