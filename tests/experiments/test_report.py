import json

import made_up_page_studies
import pytest

from representation_music.experiments.command_line import main


def run(*words):
    with pytest.raises(SystemExit) as exit_:
        main(["report", *map(str, words)])
    return exit_.value.code


def test_a_study_named_below_runs_becomes_a_page(tmp_path, capsys):
    folder = tmp_path / "runs" / "benefit"
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(made_up_page_studies.benefit()))
    assert run("benefit", "--runs", tmp_path / "runs", "-o", tmp_path / "page") == 0
    page = (tmp_path / "page" / "index.html").read_text()
    assert "Is multi-task learning beneficial?" in page
    assert "Next: open it in a browser." in capsys.readouterr().out


def test_a_study_without_results_says_which_command_makes_them(tmp_path, capsys):
    (tmp_path / "benefit").mkdir()
    assert run(tmp_path / "benefit", "-o", tmp_path / "page") == 2
    error = capsys.readouterr().err
    assert "benefit: found no results.json" in error and "`repmusic results STUDY`" in error
    assert not (tmp_path / "page").exists()


def test_no_study_and_a_strange_interval_are_refused(tmp_path, capsys):
    assert run("-o", tmp_path / "page") == 2
    assert "STUDY: found nothing" in capsys.readouterr().err
    assert run("benefit", "--every", "0") == 2
    assert "--every" in capsys.readouterr().err
