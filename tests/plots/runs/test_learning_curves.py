import pytest

from representation_music.plots.drawing.arms import arm_of
from representation_music.plots.runs.history import RunHistory
from representation_music.plots.runs.learning_curves import (
    draw_learning_curves,
    learning_curves_figure,
    plot,
)
from representation_music.utils.errors import InputError


def curves(folders, **options):
    """The figure's panels: each a list of (label, colour, dashes, points) without constants."""
    figure = learning_curves_figure([RunHistory.read(folder) for folder in folders], **options)
    return [
        [line for line in axes.get_lines() if len(line.get_xdata()) == 3] for axes in figure.axes
    ]


def test_a_line_a_run_holds_the_targets_validation_scores(write_run):
    loss, auc = curves([write_run("a"), write_run("b", seed=1)])
    assert [line.get_ydata().tolist() for line in loss] == [[0.62, 0.5, 0.55]] * 2
    assert [line.get_ydata().tolist() for line in auc] == [[0.55, 0.7, 0.65]] * 2
    assert loss[0].get_xdata().tolist() == [25, 50, 75]


def test_another_task_is_drawn_by_the_metrics_of_its_kind(write_run):
    rmse, r2 = curves([write_run("a")], task="year")
    assert rmse[0].get_ydata().tolist() == [11, 9, 9.5]
    assert r2[0].get_ydata().tolist() == [-0.2, 0.19, 0.1]


def test_runs_that_differ_in_their_seed_only_look_alike_and_are_named_once(write_run):
    panel, _ = curves([write_run("a"), write_run("b", seed=1)])
    assert panel[0].get_color() == panel[1].get_color()
    assert [line.get_label().startswith("_") for line in panel] == [False, True]


def test_architectures_have_the_colours_that_they_have_in_every_figure(write_run):
    names = ("low_level_sharing", "PPPP")
    panel, _ = curves([write_run(name, architecture=name) for name in names])
    arms = [arm_of({"tasks": ["a", "b"], "architecture": name}) for name in names]
    drawn = {line.get_label(): (line.get_color(), line.get_marker()) for line in panel}
    assert drawn == {arm.name: (arm.colour, arm.marker) for arm in arms}


def test_a_setting_that_differs_is_named_and_drawn_in_another_way(write_run):
    panel, _ = curves([write_run("a", training_size=1000), write_run("b")])
    assert [line.get_label() for line in panel] == [
        "low-level sharing, 500 songs",
        "low-level sharing, 1,000 songs",
    ]
    assert panel[0].get_color() != panel[1].get_color()


def test_many_groups_of_runs_never_look_the_same(write_run):
    folders = [
        write_run(f"{name}-{size}", architecture=name, training_size=size)
        for name in ("SSPP", "PPPP", "PSSS")
        for size in range(100, 1000, 100)
    ]
    panel, _ = curves(folders)
    looks = {(line.get_color(), line.get_marker(), line.get_linestyle()) for line in panel}
    assert len(looks) == 27


def test_the_best_checkpoint_carries_the_mark(write_run):
    panel, _ = curves([write_run("a")])
    assert panel[0].get_markevery() == [1]  # step 50


def test_the_constant_predictors_line_is_drawn_once_where_runs_agree(write_run):
    runs = [RunHistory.read(write_run(name)) for name in "ab"]
    for axes, expected in zip(learning_curves_figure(runs).axes, (0.61, 0.5), strict=True):
        constants = [line for line in axes.get_lines() if len(line.get_xdata()) == 2]
        assert [list(line.get_ydata()) for line in constants] == [[expected, expected]]


def test_the_figure_names_every_data_set_once(write_run):
    folders = [write_run("a"), write_run("b"), write_run("c", data="sample of real songs")]
    figure = learning_curves_figure([RunHistory.read(folder) for folder in folders])
    assert figure.get_supxlabel() == "Data: synthetic songs (1,000 songs); sample of real songs"


def test_a_folder_of_runs_is_drawn_to_the_named_path(write_run, tmp_path):
    write_run("a"), write_run("b", seed=1)
    paths = draw_learning_curves([tmp_path / "runs"], tmp_path / "figures" / "lr-0.5")
    assert [path.name for path in paths] == ["lr-0.5.png", "lr-0.5.svg"]
    assert all(path.stat().st_size > 1000 for path in paths)


def test_a_linear_model_among_runs_has_no_curve_and_alone_is_refused(write_run, tmp_path):
    write_run("net")
    linear = write_run("linear-model")
    (linear / "history.csv").unlink()
    figure = tmp_path / "curves"
    assert draw_learning_curves([tmp_path / "runs"], figure) == [
        tmp_path / "curves.png",
        tmp_path / "curves.svg",
    ]
    with pytest.raises(InputError, match=r"linear-model/history.csv: found no history"):
        draw_learning_curves([linear], figure)


def test_a_task_that_a_run_has_not_is_refused_by_name(write_run):
    runs = [RunHistory.read(write_run("a")), RunHistory.read(write_run("b", tasks=["pop"]))]
    with pytest.raises(InputError, match=r"b/history.csv: found no rmse of year"):
        learning_curves_figure(runs, "year", ["rmse"])


def test_plotting_nothing_is_refused():
    with pytest.raises(InputError, match="found nothing"):
        plot(())
