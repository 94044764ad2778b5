import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from representation_music.experiments.command_line import main
from representation_music.experiments.grid.manifest import read_manifest, write_manifest
from representation_music.experiments.results.cell_runs import found_config
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import run_folder
from representation_music.experiments.runs.runs import find_songs
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.utils.checkpoint import save_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json


@pytest.fixture
def project(songs_file, tmp_path, monkeypatch):
    """A folder with songs and a folder of runs, from another folder."""
    folder = tmp_path / "project"
    (folder / "runs" / "run-1").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(songs_file, folder / "songs.h5")
    monkeypatch.chdir(tmp_path / "elsewhere")
    return folder


def written_run(config, fingerprint, runs):
    folder = run_folder(config, fingerprint, runs)
    write_json(folder / "config.json", config.to_json() | {"fingerprint": fingerprint})
    return folder


@pytest.mark.parametrize("near", ["../project/runs/run-1", "../project/runs", "../project"])
def test_songs_are_found_in_the_folders_above_a_run(project, near):
    found = find_songs(RunConfig(dataset="songs.h5"), Path(near)).dataset
    assert Path(found).samefile(project / "songs.h5")


def test_of_two_files_the_one_of_the_present_folder_is_taken_unless_the_run_knows_better(
    project, song_dataset
):
    other = dataclasses.replace(song_dataset, kind="sample", provenance={})
    other.counts = other.counts * np.float32(2)
    other.save("songs.h5")
    config = RunConfig(dataset="songs.h5")
    assert find_songs(config, project / "runs") == config
    found = find_songs(config, project / "runs", song_dataset.fingerprint).dataset
    assert Path(found) == project / "songs.h5"


def test_a_manifest_is_read_from_another_folder(project, monkeypatch):
    manifest = project / "runs" / "study" / "manifest.jsonl"
    with monkeypatch.context() as there:
        there.chdir(project)
        write_manifest(manifest, [RunConfig(dataset="songs.h5", tasks=("pop",))])
    (config,) = read_manifest(manifest)
    assert Path(config.dataset).samefile(project / "songs.h5")


@pytest.mark.parametrize("dataset", ["gone.h5", "/nowhere/gone.h5"])
def test_where_there_are_no_songs_evaluate_names_the_flag(dataset, tmp_path, monkeypatch):
    run = written_run(RunConfig(dataset=dataset), "data", tmp_path)
    save_checkpoint(run / "checkpoints" / "best.npz", [], {})
    with pytest.raises(InputError, match="Name it by --dataset"):
        evaluate_run(run)


def test_status_tells_of_a_study_from_another_folder(project, monkeypatch, capsys):
    manifest = project / "runs" / "study" / "manifest.jsonl"
    with monkeypatch.context() as there:
        there.chdir(project)
        write_manifest(manifest, [RunConfig(dataset="songs.h5", tasks=("pop",))])
    with pytest.raises(SystemExit) as end:
        main(["status", "../project/runs/study"])
    out, err = capsys.readouterr()
    assert (end.value.code, err) == (1, "") and "study: 1 runs" in out and "not begun" in out


def test_results_find_the_songs_of_a_run_from_another_folder(project, song_dataset):
    config = RunConfig(dataset="songs.h5", tasks=("pop",))
    run = written_run(config, song_dataset.fingerprint, project / "runs" / "study")
    assert Path(found_config(run).dataset).samefile(project / "songs.h5")
