import dataclasses

import pytest

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import run_folder


@pytest.mark.parametrize(
    "name", ["../../x", "death/thrash metal", "/tmp/x", "..", "", "x" * 400, "a\x00b"]
)
def test_a_run_stays_in_the_folder_of_runs_whatever_its_experiment_is_called(name, tmp_path):
    folder = run_folder(RunConfig(experiment_name=name), "data", tmp_path)
    assert folder.parent == tmp_path and folder.name == folder.resolve().name
    folder.mkdir()
    (folder / "config.json").touch()


def test_ordinary_experiment_names_are_the_first_part_of_the_folders_name(tmp_path):
    config = RunConfig(experiment_name="single_task-target 2")
    digest = config.digest("data")
    assert run_folder(config, "data", tmp_path).name == f"single_task-target 2-{digest}"
    other = dataclasses.replace(config, experiment_name="../x")
    assert run_folder(other, "data", tmp_path).name.endswith(digest)
