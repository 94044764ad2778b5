import pytest

from representation_music.plots.runs.history import RunHistory
from representation_music.plots.runs.task_weights import draw_task_weights, task_weights_figure
from representation_music.utils.errors import InputError

WEIGHTS = {"weight:pop": [1.0, 1.2, 1.4], "weight:year": [1.0, 0.8, 0.6]}


def test_each_task_has_a_line_of_weights_and_conflicts_a_panel(write_run):
    columns = WEIGHTS | {"conflicts": [0.0, 1.0, 0.5]}
    run = write_run("a", tasks=["pop", "year"], objective="pcgrad", columns=columns)
    weights, conflicts = task_weights_figure(RunHistory.read(run)).axes
    drawn = {line.get_label(): line.get_ydata().tolist() for line in weights.get_lines()}
    assert drawn == {"pop": [1.0, 1.2, 1.4], "year": [1.0, 0.8, 0.6]}
    assert conflicts.get_lines()[0].get_ydata().tolist() == [0.0, 1.0, 0.5]
    assert conflicts.get_lines()[0].get_xdata().tolist() == [25, 50, 75]


def test_tasks_of_one_colour_have_other_markers_and_conflicts_of_all_pairs_are_not_cut(write_run):
    tasks = [f"tag {number}" for number in range(9)]
    columns = {f"weight:{task}": [1.0, 1.0, 1.0] for task in tasks} | {"conflicts": [0.0, 1.0, 1.0]}
    run = write_run("a", tasks=tasks, objective="pcgrad", columns=columns)
    weights, conflicts = task_weights_figure(RunHistory.read(run)).axes
    looks = [(line.get_color(), line.get_marker()) for line in weights.get_lines()]
    assert len(set(looks)) == 9
    low, high = conflicts.get_ylim()
    assert low < 0 and high > 1


def test_a_weighting_of_losses_has_no_panel_of_conflicts(write_run):
    run = write_run("a", tasks=["pop", "year"], objective="rlw", columns=WEIGHTS)
    assert len(task_weights_figure(RunHistory.read(run)).axes) == 1
    assert {path.name for path in draw_task_weights(run)} == {
        "task_weights.png",
        "task_weights.svg",
    }


def test_a_plain_sum_has_no_weights_to_draw(write_run):
    with pytest.raises(InputError, match="no weights of tasks"):
        draw_task_weights(write_run("a"))
