import numpy as np
import pytest
from made_up_study import interval, make_results

from representation_music.plots.studies.training_size import flat_line_figure, training_size_figure

SIZES = (500, 1000, 25000)


def by_size(couplings=("tight", "loose"), sizes=SIZES):
    return [
        {"architecture": architecture, "coupling": coupling, "songs": songs}
        for coupling in couplings
        for architecture in ("low_level_sharing", "SPSS")
        for songs in sizes
    ]


def line(axes, name):
    (container,) = (c for c in axes.containers if c.get_label() == name)
    return container


def reference(axes, name):
    (found,) = (each for each in axes.get_lines() if each.get_label() == name)
    return found.get_xydata().tolist()


def test_each_architecture_has_a_line_over_logarithmic_sizes_in_its_task_sets_panel():
    tight, loose = training_size_figure(make_results(by_size())).axes
    assert tight.get_title(loc="left") == "tight task set"
    assert tight.get_xscale() == "log"
    low, _, (bars,) = line(tight, "low-level sharing")
    assert low.get_ydata() == pytest.approx([0.60, 0.61, 0.62])
    assert low.get_xdata() == pytest.approx(SIZES, rel=0.03)
    assert bars.get_segments()[0][:, 1] == pytest.approx([0.595, 0.605])
    interspersed, *_ = line(loose, "interspersed sharing")
    assert interspersed.get_ydata() == pytest.approx([0.69, 0.70, 0.71])
    single, *_ = line(tight, "single task")
    assert single.get_ydata() == pytest.approx([0.59] * 3)


def test_constant_predictor_and_linear_model_have_lines_over_the_sizes():
    axes, _ = training_size_figure(make_results(by_size()), "error").axes
    assert reference(axes, "constant predictor") == [[size, 0.3] for size in SIZES]
    assert reference(axes, "linear model") == [[size, pytest.approx(0.28)] for size in SIZES]
    assert axes.get_ylabel() == "1 - accuracy, lower is better"
    assert axes.get_xlabel() == "training songs with the target's label"


def test_a_size_that_is_not_done_leaves_a_gap():
    results = make_results(by_size(("tight",)))
    del results["cells"][1]
    (axes,) = training_size_figure(results).axes
    values = line(axes, "low-level sharing")[0].get_ydata()
    assert np.isnan(values).tolist() == [False, True, False]
    # The single task of that size is known from the other architecture's cell.
    assert np.isfinite(line(axes, "single task")[0].get_ydata()).all()


def test_a_narrow_figure_has_the_panels_below_each_other():
    tight, loose = training_size_figure(make_results(by_size()), width=3.3).axes
    assert tight.get_subplotspec().rowspan.start < loose.get_subplotspec().rowspan.start


def test_one_size_makes_no_line():
    assert training_size_figure(make_results(by_size(sizes=(1000,)))) is None


def test_the_flat_line_is_that_of_permuted_labels():
    factors = [{"control": "permuted target", "songs": songs} for songs in SIZES]
    results = make_results(factors, "controls", ("permuted target",))
    for cell in results["cells"]:
        cell["metrics"]["error"]["scores"]["permuted target"] = interval(0.31)
    figure = flat_line_figure(results, "error")
    aligned, permuted = figure.axes
    assert line(aligned, "single task")[0].get_ydata() == pytest.approx([0.30, 0.29, 0.28])
    assert line(permuted, "permuted target")[0].get_ydata() == pytest.approx([0.31] * 3)
    assert reference(permuted, "constant predictor") == [[size, 0.3] for size in SIZES]
    assert aligned.get_ylim() == permuted.get_ylim()
    assert figure.get_supxlabel().startswith("Data: synthetic songs (1,000 songs), 5 seeds")
    assert flat_line_figure(make_results(by_size())) is None
