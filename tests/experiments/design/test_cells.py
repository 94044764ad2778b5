import dataclasses
from pathlib import Path

import pytest

from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.design.arms import single_task
from representation_music.experiments.design.cells import Cell, design, runs_of
from representation_music.experiments.design.tuning import arms_of
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import LinearConfig
from representation_music.experiments.runs.runs import Runs


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
