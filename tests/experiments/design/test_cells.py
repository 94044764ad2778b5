import dataclasses
from pathlib import Path

import numpy as np
import pytest

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.design.arms import single_task
from representation_music.experiments.design.cells import Cell, design, runs_of
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.sizes import capped_sizes
from representation_music.experiments.design.tuning import arms_of
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.errors import InputError


@pytest.fixture
def songs(tmp_path):
    """Two songs files of other labels each: worlds."""
    files = [str(tmp_path / f"{name}.h5") for name in "ab"]
    for number, file in enumerate(files):
        dataclasses.replace(noise_songs(), name=f"world {number}").save(file)
    return files


def cell(songs, **changes):
    arm = RunConfig(tasks=NOISE_TASKS[:2], dataset=songs[0], training_size=100, seed=3)
    lyrics = dataclasses.replace(LinearConfig.beside(arm), experiment_name="lyrics-only")
    rivals = {"single task": single_task(arm), "lyrics only": lyrics}
    return Cell({"songs": 100}, arm, rivals, **changes)


def test_a_rival_may_be_a_linear_model_which_runs_like_others_and_is_not_tuned(songs):
    of_seeds = cell(songs)
    linear = [run for run in runs_of([of_seeds, of_seeds], 2) if isinstance(run, LinearConfig)]
    # Of equal settings and songs: another name is another run.
    assert [(run.experiment_name, run.seed) for run in linear] == [
        ("lyrics-only", 3),
        ("linear-model", 3),
        ("lyrics-only", 4),
        ("linear-model", 4),
    ]
    assert len(arms_of([of_seeds])) == 2
    (described,) = design([of_seeds], 2)
    assert described["unit"] == "seed"
    assert [len(runs) for runs in described["rivals"].values()] == [2, 2]


def test_of_worlds_every_arm_has_a_run_in_each_whatever_the_number_of_seeds(songs):
    of_worlds = cell(songs, worlds=tuple(songs))
    runs = runs_of([of_worlds, cell(songs)], 3)
    arms = [run for run in runs if run.tasks == NOISE_TASKS[:2]]
    assert {(run.dataset, run.seed) for run in arms} == {
        (songs[0], 3),
        (songs[1], 4),
        (songs[0], 4),
        (songs[0], 5),
    }
    (described,) = design([of_worlds], 3)
    assert described["unit"] == "world"
    config = of_worlds.repeated(of_worlds.arm, 3)[1]
    assert described["arm"][1] == Runs(Path()).folder_of(config).name
    assert {len(runs) for runs in described["rivals"].values()} == {2}


def test_of_folds_every_arm_has_a_run_in_each_of_every_repeat(songs):
    options = StudyOptions(folds=3)
    arm = cell(songs).arm.replace(**options.settings())
    of_folds = Cell.against_controls({"songs": 100}, arm, StudyOptions(controls=()))
    runs = of_folds.repeated(of_folds.rivals["single task"], 2)
    assert [run.split for run in runs] == [
        f"fold-{number}-of-3-repeat-{repeat}" for repeat in (1, 2) for number in (1, 2, 3)
    ]
    assert [run.seed for run in runs] == [3, 4, 5, 6, 7, 8]
    (described,) = design([of_folds], 2)
    assert described["unit"] == "fold" and len(described["linear_model"]) == 6
    with pytest.raises(InputError, match="--folds: found it with worlds"):
        dataclasses.replace(of_folds, worlds=tuple(songs))


@pytest.mark.parametrize(("folds", "split"), [(1, ""), (-2, ""), (5, "random")])
def test_folds_are_two_or_more_and_no_split_beside_them(folds, split):
    with pytest.raises(InputError, match="--folds"):
        StudyOptions(folds=folds, split=split).settings()


def test_a_training_size_is_cut_to_the_smallest_training_part_of_the_folds(songs):
    dataset = SongDataset.load(songs[0])
    arm = cell(songs).arm.replace(**StudyOptions(folds=3).settings())
    known = np.isfinite(dataset.labels(arm.target))
    trained = [
        known[dataset.split(f"fold-{number}-of-3-repeat-{repeat}")["train"]].sum()
        for number in (1, 2, 3)
        for repeat in range(1, 6)
    ]
    assert capped_sizes(dataset, arm, [10, 10**6]) == [10, min(trained)]
