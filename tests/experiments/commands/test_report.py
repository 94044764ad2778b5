"""`repmusic report`, as a user calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from study_records import study_record
from written_report import RECORDS, TEXT, blank_figures, copy_records, text_of

from representation_music.experiments.commands.report import report
from representation_music.utils.command_line import run_command
from representation_music.utils.errors import InputError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def runs(tmp_path):
    """A folder of two studies with their results."""
    for study in ("benefit", "pairs"):
        folder = tmp_path / "runs" / study
        folder.mkdir(parents=True)
        (folder / "results.json").write_text(json.dumps(study_record(study)))
    return tmp_path / "runs"


def test_studies_are_named_as_elsewhere_and_the_pdf_holds_them(runs, tmp_path, monkeypatch):
    blank_figures(monkeypatch)
    output = tmp_path / "out" / "mine.pdf"
    words = ["benefit", "--runs", str(runs), "-o", str(output)]
    assert run_command(report, words, "repmusic report") == 0
    text = text_of(output.read_bytes())
    assert "benefit in 3 of 3 cells" in text and "rock" not in text.split("Runs and settings")[0]
    assert run_command(report, [str(runs), "-o", str(output)], "repmusic report") == 0
    assert "repmusic study pairs" in text_of(output.read_bytes())


def test_a_text_that_the_records_contradict_is_set_and_told(tmp_path, monkeypatch, capsys):
    blank_figures(monkeypatch)
    records = copy_records(tmp_path)
    path = records / "output_scaling-synthetic.json"
    record = json.loads(path.read_text())
    record["cells"][0]["metrics"]["auc"]["verdict"] = "harm"
    path.write_text(json.dumps(record))
    assert report((records,), tmp_path / "report.pdf", text=TEXT) == 1
    assert "sentences no longer hold: 1, marked in the margin" in capsys.readouterr().out
    assert "no longer holds" in text_of((tmp_path / "report.pdf").read_bytes())


@pytest.mark.parametrize("studies", [(), (Path("nothing"),), (Path(__file__),)])
def test_what_is_no_study_is_an_error_and_no_file(studies, tmp_path):
    with pytest.raises(InputError):
        report(studies, tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()


def test_errors_are_one_line_and_exit_code_2(tmp_path):
    cut = tmp_path / "results.json"
    cut.write_text((RECORDS / "benefit-sample.json").read_text()[:1000])
    words = [sys.executable, "-m", "representation_music.experiments.command_line", "report"]
    run = subprocess.run([*words, str(cut)], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith(f"error: {cut}: ") and "Traceback" not in run.stderr
    assert not (tmp_path / "report.pdf").exists()


def test_make_sets_our_text_from_our_records_and_yours_without(tmp_path):
    def made_by(*words):
        make = ["make", "--dry-run", "-C", str(ROOT), "report", *words]
        return subprocess.run(make, capture_output=True, text=True, check=True).stdout

    ours = "repmusic report plots/report/records --text plots/report/report.typ -o 'report.pdf'"
    assert ours in made_by()
    assert "repmusic report 'runs' -o 'mine.pdf'" in made_by("RECORDS=runs", "REPORT=mine.pdf")
