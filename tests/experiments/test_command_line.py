import os
import subprocess
import sys

import pytest

from representation_music.experiments.command_line import COMMANDS

#: Runs the command named, and fails if it imported what only training needs.
PROGRAM = """
import sys
from representation_music.experiments.command_line import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code in (0, 1), end.code  # 1: `status` tells that runs are left
print("imported", sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


def imported(*words) -> str:
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_does_not_wait_for_tensorflow(command):
    assert imported(command, "--help") == "imported []"


def test_what_trains_nothing_does_not_wait_for_tensorflow(song_dataset, tmp_path):
    path = tmp_path / "songs.h5"
    song_dataset.save(path)
    study = ("study", "benefit", "--dataset", path, "--runs", tmp_path / "runs")
    for words in (
        ("describe", path),
        ("relatedness", "--dataset", path, "--resamples", 2),
        (*study, "--dry-run"),
        (*study, "--manifest-only"),
        ("status", tmp_path / "runs" / "benefit"),
        ("submit", "--dry-run", "grid", tmp_path / "runs" / "benefit" / "manifest.jsonl"),
    ):
        assert imported(*words) == "imported []"


def without_reader(*words):
    """The exit code and standard error of a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    program = "from representation_music.experiments.command_line import main; main()"
    command = [sys.executable, "-c", program, *map(str, words)]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["study", "pairs", "--help"]])
def test_help_that_nobody_reads_is_no_success(words):
    assert without_reader(*words) == (141, "")


def test_a_command_whose_reader_has_gone_ends_as_the_shell_expects(songs_file, tmp_path):
    study = ["study", "benefit", "--dataset", songs_file, "--runs", tmp_path, "--dry-run"]
    for words in (study, ["describe", songs_file, "--figures", tmp_path / "figures"]):
        code, said = without_reader(*words)
        assert code == 141 and "Traceback" not in said and "Exception" not in said
    with open("/dev/full", "w") as full:
        program = "from representation_music.experiments.command_line import main; main()"
        command = [sys.executable, "-c", program, *map(str, study)]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1 and "the disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr
