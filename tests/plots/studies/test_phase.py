import numpy as np
import pytest
from made_up_study import make_results

from representation_music.plots.studies.phase import phase_figure


def grid(songs, further, couplings=("tight", "loose"), architecture="low_level_sharing"):
    return [
        {
            "architecture": architecture,
            "coupling": coupling,
            "songs": size,
            "auxiliary songs": number,
        }
        for coupling in couplings
        for size in songs
        for number in further(size)
    ]


def test_rows_are_target_labels_and_the_last_column_all_that_each_row_has():
    factors = grid((250, 500), lambda size: (0, 1000, 6000 - size))
    results = make_results(factors, "auxiliary_size")
    figure = phase_figure(results)
    *panels, _bar = figure.axes
    assert [axes.get_title(loc="left") for axes in panels[:4]] == [
        "tight, against single task",
        "loose, against single task",
        "tight, against auxiliary weights 0",
        "loose, against auxiliary weights 0",
    ]
    loose = panels[1]
    names = [text.get_text() for text in panels[-1].get_xticklabels()]
    assert names == ["0", "1,000", "5,500 to\n5,750"]
    drawn = np.ma.getdata(loose.collections[0].get_array()).reshape(2, 3)
    metric = results["metric"]
    expected = [
        100 * cell["metrics"][metric]["gains"]["single task"]["gain"][0]
        for cell in results["cells"]
        if cell["factors"]["coupling"] == "loose"
    ]
    assert drawn.ravel() == pytest.approx(expected)


def test_a_gain_is_bold_where_its_interval_over_that_rival_excludes_0():
    results = make_results(grid((250, 500), lambda _: (0, 1000)), "auxiliary_size")
    gains = results["cells"][0]["metrics"]["auc"]["gains"]
    gains["single task"]["gain"] = [0.011, -0.01, 0.03]
    (first, *_), (other, *_) = (axes.texts for axes in phase_figure(results).axes[:3:2])
    assert first.get_text().startswith("+1.1") and first.get_fontweight() == "normal"
    assert other.get_text().startswith("+2.0") and other.get_fontweight() == "bold"


def test_a_verdict_over_all_rivals_is_marked_beside_the_first_one_only():
    *panels, _bar = phase_figure(make_results(grid((250, 500), lambda _: (0, 1000)))).axes
    for number, axes in enumerate(panels):
        marked = [text.get_text()[-1] not in "0123456789" for text in axes.texts]
        assert marked == [number < 2] * 4 and (len(axes.patches) > 0) == (number < 2)


def test_task_sets_of_which_one_has_fewer_songs_share_their_columns():
    factors = grid((250, 500), lambda size: (0, 1000 - size), ("tight",))
    factors += grid((250, 500), lambda size: (0, 5000 - size), ("loose",))
    *panels, _bar = phase_figure(make_results(factors, "auxiliary_size")).axes
    names = [text.get_text() for text in panels[-1].get_xticklabels()]
    assert names == ["0", "500 to\n4,750"]
    for axes in panels:
        assert np.isfinite(np.ma.filled(axes.collections[0].get_array(), np.nan)).all()


def test_what_is_no_grid_of_labels_is_not_drawn():
    assert phase_figure(make_results(grid((250,), lambda _: (0, 1000)))) is None
    assert phase_figure(make_results(grid((250, 500), lambda _: (1000,)))) is None
    two = grid((250, 500), lambda _: (0, 1000)) + grid(
        (250, 500), lambda _: (0, 1000), architecture="high_level_sharing"
    )
    assert phase_figure(make_results(two)) is None
