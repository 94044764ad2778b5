"""The sbatch commands that submission_script.sh makes, word by word. Needs no Slurm."""

from pathlib import Path

import pytest
from job_scripts import SCRIPTS, bash

GOLDEN = Path(__file__).parent / "golden"
#: Name of a golden file: settings, and what follows --dry-run.
CASES = {
    "study_without_songs_file": ({"RAW_DIR": "/"}, []),
    "study_with_everything_set": (
        {
            "RAW_DIR": "/",
            "MAIL_USER": "me@site.edu",
            "PARTITION": "gpu",
            "ACCOUNT": "music",
            "QOS": "long",
            "TIME": "04:00:00",
            "GPUS": "1",
            "CPUS": "4",
            "MEM": "8G",
        },
        [],
    ),
    "one_set_with_arguments": ({"TIME": "01:00:00"}, ["multi_low_tightly_coupled", "--sizes", "5"]),
    "evaluation_of_a_folder_with_a_space": ({}, ["evaluate", "runs/one two"]),
}


def dry_run(words, **settings) -> str:
    """The commands, with the project's folder written as PROJECT and the store's as STORE."""
    done = bash(SCRIPTS / "submission_script.sh", "--dry-run", *words, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(settings["STORE"], "STORE").replace(str(SCRIPTS.parent), "PROJECT")


@pytest.mark.parametrize("name", CASES)
def test_commands_are_those_of_the_golden_file(name, tmp_path):
    settings, words = CASES[name]
    commands = dry_run(words, STORE=str(tmp_path), **settings)
    # After a wanted change: write `commands` to the file, and read the difference in git.
    assert commands == (GOLDEN / f"{name}.txt").read_text()


def test_the_study_waits_for_no_preprocessing_where_the_songs_file_exists(tmp_path):
    (tmp_path / "songs.h5").touch()
    commands = dry_run([], STORE=str(tmp_path)).splitlines()
    assert len(commands) == 11
    assert not any("--dependency" in command for command in commands)


def test_every_submitted_script_exists(tmp_path):
    for command in dry_run([], STORE=str(tmp_path), RAW_DIR="/").splitlines():
        assert Path(command.split()[-1].replace("PROJECT", str(SCRIPTS.parent))).is_file()


def test_a_dry_run_writes_nothing(tmp_path):
    dry_run([], STORE=str(tmp_path / "store"), RAW_DIR="/")
    assert list(tmp_path.iterdir()) == []


def test_without_songs_and_without_official_files_it_says_what_to_set(tmp_path):
    refused = bash(SCRIPTS / "submission_script.sh", "--dry-run", STORE=str(tmp_path))
    assert refused.returncode == 2
    assert "found no songs.h5" in refused.stderr
    assert "RAW_DIR" in refused.stderr


def test_an_unknown_name_is_refused_with_the_names_there_are():
    refused = bash(SCRIPTS / "submission_script.sh", "--dry-run", "multi_middle")
    assert refused.returncode == 2
    assert "found 'multi_middle'" in refused.stderr
    assert "multi_low_tightly_coupled" in refused.stderr


def test_without_slurm_it_says_how_to_run_here(tmp_path):
    for tool in ("dirname", "hostname", "bash", "sed", "paste"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    refused = bash(SCRIPTS / "submission_script.sh", "dummy", PATH=str(tmp_path))
    assert refused.returncode == 2
    assert "found no sbatch" in refused.stderr
    assert "bash maverick_scripts/NAME.sh" in refused.stderr
