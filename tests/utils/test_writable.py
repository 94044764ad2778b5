import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from made_up_study import make_results

from representation_music.experiments.command_line import main
from representation_music.utils.errors import InputError
from representation_music.utils.files import require_writable


@pytest.mark.parametrize("place", ["", "new", "new/deep"])
def test_a_folder_that_can_be_written_or_made_is_no_error_and_is_not_made(place, tmp_path):
    require_writable(tmp_path / place, "--output")
    assert not list(tmp_path.iterdir())


def test_a_read_only_folder_is_refused_by_the_flag_that_names_another():
    # Not below pytest's own folder, which other users may not enter.
    folder = Path("/tmp") / f"read-only-{os.getpid()}"
    folder.mkdir(mode=0o555)
    program = (
        "import os, sys\n"
        "from representation_music.utils.files import require_writable\n"
        "os.geteuid() or os.setuid(65534)\n"
        "try: require_writable(sys.argv[1], '--figures')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    try:
        words = [sys.executable, "-c", program, str(folder)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    finally:
        shutil.rmtree(folder)
    assert "InputError" in done.stdout and "Name another by --figures." in done.stdout


def test_a_place_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Name another by --output"):
        require_writable(tmp_path / "file" / "below", "--output")


@pytest.mark.parametrize("command", ["figures", "page", "relatedness-gain", "plot"])
def test_jobs_that_write_say_so_before_they_work(command, tmp_path, capsys):
    study = tmp_path / "benefit"
    study.mkdir()
    (study / "results.json").write_text(json.dumps(make_results([{"songs": 100}])))
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as end:
        main([command, str(study), "--output", str(tmp_path / "file" / "below" / "x")])
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert "Name another by --output" in err and err.count("\n") == 1
