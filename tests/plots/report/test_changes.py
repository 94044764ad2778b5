from pathlib import Path

import pytest
from study_records import study_record

from representation_music.plots.report.changes import gain_changes
from representation_music.plots.report.particulars import particulars
from representation_music.plots.report.records import Record


def with_changes(study, changes):
    """A record whose last cells have these changes, and verdicts on them."""
    content = study_record(study)
    for cell, (change, verdict) in zip(content["cells"][-len(changes) :], changes, strict=True):
        cell["metrics"]["auc"]["change"] = {"change": change, "verdict": verdict}
    return Record(content, Path("results.json"))


def test_no_change_is_told_of_a_record_that_holds_none():
    record = Record(study_record("coupling"), Path("results.json"))
    assert gain_changes(record) == []
    assert "how the two compare is description" in particulars(record)[-1]


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (("no material difference",) * 2, "makes no difference that matters to the gain"),
        (("no evidence", "no material difference"), "is not shown to change the gain in any of 2"),
        (("larger gain", "smaller gain"), "which is larger in 1 and smaller in 1 of 2 comparisons"),
        (("smaller gain", "no evidence"), "which is smaller in 1 of 2 comparisons"),
    ],
)
def test_changes_are_told_with_their_intervals_and_whether_they_are_shown(verdicts, told):
    changes = [([-0.0123, -0.02, -0.004], verdicts[0]), ([0.005, -0.001, 0.011], verdicts[1])]
    record = with_changes("coupling", changes)
    (sentence,) = gain_changes(record)
    assert sentence.startswith("how tightly the tasks are coupled ") and told in sentence
    assert "less that with the tight task set, is \N{MINUS SIGN}.012" in sentence
    assert "+.005 \\[\N{MINUS SIGN}.001,~.011\\] (interspersed sharing, loose task set)" in sentence
    assert all("is description" not in each for each in particulars(record))


def test_of_many_changes_the_ends_are_told():
    changes = [([0.01 * n, 0.01 * n - 0.001, 0.01 * n + 0.001], "larger gain") for n in range(6)]
    (sentence,) = gain_changes(with_changes("training_size", changes))
    assert "less that with 500 songs, goes from .000 \\[" in sentence
    assert ") to +.050 \\[" in sentence and "+.030" not in sentence
