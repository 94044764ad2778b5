from itertools import product

import numpy as np
import pytest
from made_up_study import make_results

from representation_music.plots.studies.sharing_degree import sharing_degree_figure

PATTERNS = ["".join(letters) for letters in product("SP", repeat=4)]
GRID = [
    {"pattern": pattern, "coupling": coupling, "songs": 1000, "widths": widths}
    for coupling in ("tight", "loose")
    for pattern in PATTERNS
    for widths in ("full", "matched")
    if (pattern, widths) != ("SSSS", "matched")
]


def colours(axes):
    return axes.collections[0].get_array().filled(np.nan)


def test_sixteen_patterns_from_none_to_all_shared_by_task_sets_and_widths():
    results = make_results(GRID, "sharing_degree")
    figure = sharing_degree_figure(results)
    single_task = figure.axes[0]
    names = [label.get_text() for label in single_task.get_yticklabels()]
    assert (names[0], names[-1], len(names)) == ("PPPP", "SSSS", 16)
    assert {"low SSPP", "high PSSS", "interspersed SPSS"} <= set(names)
    assert [label.get_text() for label in single_task.get_xticklabels()] == [
        "tight, full",
        "tight, matched",
        "loose, full",
        "loose, matched",
    ]
    row = names.index("low SSPP")
    for place, axes in enumerate(figure.axes[:3]):
        gains = [
            100 * cell["metrics"]["auc"]["gains"][rival]["gain"][0]
            for cell in results["cells"]
            if cell["factors"]["pattern"] == "SSPP"
            for rival in [list(cell["metrics"]["auc"]["gains"])[place]]
        ]
        assert colours(axes)[row] == pytest.approx(gains)
    assert figure.axes[-1].get_ylabel() == "gain in AUC (hundredths)"


def test_the_number_is_that_of_the_colour_and_verdicts_of_a_difference_are_framed():
    factors = [{"pattern": p, "coupling": "tight", "songs": 500} for p in ("PPPP", "SPPP", "SSSS")]
    axes = sharing_degree_figure(make_results(factors)).axes[0]
    assert colours(axes).ravel() == pytest.approx([1, 2, 3])
    assert [text.get_text() for text in axes.texts] == ["+1.0▲", "+2.0?", "+3.0="]
    assert [patch.get_y() for patch in axes.patches] == [pytest.approx(0.06)]
    colour_limits = axes.collections[0].get_clim()
    assert colour_limits == pytest.approx((-5, 5))  # the largest gain of all rivals


def test_missing_cells_are_blank():
    axes, *_ = sharing_degree_figure(make_results(GRID[:2] + GRID[3:])).axes
    grid = colours(axes)
    names = [label.get_text() for label in axes.get_yticklabels()]
    blank = [names[row] for row, _ in np.argwhere(np.isnan(grid))]
    assert sorted(blank) == ["SSSP", "SSSS", "SSSS"]
    assert sum(text.get_text() == "·" for text in axes.texts) == 3


def test_a_narrow_figure_shows_the_grid_against_auxiliary_weights_0():
    figure = sharing_degree_figure(make_results(GRID), width=3.3)
    axes, _ = figure.axes
    assert axes.get_title(loc="left") == "against\nauxiliary weights 0"
    assert figure.get_supxlabel().replace("\n", " ").endswith("5 seeds; mean over seeds")


def test_other_studies_and_gains_that_are_not_numbers_do_no_harm():
    assert sharing_degree_figure(make_results([{"songs": 1}])) is None
    results = make_results([{"pattern": "SSPP", "coupling": "tight", "songs": 500}])
    for gained in results["cells"][0]["metrics"]["auc"]["gains"].values():
        gained["gain"] = [None, None, None]
    figure = sharing_degree_figure(results)
    figure.draw_without_rendering()
    assert np.isnan(colours(figure.axes[0])).all()
