"""The report says what its records say, and nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from study_records import (
    DATA,
    description,
    gain_against_relatedness,
    relatedness,
    study_record,
)

from representation_music.plots.report import make_report
from representation_music.plots.report.compact_records import compact_records
from representation_music.plots.report.content import content_of
from representation_music.plots.report.figures import draw_all, told_of
from representation_music.plots.report.make_report import SOURCES, typeset
from representation_music.plots.report.records import read_evidence
from representation_music.plots.report.words import number
from representation_music.utils.errors import InputError
from representation_music.utils.studies import STUDIES

VERDICTS = ("benefit", "harm", "no material difference", "no evidence")
#: What stands in the sources' prose as digits: names, and the words of the data's own format.
NAMES_WITH_DIGITS = (
    r"2016|RQ[1-4]|5,000 stems|Figures 6 and 7|key is 0|(?:above|below) 0|weights 0|1 - accuracy"
)


@pytest.fixture
def folder(tmp_path):
    """A folder of records: RQ1 on two kinds of data, and the controls."""
    for name, record in {
        "benefit-sample": study_record("benefit", "sample", gain=0.0),
        "benefit-synthetic": study_record("benefit", "synthetic"),
        "controls-synthetic": study_record("controls"),
        "songs-sample-10244": description("sample"),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(record))
    return tmp_path


@pytest.fixture
def one_study(tmp_path):
    """A folder of one record only, for the tests that typeset."""
    folder = tmp_path / "one study"
    folder.mkdir()
    (folder / "benefit-synthetic.json").write_text(json.dumps(study_record("benefit")))
    return folder


def content(folder: Path) -> dict:
    return content_of(read_evidence(folder), {})


def changed(folder: Path, name: str, change) -> dict:
    """The content after `change` was made to one record."""
    path = folder / f"{name}.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    return content(folder)


def text_of(pdf: bytes) -> str:
    """The text of all pages in one line, without the hyphens of broken words."""
    pages = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_bounded() for page in pages)
    return re.sub(r"\s+", " ", re.sub("[\u00ad\u0002\ufffe]\\s*", "", text))


def attached_to(pdf: bytes | Path) -> dict:
    """The data that a report carries."""
    attachment = pypdfium2.PdfDocument(pdf).get_attachment(0)
    assert attachment.get_name() == "data.json"
    return json.loads(bytes(attachment.get_data()))


def strings(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if value else []
    return [text for each in values if not isinstance(each, bool) for text in strings(each)]


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


def test_one_flipped_cell_is_named(folder):
    def flip(record):
        record["cells"][1]["metrics"]["auc"]["verdict"] = "harm"

    told = changed(folder, "benefit-synthetic", flip)["studies"]["benefit"]["records"][1]
    assert "_benefit_ in 2 of 3 cells and _harm_ in 1" in told["text"]
    assert "harms with high-level sharing" in told["text"]
    assert told["table"]["rows"][1][-1] == "_harm_"


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


def test_a_number_that_changes_in_the_record_changes_in_the_report(folder):
    def change(record):
        record["cells"][0]["metrics"]["auc"]["gains"]["single task"]["gain"] = [0.4321, 0.3, 0.5]

    before = " ".join(strings(content(folder)))
    after = " ".join(strings(changed(folder, "benefit-synthetic", change)))
    assert "+.432" not in before
    assert after.count("+.432 \\[.300,~.500\\]") == 2  # text and table


def test_every_three_place_number_of_the_findings_stands_in_a_record(folder):
    known = set()

    def collect(value):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            known.add(number(value).lstrip("\N{MINUS SIGN}"))
        elif isinstance(value, (dict, list)):
            for each in value.values() if isinstance(value, dict) else value:
                collect(each)

    for path in folder.glob("*.json"):
        collect(json.loads(path.read_text()))
    told = content(folder)
    texts = strings([told["studies"], told["controls"], told["old"], told["abstract"]])
    found = re.findall(r"(?<![\d.])\d*\.\d{3}(?!\d)", " ".join(texts))
    assert len(found) > 100
    assert set(found) - {".001"} <= known  # `< .001` says that a p-value is smaller


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


def test_studies_without_a_record_say_how_to_run_them(folder):
    told = content(folder)["studies"]
    for study in STUDIES:
        if study not in ("benefit", "controls"):
            assert told[study]["not_run"] == (
                f"This study was not run here; `repmusic study {study} --dataset songs.h5` runs it."
            )
            assert not told[study]["records"]


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


def test_a_control_that_fails_is_told(folder):
    def fail(record):
        record["cells"][3]["passes"] = False
        for cell in record["cells"][-2:]:
            cell["passes"] = False

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
    assert "of largest correlation are rock and ballad" in measured["text"]
    assert "pop rock (4) and ballad (3)" in measured["text"]
    assert measured["table"]["rows"][0][1:] == ["rock", "2", "+.270 \\[.170,~.370\\]"]
    assert "+.50 \\[\N{MINUS SIGN}.25,~1.00\\] between the size of Pearson" in told["foretold"][0]
    assert not told["not_run"]


def test_losing_to_the_linear_model_is_told(folder):
    def lose(record):
        record["cells"][0]["metrics"]["auc"]["loses_to_linear"] = True

    told = changed(folder, "benefit-synthetic", lose)["studies"]["benefit"]["records"][1]["text"]
    assert "The linear model scores higher than the net in 1 of 3 cells" in told


def test_compact_records_tell_the_same(folder, tmp_path, capsys):
    small = tmp_path / "small"
    compact_records(tuple(sorted(folder.glob("*.json"))), small)
    names = {path.name for path in folder.glob("*.json")}
    assert {path.name for path in small.iterdir()} == names
    assert content(small) == content(folder)
    for name in names - {"songs-sample-10244.json"}:
        assert (small / name).stat().st_size < (folder / name).stat().st_size


def test_compact_records_name_no_place_of_this_machine(tmp_path):
    record = study_record("benefit", "sample")
    record["command"] = "repmusic study benefit --dataset /home/me/songs.h5 --runs a/runs"
    record["options"]["dataset"] = "/home/me/songs.h5"
    (tmp_path / "results.json").write_text(json.dumps(record))
    compact_records((tmp_path / "results.json",), tmp_path / "small")
    kept = json.loads((tmp_path / "small" / "benefit-sample.json").read_text())
    assert kept["command"] == "repmusic study benefit --dataset songs.h5 --runs a/runs"
    assert kept["options"]["dataset"] == "songs.h5"


def test_two_records_of_one_study_and_target_are_refused(folder, tmp_path):
    twin = tmp_path / "twin.json"
    twin.write_text((folder / "benefit-sample.json").read_text())
    with pytest.raises(InputError, match="another benefit-sample"):
        compact_records((folder / "benefit-sample.json", twin), tmp_path / "small")


def test_a_study_that_the_report_has_no_place_for_is_left_out_and_named(
    one_study, capsys, tmp_path
):
    other = study_record("benefit") | {"study": "something_new"}
    (one_study / "other.json").write_text(json.dumps(other))
    make_report.make_report(one_study, tmp_path / "out" / "report.pdf")
    assert "other.json: left out" in capsys.readouterr().out
    assert (tmp_path / "out" / "report.pdf").exists()


def test_a_folder_of_studies_serves_as_records(tmp_path):
    study = tmp_path / "benefit"
    study.mkdir()
    (study / "results.json").write_text(json.dumps(study_record("benefit", "full")))
    (tmp_path / "songs-artist.json").write_text(json.dumps(description("full")))
    evidence = read_evidence(tmp_path)
    assert [record.kind for record in evidence.records] == ["full"]
    assert [each["kind"] for each in evidence.descriptions] == ["full"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no study's record"),
        ({"study": "benefit", "cells": []}, "a record of format 1, expected format 2"),
    ],
)
def test_bad_records_are_refused(tmp_path, content, message):
    if content:
        (tmp_path / "benefit.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message):
        read_evidence(tmp_path)


def test_the_script_ends_with_one_line_and_exit_code_2_on_bad_input(tmp_path):
    script = [sys.executable, str(SOURCES / "make_report.py")]
    arguments = ["--records", str(tmp_path / "none"), "--output", str(tmp_path / "report.pdf")]
    run = subprocess.run([*script, *arguments], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("error: ") and "Traceback" not in run.stderr
    assert not (tmp_path / "report.pdf").exists()


@pytest.mark.skipif(
    not list((SOURCES / "records").glob("*.json")), reason="no records are committed"
)
def test_the_committed_report_is_that_of_the_committed_records():
    evidence = read_evidence(SOURCES / "records")
    fresh = content_of(evidence, told_of(draw_all(evidence)))
    assert attached_to(SOURCES.parents[1] / "report.pdf") == fresh
