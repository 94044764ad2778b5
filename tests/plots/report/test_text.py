"""The report's own text says what its records say: nothing of theirs is typed by hand."""

import re

import pytest
from typst_prose import prose_of
from written_report import RECORDS, TEXT, alter, blank_figures, copy_records, set_from, text_of

from representation_music.plots.report.typeset import SOURCES

TEXTS = sorted(SOURCES.glob("*.typ"))
VERDICTS = r"\b(benefit|harm|no evidence|no material difference)\b"
#: Names with digits, words of the data's own format, and years.
NAMES = (
    r"\b(?:19|20)\d\d\b|RQ[1-4]|Figures 6 and 7|5,000 stems|1024-512-256-128|weights 0"
    "|1 \N{MINUS SIGN} accuracy"
)
MARKED = "no longer holds"


@pytest.fixture(autouse=True)
def without_figures(monkeypatch):
    blank_figures(monkeypatch)


def metrics(record):
    return [cell["metrics"][record["metric"]] for cell in record["cells"]]


@pytest.mark.parametrize("source", TEXTS, ids=lambda path: path.stem)
def test_no_number_and_no_verdict_is_typed_by_hand(source):
    text = re.sub(r"#let old = \(.*?\n\)", "", source.read_text(), flags=re.DOTALL)
    prose = re.sub(NAMES, "", prose_of(text))
    assert not re.findall(r".{0,30}\d.{0,30}", prose)
    assert not re.findall(rf"(?i).{{0,30}}{VERDICTS}.{{0,30}}", prose)


@pytest.mark.parametrize("source", TEXTS, ids=lambda path: path.stem)
def test_no_semicolon_of_the_prose_ends_a_macro(source):
    assert "#;" not in prose_of(source.read_text())


def test_the_reader_of_prose_finds_what_is_typed_by_hand():
    source = '#let old = (\n  error: [.296],\n)\nA .5 #gain("x", of: (songs: 250)) [b] // 7\n'
    source += '#claim(when: count("x") == 3)[It is .7 @tab-1.] #figure(f(2), caption: [Nr 4])<f-5>'
    assert re.findall(r"\.?\d+", prose_of(source)) == [".296", ".5", ".7", "4"]
    assert prose_of('#gain("x"); and #f(1)\\; (@a); x').split() == ["#;", "and", "();", "x"]
    assert "It is" in prose_of(source) and "old" not in prose_of(source)


def test_on_the_committed_records_every_sentence_holds():
    report = set_from(RECORDS, text=TEXT)
    assert report.no_longer_holding == 0
    assert MARKED not in text_of(report.pdf)


def test_numbers_that_change_in_a_record_change_in_the_text(tmp_path):
    records = copy_records(tmp_path)

    def change(record):
        cell = record["cells"][0]["metrics"]["auc"]
        cell["gains"]["single task"]["gain"] = [0.4321, 0.4111, 0.4567]
        cell["scores"]["linear model"] = [0.7654, 0.7, 0.8]

    before = text_of(set_from(records, text=TEXT).pdf)
    alter(records / "auxiliary_size-synthetic.json", change)
    after = text_of(set_from(records, text=TEXT).pdf)
    assert "+.432 [.411, .457]" not in before and ".765" not in before
    assert after.count("+.432 [.411, .457]") == 3  # abstract, section, table
    assert ".765" in after
    was = "+.067 [.045, .090]"
    assert before.count(was) - after.count(was) == 3


@pytest.mark.parametrize(
    ("record", "verdict", "sentence"),
    [
        ("benefit-sample", "benefit", "On the sample of its own songs nothing is shown either way"),
        *(
            pytest.param(*others, marks=pytest.mark.slow)
            for others in (
                ("coupling-synthetic", "harm", "On planted songs that all carry every label"),
                ("auxiliary_size-synthetic", "no evidence", "It helps on planted songs where few"),
                ("output_scaling-synthetic", "harm", "standardising them gains"),
            )
        ),
    ],
)
def test_a_verdict_that_flips_marks_what_rested_on_it(tmp_path, record, verdict, sentence):
    records = copy_records(tmp_path)

    def flip(content):
        for found in metrics(content):
            found["verdict"] = verdict

    alter(records / f"{record}.json", flip)
    report = set_from(records, text=TEXT)
    text = text_of(report.pdf)
    assert report.no_longer_holding == text.count(MARKED) > 0
    assert sentence in text  # it stays to be read, and changed by a person


def test_a_flipped_verdict_is_told_by_its_new_word(tmp_path):
    records = copy_records(tmp_path)

    def flip(content):
        metrics(content)[0]["verdict"] = "harm"

    alter(records / "coupling-synthetic.json", flip)
    text = text_of(set_from(records, text=TEXT).pdf)
    assert "harm in 1 of 4 cells, no material difference in 3" in text


def test_the_controls_that_pass_are_counted_by_the_record(tmp_path):
    records = copy_records(tmp_path)

    def fail(content):
        content["counts"]["controls_passed"] = 3

    alter(records / "controls-synthetic.json", fail)
    text = text_of(set_from(records, text=TEXT).pdf)
    assert text.count("3 of 13 controls") == 2  # abstract and section


def test_a_net_above_the_linear_model_is_marked(tmp_path):
    records = copy_records(tmp_path)

    def win(content):
        metrics(content)[0]["loses_to_linear"] = False

    alter(records / "coupling-sample.json", win)
    assert set_from(records, text=TEXT).no_longer_holding == 3  # abstract, section, limits
