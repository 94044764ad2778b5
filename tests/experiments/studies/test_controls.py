"""The controls in a small form: small nets, few songs, and still the truth is told from luck."""

import json

import pytest
from in_this_process import no_workers
from small_runs import few_linear_models

from representation_music.experiments.commands.study import study
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.studies import controls


@pytest.fixture(scope="module")
def small_controls(tmp_path_factory):
    """The results of `repmusic study controls` on 4,000 songs, with nets a quarter as wide."""
    runs = tmp_path_factory.mktemp("runs")
    options = StudyOptions(
        worlds=3,
        sizes=(150,),
        num_steps=800,
        widths=(256, 128, 64, 32),
        controls=("weights-0",),
    )
    with pytest.MonkeyPatch.context() as patch, no_workers(), few_linear_models():
        patch.setattr(controls, "SONGS", 4000)
        patch.setattr(controls, "PLANTED", {})  # few themes, which small nets find
        patch.setattr(controls, "AUXILIARY_SIZE", 2000)
        patch.setattr(controls, "LEVELS", ((0.0, 0.0), (0.9, 1.0), (1.0, 1.0)))
        patch.setattr(controls, "FLAT_LINE_SIZES", (150, 1500))
        patch.setattr(controls, "NULL_GROUPS", 3)
        study("controls", options, runs)
    return json.loads((runs / "controls" / "results.json").read_text())


def gain(cell: dict, rival: str) -> list[float]:
    return cell["metrics"]["auc"]["gains"][rival]["gain"]


def cells_of(results: dict, **factors) -> list[dict]:
    return [c for c in results["cells"] if factors.items() <= c["factors"].items()]


@pytest.mark.slow
def test_planted_relatedness_is_found_and_nothing_where_nothing_is(small_controls):
    (same,) = cells_of(small_controls, correlation=1.0, **{"shared themes": 1.0})
    (unrelated,) = cells_of(small_controls, correlation=0.0, **{"shared themes": 0.0})
    of_worlds = same["metrics"]["auc"]["gains"]["auxiliary weights 0"]["seed_gains"]
    assert min(of_worlds) > 0
    assert gain(same, "auxiliary weights 0")[0] > gain(unrelated, "auxiliary weights 0")[0] + 0.02
    assert unrelated["passes"]
    (permuted,) = cells_of(small_controls, control="permuted auxiliaries")
    assert permuted["passes"]


@pytest.mark.slow
def test_permuted_labels_of_the_target_give_the_flat_line_at_chance(small_controls):
    for cell in cells_of(small_controls, control="permuted target"):
        scores = cell["metrics"]["auc"]["scores"]
        assert scores["permuted target"][0] == pytest.approx(0.5, abs=0.06)
        assert scores["arm"][0] > 0.6


@pytest.mark.slow
def test_an_arm_against_itself_is_never_claimed_to_differ(small_controls):
    meetings = cells_of(small_controls, control="null")
    assert len(meetings) == 3
    assert all(cell["passes"] for cell in meetings)
    passed = all(cell["passes"] in (None, True) for cell in small_controls["cells"])
    assert small_controls["answer"]["code"] == ("pass" if passed else "fail")
    # Related (2), unrelated, permuted auxiliaries, flat line (2), null; not what lyrics give.
    assert len(small_controls["controls"]) == 2 + 1 + 1 + 2 + 1
