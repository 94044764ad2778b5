import numpy as np
import pytest
from made_up_study import make_results

from representation_music.plots.studies.correlation import correlation_figure
from representation_music.plots.studies.panels import foremost

GRID = [
    {
        "control": "related" if correlation else "unrelated",
        "correlation": correlation,
        "shared themes": shared,
        "songs": songs,
    }
    for songs in (250, 500)
    for shared in (0.0, 1.0)
    for correlation in (0.0, 0.5, 1.0)
]


def lines(axes):
    return {each.get_label(): each[0].get_ydata() for each in axes.containers}


def test_a_line_a_share_of_themes_a_column_a_rival_and_a_row_a_size():
    figure = correlation_figure(make_results(GRID, "controls"))
    assert len(figure.axes) == 8
    against_weights_0, at_500 = figure.axes[1], figure.axes[4]
    assert lines(against_weights_0)["themes in common: none"] == pytest.approx([0.02, 0.03, 0.04])
    assert lines(against_weights_0)["themes in common: all"] == pytest.approx([0.05, 0.06, 0.07])
    assert lines(at_500)["themes in common: none"] == pytest.approx([0.07, 0.08, 0.09])
    assert at_500.get_ylabel() == "500 target labels\ngain in AUC"
    assert [label.get_text() for label in at_500.get_xticklabels()] == ["0", "0.5", "1"]


def test_the_last_column_tells_verdicts_and_what_passes():
    results = make_results(GRID, "controls")
    results["cells"][0]["passes"], results["cells"][5]["passes"] = True, False
    table = correlation_figure(results).axes[3]
    found = {text.get_position(): text.get_text() for text in table.texts}
    assert found == {
        (0, 0): "▲\nPASS",
        (1, 0): "?",
        (2, 0): "=",
        (0, 1): "▼",
        (1, 1): "▲",
        (2, 1): "?\nFAIL",
    }
    assert [label.get_text() for label in table.get_yticklabels()] == ["none", "all"]


def test_missing_cells_leave_gaps_and_other_studies_give_no_figure():
    figure = correlation_figure(make_results(GRID[1:], "controls"))
    assert np.isnan(lines(figure.axes[0])["themes in common: none"]).tolist() == [
        True,
        False,
        False,
    ]
    figure.draw_without_rendering()
    assert correlation_figure(make_results([{"songs": 1}])) is None


def test_a_narrow_figure_has_gains_above_verdicts_size_after_size():
    figure = correlation_figure(make_results(GRID, "controls"), "error", width=3.3)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["against\nauxiliary weights 0", "verdict over the\nrivals of its level"] * 2


def test_of_many_rivals_those_are_drawn_that_levels_of_benefit_are_named_for():
    few = ["single task", "auxiliary weights 0", "permuted auxiliaries"]
    assert foremost(few) == few
    many = [*few, "lyrics only", "linear multi-task"]
    assert foremost(many) == ["single task", "lyrics only", "linear multi-task"]
    others = [f"pattern {number}" for number in range(6)]
    assert foremost(others) == others
