"""The report says what its records say, and nothing else."""

import json
import re

import numpy as np
import pytest
from study_records import (
    gain_against_relatedness,
    relatedness,
    study_record,
)
from written_report import RECORDS, changed, content, strings

from representation_music.experiments.results.summary import summarise
from representation_music.experiments.runs.config import PAPER
from representation_music.plots.report.records import TOLD as STUDIES
from representation_music.plots.report.words import number


@pytest.mark.parametrize("verdict", ["harm", "no evidence", "no material difference"])
def test_a_verdict_that_flips_changes_every_sentence_that_rests_on_it(folder, verdict):
    before = content(folder)

    def flip(record):
        for cell in record["cells"]:
            cell["metrics"]["auc"]["verdict"] = verdict

    after = changed(folder, "benefit-synthetic", flip)
    was, now = (c["studies"]["benefit"]["records"][1]["text"] for c in (before, after))
    assert "_benefit_ in all 3 cells" in was and "helps here in every cell" in was
    assert f"_{verdict}_ in all 3 cells" in now and "helps here in every cell" not in now
    assert "_benefit_ in all 3 cells on synthetic songs" in before["abstract"][0]
    assert f"_{verdict}_ in all 3 cells on synthetic songs" in after["abstract"][0]
    assert before["discussion"] != after["discussion"]
    # The other data's sentences stay as they were.
    assert before["studies"]["benefit"]["records"][0] == after["studies"]["benefit"]["records"][0]


def test_no_evidence_beside_an_interval_that_excludes_0_says_why_in_text_and_table(folder):
    def doubt(record):
        for cell in record["cells"]:
            cell["metrics"]["auc"]["verdict"] = "no evidence"
            cell["metrics"]["auc"]["p_holm"] = 0.0571
        gains = record["cells"][1]["metrics"]["auc"]["gains"]
        gains["permuted auxiliaries"]["gain"] = [0.01, -0.01, 0.03]

    told = changed(folder, "benefit-synthetic", doubt)["studies"]["benefit"]["records"][1]
    assert (
        "In 3 cells an interval excludes 0, and yet there is no evidence: p = .057 after Holm's "
        "correction (low-level sharing); the interval over the arm with permuted auxiliaries "
        "holds 0 (high-level sharing)" in told["text"]
    )
    assert [row[-2:] for row in told["table"]["rows"][:2]] == [
        [".057", "_no evidence_ (p > .05)"],
        [".057", "_no evidence_ (permuted)"],
    ]


def test_rivals_and_cuts_of_every_study_are_told(folder):
    def cut(record):
        record["options"] |= {"controls": ["weights-0"], "architectures": ["low_level_sharing"]}

    told = changed(folder, "benefit-sample", cut)["studies"]["benefit"]["records"][0]["text"]
    assert "Rivals: the single task, the arm with auxiliary weights 0 and the arm with" in told
    assert "The study was cut: low-level sharing only; without permuted auxiliaries." in told


def test_what_is_said_of_training_comes_from_the_runs_and_names_the_study_that_differs(folder):
    before = " ".join(content(folder)["training"]["told"])
    assert "Initial weights are those of He et al. @he2015" in before
    assert "in `" not in before
    paper = json.loads(json.dumps(PAPER.to_json()))

    def as_in_2016(record):
        record["options"]["preset"] = "paper"
        for run in record["runs"].values():
            if run["config"].get("model") != "linear":
                own = ("architecture", "tasks", "training_size", "seed", "dataset")
                run["config"] = paper | {name: run["config"][name] for name in own}

    told = changed(folder, "benefit-sample", as_in_2016)["training"]
    text = " ".join(told["told"])
    for sentence in (
        "Settings are those of the preset `default`; in `benefit` (sample), settings are those of "
        "the preset `paper`.",
        "in `benefit` (sample), the split is the one by random.",
        "in `benefit` (sample), words are counted, and inputs are whitened",
        "in `benefit` (sample), initial weights are small normal ones, and the heads' biases begin "
        "at zero.",
        "in `benefit` (sample), the optimizer is AdaGrad @duchi2011 with no warm-up.",
        "in `benefit` (sample), units of hidden layers @srivastava2014 are dropped in training.",
        "in `benefit` (sample), weights are not penalised.",
        "in `benefit` (sample), training takes 1,000 epochs.",
    ):
        assert sentence in text
    rows = {row[0]: row[1:] for row in told["table"]["rows"]}
    assert rows["learning rate"][0] == ".02; .0001 in `benefit` (sample)"


def test_task_sets_are_told_without_a_study_of_coupling(folder):
    assert content(folder)["training"]["task_sets"] == (
        "The tight task set is {pop, pop rock, ballad}; in `controls`, nets learn {pop, pop rock, "
        "ballad}. The first task is the target."
    )
    for path in folder.glob("benefit-*.json"):
        path.unlink()
    assert content(folder)["training"]["task_sets"].startswith("In `controls`, nets learn {pop")


def test_a_study_of_one_training_size_answers_nothing_about_sizes(folder):
    record = study_record("training_size")
    record["cells"] = [cell for cell in record["cells"] if cell["factors"]["songs"] == 500]
    (folder / "training_size-synthetic.json").write_text(json.dumps(record))
    told = content(folder)
    why = "for there is nothing to compare with the training size 500"
    text = told["studies"]["training_size"]["records"][0]["text"]
    assert text.endswith(f"So the question stays open, {why}.")
    assert any(f"on synthetic songs (open, {why})" in each for each in told["abstract"])
    assert "500 training songs, not all 10 sizes of 2016" in text


def test_one_flipped_cell_is_named(folder):
    def flip(record):
        record["cells"][1]["metrics"]["auc"]["verdict"] = "harm"

    told = changed(folder, "benefit-synthetic", flip)["studies"]["benefit"]["records"][1]
    assert "_benefit_ in 2 of 3 cells and _harm_ in 1" in told["text"]
    assert "harms with high-level sharing" in told["text"]
    assert told["table"]["rows"][1][-1] == "_harm_"


def test_a_number_that_changes_in_the_record_changes_in_the_report(folder):
    def change(record):
        record["cells"][0]["metrics"]["auc"]["gains"]["single task"]["gain"] = [0.4321, 0.3, 0.5]

    before = " ".join(strings(content(folder)))
    after = " ".join(strings(changed(folder, "benefit-synthetic", change)))
    assert "+.432" not in before
    assert after.count("+.432 \\[.300,~.500\\]") == 2  # text and table


def numbers_in(value) -> list[float]:
    """Every number that a record holds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [each for part in inner for each in numbers_in(part)]


def mean_gains(record: dict) -> list[float]:
    """Means of gains over the cells of each task set: the only ones that a sentence averages."""
    gains: dict = {}
    for cell in record.get("cells", ()):
        rivals = cell["metrics"][record["metric"]]["gains"]
        first = rivals.get("single task") or next(iter(rivals.values()))
        for name in ("coupling", "songs"):
            gains.setdefault((name, cell["factors"].get(name)), []).append(first["gain"][0])
    return [float(np.mean(of)) for of in gains.values() if None not in of]


@pytest.mark.parametrize("committed", [False, True])
def test_every_number_of_the_findings_stands_in_a_record(folder, committed):
    records = RECORDS if committed else folder
    known = set()
    for path in records.glob("*.json"):
        record = json.loads(path.read_text())
        held = [*numbers_in(record), *mean_gains(record)]
        known |= {number(value).lstrip("\N{MINUS SIGN}") for value in held}
        known |= {number(100 * value, 1).lstrip("\N{MINUS SIGN}") + "~%" for value in held}
    told = content(records)
    texts = [told[part] for part in ("studies", "controls", "old", "abstract", "discussion")]
    texts = " ".join(strings([*texts, told["related"]]))
    found = re.findall(r"(?<![\d.])\d*\.\d{3}(?!\d)|(?<![\d.])\d*\.\d~%", texts)
    assert len(found) > 100
    assert set(found) - {".001"} <= known  # `< .001` says that a p-value is smaller


def test_studies_without_a_record_say_how_to_run_them(folder):
    told = content(folder)["studies"]
    for study in STUDIES:
        if study not in ("benefit", "controls"):
            assert told[study]["not_run"] == (
                f"This study was not run here; `repmusic study {study} --dataset songs.h5` runs it."
            )
            assert not told[study]["records"]


def test_a_control_that_fails_is_told(folder):
    def fail(record):
        record["cells"][3]["passes"] = False
        for cell in record["cells"][-2:]:
            cell["passes"] = False
        record |= summarise(record["cells"], "auc", 0.05, record)

    told = changed(folder, "controls-synthetic", fail)
    table = told["controls"]["records"][0]["table"]["rows"]
    assert [row[-1] for row in table].count("*FAIL*") == 2  # a control, and the null: 2 of 20
    assert "2 of the 12 controls of the instrument fail" in told["controls"]["records"][0]["text"]
    assert "2 of the 12 controls of the instrument fail" in told["abstract"][-1]


def test_relatedness_is_told_with_ranks_and_what_it_foretold(folder):
    assert "repmusic relatedness" in content(folder)["related"]["not_run"][0]
    (folder / "relatedness.json").write_text(json.dumps(relatedness()))
    (folder / "gains.json").write_text(json.dumps(gain_against_relatedness()))
    told = content(folder)["related"]
    (measured,) = told["measured"]
    assert "of largest positive correlation are rock and ballad" in measured["text"]
    assert "pop rock (4) and ballad (3)" in measured["text"]
    assert measured["table"]["rows"][0][1:] == ["rock", "2", "+.270 \\[.170,~.370\\]"]
    (foretold,) = told["foretold"]
    first = foretold["table"]["rows"][0]
    assert first[0] == "size of Pearson's correlation"
    assert first[-1] == "+.50 \\[\N{MINUS SIGN}.25,~1.00\\]"
    assert "the rank correlation of relatedness with the gain is +.50" in foretold["text"]
    assert not told["not_run"]


def test_losing_to_the_linear_model_is_told(folder):
    def lose(record):
        record["cells"][0]["metrics"]["auc"]["loses_to_linear"] = True

    told = changed(folder, "benefit-synthetic", lose)["studies"]["benefit"]["records"][1]["text"]
    assert "The linear model scores higher than the net in 1 of 3 cells" in told
