import os
import subprocess
import sys

import pytest

from representation_music.utils.console import command, print_next, print_table, progress

ODD = ("[energy]", "[/bold]", "[red]x[/red]", ":smile:", "a]b", "[link=x]y", "\\[z]")
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("name", ODD)
def test_names_are_printed_letter_by_letter_wherever_they_stand_in_a_table(name, capsys):
    print_table(f"title {name}", [f"head {name}", "n"], [[f"cell {name}", "1"]])
    out = capsys.readouterr().out
    assert all(f"{place} {name}" in out for place in ("title", "head", "cell"))


@pytest.mark.parametrize("name", ODD)
def test_a_progress_bar_prints_names_letter_by_letter(name, capfd, monkeypatch):
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.setenv(variable, "1")
    with progress("first", 2) as advance:
        advance(text=name)
    assert name in capfd.readouterr().err


def test_control_characters_of_a_name_do_not_reach_the_terminal(capsys):
    print_table("\x1b[2Jtitle", ["a\x00b"], [["\x07bell\r"]])
    out = capsys.readouterr().out
    assert "\\x1b[2Jtitle" in out and "a\\x00b" in out and "\\x07bell\\r" in out
    assert not set(out) & {"\x1b", "\x00", "\x07", "\r"}


def test_a_command_can_be_pasted_whatever_its_words_are(tmp_path, capsys):
    words = ["printf", "%s|", "a b", "$HOME", "it's", "*", "`id`", "é", "x\ny"]
    print_next(*words)
    pasted = capsys.readouterr().out.removeprefix("Next: ")
    done = subprocess.run(["bash", "-c", pasted], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "|".join(words[2:]) + "|"
    assert command("repmusic", tmp_path / "a b").endswith("/a b'")


PROGRAM = """
import sys
from representation_music.utils.console import print_table, survive_any_terminal
survive_any_terminal()
print_table("R²", ["1 ± 2 …"], [["björk"], ["日"]])
print("track", sys.argv[1], "± \\ud800")
print("±", file=sys.stderr)
"""


@pytest.mark.parametrize("environment", [ASCII, {"PYTHONIOENCODING": "utf-8"}])
def test_every_character_can_be_printed_on_every_terminal(environment, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    words = [sys.executable, tmp_path / "program.py", b"odd-\xff"]
    done = subprocess.run(words, capture_output=True, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    assert b"odd-\xff" in done.stdout  # a path's bytes, so that it can be pasted
    if environment is ASCII:
        assert all(text in done.stdout for text in (b"R2", b"1 +- 2 ...", b"bj?rk"))
        assert done.stderr == b"+-\n"
    else:
        assert all(text.encode() in done.stdout for text in ("R²", "1 ± 2 …", "björk"))
