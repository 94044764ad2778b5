"""The report is typeset from its records, to the same bytes each time."""

import json
import re
import subprocess
import sys

import pypdfium2
import pytest
from study_records import (
    DATA,
    relatedness,
    study_record,
)
from written_report import RECORDS, attached_to, changed, content, text_of

from representation_music.plots.report import make_report
from representation_music.plots.report.content import content_of
from representation_music.plots.report.figures import draw_all, told_of
from representation_music.plots.report.make_report import SOURCES, typeset
from representation_music.plots.report.records import TOLD as STUDIES
from representation_music.plots.report.records import read_evidence

#: What stands in the sources' prose as digits: names, and the words of the data's own format.
NAMES_WITH_DIGITS = (
    r"2016|RQ[1-4]|5,000 stems|Figures 6 and 7|key is 0|(?:above|below) 0|weights 0|1 - accuracy"
)


def test_the_flipped_verdict_stands_in_the_pdf(one_study):
    before = text_of(typeset(read_evidence(one_study)))
    assert "So learning the tight task set together helps here in every cell" in before

    def flip(record):
        for cell in record["cells"]:
            cell["metrics"]["auc"]["verdict"] = "harm"

    changed(one_study, "benefit-synthetic", flip)
    after = text_of(typeset(read_evidence(one_study)))
    assert "So learning the tight task set together harms here in every cell" in after
    assert "together helps here" not in after


def test_the_sources_hold_no_number_but_quoted_ones():
    text = (SOURCES / "report.typ").read_text().replace("\N{MINUS SIGN}", "-")
    quoted = re.search(r"#let old = \(.*?\n\)", text, re.DOTALL).group()
    prose = text.replace(quoted, "")
    prose = re.sub(r"//.*", "", prose)
    prose = re.sub(r"@[a-z-]+\d*(\[\])?|#?raw\(\"[^\"]*\"\)|#import .*", "", prose)
    prose = re.sub(r"(width|size): [\d.]+(%|pt)|\.len\(\) > 0", "", prose)
    prose = re.sub(NAMES_WITH_DIGITS + r"|<rq\d>", "", prose)
    assert not re.findall(r".{0,30}\d.{0,30}", prose)


def test_a_name_that_the_data_lack_ends_the_build(one_study, tmp_path, monkeypatch):
    import typst

    sources = tmp_path / "sources"
    sources.mkdir()
    for path in (*SOURCES.glob("*.typ"), *SOURCES.glob("*.bib")):
        text = path.read_text().replace('#val("rule.level")', '#val("rule.levle")')
        (sources / path.name).write_text(text)
    monkeypatch.setattr(make_report, "SOURCES", sources)
    with pytest.raises(typst.TypstError, match=r"the data hold no rule\.levle"):
        typeset(read_evidence(one_study))


def test_the_same_records_give_the_same_bytes_and_carry_their_data(one_study):
    evidence = read_evidence(one_study)
    pdf = typeset(evidence)
    assert pdf == typeset(evidence)
    assert attached_to(pdf)["abstract"] == content(one_study)["abstract"]


@pytest.mark.slow
def test_a_report_of_all_studies_is_typeset_and_names_all_data(tmp_path):
    for kind in ("full", "synthetic"):
        for study in STUDIES[1:]:
            name = f"{study}-{kind}.json"
            (tmp_path / name).write_text(json.dumps(study_record(study, kind)))
        (tmp_path / f"relatedness-{kind}.json").write_text(json.dumps(relatedness(kind)))
    text = text_of(typeset(read_evidence(tmp_path)))
    assert DATA["full"] in text and DATA["synthetic"] in text
    assert "The controls were not run here" in text
    assert "was not run here" not in text.replace("The controls were not run here", "")


def test_a_study_that_the_report_has_no_place_for_is_left_out_and_named(
    one_study, capsys, tmp_path
):
    other = study_record("benefit") | {"study": "something_new"}
    (one_study / "other.json").write_text(json.dumps(other))
    make_report.make_report(one_study, tmp_path / "out" / "report.pdf")
    assert "other.json: left out" in capsys.readouterr().out
    assert (tmp_path / "out" / "report.pdf").exists()


def test_the_script_ends_with_one_line_and_exit_code_2_on_bad_input(tmp_path):
    script = [sys.executable, str(SOURCES / "make_report.py")]
    arguments = ["--records", str(tmp_path / "none"), "--output", str(tmp_path / "report.pdf")]
    run = subprocess.run([*script, *arguments], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("error: ") and "Traceback" not in run.stderr
    assert not (tmp_path / "report.pdf").exists()


def test_the_committed_report_is_that_of_the_committed_records():
    committed = SOURCES.parents[1] / "report.pdf"
    evidence = read_evidence(RECORDS)
    assert attached_to(committed) == content_of(evidence, told_of(draw_all(evidence)))
    assert text_of(committed.read_bytes()) == text_of(typeset(evidence))
    assert 6 <= len(pypdfium2.PdfDocument(committed)) <= 10
