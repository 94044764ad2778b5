import json

import pytest

from representation_music.plots.runs.scores import read_test_scores
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json

LOOSE = ["pop", "loudness", "year"]
TEST = {"auc": 0.7, "error": 0.2}
TIGHT = ["pop", "pop rock", "ballad"]


def test_task_sets_make_arms_of_their_own_that_look_different(write_run):
    def write(name, tasks):
        return write_run(name, tasks=tasks, test=TEST)

    runs = [write("a", TIGHT), write("b", LOOSE), write("c", ["pop"]), write("d", ["pop", "year"])]
    arms = read_test_scores(runs)["arm"]
    assert [arm.name for arm in arms] == [
        "low-level sharing, tight",
        "low-level sharing, loose",
        "single task",
        "low-level sharing, with year",
    ]
    assert len({(arm.colour, arm.linestyle) for arm in arms}) == 4


def test_the_size_is_the_number_of_songs_with_the_targets_label(write_run):
    folder = write_run("a", test=TEST, training_size=0)
    record = json.loads((folder / "record.json").read_text())
    record["training_labels"] = {"pop": 321, "year": 4000}
    write_json(folder / "record.json", (record))
    assert list(read_test_scores([folder])["songs"]) == [321]


def test_runs_that_would_count_as_one_seed_twice_are_refused(write_run):
    runs = [write_run(name, test=TEST, l2=l2) for name, l2 in (("a", 0), ("b", 0.1))]
    with pytest.raises(InputError, match=r"b: found another run of the same arm"):
        read_test_scores(runs)


def test_a_run_that_was_not_evaluated_is_refused_by_name(write_run):
    runs = [write_run("a", test=TEST), write_run("b")]
    with pytest.raises(InputError, match=r"b: found no auc of pop on the test split"):
        read_test_scores(runs)


def test_runs_of_two_targets_are_refused(write_run):
    runs = [
        write_run("a", test=TEST),
        write_run("b", tasks=["year"], test={"r2": 0.1}),
    ]
    with pytest.raises(InputError, match="one target"):
        read_test_scores(runs)
