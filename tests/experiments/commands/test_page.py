import json
import re
import shutil
import subprocess
import sys
import time

import made_up_page_studies
import pytest
from in_this_process import repmusic
from written_report import RECORDS

from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.command_line import main
from representation_music.experiments.grid.manifest import write_manifest
from representation_music.experiments.grid.progress import run_command_of
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import note_failure, run_folder

PROGRAM = "from representation_music.experiments.command_line import main; main()"


def run(*words):
    with pytest.raises(SystemExit) as exit_:
        main(["page", *map(str, words)])
    return exit_.value.code


def test_a_study_named_below_runs_becomes_a_page(tmp_path, capsys):
    folder = tmp_path / "runs" / "benefit"
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(made_up_page_studies.benefit()))
    assert run("benefit", "--runs", tmp_path / "runs", "-o", tmp_path / "page") == 0
    page = (tmp_path / "page" / "index.html").read_text()
    assert "Is multi-task learning beneficial?" in page
    assert "Next: open it in a browser." in capsys.readouterr().out


def test_a_folder_of_records_becomes_a_page_of_all_its_studies(tmp_path, capsys):
    folder = tmp_path / "records"
    folder.mkdir()
    for name in ("coupling-sample", "benefit-sample", "songs-sample-10244", "relatedness-sample"):
        shutil.copy(RECORDS / f"{name}.json", folder)
    assert run(folder, "-o", tmp_path / "page") == 0
    page = (tmp_path / "page" / "index.html").read_text()
    assert page.index('id="benefit"') < page.index('id="coupling"')
    assert "How related are other labels to pop?" in page
    assert run(folder, "--watch", "-o", tmp_path / "other") == 2
    assert "for --judge and --watch" in capsys.readouterr().err


def test_a_study_without_results_says_which_command_makes_them(tmp_path, capsys):
    (tmp_path / "benefit").mkdir()
    assert run(tmp_path / "benefit", "-o", tmp_path / "page") == 2
    error = capsys.readouterr().err
    assert "benefit: found no results.json" in error and "`repmusic results STUDY`" in error
    assert not (tmp_path / "page").exists()


def test_a_study_that_is_nowhere_is_named_with_where_it_was_looked_for(tmp_path, capsys):
    assert run("benefits", "--runs", tmp_path) == 2
    assert f"its name in {tmp_path}" in capsys.readouterr().err


def test_relatedness_is_shown_beside_the_study(tmp_path, songs_file):
    folder = tmp_path / "benefit"
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(made_up_page_studies.benefit()))
    with pytest.raises(SystemExit):
        words = ["--dataset", str(songs_file), "--resamples", "20", "--output", str(folder)]
        main(["relatedness", *words])
    assert run(folder, "-o", tmp_path / "page") == 0
    page = (tmp_path / "page" / "index.html").read_text()
    assert "How related are other labels to pop?" in page
    (folder / "songs-relatedness-pop.json").write_text("{}")
    assert run(folder, "-o", tmp_path / "other") == 2


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "few_linear_models")
def test_a_watched_study_shows_its_progress_and_ends_with_its_verdicts(tmp_path):
    noise_songs().save(tmp_path / "songs.h5")
    study = f"study benefit --dataset {tmp_path}/songs.h5 --runs {tmp_path} --sizes 100 --seeds 2"
    study += " --controls weights-0 --num-steps 20 --widths 8 8 4 4"
    study += " --architectures low_level_sharing --tight"
    words = [*study.split(), "classification", "regression 1"]
    assert repmusic(*words, "--manifest-only").returncode == 0
    number = len((tmp_path / "benefit/manifest.jsonl").read_text().splitlines())
    watch = ["page", tmp_path / "benefit", "-o", tmp_path / "page", "--watch", "--every", "0.5"]
    page = tmp_path / "page" / "index.html"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, *map(str, watch)]) as watching:
        while not page.exists():
            assert watching.poll() is None
            time.sleep(0.1)
        assert f"benefit: 0 of {number} runs done" in page.read_text()
        assert repmusic(*words).returncode == 0
        assert watching.wait(timeout=120) == 0
    assert 'data-refresh="0"' in page.read_text() and "runs done" not in page.read_text()
    # In noise: no evidence, or no material difference.
    assert re.search(r"No (evidence|material difference)\.</span>", page.read_text())


def test_watching_ends_where_all_that_is_left_has_failed_and_names_it(tmp_path, capsys):
    songs = noise_songs()
    songs.save(tmp_path / "songs.h5")
    config = RunConfig(dataset=str(tmp_path / "songs.h5"), tasks=("classification",))
    study = tmp_path / "benefit"
    write_manifest(study / "manifest.jsonl", [config])
    failed = run_folder(config, songs.fingerprint, study)
    note_failure(failed, "InputError: no label", "")
    assert run(study, "-o", tmp_path / "page", "--watch") == 1
    shown = capsys.readouterr().out
    assert f"FAILED {failed}: InputError: no label" in shown
    assert f"again: {run_command_of(study / 'manifest.jsonl', 1)}" in shown
    page = (tmp_path / "page" / "index.html").read_text()
    assert "Ended, but not whole" in page and "InputError: no label" in page
    assert 'data-refresh="0"' in page


def test_no_study_and_a_strange_interval_are_refused(tmp_path, capsys):
    assert run("-o", tmp_path / "page") == 2
    assert "STUDY: found nothing" in capsys.readouterr().err
    assert run("benefit", "--every", "0") == 2
    assert "--every" in capsys.readouterr().err
