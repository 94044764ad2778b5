import made_up_page_studies
import pytest
from made_up_study import make_results

from representation_music.plots.page.verdicts import answer, control_checks

LOW = {"architecture": "low_level_sharing", "coupling": "tight", "songs": 1000}
HIGH = LOW | {"architecture": "high_level_sharing"}


def judged(verdicts, factors=(LOW, HIGH), study="benefit", **changes):
    """Cells with these verdicts, whose gains on the single task are .01, .02, ..."""
    results = make_results(factors, study, **changes)
    for cell, verdict in zip(results["cells"], verdicts, strict=True):
        cell["metrics"]["auc"]["verdict"] = verdict
    return results


@pytest.mark.parametrize(
    ("verdicts", "word", "status"),
    [
        (["benefit", "benefit"], "Yes", "benefit"),
        (["benefit", "no evidence"], "In part", "benefit"),
        (["no evidence", "no material difference"], "No evidence", "none"),
        (["no material difference"] * 2, "No material difference", "none"),
        (["harm", "harm"], "No, it harms", "harm"),
        (["harm", "no evidence"], "No, in part it harms", "harm"),
        (["harm", "benefit"], "It depends", "none"),
    ],
)
def test_a_verdict_that_flips_changes_the_answer(verdicts, word, status):
    found = answer(judged(verdicts))
    assert (found.word, found.status) == (word, status)
    assert found.question == "Is multi-task learning beneficial?"


def test_an_answer_cites_a_gain_with_its_interval_and_counts_cells():
    found = answer(judged(["no evidence"] * 2))
    assert found.text == (
        "High-level sharing gains most: +.020 AUC (+.015 to +.025) over the single task."
        " Cells: no evidence in 2 of 2."
    )
    assert found.cell == 1


def test_a_benefit_is_cited_before_a_larger_gain_that_is_none():
    found = answer(judged(["benefit", "no evidence"]))
    assert "Low-level sharing gains most of those with a benefit: +.010 AUC" in found.text
    assert found.cell == 0


def test_no_evidence_beside_an_interval_that_excludes_0_says_why():
    study = judged(["no evidence"], factors=[LOW])
    found = study["cells"][0]["metrics"]["auc"]
    found["p_holm"] = 0.0571
    told = "over the single task, no evidence, as p = .057 after Holm's correction."
    assert told in answer(study).text
    found["gains"]["auxiliary weights 0"]["gain"] = [0.002, -0.003, 0.006]
    assert "as the interval over the arm with auxiliary weights 0 holds 0." in answer(study).text
    found["gains"]["auxiliary weights 0"]["gain"] = [-0.02, -0.03, -0.01]
    assert "auxiliary weights 0 lies on the other side of 0." in answer(study).text
    found["verdict"] = "benefit"
    assert "no evidence" not in answer(study).text
    few = judged(["no evidence"], factors=[LOW], seeds=2)
    assert "as fewer than 3 seeds claim nothing." in answer(few).text


def test_one_seed_has_no_interval():
    found = answer(judged(["no evidence"], factors=[LOW], seeds=1))
    assert "gains +.010 AUC (no interval) over the single task" in found.text


def test_a_question_of_levels_says_with_which_a_benefit_is_seen():
    cells = (LOW, LOW | {"coupling": "loose"})
    found = answer(judged(["benefit", "no evidence"], cells, "coupling"))
    assert found.word == "Perhaps: benefit is seen with the tight task set only"
    assert answer(judged(["benefit"] * 2, cells, "coupling")).word.startswith("Not seen")
    assert answer(judged(["no evidence"] * 2, cells, "coupling")).word == "No evidence"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        (["larger gain", "no evidence"], "Yes: the gain changes in 1 of 2 comparisons"),
        (["larger gain", "smaller gain"], "Yes: the gain changes in 2 of 2 comparisons"),
        (["no material difference"] * 2, "No: the gain does not change by what matters"),
        (["no material difference", "no evidence"], "No evidence"),
    ],
)
def test_where_gains_were_set_against_each_other_their_changes_answer_the_question(changes, word):
    cells = (LOW, HIGH, LOW | {"coupling": "loose"}, HIGH | {"coupling": "loose"})
    study = judged(["benefit"] * 2 + ["no evidence"] * 2, cells, "coupling")
    for cell, verdict in zip(study["cells"][2:], changes, strict=True):
        cell["metrics"]["auc"]["change"] = {"change": [-0.02, -0.03, -0.01], "verdict": verdict}
    assert answer(study).word == word


@pytest.mark.parametrize(
    ("study", "verdict", "word"),
    [
        ("coupling", "no material difference", "No material difference"),
        ("training_size", "no material difference", "No material difference"),
        ("sharing_degree", "no evidence", "No evidence"),
        ("auxiliary_size", "benefit", "Yes"),
        ("auxiliary_size", "no material difference", "No material difference"),
        ("pairs", "benefit", "Yes"),
        ("pairs", "harm", "No, it harms"),
        ("alternating", "harm", "No, it harms"),
        ("output_scaling", "benefit", "Yes"),
        ("stopping", "benefit", "Not seen: the verdicts are alike"),
    ],
)
def test_cells_that_are_all_alike_answer_the_studys_question(study, verdict, word):
    levels = {
        "songs": (500, 1000),
        "coupling": ("tight", "loose"),
        "pattern": ("SSPP", "SSSP"),
        "auxiliary songs": (1000, 5000),
        "auxiliary": ("pop rock", "ballad"),
        "stopped by": ("auc", "log_loss"),
    }
    cells = [LOW | {name: each[n] for name, each in levels.items()} for n in (0, 1)]
    assert answer(judged([verdict] * 2, cells, study)).word == word


def test_a_question_of_levels_stays_open_where_there_is_one_level():
    found = answer(judged(["benefit"], [LOW], "training_size"))
    assert found.word == "Open, for there is nothing to compare with the training size 1,000"
    assert found.status == "none"


def test_a_study_that_the_page_does_not_know_is_named():
    assert answer(judged(["benefit"], [LOW], "mine")).question == "What does the study mine show?"


def test_no_complete_cell_is_no_answer_yet():
    assert answer(make_results([])).word == "Not yet"


def test_meetings_of_an_arm_with_itself_are_one_control():
    study = made_up_page_studies.controls()
    checks = control_checks(study)
    assert [check.passes for check in checks] == [True] * 3 + [False] + [True] * 4
    assert checks[-1].found == "claimed in 0 of 20" and len(checks[-1].cells) == 20
    found = answer(study)
    assert (found.word, found.status) == ("FAIL", "fail")
    assert "7 of 8 controls" in found.text and "unrelated, correlation 0" in found.text
    meetings = [cell for cell in study["cells"] if cell["judged_alone"]]
    for claimed, passes in ((1, True), (2, False)):  # 5 % and 10 % of 20
        meetings[claimed]["passes"] = False
        assert control_checks(study)[-1].passes is passes
