import json

import pytest

from representation_music.plots.runs.error_curves import draw_error_curves, error_curves_figure
from representation_music.plots.runs.history import RunHistory
from representation_music.utils.errors import InputError


def lines_of(axes):
    """By label: the points of each line."""
    return {line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()}


def panels_of(folder):
    """Panels by row and column: a row a kind of score, a column a task."""
    run = RunHistory.read(folder)
    panels = error_curves_figure(run).axes
    width = len(run.tasks)
    return [panels[start : start + width] for start in range(0, len(panels), width)]


def test_every_tasks_validation_scores_are_drawn_against_steps(write_run):
    loss, study, fair = panels_of(write_run("run-1"))
    assert lines_of(loss[0])["validation songs"] == [[25, 0.62], [50, 0.5], [75, 0.55]]
    assert lines_of(study[0])["validation songs"] == [[25, 0.3], [50, 0.25], [75, 0.27]]
    assert lines_of(study[1])["validation songs"] == [[25, 11], [50, 9], [75, 9.5]]
    assert lines_of(fair[0])["validation songs"] == [[25, 0.55], [50, 0.7], [75, 0.65]]
    assert lines_of(fair[1])["validation songs"] == [[25, -0.2], [50, 0.19], [75, 0.1]]


def test_the_training_loss_is_drawn_whole_and_its_first_steps_may_leave_the_panel(write_run):
    (of_pop, _), *_ = panels_of(write_run("run-1"))
    points = lines_of(of_pop)["training loss (with dropout)"]
    assert points == [[25, 90.0], [50, 0.8], [75, 0.7]]
    low, high = of_pop.get_ylim()
    assert low < 0.5 and 0.8 < high < 1


def test_the_best_checkpoint_is_marked_where_the_record_says(write_run):
    _, study, fair = panels_of(write_run("run-1"))
    assert lines_of(study[1])["best checkpoint"] == [[50, 9.0]]
    assert lines_of(fair[0])["best checkpoint"] == [[50, 0.7]]


def test_the_constant_predictors_line_lies_at_its_score_on_the_same_songs(write_run):
    _, study, fair = panels_of(write_run("run-1"))
    for axes, expected in ((study[0], 0.3), (study[1], 10.0), (fair[0], 0.5), (fair[1], 0.0)):
        assert {y for _, y in lines_of(axes)["constant predictor"]} == {expected}


def test_a_budget_in_epochs_is_drawn_against_epochs(write_run):
    _, study, _ = panels_of(write_run("run-1", num_epochs=8))
    assert [x for x, _ in lines_of(study[0])["validation songs"]] == [2.5, 5, 7.5]


def test_axes_name_the_tasks_unit_and_the_figure_its_data(write_run):
    run = RunHistory.read(write_run("run-1"))
    figure = error_curves_figure(run)
    assert "RMSE (years)" in [axes.get_ylabel() for axes in figure.axes]
    assert figure.get_supxlabel() == "Data: synthetic songs (1,000 songs)"


def test_a_run_that_has_not_ended_has_curves_and_nothing_that_only_a_record_knows(write_run):
    _, study, _ = panels_of(write_run("run-1", ended=False))
    assert set(lines_of(study[0])) == {"validation songs"}


def test_figures_are_written_into_the_runs_folder(write_run):
    folder = write_run("run-1")
    paths = draw_error_curves(folder)
    assert paths == [folder / "error-curves.png", folder / "error-curves.svg"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert "validation songs" in paths[1].read_text()


def test_a_run_without_history_is_refused_by_name(write_run):
    folder = write_run("run-1")
    (folder / "history.csv").unlink()
    with pytest.raises(InputError, match=r"history\.csv: found no history"):
        draw_error_curves(folder)


def test_a_foreign_history_is_refused(write_run):
    folder = write_run("run-1")
    (folder / "history.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column 'step'"):
        draw_error_curves(folder)


@pytest.mark.slow
def test_a_real_runs_folder_holds_all_that_is_drawn(tmp_path, song_dataset):
    from representation_music.experiments.runs.config import DEFAULT
    from representation_music.experiments.training.training_loop import Experiment

    config = DEFAULT.replace(
        tasks=("pop", "year"), training_size=100, widths=(8, 8, 4, 4), num_steps=50,
        validation_size=50, training_sample=20,
    )  # fmt: skip
    experiment = Experiment(config, song_dataset, tmp_path)
    experiment.train()
    _, study, _ = panels_of(experiment.folder)
    drawn = lines_of(study[0])
    assert set(drawn) == {
        "training songs",
        "validation songs",
        "constant predictor",
        "best checkpoint",
    }
    history = (experiment.folder / "history.csv").read_text().splitlines()
    assert len(drawn["validation songs"]) == len(history) - 1
    record = json.loads((experiment.folder / "record.json").read_text())
    assert drawn["best checkpoint"][0][0] == record["best_step"]
