import os
import subprocess
import sys

import pytest

from representation_music.utils.file_names import LONGEST, file_name

ODD = (
    ".", "..", "../../x", "a/b", "death/thrash metal", "/", "", " ", "a\x00b", "a\nb", "\x1b[2J",
    "\ud800", "\udcff", "x" * 300, "日" * 200, "-rf", ".hidden", "~", "genre:Rap", "a\\b", "CON:",
    "$(id)", "`id`", "it's", '"', "*", "?", "<SEP>", "A$AP", "r&b", "[energy]",
)  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_names_give_one_file_in_the_folder_asked_for(name, tmp_path):
    made = tmp_path / file_name(name)
    assert made.parent.resolve() == tmp_path.resolve()
    made.with_name(f".{made.name}.{os.getpid()}.part").write_text("")
    made.write_text(name.encode("utf-8", "replace").decode())
    assert {path.name[0] for path in tmp_path.iterdir()} <= {made.name[0], "."}
    assert len(os.fsencode(made.name)) <= LONGEST + 9 and made.name.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "run",
        "single_task-target",
        "pop rock",
        "80s",
        "björk",
        "日本",
        "v1.0+x",
        "@home",
    ],
)
def test_ordinary_names_stay_as_they_are(name):
    assert file_name(name) == name


def test_no_two_names_have_one_file():
    names = [*ODD, "pop rock", "pop-rock", "genre-Rap", "a-b", "x" * 301, "$(ID)"]
    assert len({file_name(name) for name in names}) == len(names)


def test_a_name_has_the_same_file_in_every_locale(tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from representation_music.utils.file_names import file_name\n"
        "(Path(sys.argv[1]) / file_name('bj\\xf6rk')).touch()"
    )
    for number, utf8 in enumerate("01"):
        environment = {"LC_ALL": "C", "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0"}
        words = [sys.executable, "-c", program, str(tmp_path)]
        subprocess.run(words, check=True, env=os.environ | environment)
        assert [path.name for path in tmp_path.iterdir()] == ["björk"], number
