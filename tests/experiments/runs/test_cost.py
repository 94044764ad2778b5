"""Estimates of time against what was measured."""

import pytest

from representation_music.experiments.runs.config import DEFAULT
from representation_music.experiments.runs.cost import SECONDS_A_RUN, estimated_seconds
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import network_of

#: How many times as long as by the plain sum a step by PCGrad takes (benchmarks/README.md).
MEASURED = {
    ("low_level_sharing", 3): 1.33,
    ("low_level_sharing", 10): 1.58,
    ("cross_stitch", 3): 1.60,
    ("cross_stitch", 10): 3.35,
    ("mmoe", 3): 1.64,
    ("mmoe", 10): 3.17,
    ("ple", 3): 1.82,
    ("ple", 10): 4.31,
}


def over_the_sum(objective, architecture="low_level_sharing", num_tasks=3):
    """How many times as long as by the plain sum training takes, as it is estimated."""
    tasks = tuple(f"task {number}" for number in range(num_tasks))
    config = DEFAULT.replace(tasks=tasks, architecture=architecture)
    by_sum, by_objective = (
        estimated_seconds(config.replace(objective=name), 1000, 1024) - SECONDS_A_RUN
        for name in ("sum", objective)
    )
    return by_objective / by_sum


@pytest.mark.parametrize(("architecture", "num_tasks"), MEASURED)
def test_a_gradient_method_is_estimated_to_take_as_much_longer_as_was_measured(
    architecture, num_tasks
):
    estimated = over_the_sum("pcgrad", architecture, num_tasks)
    assert estimated == pytest.approx(MEASURED[architecture, num_tasks], rel=0.2)


@pytest.mark.parametrize("name", OBJECTIVES.names())
def test_one_task_takes_as_long_by_every_objective(name):
    assert OBJECTIVES[name].step_factor(1, 1.0) == 1


def test_a_second_forward_pass_costs_a_third_and_weights_of_losses_nothing():
    assert over_the_sum("famo") == pytest.approx(4 / 3)
    assert over_the_sum("dwa") == 1


@pytest.mark.parametrize(
    ("pattern", "settings", "below"),
    [
        ("SSPP", {}, 4 * 3),
        ("SSSS", {}, 4 * 3 + 3 * 2 + 2 * 5),
        ("SPSP", {}, 0),  # the second layer is each task's own, and so is all above
        ("SPSP", {"merge": "mean"}, 2 * (4 * 3) + 2 * (3 * 2)),  # down to where streams merge
        ("PPPP", {}, 0),
    ],
)
def test_the_share_below_the_parting_is_that_of_the_layers_that_derivatives_go_down(
    pattern, settings, below
):
    config = NetworkConfig(pattern, widths=(4, 3, 2, 5), **settings)
    network, words = network_of(pattern), 10
    products = network.products_per_song(config, 2, words)
    assert network.share_below_parting(config, 2, words) * products == pytest.approx(below)
