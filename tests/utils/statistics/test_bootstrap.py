import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from representation_music.utils.metrics import METRICS_OF, scores
from representation_music.utils.statistics.bootstrap import draw_groups, resampled_scores
from representation_music.utils.tasks import Task

TASKS = {
    "binary": Task("pop", "binary"),
    "multiclass": Task("genre", "multiclass", num_classes=3),
    "regression": Task("year", "regression", unit="years"),
}
CASES = [(kind, metric) for kind, metrics in METRICS_OF.items() for metric in metrics]


def songs_of_artists(kind, songs=300, artists=90):
    """Labels with gaps, tied predictions and artists, made from a fixed seed."""
    random = np.random.default_rng(8)
    artist = random.integers(artists, size=songs)
    if kind == "regression":
        labels = random.normal(1998, 10, songs)
        predictions, constant = labels + random.normal(0, 8, songs), np.array([1997.0])
    elif kind == "binary":
        labels = (random.random(songs) < 0.6).astype(float)
        predictions = np.round(random.beta(2 + labels, 2), 1)
        constant = np.array([0.6])
    else:
        labels = random.integers(3, size=songs).astype(float)
        logits = random.normal(size=(songs, 3)) + np.eye(3)[labels.astype(int)]
        predictions = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        constant = np.array([0.3, 0.3, 0.4])
    labels[random.random(songs) < 0.1] = np.nan
    return labels, predictions, artist, constant


@pytest.mark.parametrize(("kind", "metric"), CASES)
def test_a_resample_scores_as_the_songs_of_the_drawn_artists_written_out(kind, metric):
    labels, predictions, artist, constant = songs_of_artists(kind)
    weights = draw_groups(90, 5, np.random.default_rng(1))
    ours = resampled_scores(
        TASKS[kind], metric, labels, predictions, artist, weights, constant=constant
    )
    for column in range(5):
        times = weights[artist, column].astype(int)
        drawn = np.repeat(np.arange(len(labels)), times)
        written_out = scores(TASKS[kind], labels[drawn], predictions[drawn], constant)
        assert ours[column] == pytest.approx(written_out[metric], rel=1e-6)


def test_weighted_ranking_metrics_equal_those_of_scikit_learn():
    labels, predictions, artist, _ = songs_of_artists("binary")
    known = ~np.isnan(labels)
    weights = draw_groups(90, 3, np.random.default_rng(2))
    of_song = weights[artist[known]]
    for metric, reference in (
        ("auc", roc_auc_score),
        ("average_precision", average_precision_score),
    ):
        ours = resampled_scores(TASKS["binary"], metric, labels, predictions, artist, weights)
        expected = [
            reference(labels[known], predictions[known], sample_weight=of_song[:, column])
            for column in range(3)
        ]
        assert ours == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("metric", METRICS_OF["binary"])
def test_a_resample_with_one_class_only_is_undefined_for_ranking_metrics(metric):
    labels, predictions = np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.4, 0.9])
    only_positives = np.array([[0.0], [1.0], [2.0]], np.float32)
    ours = resampled_scores(
        TASKS["binary"], metric, labels, predictions, np.arange(3), only_positives, np.array([0.5])
    )
    assert np.isnan(ours[0]) == (metric in ("auc", "average_precision", "balanced_accuracy"))


def test_as_many_groups_are_drawn_as_there_are_and_each_once_on_average():
    weights = draw_groups(50, 4000, np.random.default_rng(0))
    assert (weights.sum(axis=0) == 50).all()
    # Each weight is Binomial(50, 1/50): its mean over 4,000 draws has standard error .0157.
    assert np.abs(weights.mean(axis=1) - 1).max() < 4.5 * 0.0157
    assert weights.var() == pytest.approx(0.98, abs=0.02)


def test_a_metric_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="rmse"):
        resampled_scores(
            TASKS["binary"], "rmse", np.zeros(1), np.zeros(1), np.zeros(1, int), np.ones((1, 1))
        )
