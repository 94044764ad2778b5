import pytest
from made_up_study import make_results

from representation_music.plots.study_words import cuts, rivals_told

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
