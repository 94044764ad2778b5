import numpy as np
import pytest
from scipy import stats

from representation_music.experiments.relatedness.over_targets import (
    foretold,
    unseen_targets,
    within_targets,
)
from representation_music.utils.statistics.rank_correlation import rank_correlation

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
            point["auxiliaries"] = [f"auxiliary {len(found)}"]
            found.append(point | {"gains": {RIVAL: [float(gain), 0, 0]}})
    return found


def test_ranks_are_compared_within_targets_whatever_each_gains():
    found = within_targets(points(5, {"good": 1.0, "none": 0.0}), "good", RIVAL)
    assert (found["targets"], found["pairs"], found["spearman"][0]) == (5, 30, pytest.approx(1))
    of_none = within_targets(points(5, {"good": 1.0, "none": 0.0}), "none", RIVAL)
    value, low, high = of_none["spearman"]
    assert low < value < high and low < 0.5


def test_of_one_target_it_is_scipys_correlation_and_of_several_ranks_are_partialled_by_target():
    one = points(1, {"fair": 0.5})
    x = [point["relatedness"]["fair"][0] for point in one]
    y = [point["gains"][RIVAL][0] for point in one]
    assert within_targets(one, "fair", RIVAL)["spearman"] == rank_correlation(x, y)["spearman"]
    several = points(4, {"fair": 0.5})
    pairs = [(p["relatedness"]["fair"][0], p["gains"][RIVAL][0]) for p in several]
    ranks = np.array([stats.rankdata(part, axis=0) for part in np.reshape(pairs, (4, 6, 2))])
    # The partial correlation of ranks given the target, as the residuals of two regressions.
    design = np.kron(np.eye(4), np.ones((6, 1)))
    ranks = ranks.reshape(24, 2)
    residuals = ranks - design @ np.linalg.lstsq(design, ranks, rcond=None)[0]
    value, low, high = within_targets(several, "fair", RIVAL)["spearman"]
    assert value == pytest.approx(stats.pearsonr(*residuals.T).statistic)
    half = 1.959964 * np.sqrt((1 + value**2 / 2) / (24 - 3 - 3))
    assert [low, high] == pytest.approx(np.tanh(np.arctanh(value) + np.array([-half, half])))


def test_a_measure_is_chosen_on_one_half_of_the_targets_and_tried_on_the_other():
    halves = unseen_targets(
        points(8, {"none": 0.0, "good": 1.0}), ("none", "good", "absent"), RIVAL
    )
    assert [(half["measure"], half["targets"]) for half in halves] == [("good", 4), ("good", 4)]
    assert all(half["chosen"] == half["best"] > half["mean"] for half in halves)
    assert all(half["spearman"][0] == pytest.approx(1) for half in halves)
    assert unseen_targets([], ("none",), RIVAL) == []


def test_of_other_data_only_the_measure_is_taken_and_new_gains_have_no_say():
    seen = points(2, {"good": 1.0, "none": 0.0})
    new = points(2, {"good": 0.0, "none": 1.0}, seed=1)
    row = foretold(seen, new, ("good", "none"), RIVAL)
    assert (row["measure"], row["fitted"], row["targets"]) == ("good", pytest.approx(1), 2)
    assert row["spearman"] == within_targets(new, "good", RIVAL)["spearman"]
    assert row["chosen"] < row["best"]
    of_first = [point for point in new if point["target"] == "t0"]
    first = max(of_first, key=lambda point: point["relatedness"]["good"][0])
    assert row["choices"]["t0"] == first["auxiliaries"]
    assert foretold([], new, ("good",), RIVAL) == foretold(seen, [], ("good",), RIVAL) == {}


def test_a_measure_that_is_known_of_few_pairs_is_not_chosen():
    seen = points(2, {"good": 0.7, "perfect": 1.0})
    assert foretold(seen, seen, ("good", "perfect"), RIVAL)["measure"] == "perfect"
    for point in seen[3:]:
        del point["relatedness"]["perfect"]
    assert within_targets(seen, "perfect", RIVAL)["spearman"][0] == pytest.approx(1)
    assert foretold(seen, seen, ("good", "perfect"), RIVAL)["measure"] == "good"


def test_cells_that_other_labels_set_apart_are_not_ranked_together():
    few, many = points(4, {"good": 1.0}), points(4, {"good": 1.0}, seed=1)
    shifted = [
        point | {"apart": "1,000 labels", "gains": {RIVAL: [point["gains"][RIVAL][0] - 9, 0, 0]}}
        for point in many
    ]
    assert within_targets(few + shifted, "good", RIVAL)["spearman"][0] == pytest.approx(1)
