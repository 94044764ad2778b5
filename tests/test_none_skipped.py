"""What CI adds to the tests: none of them is skipped."""

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
    pass

def test_done():
    pass
"""


IN_ONE, WITH_WORKERS = [], ["-n", "1"]


@pytest.mark.parametrize(
    ("asked", "reason", "workers", "code"),
    [
        ("1", "no Chromium", WITH_WORKERS, 1),
        ("1", "no real sample beside the project", IN_ONE, 0),
        pytest.param("1", "no Chromium", IN_ONE, 1, marks=pytest.mark.slow),
        pytest.param("", "no Chromium", IN_ONE, 0, marks=pytest.mark.slow),
        pytest.param("", "no Chromium", WITH_WORKERS, 0, marks=pytest.mark.slow),
        pytest.param("1", "no real sample", WITH_WORKERS, 0, marks=pytest.mark.slow),
    ],
)
def test_a_skipped_test_is_a_failure_where_everything_is_installed(
    asked, reason, workers, code, tmp_path
):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_some.py").write_text(TESTS.format(reason=reason))
    environment = os.environ | {"REPMUSIC_NONE_SKIPPED": asked}
    command = [sys.executable, "-m", "pytest", "-q", str(tmp_path), *workers]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == code, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
