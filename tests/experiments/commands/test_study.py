import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import get_args

import numpy as np
import pytest
from in_this_process import repmusic

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.synthetic.noise import noise_songs
from representation_music.experiments.studies import find_studies
from representation_music.utils.statistics.estimates import estimate
from representation_music.utils.statistics.verdicts import Verdict

TINY = ["--sizes", "100", "--num-steps", "20", "--architectures", "low_level_sharing"]
TINY += ["--widths", "8", "8", "4", "4"]
TASKS = ["--tight", "classification", "regression 1", "--loose", "classification", "regression 2"]


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    path = tmp_path_factory.mktemp("songs") / "songs.h5"
    noise_songs().save(path)
    return path


@pytest.fixture(scope="module")
def shared_runs(tmp_path_factory):
    """One folder for several studies, which take over each other's runs."""
    return tmp_path_factory.mktemp("runs")


def words_of(name, songs, runs, *flags):
    return ["study", name, "--dataset", str(songs), "--runs", str(runs), *TINY, *TASKS, *flags]


def command(*arguments):
    program = "from representation_music.experiments.command_line import main; main()"
    return [sys.executable, "-c", program, *words_of(*arguments)]


def study(*arguments):
    """What a study says that trains nothing, or in this process, and its exit code."""
    return repmusic(*words_of(*arguments))


def test_a_dry_run_tells_runs_songs_and_time_and_writes_nothing(songs, tmp_path):
    done = study("coupling", songs, tmp_path, "--dry-run", "--seeds", "4")
    assert done.returncode == 0, done.stderr
    # The single task, the linear models of words and lyrics, and for either task set the arm, two
    # controls, the auxiliary alone and the linear model of its labels.
    assert "52 runs on 100 songs" in done.stdout
    assert "0 done; the other 52 take about" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_manifest_is_all_that_manifest_only_writes(songs, tmp_path):
    done = study("alternating", songs, tmp_path, "--manifest-only", "--seeds", "2")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "alternating"
    assert sorted(p.name for p in folder.iterdir()) == ["manifest.jsonl", "study.json"]
    assert len((folder / "manifest.jsonl").read_text().splitlines()) == 8 + 2
    assert f"repmusic run-manifest {folder}/manifest.jsonl" in done.stdout


def test_an_unknown_task_is_named_before_anything_runs(songs, tmp_path):
    done = study("benefit", songs, tmp_path, "--tight", "classification", "regression 7")
    assert done.returncode == 2
    assert "'regression 7'" in done.stderr
    assert "'regression 1'" in done.stderr


def test_seeds_below_none_are_refused(songs, tmp_path):
    done = study("benefit", songs, tmp_path, "--seeds", "-1")
    assert done.returncode == 2
    assert "--seeds: found -1" in done.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "few_linear_models")
def test_a_tuned_study_runs_to_its_verdicts_and_never_tunes_on_the_test_split(songs, tmp_path):
    flags = ("--seeds", "3", "--tune", "2")
    done = study("coupling", songs, tmp_path, *flags)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "coupling"
    # Seven arms and the two auxiliaries alone.
    assert len(list(folder.glob("tuning/*/record.json"))) == 9 * 2 * 2
    assert not list(folder.glob("tuning/*/test.json"))
    cells = json.loads((folder / "results.json").read_text())["cells"]
    # Nothing can be learnt from noise.
    assert len(cells) == 2
    verdicts = {cell["metrics"]["auc"]["verdict"] for cell in cells}
    assert verdicts <= {"no evidence", "no material difference"}
    assert all(low < mean < high for mean, low, high in (cell["delta_m"] for cell in cells))
    assert "gain on first rival" in done.stdout

    again = study("coupling", songs, tmp_path, *flags)
    assert again.returncode == 0
    assert "39 runs, of which 39 are done already." in again.stdout
    # Once it is tuned, a dry run tells of the runs that were chosen.
    (folder / "tuning/tuning.json").unlink()
    dry = study("coupling", songs, tmp_path, *flags, "--dry-run")
    assert not (folder / "tuning/tuning.json").exists()
    assert dry.returncode == 0 and "39 done; the other 0 take" in dry.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers")
def test_a_study_killed_half_way_ends_with_the_same_results(songs, tmp_path):
    flags = ("--seeds", "3", "--controls", "weights-0", "--num-steps", "200")
    cells = []
    for kill in (False, True):
        runs = tmp_path / f"killed-{kill}"
        if kill:
            words = command("benefit", songs, runs, *flags)
            process = subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL)
            began = time.monotonic()
            while not (done := list(runs.glob("benefit/*/test.json"))):
                assert process.poll() is None and time.monotonic() - began < 120
                time.sleep(0.05)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert len(done) < 15 and not (runs / "benefit" / "results.json").exists()
        assert study("benefit", songs, runs, *flags).returncode == 0
        cells.append(json.loads((runs / "benefit" / "results.json").read_text())["cells"])
    assert cells[0] == cells[1]


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "few_linear_models")
def test_runs_that_another_study_has_finished_are_taken_over(songs, tmp_path):
    flags = ("--seeds", "1", "--controls", "weights-0")
    assert study("benefit", songs, tmp_path, *flags).returncode == 0
    single = next((tmp_path / "benefit").glob("single-task-*"))
    interrupted = tmp_path / "coupling" / single.name
    interrupted.mkdir(parents=True)
    shutil.copy(single / "config.json", interrupted)
    done = study("coupling", songs, tmp_path, *flags)
    assert done.returncode == 0, done.stdout + done.stderr
    # The arm, its control, the single task, the auxiliary alone and the linear model are those of
    # `benefit`.
    assert "5 runs are reused" in done.stdout
    assert "8 runs, of which 5 are done already" in done.stdout
    ours, theirs = (
        tmp_path / name / single.name / "predictions-test.npz" for name in ("coupling", "benefit")
    )
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "few_linear_models")
@pytest.mark.parametrize("name", sorted(set(find_studies()) - {"controls", "coupling", "conflict"}))
def test_every_study_runs_to_its_verdicts_in_a_small_form(songs, shared_runs, name):
    # `coupling` runs above, the controls in a file of their own; `conflict` has cells of `methods`.
    flags = ["--seeds", "3", "--controls", "weights-0"]
    flags += ["--objectives", "pcgrad", "rlw"] if name == "methods" else []
    done = study(name, songs, shared_runs, *flags)
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads((shared_runs / name / "results.json").read_text())
    assert content["missing_cells"] == 0
    for cell in content["cells"]:
        found = cell["metrics"][content["metric"]]
        assert found["verdict"] in get_args(Verdict)
        assert {"arm", "linear model"} < set(found["scores"])


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "few_linear_models")
def test_a_study_over_folds_tests_on_every_labelled_song_once_a_repeat(songs, tmp_path):
    done = study("coupling", songs, tmp_path, "--folds", "3", "--seeds", "1", "--controls")
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "coupling/results.json").read_text())
    assert (content["seeds"], content["varies"]) == (3, ["fold"])
    cell = content["cells"][0]
    dataset = SongDataset.load(songs)
    tested = [
        json.loads((tmp_path / "coupling" / run / "test.json").read_text())["test"]
        for run in cell["arms"]["arm"]["runs"]
    ]
    known = int(np.isfinite(dataset.labels(cell["target"])).sum())
    assert sum(scored[cell["target"]]["songs"] for scored in tested) == known
    gain = cell["metrics"]["auc"]["gains"]["single task"]
    expected = estimate(gain["seed_gains"], overlap=1 / 2)
    assert gain["gain"] == pytest.approx(expected.to_json())
