import numpy as np
import pytest
from made_up_study import make_results

from representation_music.plots.studies.benefit import benefit_figure, coupling_figure

ARCHITECTURES = ("interspersed_sharing", "low_level_sharing", "high_level_sharing")


def cells(couplings=("tight",), sizes=(1000,)):
    return [
        {"architecture": architecture, "coupling": coupling, "songs": songs}
        for coupling in couplings
        for songs in sizes
        for architecture in ARCHITECTURES
    ]


def names(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def points(axes, among=("o", "s", "^", "D", "X", "v", "P")):
    """(x, y, marker) of each mean, upper rows first."""
    lines = [line for line in axes.get_lines() if line.get_marker() in among]
    found = [(line.get_xdata()[0], line.get_ydata()[0], line.get_marker()) for line in lines]
    return sorted(found, key=lambda point: point[1])


def intervals(axes):
    """(low, high, y) of each interval, upper rows first."""
    lines = [line for line in axes.get_lines() if line.get_marker() == "None"]
    level = [line for line in lines if len(set(line.get_ydata())) == 1]
    return sorted(
        ((*line.get_xdata(), line.get_ydata()[0]) for line in level), key=lambda row: row[2]
    )


def upright(axes):
    """x of each upright line by its label."""
    return {
        line.get_label(): line.get_xdata()[0]
        for line in axes.get_lines()
        if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2
    }


def test_rows_are_the_single_task_and_each_architecture_with_scores_of_results_json():
    scores, *_ = benefit_figure(make_results(cells())).axes
    assert names(scores) == ["single task", "low-level", "high-level", "interspersed"]
    # interspersed is the first cell (.60), low-level the second, high-level the third
    found = [x for x, *_ in points(scores)]
    assert found == pytest.approx([0.59, 0.61, 0.62, 0.60])
    assert intervals(scores)[1][:2] == pytest.approx((0.605, 0.615))
    assert scores.get_xlabel() == "AUC"


def test_constant_predictor_and_linear_model_have_lines():
    scores, *_ = benefit_figure(make_results(cells()), "error").axes
    lines = upright(scores)
    assert lines["constant predictor"] == 0.3
    assert lines["linear model"] == pytest.approx(0.28)


def test_each_rival_has_a_panel_of_gains_with_intervals_and_the_last_the_verdicts():
    _, *panels = benefit_figure(make_results(cells())).axes
    assert [axes.get_title(loc="left").replace("\n", " ") for axes in panels] == [
        "against single task",
        "against auxiliary weights 0",
        "against permuted auxiliaries",
    ]
    for place, axes in enumerate(panels):
        assert [x for x, *_ in points(axes)] == pytest.approx(
            np.array([0.02, 0.03, 0.01]) + 0.01 * place
        )
        assert [row for _, row, _ in points(axes)] == [1, 2, 3]
        assert intervals(axes)[0] == pytest.approx((0.015 + 0.01 * place, 0.025 + 0.01 * place, 1))
        assert axes.get_xlabel() == "gain in AUC"
    assert [(text.get_text(), text.get_position()[1]) for text in panels[-1].texts] == [
        ("? no evidence", 1),
        ("= no material difference", 2),
        ("▲ benefit", 3),
    ]


def test_a_narrow_figure_shows_all_rivals_in_one_panel_each_with_its_marker():
    figure = benefit_figure(make_results(cells()), "error", width=3.3)
    _, gains = figure.axes
    assert figure.get_figwidth() == 3.3
    assert names(gains) == ["low-level", "high-level", "interspersed"]
    first_row = [point for point in points(gains) if abs(point[1]) < 0.5]
    assert [marker for *_, marker in first_row] == ["X", "v", "P"]
    assert [x for x, *_ in first_row] == pytest.approx([0.02, 0.03, 0.04])
    assert gains.get_xlabel().replace("\n", " ") == "reduction of 1 - accuracy"


def test_the_figure_names_data_seeds_intervals_and_the_studys_own_metric():
    figure = benefit_figure(make_results(cells()), "error")
    assert figure.get_supxlabel().replace("\n", " ") == (
        "Data: synthetic songs (1,000 songs), 5 seeds; mean and 95 % interval over seeds and "
        "test artists; the study's own metric is AUC"
    )
    title = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert title == (
        "Sharing against the single task: test 1 - accuracy of pop, 1,000 training songs, "
        "tight task set"
    )


def test_one_seed_has_points_and_no_interval():
    figure = benefit_figure(make_results(cells(), seeds=1))
    assert all(intervals(axes) == [] for axes in figure.axes)
    assert [x for x, *_ in points(figure.axes[1])] == pytest.approx([0.02, 0.03, 0.01])
    assert figure.get_supxlabel() == "Data: synthetic songs (1,000 songs), 1 seed; no interval"


def test_figures_4_and_5_have_a_row_an_architecture_and_task_set():
    results = make_results(cells(("tight", "loose")))
    scores, gains, *_ = coupling_figure(results).axes
    assert names(scores)[:3] == ["single task", "low-level, tight", "low-level, loose"]
    assert [x for x, *_ in points(gains)][:2] == pytest.approx([0.02, 0.05])
    faces = [line.get_markerfacecolor() for line in scores.get_lines() if line.get_marker() == "s"]
    assert faces[1] == "white" != faces[0]  # the loose one's markers are hollow
    # Figure 3 shows the tight set alone.
    assert names(benefit_figure(results).axes[0]) == names(
        benefit_figure(make_results(cells())).axes[0]
    )


def test_sizes_stand_below_each_other_and_many_are_left_to_figures_6_and_7():
    figure = benefit_figure(make_results(cells(sizes=(1000, 500))))
    titles = [axes.get_title(loc="left").split("\n")[0] for axes in figure.axes]
    assert titles[0] == "500 songs" and titles[4] == "1,000 songs"
    assert [x for x, *_ in points(figure.axes[0])][1] == pytest.approx(0.64)
    assert benefit_figure(make_results(cells(sizes=(1, 2, 3, 4)))) is None


def test_cells_of_another_kind_give_no_such_figure():
    of_patterns = [{"pattern": "SSPP", "coupling": "tight", "songs": 1000}]
    assert benefit_figure(make_results(of_patterns)) is None
    assert coupling_figure(make_results(cells())) is None
    assert benefit_figure(make_results(cells(), rivals=("sum of losses",))) is None


def test_missing_numbers_leave_gaps_and_no_error():
    results = make_results(cells())
    by_auc = results["cells"][1]["metrics"]["auc"]
    by_auc["scores"]["arm"] = by_auc["gains"]["single task"]["gain"] = [None, None, None]
    by_auc["constant"] = by_auc["verdict"] = None
    by_auc["scores"]["linear model"] = None
    del results["cells"][2]["metrics"]["auc"]["gains"]["single task"]
    figure = benefit_figure(results)
    figure.draw_without_rendering()
    assert np.isfinite([x for x, *_ in points(figure.axes[1])]).tolist() == [False, False, True]
    assert [text.get_text() for text in figure.axes[-1].texts] == [
        "= no material difference",
        "▲ benefit",
    ]
