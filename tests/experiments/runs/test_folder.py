import dataclasses

import pytest

from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import (
    claim,
    failure_of,
    is_done,
    run_folder,
    state_of,
)
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json


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


@pytest.mark.parametrize("name", ["record.json", "test.json"])
def test_a_link_to_nowhere_is_not_taken_for_what_is_still_to_be_trained(name, tmp_path):
    write_json(tmp_path / "config.json", {})
    write_json(tmp_path / "record.json", {"status": "finished"})
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to(tmp_path / "scratch" / name)
    assert state_of(tmp_path) == "damaged"
    said = f"{name}: found a link to {tmp_path}/scratch/{name}, which is not there"
    assert said in failure_of(tmp_path)[0]
    with pytest.raises(InputError, match="which is not there"):
        is_done(tmp_path)


def test_a_config_that_is_a_link_to_nowhere_is_no_folder_to_begin_in(tmp_path):
    (tmp_path / "config.json").symlink_to(tmp_path / "scratch.json")
    with pytest.raises(InputError, match=r"config\.json: found a link to .*scratch\.json"):
        claim(tmp_path, RunConfig(), "data")
