"""Reports of any studies, set as PDF files: what stands in them, and what ends with an error."""

import json
import math
import re
import sys

import pytest
from study_records import gain_against_relatedness, relatedness, study_record
from written_report import RECORDS, TEXT, attached_to, blank_figures, pages_of, set_from, text_of

from representation_music.plots.report.records import read_evidence
from representation_music.plots.report.typeset import SOURCES, typeset
from representation_music.utils.errors import InputError

#: Names that are markup, code or formulas somewhere.
HOSTILE = [
    "A$AP",
    "* best",
    "@home",
    "a]b",
    '#read("data.json")',
    "#panic()",
    "_x_ *y* `z` <w> ~ -- // \\",
    "$\\frac{$",
    "= title",
]


def test_a_users_studies_get_figures_tables_and_verdicts_without_our_discussion(one_study):
    text = text_of(set_from(one_study).pdf)
    assert "Is multi-task learning beneficial?" in text
    assert "benefit in 3 of 3 cells" in text
    assert "gain over single task" in text and "high-level sharing" in text
    assert "How verdicts are reached" in text and "repmusic study benefit" in text
    assert "Abstract" not in text and "Million Song Dataset" not in text


def test_every_sort_of_record_has_its_table(folder, monkeypatch):
    blank_figures(monkeypatch)
    (folder / "relatedness.json").write_text(json.dumps(relatedness()))
    (folder / "gains.json").write_text(json.dumps(gain_against_relatedness()))
    text = text_of(set_from(folder).pdf)
    assert "PASS: " in text and "An arm against itself, 20 times" in text  # controls
    assert "pop 900 900 70.0 %" in text  # songs
    assert "proposed, tight rock 2 +.270 [.170, .370]" in text
    assert "pearson +.500 [\N{MINUS SIGN}.250, 1.000]" in text
    assert "pop: rock +.020 +.010 +.030" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_text_from_data_is_printed_and_never_read_as_source(tmp_path, monkeypatch, name):
    blank_figures(monkeypatch)  # whose own names `plots/drawing/test_verbatim.py` looks at
    record = study_record("pairs")
    record |= {"study": name, "data": [name], "command": name}
    record["runs"] = {run: of | {"data": name} for run, of in record["runs"].items()}
    for cell in record["cells"]:
        cell["target"] = name
        cell["factors"]["auxiliary"] = f"{name} {cell['factors']['auxiliary']}"
    (tmp_path / "results.json").write_text(json.dumps(record))
    related = relatedness() | {"target": name, "data": name}
    related["proposal"] = {"tight": ["pop", name]}
    related["labels"].append({"name": name, "pearson": [0.5, 0.4, 0.6]})
    (tmp_path / "songs-relatedness-x.json").write_text(json.dumps(related))
    pdf = set_from(tmp_path).pdf
    text = text_of(pdf)
    assert text.count(name) >= 6
    assert f"{name} rock" in text
    assert f"proposed, tight {name} 1 +.500" in text
    (told,) = attached_to(pdf)["studies"].values()
    assert told["target"] == told["study"] == told["data"] == told["command"] == name


def test_what_cannot_be_printed_is_shown_as_escapes(one_study, monkeypatch):
    blank_figures(monkeypatch)
    (path,) = one_study.iterdir()
    record = json.loads(path.read_text()) | {"data": ["a\x00b\udc80"]}
    path.write_text(json.dumps(record))
    assert "a\\x00b?" in text_of(set_from(one_study).pdf)


def test_what_is_no_number_is_a_dash(one_study):
    (path,) = one_study.iterdir()
    record = json.loads(path.read_text())
    record["cells"][0]["metrics"]["auc"]["gains"]["single task"]["gain"] = [None, None, None]
    record["cells"][1]["metrics"]["auc"]["gains"]["single task"]["gain"] = [0.5, None, None]
    record["cells"][2]["metrics"]["auc"]["gains"]["single task"]["gain"] = [math.nan] * 3
    path.write_text(json.dumps(record))
    rows = text_of(set_from(one_study).pdf).split("gain over single task ")[1]
    assert re.search(r"low-level sharing (\.\d+ ){3}\N{EN DASH} ", rows)
    assert re.search(r"high-level sharing (\.\d+ ){3}\+\.500 [^\[]", rows)
    assert re.search(r"interspersed sharing (\.\d+ ){3}\N{EN DASH} ", rows)


def test_the_same_records_give_the_same_bytes_and_carry_their_data(one_study):
    evidence = read_evidence(one_study)
    pdf = typeset(evidence).pdf
    assert pdf == typeset(evidence).pdf
    (study,) = attached_to(pdf)["studies"].values()
    assert [cell["verdict"] for cell in study["cells"]] == ["benefit"] * 3


def test_a_text_of_ones_own_prints_numbers_by_macros(one_study, tmp_path, monkeypatch):
    blank_figures(monkeypatch)
    text = tmp_path / "mine.typ"
    text.write_text('#import "tables.typ": *\nHere #tally("benefit-synthetic") @mine.\n')
    with text.open("a") as file:
        file.write('#bibliography("mine.bib")')
    (tmp_path / "mine.bib").write_text("@misc{mine, title={My own paper}, year={2031}}")
    told = text_of(set_from(one_study, text=text).pdf)
    assert "Here benefit in 3 of 3 cells [1]." in told and "My own paper" in told


@pytest.mark.parametrize(
    ("macro", "message"),
    [
        ('#gain("nothing")', "no record is called nothing"),
        ('#gain("benefit-synthetic")', "benefit-synthetic has 3 cells, not one"),
        ('#count("benefit-synthetic", verdict: "benifit")', "no verdict is called benifit"),
        ("#unknown()", "unknown variable: unknown"),
    ],
)
def test_a_text_that_does_not_fit_the_records_is_an_error_with_its_line(
    one_study, tmp_path, monkeypatch, macro, message
):
    blank_figures(monkeypatch)
    text = tmp_path / "mine.typ"
    text.write_text(f'#import "tables.typ": *\n\n{macro}\n')
    with pytest.raises(InputError, match=message) as error:
        set_from(one_study, text=text)
    assert error.value.place == f"{text}:3"


def test_without_typst_the_error_says_what_to_install(one_study, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(InputError, match=r"pip install 'typst>=0\.14'"):
        set_from(one_study)


def test_a_text_that_is_not_there_is_an_error(one_study, tmp_path):
    with pytest.raises(InputError, match="found no file"):
        set_from(one_study, text=tmp_path / "mine.typ")


@pytest.mark.slow
def test_the_committed_report_is_that_of_the_committed_records():
    committed = (SOURCES.parents[1] / "report.pdf").read_bytes()
    made = set_from(RECORDS, text=TEXT)
    assert attached_to(committed) == attached_to(made.pdf)
    assert text_of(committed) == text_of(made.pdf)
    assert 6 <= pages_of(committed) <= 10
