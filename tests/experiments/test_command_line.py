import json
import os
import subprocess
import sys

import pytest

from representation_music.experiments.command_line import COMMANDS

#: Runs the commands named in one process, and tells after which one a package is there.
PROGRAM = """
import json, sys
from representation_music.experiments.command_line import main
heavy = set(sys.argv[2:])
imported = heavy & set(sys.modules)
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as end:
        assert end.code in (0, 1), (words, end.code)  # 1: `status` tells that runs are left
    if imported := imported or heavy & set(sys.modules):
        print("imports", *imported, "in", words)
        break
"""


def importing_tensorflow(*commands, also=()) -> list[str]:
    """Which of the commands, run one after the other, is the first to import TensorFlow."""
    words = [list(map(str, command)) for command in commands]
    command = [sys.executable, "-c", PROGRAM, json.dumps(words), "tensorflow", "keras", *also]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("imports")]


def test_help_does_not_wait_for_tensorflow_nor_sparse_matrices():
    helps = ([command, "--help"] for command in COMMANDS)
    assert importing_tensorflow(*helps, also=["scipy.sparse"]) == []


def test_what_trains_nothing_does_not_wait_for_tensorflow(song_dataset, tmp_path):
    path = tmp_path / "songs.h5"
    song_dataset.save(path)
    study = ("study", "benefit", "--dataset", path, "--runs", tmp_path / "runs")
    commands = (
        (*study, "--dry-run"),
        (*study, "--manifest-only"),
        ("status", tmp_path / "runs" / "benefit"),
        ("submit", "--dry-run", "grid", tmp_path / "runs" / "benefit" / "manifest.jsonl"),
    )
    assert importing_tensorflow(*commands) == []


@pytest.mark.slow
def test_what_draws_songs_does_not_wait_for_tensorflow(songs_file, tmp_path):
    relatedness = ("relatedness", "--dataset", songs_file, "--resamples", 2, "--output", tmp_path)
    describe = ("describe", songs_file, "--figures", tmp_path)
    assert importing_tensorflow(describe, relatedness) == []


def without_reader(*words, module="command_line"):
    """The exit code and standard error of a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    program = f"import sys; from representation_music.experiments.{module} import main"
    command = [sys.executable, "-c", f"{program}; sys.exit(main())", *map(str, words)]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["study", "pairs", "--help"]])
def test_help_that_nobody_reads_is_no_success(words):
    assert without_reader(*words) == (141, "")


def test_a_job_script_that_nobody_reads_is_no_success():
    assert without_reader("dummy", "--dry-run", module="cluster.scripts") == (141, "")


def test_a_command_whose_reader_has_gone_ends_as_the_shell_expects(songs_file, tmp_path):
    study = ["study", "benefit", "--dataset", songs_file, "--runs", tmp_path, "--dry-run"]
    code, said = without_reader(*study)
    assert code == 141 and "Traceback" not in said and "Exception" not in said
    with open("/dev/full", "w") as full:
        program = "from representation_music.experiments.command_line import main; main()"
        command = [sys.executable, "-c", program, *map(str, study)]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1 and "the disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr
