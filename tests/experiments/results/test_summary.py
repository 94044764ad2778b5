import pytest
from made_up_study import make_results

from representation_music.experiments.design.arms import CONTROLS
from representation_music.experiments.results.baselines import near_constant
from representation_music.experiments.results.summary import control_checks, cuts, summarise

LOW = {"architecture": "low_level_sharing", "coupling": "tight", "songs": 1000}
HIGH = LOW | {"architecture": "high_level_sharing"}
LOOSE = LOW | {"coupling": "loose"}
ALIKE = "no material difference"


def judged(verdicts, factors=(LOW, HIGH), study="benefit", changes=(), **values):
    """What cells with these verdicts come to; their gains on the single task are .01, .02, ..."""
    results = make_results(factors, study, **values)
    cells = results["cells"]
    for cell, verdict in zip(cells, verdicts, strict=True):
        cell["metrics"]["auc"]["verdict"] = verdict
    results["contrasts"] = [
        {"asks": results["question"], "metrics": {"auc": {"verdict": change}}} for change in changes
    ] + [{"asks": "another question", "metrics": {"auc": {"verdict": "larger gain"}}}]
    return summarise(cells, "auc", results)


@pytest.mark.parametrize(
    ("verdicts", "code", "status"),
    [
        (["benefit", "benefit"], "benefit", "benefit"),
        (["benefit", "no evidence"], "benefit in part", "benefit"),
        (["no evidence", ALIKE], "no evidence", "none"),
        ([ALIKE] * 2, ALIKE, "none"),
        ([ALIKE, "too small to matter"], "too small", "none"),
        (["no evidence", "too small to matter"], "too small", "none"),
        (["harm", "harm"], "harm", "harm"),
        (["harm", "no evidence"], "harm in part", "harm"),
        (["harm", "benefit"], "depends", "none"),
    ],
)
def test_a_verdict_that_flips_changes_the_answer(verdicts, code, status):
    found = judged(verdicts)["answer"]
    assert (found["code"], found["status"]) == (code, status)


@pytest.mark.parametrize(
    ("verdicts", "changes", "code"),
    [
        (["benefit", "no evidence"], ["smaller gain"], "changes"),
        (["benefit", "benefit"], ["no evidence"], "no evidence"),
        (["benefit", "benefit"], [ALIKE], "no change"),
        (["benefit", "benefit"], ["too small to matter"], "small change"),
        # Where no change could be judged, verdicts may differ by level.
        (["benefit", "no evidence"], [], "differing verdicts"),
        (["benefit", "benefit"], [], "alike"),
        (["no evidence", ALIKE], [], "no evidence"),
    ],
)
def test_a_study_that_compares_is_answered_by_changes_of_the_gain(verdicts, changes, code):
    found = judged(verdicts, (LOW, LOOSE), "coupling", changes)
    assert found["answer"]["code"] == code
    if code == "differing verdicts":
        assert (found["answer"]["levels"], found["answer"]["of"]) == (1, 2)


def test_one_level_of_what_is_compared_leaves_the_question_open():
    found = judged(["benefit", "benefit"], study="coupling")
    assert found["answer"]["code"] == "open"
    (warning,) = found["warnings"]
    assert (warning["code"], warning["level"]) == ("one level", "tight")


def test_the_cell_cited_is_the_largest_gain_among_benefits_or_of_all():
    assert judged(["no evidence"] * 2)["answer"]["cell"] == 1
    assert judged(["benefit", "no evidence"])["answer"]["cell"] == 0


def test_counts_and_warnings_tell_what_a_verdict_is_worth():
    results = make_results((LOW, HIGH), seeds=2, missing_cells=1)
    results["cells"][0]["metrics"]["auc"]["loses_to_linear"] = True
    found = summarise(results["cells"], "auc", results)
    assert found["counts"]["verdicts"] == {"benefit": 1, "no evidence": 1}
    assert found["counts"]["below_linear"] == 1
    codes = [warning["code"] for warning in found["warnings"]]
    assert codes == ["few seeds", "below linear", "missing cells"]


def controls(claims):
    """A control that passes, one that fails, and 20 meetings of which so many claim something."""
    first = make_results([{"control": "related"}, {"control": "unrelated"}], "controls")
    null = make_results([{"control": "null", "meeting": n} for n in range(20)], "controls")
    for cell, passes in zip(first["cells"], (True, False), strict=True):
        cell |= {"expected": ["benefit"], "passes": passes}
    for number, cell in enumerate(null["cells"]):
        cell |= {"expected": ["no evidence"], "passes": number >= claims, "judged_alone": True}
    return first["cells"] + null["cells"]


def test_the_null_control_is_one_and_passes_without_a_claim():
    cells = controls(claims=0)
    assert [check["passes"] for check in control_checks(cells)] == [True, False, True]
    assert [check["passes"] for check in control_checks(controls(1))][-1] is False
    study = {"question": "", "contrasts": [], "compares": "", "missing_cells": 0, "seeds": 5}
    found = summarise(cells, "auc", study)
    assert (found["answer"]["code"], found["answer"]["cell"]) == ("fail", 1)
    assert (found["counts"]["controls_passed"], found["counts"]["controls"]) == (2, 3)
    assert found["counts"]["cells"] == 2  # the meetings are judged alone


def test_nets_that_stay_near_the_constant_predictor_are_found_and_counted():
    results = make_results([LOW, LOW | {"songs": 500}], seeds=3)
    cell = results["cells"][1]
    found = cell["metrics"]["auc"]
    runs = {arm: entry["runs"] for arm, entry in cell["arms"].items()}
    assert near_constant(found, runs, True) == {}
    linear = found["scores"]["linear model"][0]
    near = found["constant"] + 0.2 * (linear - found["constant"])
    found["seed_scores"]["arm"] = [near, found["constant"] - 0.1, linear]
    found["seed_scores"]["single task"] = [near, linear, linear]
    cell["near_constant"] = near_constant(found, runs, True)
    assert cell["near_constant"] == {
        "arm": runs["arm"][:2],
        "single task": runs["single task"][:1],
    }
    counts = summarise(results["cells"], "auc", results)["counts"]["near_constant"]
    assert (counts["nets"], counts["of_nets"], counts["cells"]) == (2, 6, 1)
    assert (counts["rivals"], counts["of_rivals"]) == (1, 18)
    found["scores"]["linear model"] = [None, None, None]
    assert near_constant(found, runs, True) is None


OPTIONS = {"controls": list(CONTROLS)}


@pytest.mark.parametrize(
    ("sizes", "options", "told"),
    [
        ((1000,), {}, []),
        ((250,), {}, ["training songs: 250"]),
        (
            (1000,),
            {
                "architectures": ["low_level_sharing"],
                "controls": [c for c in CONTROLS if c != "permuted"],
                "num_steps": 500,
            },
            [
                "architectures: low level sharing",
                "without the arms permuted auxiliaries",
                "at most 500 steps per run",
            ],
        ),
        ((1000,), {"auxiliary_sizes": [100, 5000]}, ["further songs: 100, 5,000"]),
    ],
)
def test_what_a_study_was_cut_to_is_told_from_its_options_and_sizes(sizes, options, told):
    study = {"sizes": [1000], "options": OPTIONS | options}
    cells = [{"factors": {"songs": size}, "rivals": {"single task": []}} for size in sizes]
    assert [cut["text"] for cut in cuts(study, cells)] == told


def test_idle_experts_and_collapsed_gates_are_warned_of():
    results = make_results((LOW, HIGH))
    results["runs"] = {
        "a": {"idle_experts": ["fc2 expert 3"], "collapsed_gates": ["fc2 pop on expert 1"]},
        "b": {"idle_experts": [], "collapsed_gates": ["fc2 pop on expert 2"]},
        "c": {"idle_experts": None, "collapsed_gates": None},
    }
    idle, collapsed = summarise(results["cells"], "auc", results)["warnings"]
    assert idle["text"] == "gates hardly use some expert in 1 of 2 nets with experts"
    assert collapsed["text"] == "a gate reads one expert alone in 2 of 2 nets with experts"
