"""What CI adds to the tests: none of them is skipped, and none is run twice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.mark.skip(reason="{reason}")
def test_skipped():
    assert False

def test_done():
    pass
"""


IN_ONE, WITH_WORKERS = [], ["-n", "1"]


def run(folder, reason, *flags, **environment) -> tuple[int, str]:
    """Exit code of a run of the two tests, and what it says."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_some.py").write_text(TESTS.format(reason=reason))
    environment = os.environ | {"REPMUSIC_NONE_SKIPPED": "", "REPMUSIC_PASSED": ""} | environment
    command = [sys.executable, "-m", "pytest", str(folder), *flags]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=folder)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("asked", "workers", "code"),
    [pytest.param("1", IN_ONE, 1, marks=pytest.mark.slow), ("", WITH_WORKERS, 0)],
)
def test_a_skipped_test_is_a_failure_where_everything_is_installed(asked, workers, code, tmp_path):
    found, told = run(tmp_path, "no Chromium", *workers, REPMUSIC_NONE_SKIPPED=asked)
    assert found == code and "1 passed, 1 skipped" in told, told


def test_what_has_passed_is_not_run_again_and_what_was_skipped_is(tmp_path):
    settings = {"REPMUSIC_NONE_SKIPPED": "1", "REPMUSIC_PASSED": str(tmp_path / "passed")}
    (tmp_path / "passed").touch()
    code, told = run(tmp_path, "no Chromium", *WITH_WORKERS, **settings)
    assert code == 1 and "1 passed, 1 skipped" in told, told
    assert (tmp_path / "passed").read_text() == "test_some.py::test_done\n"
    code, told = run(tmp_path, "no real sample beside the project", **settings)
    assert code == 0 and "1 skipped, 1 deselected" in told, told
    assert "left out, as they have passed: 1 tests" in told
