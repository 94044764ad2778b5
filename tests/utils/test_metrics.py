import math
import time
import warnings

import numpy as np
import pytest
from sklearn import metrics as reference

from representation_music.utils.metrics import (
    DEFAULT_METRIC,
    METRICS,
    METRICS_OF,
    constant_prediction,
    repeat_constant,
    scores,
)
from representation_music.utils.tasks import Task

POP = Task("pop", "binary")
GENRE = Task("genre", "multiclass", num_classes=4)
YEAR = Task("year", "regression", unit="years")


def binary_songs(songs=800, decimals=17):
    random = np.random.default_rng(3)
    labels = (random.random(songs) < 0.7).astype(float)
    return labels, np.round(np.clip(random.normal(0.4 + 0.3 * labels, 0.2), 0.01, 0.99), decimals)


def genre_songs(songs=600, classes=4):
    random = np.random.default_rng(5)
    labels = random.integers(0, 4, songs).astype(float)
    logits = random.normal(size=(songs, classes))
    logits[np.arange(songs), labels.astype(int)] += 1
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.mark.parametrize("decimals", [17, 1])  # 1: eleven distinct predictions, nearly all tied
def test_binary_scores_equal_those_of_scikit_learn_also_with_tied_predictions(decimals):
    labels, predictions = binary_songs(decimals=decimals)
    ours = scores(POP, labels, predictions)
    decided = predictions >= 0.5
    assert ours["error"] == pytest.approx(1 - reference.accuracy_score(labels, decided))
    assert ours["balanced_accuracy"] == pytest.approx(
        reference.balanced_accuracy_score(labels, decided)
    )
    assert ours["auc"] == pytest.approx(reference.roc_auc_score(labels, predictions), abs=1e-12)
    assert ours["average_precision"] == pytest.approx(
        reference.average_precision_score(labels, predictions), abs=1e-12
    )
    assert ours["log_loss"] == pytest.approx(reference.log_loss(labels, predictions))


def test_multiclass_scores_equal_those_of_scikit_learn():
    labels, predictions = genre_songs()
    ours = scores(GENRE, labels, predictions)
    decided = predictions.argmax(axis=1)
    assert ours["error"] == pytest.approx(1 - reference.accuracy_score(labels, decided))
    assert ours["balanced_accuracy"] == pytest.approx(
        reference.balanced_accuracy_score(labels, decided)
    )
    assert ours["auc"] == pytest.approx(
        reference.roc_auc_score(labels, predictions, multi_class="ovr")
    )
    assert ours["average_precision"] == pytest.approx(
        reference.average_precision_score(np.eye(4)[labels.astype(int)], predictions)
    )
    assert ours["log_loss"] == pytest.approx(reference.log_loss(labels, predictions))


def test_multiclass_means_leave_out_a_class_that_no_song_has():
    labels, predictions = genre_songs(classes=5)
    ours = scores(Task("genre", "multiclass", num_classes=5), labels, predictions)
    by_class = [reference.roc_auc_score(labels == k, predictions[:, k]) for k in range(4)]
    assert ours["auc"] == pytest.approx(np.mean(by_class))


def test_regression_scores_equal_those_of_scikit_learn():
    random = np.random.default_rng(0)
    labels = random.normal(1998, 10, 500)
    predictions = labels + random.normal(1, 5, 500)
    ours = scores(YEAR, labels, predictions)
    assert ours["rmse"] == pytest.approx(reference.mean_squared_error(labels, predictions) ** 0.5)
    assert ours["mae"] == pytest.approx(reference.mean_absolute_error(labels, predictions))
    assert ours["r2"] == pytest.approx(reference.r2_score(labels, predictions))


def test_skill_is_relative_to_the_constant_found_in_training():
    labels = np.array([0.0, 2.0, 4.0])
    # squared errors: predicted 1, 0, 1 (mean 2/3); constant 3: 9, 1, 1 (mean 11/3)
    ours = scores(YEAR, labels, np.array([1.0, 2.0, 5.0]), constant=np.array([3.0]))
    assert ours["skill"] == pytest.approx(1 - (2 / 3) / (11 / 3))
    assert ours["r2"] == pytest.approx(1 - 2 / 8)


@pytest.mark.parametrize(
    ("task", "songs"), [(POP, binary_songs), (GENRE, genre_songs)], ids=["binary", "multiclass"]
)
def test_the_constant_predictor_has_skill_0_and_auc_one_half(task, songs):
    labels, _ = songs()
    constant = constant_prediction(task, labels[:300])
    ours = scores(task, labels, repeat_constant(constant, len(labels)), constant)
    assert ours["skill"] == 0
    assert ours["auc"] == pytest.approx(0.5)


def test_the_constant_predictor_of_70_percent_positives_errs_on_the_other_30():
    labels = np.repeat([1.0, 0.0], [705, 295])
    constant = constant_prediction(POP, labels)
    ours = scores(POP, labels, repeat_constant(constant, 1000))
    assert constant == pytest.approx([0.705])
    assert ours["error"] == pytest.approx(0.295)
    assert ours["balanced_accuracy"] == 0.5
    assert ours["average_precision"] == pytest.approx(0.705)


def test_class_frequencies_count_labelled_songs_only():
    labels = np.array([0, 0, 3, np.nan, 1, np.nan])
    assert constant_prediction(GENRE, labels) == pytest.approx([0.5, 0.25, 0, 0.25])


def test_songs_without_the_label_change_nothing():
    labels, predictions = binary_songs()
    gaps = np.where(np.arange(len(labels)) % 3 == 0, np.nan, labels)
    known = ~np.isnan(gaps)
    spoiled = np.where(known, predictions, np.nan)  # predicted there or not
    constant = np.array([0.6])
    assert scores(POP, gaps, spoiled, constant) == scores(
        POP, labels[known], predictions[known], constant
    )


@pytest.mark.parametrize("task", [POP, GENRE, YEAR], ids=lambda task: task.kind)
def test_no_labels_give_nan_for_every_score_and_no_warning(task):
    constant = constant_prediction(task, np.full(5, np.nan))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = scores(task, np.full(7, np.nan), repeat_constant(constant, 7), constant)
    assert list(ours) == list(METRICS_OF[task.kind])
    assert all(math.isnan(score) for score in ours.values())


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_only_leaves_ranking_scores_undefined_but_not_the_error(label):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = scores(POP, np.full(4, label), np.full(4, 0.9))
    assert ours["error"] == 1 - label
    for name in ("auc", "average_precision", "balanced_accuracy"):
        assert math.isnan(ours[name])


def test_equal_values_leave_r2_undefined():
    ours = scores(YEAR, np.full(3, 1999.0), np.array([1998.0, 1999.0, 2000.0]), np.array([1999.0]))
    assert ours["mae"] == pytest.approx(2 / 3)
    assert math.isnan(ours["r2"])
    assert math.isnan(ours["skill"])


def test_predictions_that_are_not_finite_score_nan():
    ours = scores(POP, np.array([0.0, 1.0]), np.array([np.nan, 0.4]))
    assert all(math.isnan(score) for score in ours.values())


def test_a_sure_mistake_costs_a_finite_log_loss():
    assert scores(POP, np.array([1.0]), np.array([0.0]))["log_loss"] == pytest.approx(
        16.118, abs=1e-3
    )


def test_predictions_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        scores(GENRE, np.zeros(3), np.full((3, 2), 0.5))


def test_every_kind_has_a_default_metric_among_its_own():
    for kind, name in DEFAULT_METRIC.items():
        assert name in METRICS_OF[kind]
        assert METRICS[name].higher_is_better


def test_axis_labels_carry_the_unit_of_the_task():
    assert METRICS["rmse"].axis_label(YEAR) == "RMSE (years)"
    assert METRICS["r2"].axis_label(YEAR) == "R²"


def test_scoring_six_thousand_songs_takes_milliseconds():
    labels, predictions = binary_songs(6000)
    constant = constant_prediction(POP, labels)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        scores(POP, labels, predictions, constant)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.02
