import dataclasses
import json

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import r2_score, roc_auc_score

from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.results.linear_baseline import (
    baseline_config,
    baseline_folder,
    fit_baselines,
)
from representation_music.experiments.runs.config import RunConfig
from representation_music.plots.drawing.arms import arm_of
from representation_music.utils.records import read_runs

NUM_WORDS = 30


@pytest.fixture(scope="module")
def songs():
    """Songs whose labels a weighted sum of their words decides."""
    random = np.random.default_rng(0)
    songs = noise_songs()
    present = random.random((songs.num_songs, NUM_WORDS)) < 0.4
    score = present @ random.standard_normal(NUM_WORDS)
    values = np.array([score > np.median(score), score, np.digitize(score, [-1.0, 1.0])], float)
    values[:, ::10] = np.nan
    kinds = ("binary", "regression", "multiclass")
    columns = {
        kind: LabelColumn(kind, own, ["low", "middle", "high"] if kind == "multiclass" else [])
        for kind, own in zip(kinds, values, strict=True)
    }
    words = [f"word{n}" for n in range(NUM_WORDS)]
    counts = csr_array(present.astype(np.float32))
    return dataclasses.replace(songs, counts=counts, words=words, columns=columns)


def fitted(config, songs, runs):
    runs.parent.mkdir(exist_ok=True)
    songs.save(runs.parent / "songs.h5")
    config = config.replace(dataset=str(runs.parent / "songs.h5"))
    fit_baselines([config], runs)
    folder = baseline_folder(config, songs, runs)
    with np.load(folder / "predictions-test.npz") as file:
        predictions, ids = file["task0"], file["ids"]
    positions = np.searchsorted(songs.ids, ids)
    return folder, positions, predictions


@pytest.mark.parametrize("kind", ["binary", "regression", "multiclass"])
def test_it_finds_what_is_linear_in_the_words(songs, tmp_path, kind):
    config = RunConfig(tasks=(kind, "regression 1"), training_size=500)
    folder, positions, predictions = fitted(config, songs, tmp_path / "runs")
    labels = songs.labels(kind)[positions]
    result = json.loads((folder / "test.json").read_text())["test"][kind]
    if kind == "regression":
        score, reported = r2_score(labels, predictions), result["network"]["r2"]
    else:
        score = roc_auc_score(labels, predictions, multi_class="ovr")
        reported = result["network"]["auc"]
    assert score > 0.95
    assert reported == pytest.approx(score, abs=1e-6)
    assert result["songs"] == len(positions) == np.isfinite(labels).sum()


def test_it_never_looks_at_the_labels_of_the_test_split(songs, tmp_path):
    config = RunConfig(tasks=("binary",), training_size=500)
    _, _, before = fitted(config, songs, tmp_path / "one/runs")
    column = songs.columns["binary"]
    values = column.values.copy()
    test = songs.split("artist")["test"]
    values[test] = 1 - values[test]
    columns = songs.columns | {"binary": dataclasses.replace(column, values=values)}
    others = dataclasses.replace(songs, columns=columns)
    _, _, after = fitted(config, others, tmp_path / "two/runs")
    np.testing.assert_array_equal(before, after)


def test_all_arms_of_a_target_size_and_seed_share_one_model(songs, tmp_path):
    config = RunConfig(tasks=("binary", "regression"), training_size=200, seed=3)
    arm = config.replace(auxiliary_size=100, batch_size=8, task_weights=(1, 0))
    assert baseline_config(arm) == baseline_config(config)
    songs.save(tmp_path / "songs.h5")
    of_songs = [c.replace(dataset=str(tmp_path / "songs.h5")) for c in (config, arm)]
    fit_baselines(of_songs, tmp_path / "runs")
    assert len(list((tmp_path / "runs").iterdir())) == 1
    other_seed = config.replace(seed=4)
    assert baseline_config(other_seed) != baseline_config(config)


def test_it_is_read_among_runs_and_called_what_it_is(songs, tmp_path):
    config = RunConfig(tasks=("binary", "regression"), training_size=200)
    folder, *_ = fitted(config, songs, tmp_path / "runs")
    (row,) = read_runs([tmp_path / "runs"]).to_dict("records")
    assert arm_of(row).name == "linear model"
    assert row["training_labels"] == {"binary": 200}
    reported = json.loads((folder / "test.json").read_text())["test"]["binary"]["network"]["auc"]
    assert row["test_auc:binary"] == reported


def test_a_model_that_is_there_is_not_fitted_again(songs, tmp_path):
    config = RunConfig(tasks=("binary",), training_size=200)
    folder, *_ = fitted(config, songs, tmp_path / "runs")
    before = (folder / "test.json").stat().st_mtime_ns
    fitted(config, songs, tmp_path / "runs")
    assert (folder / "test.json").stat().st_mtime_ns == before
