import numpy as np
import pytest
from scipy.stats import linregress

from representation_music.experiments.training.scoring import fitted_scale


def test_predictions_of_half_the_spread_are_fitted_as_by_least_squares():
    random = np.random.default_rng(0)
    labels = 2000 + 10 * random.standard_normal(5000)
    predictions = 1990 + 0.1 * (labels - 2000) + 2 * random.standard_normal(5000)
    offset, factor = fitted_scale(labels, predictions)
    expected = linregress(predictions, labels)
    by_chance = expected.stderr**2 / (expected.slope - 1) ** 2
    assert factor == pytest.approx(1 + (expected.slope - 1) * (1 - by_chance))
    assert (offset + factor * predictions).mean() == pytest.approx(labels.mean())
    # A label that is missing takes no part.
    more = fitted_scale(np.append(labels, np.nan), np.append(predictions, 9.0))
    assert more == pytest.approx((offset, factor))


def test_a_factor_that_may_be_chance_stays_1():
    random = np.random.default_rng(1)
    predictions = random.standard_normal(50)
    labels = 1.05 * predictions + random.standard_normal(50) * 2 + 3
    offset, factor = fitted_scale(labels, predictions)
    assert factor == 1
    assert offset == pytest.approx(labels.mean() - predictions.mean())


@pytest.mark.parametrize("predictions", [np.full(9, 4.0), np.full(9, np.nan), np.zeros(0)])
def test_predictions_that_tell_nothing_stay_as_they_are(predictions):
    assert fitted_scale(np.arange(float(len(predictions))), predictions) == (0, 1)
