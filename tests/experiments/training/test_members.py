"""A mean of several nets: its members are runs of their own, and nothing is trained twice."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.grid.worker import WorkerSettings, _train_and_evaluate
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import failure_noted
from representation_music.experiments.runs.runs import Runs
from representation_music.experiments.train import main
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.trained_network import TrainedNetwork
from representation_music.utils.errors import InputError
from representation_music.utils.lock import Held
from representation_music.utils.records import read_runs

MEAN = RunConfig().replace(
    tasks=NOISE_TASKS[:2],
    training_size=100,
    widths=(8, 4, 4, 4),
    num_steps=30,
    min_steps=0,
    evaluate_every=10,
    members=3,
    seed=2,
)


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    songs = noise_songs()
    songs.save(tmp_path_factory.mktemp("songs") / "songs.h5")
    return songs


@pytest.fixture(scope="module")
def trained(songs, tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    record = train_run(MEAN, runs, dataset=songs, figures=False)
    evaluate_run(record["folder"], dataset=songs)
    return runs, Path(record["folder"]), record


def predictions(folder, task):
    with np.load(folder / "predictions-test.npz") as file:
        return file[f"task{task}"]


@pytest.mark.parametrize("task", [0, 1])
def test_its_predictions_are_the_mean_of_its_members(trained, task):
    runs, folder, record = trained
    members = [runs / name for name in record["members"]]
    assert len(members) == 3 and len(list(runs.iterdir())) == 4
    each = [predictions(member, task) for member in members]
    assert not np.array_equal(each[0], each[1])
    np.testing.assert_allclose(predictions(folder, task), np.mean(each, axis=0), rtol=1e-5)


def test_members_train_and_stop_on_the_same_songs_and_the_first_is_the_net_alone(trained, songs):
    runs, _, record = trained
    alone = train_run(MEAN.replace(members=1), runs, dataset=songs)
    assert Path(alone["folder"]).name == record["members"][0]
    assert len(read_runs([runs])) == 4
    of_members = [row for _, row in read_runs([runs]).iterrows() if row["members"] == 1]
    assert {str(row["training_labels"]) for row in of_members} == {str(record["training_labels"])}


def test_a_worker_goes_on_where_members_are_done_and_clears_up(trained, songs, tmp_path):
    for member in trained[2]["members"][:2]:
        shutil.copytree(trained[0] / member, tmp_path / member)
    before = [(tmp_path / m / "record.json").stat().st_mtime_ns for m in trained[2]["members"][:2]]
    config = MEAN.replace(dataset=str(songs.path))
    folder = Runs(tmp_path).folder_of(config)
    settings = WorkerSettings(tmp_path, 1, False, True, 30.0)
    outcome, text = _train_and_evaluate(folder, config.to_json(), 0, settings)
    assert outcome == "finished", text
    after = [(tmp_path / m / "record.json").stat().st_mtime_ns for m in trained[2]["members"][:2]]
    assert before == after
    np.testing.assert_array_equal(predictions(folder, 0), predictions(trained[1], 0))
    assert not (folder / "checkpoints").exists()


def test_the_command_trains_all_members_and_tells_what_comes_next(trained, songs, capsys):
    words = "--training-size 100 --num-steps 30 --min-steps 0 --evaluate-every 10 --members 3"
    words += " --seed 2 --widths 8 4 4 4"
    words = [*words.split(), "--tasks", *MEAN.tasks]
    assert main([*words, "--dataset", str(songs.path), "--runs", str(trained[0])]) == 0
    said = capsys.readouterr().out
    assert "mean of 3 networks" in said and f"repmusic evaluate {trained[1]}" in said


def test_a_mean_predicts_by_no_network_of_its_own(trained):
    with pytest.raises(InputError, match="no network of its own"):
        TrainedNetwork.load(trained[1])


def test_a_mean_whose_member_another_process_trains_has_not_failed(tmp_path):
    with pytest.raises(Held), failure_noted(tmp_path):
        raise Held(tmp_path, "another process", "none")
    assert not (tmp_path / "failed.json").exists()
