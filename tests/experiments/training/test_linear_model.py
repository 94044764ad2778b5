import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import r2_score, roc_auc_score
from small_runs import with_values
from threadpoolctl import threadpool_info, threadpool_limits

from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.linear_config import LinearConfig, config_from_json
from representation_music.experiments.training import linear_model
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.linear_fits import fits, predict
from representation_music.experiments.training.linear_inputs import _out_of_fold
from representation_music.experiments.training.linear_model import INVERSE_L2, _best_fit
from representation_music.experiments.training.lyrics import Words
from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.training_songs import (
    drawn_for_validation,
    select_training_songs,
    validation_labels,
)
from representation_music.plots.drawing.arms import arm_of
from representation_music.utils.errors import InputError
from representation_music.utils.records import read_runs
from representation_music.utils.tasks import Task

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


def linear(task, size=500, seed=0):
    return LinearConfig((task,), "artist", size, seed, "songs.h5")


def fitted(config, songs, runs):
    """A trained and evaluated model: its folder, test songs and predictions."""
    folder = Path(train_run(config, runs, dataset=songs)["folder"])
    evaluate_run(folder, dataset=songs)
    with np.load(folder / "predictions-test.npz") as file:
        predictions, ids = file["task0"], file["ids"]
    positions = np.searchsorted(songs.ids, ids)
    return folder, positions, predictions


@pytest.fixture(scope="module", params=["binary", "regression", "multiclass"])
def of_kind(request, songs, tmp_path_factory):
    """A kind of label, and the folder, test songs and predictions of its model."""
    runs = tmp_path_factory.mktemp("linear")
    return request.param, *fitted(linear(request.param), songs, runs)


def test_it_finds_what_is_linear_in_the_words(songs, of_kind):
    kind, folder, positions, predictions = of_kind
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


def test_what_is_evaluated_is_the_fit_that_was_best_on_validation(songs, of_kind):
    kind, folder, positions, predictions = of_kind
    record = json.loads((folder / "record.json").read_text())
    training = select_training_songs(linear(kind), songs)
    task, counts = songs.task(kind), songs.counts
    words = Words.of(counts[training.positions], record["chosen"]["input_transform"])
    own = words.read(counts[training.positions])
    for strength, coefficients, intercept in fits(task, own, training.labels[:, 0], INVERSE_L2):
        again = predict(task, coefficients, intercept, words.read(counts[positions]))
        if strength == record["chosen"]["inverse_l2"]:
            break
    np.testing.assert_allclose(predictions, again, atol=1e-6)


def test_training_reads_no_label_of_the_test_split_and_evaluation_changes_no_prediction(
    songs, tmp_path
):
    column = songs.columns["binary"]
    values = column.values.copy()
    test = songs.split("artist")["test"]
    values[test] = 1 - values[test]
    columns = songs.columns | {"binary": dataclasses.replace(column, values=values)}
    others = dataclasses.replace(songs, columns=columns)
    _, _, before = fitted(linear("binary"), songs, tmp_path / "one")
    _, _, after = fitted(linear("binary"), others, tmp_path / "two")
    np.testing.assert_array_equal(before, after)
    folder = Path(train_run(linear("binary", 200), tmp_path, dataset=songs)["folder"])
    assert not list(folder.glob("*test*"))


@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_the_labels_of_validation_songs_beyond_those_it_may_see_choose_nothing(
    songs, tmp_path, kind
):
    config = dataclasses.replace(linear(kind, 120), validation_labels=40)
    validation = songs.split("artist")["validation"]
    validation = validation[np.isfinite(songs.labels(kind)[validation])]
    seen = drawn_for_validation(validation, 40, config.seed)
    assert len(seen) == 40 < len(validation)
    column = songs.columns[kind]
    values = column.values.copy()
    unseen = np.setdiff1d(validation, seen)
    values[unseen] = -values[unseen] if kind == "regression" else 1 - values[unseen]
    others = dataclasses.replace(
        songs, columns=songs.columns | {kind: dataclasses.replace(column, values=values)}
    )
    _, _, before = fitted(config, songs, tmp_path / "one")
    _, _, after = fitted(config, others, tmp_path / "two")
    np.testing.assert_array_equal(before, after)


def test_all_arms_of_a_target_size_and_seed_share_one_model():
    config = RunConfig(tasks=("binary", "regression"), training_size=200, seed=3)
    arm = dataclasses.replace(config, auxiliary_size=100, batch_size=8, task_weights=(1, 0))
    assert LinearConfig.beside(arm) == LinearConfig.beside(config)
    other_seed = dataclasses.replace(config, seed=4)
    assert LinearConfig.beside(other_seed) != LinearConfig.beside(config)


def test_it_is_read_among_runs_and_called_what_it_is(songs, tmp_path):
    folder, *_ = fitted(linear("binary", 200), songs, tmp_path)
    (row,) = read_runs([tmp_path]).to_dict("records")
    assert arm_of(row).name == "linear model"
    assert row["training_labels"] == {"binary": 200}
    reported = json.loads((folder / "test.json").read_text())["test"]["binary"]["network"]["auc"]
    assert row["test_auc:binary"] == reported


def test_a_model_that_is_there_is_not_fitted_again(songs, tmp_path):
    folder, *_ = fitted(linear("binary", 200), songs, tmp_path)
    before = (folder / "record.json").stat().st_mtime_ns
    train_run(linear("binary", 200), tmp_path, dataset=songs)
    assert (folder / "record.json").stat().st_mtime_ns == before


def test_it_is_fitted_by_one_thread_which_leaves_the_others_to_the_runs_beside_it(
    songs, tmp_path, monkeypatch
):
    seen = []

    def best_fit(*arguments):
        seen.extend(lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas")
        return _best_fit(*arguments)

    monkeypatch.setattr(linear_model, "_best_fit", best_fit)
    with threadpool_limits(2, "blas"):
        train_run(linear("regression", 200), tmp_path, dataset=songs)
    assert set(seen) == {1}


def test_its_config_is_read_back_and_checked():
    config = linear("binary", 200, 3)
    assert config_from_json(config.to_json()) == config
    for change in ({"seed": "3"}, {"tasks": ["a", "b"]}, {"training_size": -1}, {"batch_size": 3}):
        with pytest.raises(InputError):
            config_from_json(config.to_json() | change)


@pytest.mark.parametrize(("kind", "outputs"), [("binary", 1), ("multiclass", 3)])
def test_an_auxiliary_label_that_no_fold_can_be_fitted_on_tells_nothing(kind, outputs):
    task = Task("rare", kind, 3 if kind == "multiclass" else 0)
    labels = np.array([1.0, np.nan, np.nan, 0.0])
    scores, coefficients, intercept = _out_of_fold(
        task, csr_array(np.eye(4, dtype=np.float32)), labels, np.array([0, 0, 1, 1])
    )
    assert scores.shape == (4, outputs) and not scores.any()
    assert coefficients.shape == (outputs, 4) and len(intercept) == outputs


def test_it_chooses_by_no_more_validation_songs_than_nets_are_scored_on(songs):
    config = RunConfig(tasks=("binary",), training_size=300, validation_size=40)
    training = select_training_songs(config, songs)
    beside = LinearConfig.beside(config)
    assert validation_labels(config, training) == validation_labels(beside, training) == 40


@pytest.mark.usefixtures("few_linear_models")
@pytest.mark.parametrize(("kind", "only"), [("binary", 0.0), ("binary", 1.0), ("multiclass", 2.0)])
def test_training_songs_of_one_class_teach_the_constant_predictor(songs, tmp_path, kind, only):
    train = songs.split("artist")["train"]
    columns = with_values(songs, **{kind: songs.columns[kind].values.copy()})
    columns[kind].values[train] = only
    folder, _, predictions = fitted(
        linear(kind), dataclasses.replace(songs, columns=columns), tmp_path
    )
    assert np.ptp(predictions, axis=0) == pytest.approx(0)
    of_class = predictions if kind == "binary" else predictions[:, int(only)]
    assert of_class == pytest.approx(only if kind == "binary" else 1)
    result = json.loads((folder / "test.json").read_text())["test"][kind]
    assert result["network"]["log_loss"] == pytest.approx(result["constant"]["log_loss"])


def test_a_split_without_a_label_to_choose_by_is_refused_as_for_networks(songs, tmp_path):
    values = songs.columns["regression"].values.copy()
    values[songs.split("artist")["validation"]] = np.nan
    others = dataclasses.replace(songs, columns=with_values(songs, regression=values))
    with pytest.raises(InputError, match="no label in the validation part of the split 'artist'"):
        train_run(linear("regression"), tmp_path, dataset=others)
