import pytest

from representation_music.experiments.design.arms import (
    CONTROLS,
    LEVELS,
    base_config,
    rivals_by_level,
    rivals_of,
    sharing,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import Cell, runs_of
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.cost import estimated_seconds

TASKS = ("pop", "pop rock", "ballad")
BASE = base_config("default", "songs.h5", TASKS, 250)
ARM = with_many_auxiliary_labels(sharing(BASE, "low_level_sharing"), 5000)


def test_an_arm_with_many_auxiliary_labels_meets_every_rival_that_a_level_names():
    rivals = rivals_of(ARM, CONTROLS, BASE)
    named = [name for names in LEVELS.values() for name in names]
    assert set(rivals) == {*named, "mean of k single tasks"}
    assert rivals["lyrics only"].auxiliary_size == 5000
    assert rivals["lyric-made auxiliaries"].lyric_tasks == TASKS[1:]
    assert rivals["linear multi-task"].tasks == TASKS


def without(*left_out):
    return tuple(control for control in CONTROLS if control not in left_out)


@pytest.mark.parametrize(
    ("controls", "offered"),
    [
        (CONTROLS, 3),
        (without("mean"), 3),
        (without("lyric-made"), 3),
        (without("linear-multi-task"), 2),
        *((without(control), 1) for control in ("weights-0", "permuted", "lyrics-only")),
        *(((control,), 1) for control in CONTROLS),
    ],
)
def test_a_level_is_offered_beside_all_the_rivals_that_it_names(controls, offered):
    rivals = rivals_of(ARM, controls, BASE)
    levels = rivals_by_level(rivals)
    assert list(levels) == list(LEVELS)[:offered]
    of_labels = levels.get("benefit of labels", [])
    assert ("lyric-made auxiliaries" in of_labels) == ("lyric-made" in controls and offered > 1)
    assert not {"lyrics only", "lyric-made auxiliaries", "linear multi-task"} & {*levels["benefit"]}
    if offered == 3:
        assert levels["benefit of a deep net"] == list(rivals)


def test_benefit_of_labels_needs_no_lyric_made_arm_where_there_are_no_further_songs():
    levels = rivals_by_level(rivals_of(sharing(BASE, "low_level_sharing"), CONTROLS))
    assert list(levels) == list(LEVELS)
    assert levels["benefit of labels"][-1] == "lyrics only"


def test_rivals_of_other_names_belong_to_the_first_level():
    assert rivals_by_level(["raw labels"]) == {"benefit": ["raw labels"]}
    assert rivals_by_level(["lyrics only"]) == {"benefit": ["lyrics only"]}
    assert rivals_by_level(["single task", "lyrics only", "itself"]) == {
        "benefit": ["single task", "itself"]
    }


def test_without_further_songs_only_cheap_rivals_stand_beside_the_controls():
    rivals = rivals_of(sharing(BASE, "low_level_sharing"), CONTROLS)
    assert "lyric-made auxiliaries" not in rivals and "mean of k single tasks" not in rivals
    lyrics = rivals["lyrics only"]
    assert (lyrics.tasks, lyrics.auxiliary_size) == (("pop",), 0)
    assert rivals["linear multi-task"].tasks == TASKS
    assert list(rivals_of(ARM, ())) == ["single task"]


def test_the_mean_takes_about_as_long_as_the_arm_and_its_first_net_is_the_single_task():
    rivals = rivals_of(ARM, ("mean",), BASE)
    single, mean = rivals["single task"], rivals["mean of k single tasks"]
    members = mean.runs_of_members
    assert members[0] == single
    assert [member.restart for member in members] == list(range(mean.members))
    assert len({member.training_seed for member in members}) == mean.members >= 2
    of_members = sum(estimated_seconds(member, 250) for member in members)
    assert 0.6 < of_members / estimated_seconds(ARM, 5250) < 2


def test_members_of_a_mean_are_runs_of_the_study_each_once_and_before_it():
    cell = Cell({}, ARM, rivals_of(ARM, ("mean",), BASE))
    runs = [run for run in runs_of([cell], 2) if isinstance(run, RunConfig) and run.seed == 1]
    mean = next(run for run in runs if run.members > 1)
    assert len(runs) == 1 + mean.members + 1
    for member in mean.runs_of_members:
        assert runs.count(member) == 1
        assert runs.index(member) < runs.index(mean)
