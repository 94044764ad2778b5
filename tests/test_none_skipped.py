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


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["in one process", "with workers"])
@pytest.mark.parametrize(
    ("asked", "reason", "code"),
    [
        ("1", "no Chromium", 1),
        ("1", "no real sample beside the project", 0),
        ("", "no Chromium", 0),
    ],
)
def test_a_skipped_test_is_a_failure_where_everything_is_installed(
    asked, reason, code, workers, tmp_path
):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_some.py").write_text(TESTS.format(reason=reason))
    environment = os.environ | {"REPMUSIC_NONE_SKIPPED": asked}
    command = [sys.executable, "-m", "pytest", "-q", str(tmp_path), *workers]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == code, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
