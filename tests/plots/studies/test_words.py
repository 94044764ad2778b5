import pytest
from made_up_study import make_results

from representation_music.plots.studies.words import (
    cuts,
    factor_words,
    hardly_learnt,
    rivals_told,
)

CELL = {"architecture": "low_level_sharing", "coupling": "tight"}


def of_sizes(*sizes, study="training_size", **options):
    cells = [CELL | {"songs": size} for size in sizes]
    return make_results(cells, study, options=options)


@pytest.mark.parametrize(
    ("results", "told"),
    [
        (of_sizes(1000, study="benefit"), []),
        (
            of_sizes(500, 1000, sizes=[500, 1000]),
            ["500 and 1,000 training songs, not all 10 sizes of 2016"],
        ),
        (
            of_sizes(500, 1000, 1090),
            [
                "500, 1,000 and 1,090 training songs, not all 10 sizes of 2016, for there are no "
                "more songs"
            ],
        ),
        (
            of_sizes(250, study="benefit", sizes=[250]),
            ["250 training songs in place of the study's own"],
        ),
        (
            of_sizes(
                1000,
                study="benefit",
                architectures=["low_level_sharing"],
                controls=["weights-0"],
                num_steps=500,
            ),
            ["low-level sharing only", "without permuted auxiliaries", "at most 500 steps a run"],
        ),
        (
            of_sizes(1000, study="benefit", controls=[]),
            ["without auxiliary weights 0 and permuted auxiliaries"],
        ),
    ],
)
def test_what_a_study_was_cut_to_is_told_from_its_options(results, told):
    assert cuts(results) == told


def test_rivals_are_told_of_each_control_where_they_differ():
    alike = make_results([CELL | {"songs": 1000}], rivals=("single task", "auxiliary weights 0"))
    assert rivals_told(alike) == "Rivals: the single task and the arm with auxiliary weights 0."
    first = make_results([{"control": "related"}, {"control": "unrelated"}], "controls")
    null = make_results([{"control": "null"}], "controls", rivals=("itself",))
    both = first | {"cells": first["cells"] + null["cells"]}
    assert rivals_told(both) == (
        "Rivals: the single task, the arm with auxiliary weights 0 and the arm with permuted "
        "auxiliaries (related and unrelated); itself (null)."
    )


def test_nets_that_stay_at_the_constant_predictor_are_counted():
    factors = [{"architecture": "SSPP", "songs": songs} for songs in (500, 1000)]
    results = make_results(factors, seeds=3)
    assert hardly_learnt(results) == ""
    found = results["cells"][1]["metrics"]["auc"]
    linear = found["scores"]["linear model"][0]
    near = found["constant"] + 0.2 * (linear - found["constant"])
    found["seed_scores"]["arm"] = [near, found["constant"] - 0.1, linear]
    assert hardly_learnt(results) == "2 of 6 nets in question (in 1 of 2 cells) have hardly learnt"
    found["seed_scores"]["single task"] = [near, linear, linear]
    told = hardly_learnt(results)
    assert told.startswith("2 of 6 nets in question (in 1 of 2 cells) and 1 of ")
    assert told.endswith(" nets of rivals have hardly learnt")
    found["scores"]["linear model"] = [None, None, None]
    assert hardly_learnt(results) == ""


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("architecture", "low_level_sharing", "low-level sharing"),
        ("pattern", "SPSP", "SPSP"),
        ("coupling", "tight", "tight task set"),
        ("songs", 25000, "25,000 songs"),
        ("auxiliary songs", 5000, "5,000 auxiliary songs"),
        ("stopped by", "log_loss", "stopped by log loss"),
        ("correlation", 0.9, "correlation .9"),
        ("correlation", 1.0, "correlation 1"),
        ("shared themes", 0.0, "no theme shared"),
        ("shared themes", 0.5, "50 % of themes shared"),
        ("auxiliary", "pop rock", "pop rock"),
    ],
)
def test_factors_in_words(name, value, words):
    assert factor_words(name, value) == words
