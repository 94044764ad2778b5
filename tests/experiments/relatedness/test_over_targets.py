import numpy as np
import pytest
from scipy import stats

from representation_music.experiments.relatedness.over_targets import (
    unseen_targets,
    within_targets,
)

RIVAL = "single task"


def points(targets, measures, seed=0):
    """Six pairs a target; `measures` gives each measure's share of the gain, the rest is noise."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(targets):
        for gain in random.normal(number, 1.0, 6):  # targets gain by different amounts
            noise = random.normal(size=len(measures))
            related = {
                name: [share * (gain - number) + (1 - share) * of, 0, 0]
                for (name, share), of in zip(measures.items(), noise, strict=True)
            }
            point = {"target": f"t{number}", "relatedness": related, "apart": "250 labels"}
            found.append(point | {"gains": {RIVAL: [float(gain), 0, 0]}})
    return found


def test_ranks_are_compared_within_targets_whatever_each_gains():
    found = within_targets(points(5, {"good": 1.0, "none": 0.0}), "good", RIVAL)
    assert (found["targets"], found["pairs"], found["spearman"][0]) == (5, 30, pytest.approx(1))
    of_none = within_targets(points(5, {"good": 1.0, "none": 0.0}), "none", RIVAL)
    value, low, high = of_none["spearman"]
    assert low < value < high and low < 0.5


def test_of_one_target_it_is_spearmans_correlation_without_an_interval():
    one = points(1, {"fair": 0.5})
    x = [point["relatedness"]["fair"][0] for point in one]
    y = [point["gains"][RIVAL][0] for point in one]
    value, low, high = within_targets(one, "fair", RIVAL)["spearman"]
    assert value == pytest.approx(stats.spearmanr(x, y).statistic)
    assert np.isnan([low, high]).all()


def test_a_measure_is_chosen_on_one_half_of_the_targets_and_tried_on_the_other():
    halves = unseen_targets(
        points(8, {"none": 0.0, "good": 1.0}), ("none", "good", "absent"), RIVAL
    )
    assert [(half["measure"], half["targets"]) for half in halves] == [("good", 4), ("good", 4)]
    assert all(half["chosen"] == half["best"] > half["mean"] for half in halves)
    assert unseen_targets([], ("none",), RIVAL) == []


def test_cells_that_other_labels_set_apart_are_not_ranked_together():
    few, many = points(4, {"good": 1.0}), points(4, {"good": 1.0}, seed=1)
    shifted = [
        point | {"apart": "1,000 labels", "gains": {RIVAL: [point["gains"][RIVAL][0] - 9, 0, 0]}}
        for point in many
    ]
    assert within_targets(few + shifted, "good", RIVAL)["spearman"][0] == pytest.approx(1)
