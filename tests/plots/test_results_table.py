import json

import pytest
from made_up_study import make_results
from study_records import gain_against_relatedness

from representation_music.plots.results_table import (
    BEGIN,
    COMMANDS,
    END,
    RECORDS,
    ROOT,
    answer,
    commands_of,
    foretellings_of,
    studies_of,
    table_of,
)
from representation_music.utils.results_format import PLAIN_SUM


@pytest.mark.parametrize(
    ("file", "made_of"), [(ROOT / "README.md", table_of), (COMMANDS, commands_of)]
)
def test_what_a_readme_says_of_results_is_made_from_the_records(file, made_of):
    text = file.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == made_of(
        studies_of(RECORDS), foretellings_of(RECORDS)
    )


def test_every_study_of_the_records_is_told_once_and_its_command_too():
    studies = studies_of(RECORDS)
    records = [path.read_text(encoding="utf-8") for path in RECORDS.glob("*.json")]
    assert len(studies) == sum('"contrasts"' in record for record in records) > 1
    assert table_of(studies).count("**: ") == len(studies)
    commands = commands_of(studies).splitlines()[2:]
    assert len(commands) == len(studies)
    assert all("| `repmusic study " in row for row in commands)


def test_what_relatedness_foretells_is_a_row_of_its_own_and_a_command(tmp_path):
    of_data = gain_against_relatedness() | {"data": ["songs (9 songs)"]}
    (tmp_path / "gains.json").write_text(json.dumps(of_data))
    studies = [judged_as("benefit") | {"data": ["songs (9 songs)"]}]
    gains = foretellings_of(tmp_path)
    row = table_of(studies, gains).splitlines()[-1]
    assert row.startswith("| Does relatedness foretell")
    assert "Pearson's, 6 pairs: .500 (-.250 to 1.000)**; pearson, best on other songs, " in row
    assert row.endswith(" chooses tasks that gain +.020, all +.010, best +.030 |")
    assert commands_of(studies, gains).endswith("| `repmusic relatedness-gain pairs` |\n")


def judged_as(*verdicts, gain=0.02):
    """A study's results whose cells have these verdicts; of each level another rival is hardest."""
    cells = [{"architecture": f"net {number}"} for number in range(len(verdicts))]
    results = make_results(cells, rivals=("single task", "permuted auxiliaries", "lyrics only"))
    levels = {
        "benefit": {"hardest": "permuted auxiliaries"},
        "benefit of labels": {"hardest": "lyrics only"},
    }
    for cell, verdict in zip(results["cells"], verdicts, strict=True):
        found = cell["metrics"]["auc"]
        found["gains"]["single task"]["gain"] = [gain, gain - 0.01, gain + 0.01]
        found |= {"verdict": verdict, "levels": levels, "p_holm": 0.034}
    results["answer"] = {"code": "benefit", "text": "Yes, in every cell", "cell": 0}
    return results


@pytest.mark.parametrize(
    ("verdict", "gain", "told"),
    [
        # It is that of the level reached, whose hardest rival has the largest one.
        ("benefit of labels", 0.02, ", p .034 over lyrics only"),
        ("benefit", 0.02, ", p .034 over permuted auxiliaries"),
        # Where the single task does better, it is the one that decides.
        ("no evidence", -0.02, ", p .034"),
        ("harm", -0.02, ", p .034"),
    ],
)
def test_a_p_value_names_the_rival_that_it_is_over(verdict, gain, told):
    (number,) = answer(judged_as(verdict, gain=gain)).split("AUC ")[1:]
    ends = f"{gain:+.3f} ({gain - 0.01:.3f} to {gain + 0.01:.3f})".replace("0.", ".")
    assert number == ends + told


def test_without_a_benefit_the_gain_is_that_over_the_rival_which_decides():
    (number,) = answer(judged_as("no evidence", gain=0.02)).split("AUC ")[1:]
    assert number == "+.020 (.015 to .025) over permuted auxiliaries, p .034"


def test_a_benefit_names_the_rivals_over_which_nothing_is_shown():
    results = judged_as("benefit")
    results["cells"][0]["metrics"]["auc"]["gains"]["lyrics only"]["gain"] = [0.01, -0.01, 0.03]
    assert answer(results).endswith(", p .034 over permuted auxiliaries; not over lyrics only")


def test_a_question_of_gains_against_gains_is_answered_by_their_largest_difference():
    results = judged_as("no evidence", "no evidence")
    results["question"] = "Does size matter?"
    of = {"difference": [0.01, -0.02, 0.04], "p_holm": 0.4, "verdict": "no evidence"}
    steps = {
        "asks": "How soon?",
        "name": "fast",
        "metrics": {"auc": of | {"difference": [9, 8, 10]}},
    }
    small = {"asks": "Does size matter?", "name": "few_songs less many", "metrics": {"auc": of}}
    large = small | {"name": "loose", "metrics": {"auc": of | {"difference": [-0.03, -0.05, 0.0]}}}
    results["contrasts"] = [steps, small, large]
    assert answer(results).endswith("**: AUC -.030 (-.050 to .000), loose, p .400")
    small["metrics"] = {"auc": of | {"verdict": "larger gain"}}
    assert answer(results).endswith("**: AUC +.010 (-.020 to .040), few songs less many, p .400")


def test_ways_to_share_or_to_weigh_are_counted_that_beat_the_plain_sum():
    results = judged_as("no evidence", "no evidence")
    for cell, low in zip(results["cells"], (-0.01, 0.01), strict=True):
        cell["metrics"]["auc"]["gains"][PLAIN_SUM] = {"gain": [0.02, low, 0.04]}
        cell["arms"][PLAIN_SUM] = cell["arms"]["single task"]
    assert answer(results).endswith(", p .034; above plain sum in 1 of 2, uncorrected")


def test_a_yes_names_the_levels_that_its_cells_reached():
    assert answer(judged_as("benefit")).startswith("**Yes, in every cell (benefit)**: ")
    of_labels = judged_as("benefit of labels", "benefit of labels")
    assert answer(of_labels).startswith("**Yes, in every cell (benefit of labels)**: ")
    both = judged_as("benefit of labels", "benefit")
    assert answer(both).startswith("**Yes, in every cell (1 benefit of labels, 1 benefit)**: ")
    both["answer"] |= {"code": "no change", "text": "No"}
    assert answer(both).startswith("**No**: ")
    in_part = judged_as("benefit", "no evidence")
    in_part["answer"] |= {"code": "benefit in part", "text": "In part: benefit in 1 of 2 cells"}
    assert answer(in_part).startswith("**In part: benefit in 1 of 2 cells**: ")
