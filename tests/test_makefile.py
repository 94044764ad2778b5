"""`make` on a machine that is not ready for it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: A Python that takes itself for another version.
PYTHON = """#!/bin/bash
[ "$1" != --version ] || exec echo Python {version}
[ "$1" = -c ] || {{ touch "{asked}" && exit 9; }}
exec {python} -c "import sys; sys.version_info = ({numbers}); exec(sys.argv[1])" "$2"
"""


def make(tmp_path, python) -> subprocess.CompletedProcess:
    """`make install` of a new environment."""
    words = ["make", "-C", ROOT, "install", f"PYTHON={python}", f"VENV={tmp_path}/env"]
    return subprocess.run(list(map(str, words)), capture_output=True, text=True)


def stand_in(tmp_path, version) -> Path:
    numbers = version.replace(".", ", ")
    asked, path = tmp_path / "asked", tmp_path / "python"
    path.write_text(
        PYTHON.format(version=version, numbers=numbers, asked=asked, python=sys.executable)
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("version", ["3.9.20", "3.14.0"])
def test_a_python_that_tensorflow_has_no_release_for_is_refused(tmp_path, version):
    refused = make(tmp_path, stand_in(tmp_path, version))
    assert refused.returncode == 2
    assert f"found Python {version} as {tmp_path}/python" in refused.stderr
    assert "expected Python 3.10 to 3.13" in refused.stderr
    assert "make PYTHON=python3.12" in refused.stderr
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("version", ["3.10.0", "3.13.9"])
def test_pythons_from_3_10_to_3_13_make_the_environment(tmp_path, version):
    make(tmp_path, stand_in(tmp_path, version))
    assert (tmp_path / "asked").exists()


def test_a_python_that_is_not_there_is_named(tmp_path):
    refused = make(tmp_path, "/nowhere/python")
    assert refused.returncode == 2
    assert "as /nowhere/python, expected Python 3.10 to 3.13" in refused.stderr


def test_a_real_set_that_is_unknown_or_not_there_is_one_clear_error(tmp_path):
    def demo(data: str) -> subprocess.CompletedProcess:
        (tmp_path / "env").mkdir(exist_ok=True)
        (tmp_path / "env/installed").touch()
        places = [f"{name}={tmp_path}" for name in ("SHARED", "REAL")]
        words = ["make", "-C", ROOT, "demo", f"DATA={data}", f"VENV={tmp_path}/env", *places]
        return subprocess.run(list(map(str, words)), capture_output=True, text=True)

    unknown = demo("tcx")
    assert unknown.returncode == 2
    assert "found DATA=tcx, expected one of tcc delicious msd-terms msd-lastfm50" in unknown.stderr
    lacking = demo("tcc")
    assert lacking.returncode == 2
    assert f"{tmp_path}/tcc_music/word_counts.txt: found no such file" in lacking.stderr
    assert "SHARED=FOLDER" in lacking.stderr
