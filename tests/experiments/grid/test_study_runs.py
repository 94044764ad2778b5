"""What comes next of a study, and that asking for it without writing leaves nothing behind."""

import dataclasses
import os

import pytest

from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.grid import study_runs
from representation_music.experiments.grid.manifest import read_manifest
from representation_music.experiments.grid.study_runs import next_runs
from representation_music.experiments.runs.config import DEFAULT
from representation_music.utils.errors import InputError


@pytest.fixture
def made(song_dataset, monkeypatch) -> list:
    """The folders in which the study `own` has made its songs so far; it makes two files."""
    folders = []

    def make_songs(folder, options):
        for name in ("one", "two"):
            path = folder / "songs" / name / "songs.h5"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                song_dataset.save(path)
                folders.append(folder)
        return folder / "songs/one/songs.h5"

    def cells(options, path):
        base = DEFAULT.replace(dataset=str(path), tasks=("pop", "ballad"), widths=(8, 8, 4, 4))
        single = dataclasses.replace(base, tasks=("pop",), experiment_name="single")
        return [Cell({"songs": "own"}, base, {"single task": single})]

    study = Study("Does it?", cells, make_songs=make_songs, name="own")
    monkeypatch.setattr(study_runs, "find_studies", lambda: {"own": study})
    return folders


def test_without_writing_a_study_counts_on_songs_that_it_makes_elsewhere(made, tmp_path):
    coming = next_runs("own", StudyOptions(seeds=2), tmp_path, write=False)
    assert len(coming.configs) == len(coming.to_do) == 6  # arm, single task, linear model; 2 seeds
    assert coming.manifest == tmp_path / "own/manifest.jsonl"
    assert list(tmp_path.iterdir()) == []
    assert tmp_path / "own" not in made


def test_without_writing_songs_that_are_made_already_are_read_and_only_others_made(made, tmp_path):
    written = next_runs("own", StudyOptions(seeds=2), tmp_path)
    os.unlink(tmp_path / "own/songs/two/songs.h5")
    made.clear()
    before = sorted(tmp_path.rglob("*"))
    coming = next_runs("own", StudyOptions(seeds=2), tmp_path, write=False)
    assert len(made) == 1 and made != [tmp_path / "own"]
    assert sorted(tmp_path.rglob("*")) == before
    folders = {written.runs.folder_of(config) for config in written.configs}
    assert {coming.runs.folder_of(config) for config in coming.configs} == folders


def test_what_is_told_without_writing_is_in_the_order_of_the_manifest(made, tmp_path):
    told = next_runs("own", StudyOptions(seeds=3), tmp_path, write=False).configs
    written = next_runs("own", StudyOptions(seeds=3), tmp_path)
    in_file = read_manifest(written.manifest)
    assert written.configs == in_file
    assert [(c.experiment_name, c.seed) for c in told] == [
        (c.experiment_name, c.seed) for c in in_file
    ]


@pytest.fixture
def planned(song_dataset, tmp_path):
    """What comes next of a real study on a songs file."""
    song_dataset.save(tmp_path / "songs.h5")

    def plan(name, **options):
        chosen = StudyOptions(dataset=tmp_path / "songs.h5", seeds=1, sizes=(50,), **options)
        return next_runs(name, chosen, tmp_path / "runs", write=False).configs

    return plan


@pytest.mark.parametrize("name", ["pairs", "auxiliary_size"])
def test_targets_of_several_kinds_are_refused_before_anything_is_trained(planned, name):
    options = {"targets": ("pop", "loudness")} if name == "pairs" else {"loose": ("year", "pop")}
    with pytest.raises(InputError, match="targets of one kind: a study judges by one metric"):
        planned(name, **options)


def test_a_cell_that_is_named_twice_is_one_cell(planned):
    once = planned("sharing_degree", architectures=("SSPP",))
    assert planned("sharing_degree", architectures=("SSPP", "low_level_sharing")) == once


def test_a_study_without_a_cell_says_so(planned):
    with pytest.raises(InputError, match="no cell for these options"):
        planned("grouping", groups=("pop", "/", "ballad"))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("benefit", {"tune": 2}),
        ("pairs", {}),
        ("pairs", {"targets": ("pop",), "auxiliaries": ("ballad",)}),
        ("grouping", {}),
    ],
)
def test_nothing_is_chosen_by_one_fold_that_is_tested_in_another(planned, name, options):
    with pytest.raises(InputError, match="folds"):
        planned(name, folds=3, **options)


def test_alignment_can_be_cross_fitted(planned):
    assert {run.split for run in planned("alignment", folds=3)} >= {"fold-1-of-3-repeat-1"}


def test_a_task_set_of_one_task_is_refused(planned):
    with pytest.raises(InputError, match="the target and one other task or more"):
        planned("benefit", tight=("pop",))
