import numpy as np
import pytest
from made_up_study import make_results

from representation_music.plots.studies.label_counts import label_counts_figure

GRID = [
    {
        "architecture": "low_level_sharing",
        "coupling": coupling,
        "songs": songs,
        "auxiliary songs": further,
    }
    for coupling in ("tight", "loose")
    for songs in (250, 500)
    for further in (1000, 5000)
]


def lines(axes):
    return {each.get_label(): each[0].get_ydata() for each in axes.containers}


def test_a_line_a_number_of_auxiliary_labels_a_column_a_rival_and_a_row_a_task_set():
    figure = label_counts_figure(make_results(GRID, "auxiliary_size"))
    assert len(figure.axes) == 6
    found = lines(figure.axes[1])
    assert found["1,000 further songs with auxiliary labels"] == pytest.approx([0.02, 0.04])
    assert found["5,000 further songs with auxiliary labels"] == pytest.approx([0.03, 0.05])
    loose = figure.axes[3]
    assert loose.get_title(loc="left") == "loose: against\nsingle task"
    assert lines(loose)["1,000 further songs with auxiliary labels"] == pytest.approx([0.05, 0.07])
    assert figure.axes[0].get_ylabel() == "gain in AUC"


def test_without_auxiliary_songs_a_line_is_an_architecture():
    factors = [
        {"architecture": name, "coupling": "tight", "songs": songs}
        for name in ("high_level_sharing", "low_level_sharing")
        for songs in (500, 1000)
    ]
    axes, *_ = label_counts_figure(make_results(factors)).axes
    assert list(lines(axes)) == ["low-level sharing", "high-level sharing"]
    assert lines(axes)["low-level sharing"] == pytest.approx([0.03, 0.04])


def test_a_narrow_figure_shows_what_the_auxiliary_labels_add():
    figure = label_counts_figure(make_results(GRID), width=3.3)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "tight: against\nauxiliary weights 0",
        "loose: against\nauxiliary weights 0",
    ]


def test_missing_cells_leave_gaps_and_one_size_alone_makes_no_figure():
    axes, *_ = label_counts_figure(make_results(GRID[1:])).axes
    values = lines(axes)["1,000 further songs with auxiliary labels"]
    assert np.isnan(values).tolist() == [True, False]
    plain = [{"architecture": "SSPP", "coupling": "tight", "songs": 500}]
    assert label_counts_figure(make_results(plain)) is None
