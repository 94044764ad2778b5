"""Labels, runs and folders of odd names, on a terminal that knows ASCII only, through every job."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_up_study import make_results

from representation_music import experiments
from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.experiments.commands.describe import describe
from representation_music.plots.page.build import build_page
from representation_music.utils.command_line import run_command

TAGS = ["A$AP", "[energy]", "../../../x"]
COLUMNS = ["* best", "@home", "a]b", "$\\frac{$", "_x", "<b>bj\u00f6rk", "."]
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "OMP_NUM_THREADS": "1"}
#: Runs several commands in one process; each must end as it should.
PROGRAM = """
import json, sys
from representation_music.experiments.command_line import main
for words in json.loads(sys.argv[1]):
    print("$", words[0], flush=True)
    try:
        main(words)
    except SystemExit as end:
        assert end.code == 0, (words, end.code)
"""


#: Runs several scripts in one process.
SCRIPTS = """
import runpy, sys
for script in sys.argv[1:]:
    sys.argv = [script, "--help"]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        assert not end.code, (script, end.code)
"""


def repmusic(folder, *commands) -> str:
    words = [sys.executable, "-c", PROGRAM, json.dumps([list(map(str, c)) for c in commands])]
    done = subprocess.run(words, cwd=folder, capture_output=True, env=os.environ | ASCII)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("ascii")


@pytest.fixture
def folder(song_dataset, tmp_path):
    """A folder two folders deep with songs whose labels have odd names."""
    there = tmp_path / "deep" / "folder"
    there.mkdir(parents=True)
    columns = song_dataset.columns | dict.fromkeys(COLUMNS, song_dataset.columns["loudness"])
    tags = dataclasses.replace(song_dataset.tags, names=TAGS)
    dataclasses.replace(song_dataset, columns=columns, tags=tags).save(there / "songs.h5")
    return there


@pytest.mark.slow
def test_labels_of_odd_names_are_described_and_ranked_in_ascii(folder):
    out = repmusic(
        folder,
        ("describe", "songs.h5", "--top-tags", 9),
        ("relatedness", "--target", "[energy]", "--resamples", 10, "--floor", 5),
    )
    shown = [*TAGS, *COLUMNS[:5], "<b>bj?rk"]
    assert all(f" {name} " in out for name in shown)
    assert " +- " in out and "--tight '[energy]'" in out
    assert {path.name for path in folder.parents[1].iterdir()} == {"deep"}
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]


@pytest.mark.slow
def test_tasks_and_runs_of_odd_names_are_trained_evaluated_and_drawn_in_ascii(folder):
    train = ["train", "--tasks", *TAGS, *COLUMNS[:5], "--num-steps", 10, "--min-steps", 0]
    train += ["--widths", 4, 4, 4, 4, "--experiment-name", "../../x [b]"]
    out = repmusic(folder, train)
    (run,) = (folder / "runs").iterdir()
    assert f"Next: repmusic evaluate '{run.relative_to(folder)}'" in out
    assert (run / "error-curves.svg").stat().st_size
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    out = repmusic(elsewhere, ("evaluate", run), ("plot", folder / "runs"))
    assert all(f" {name} " in out for name in (*TAGS, *COLUMNS[:5]))
    assert set(json.loads((run / "test.json").read_text())["test"]) == {*TAGS, *COLUMNS[:5]}
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]


def test_no_name_is_obeyed_by_the_terminal(tmp_path, capfd):
    name = "\x1b]0;owned\x07\x9b2J"
    table = tmp_path / "songs\x1b[8m.csv"
    rows = [f"{a} word{n},{n % 2},{n % 7 + 0.5}" for n, a in enumerate("abcdefgh" * 5)]
    table.write_text("\n".join([f"text,{name},number {name}", *rows]) + "\n")
    songs = tmp_path / "\x1b[1m.h5"
    assert run_command(preprocess, [str(table), "-o", str(songs)]) == 0
    assert run_command(describe, [str(songs), "--figures", str(tmp_path / "figures")]) == 0
    assert run_command(describe, [f"{songs}-{name}"]) == 2
    out, err = capfd.readouterr()
    assert "\\x1b]0;owned\\x07\\x9b2J" in out and "owned" in err
    assert not set("\x1b\x07\x9b") & set(out + err)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "</script><b>", "a & b", "'\"x"])
def test_names_are_text_on_the_page(name):
    results = make_results([{"auxiliary": name, "songs": 100}, {"auxiliary": "b", "songs": 100}])
    for cell in results["cells"]:
        cell["target"] = name
    page = build_page([results | {"command": f"repmusic {name}", "headline": name}])
    plain = build_page([make_results([{"auxiliary": "a", "songs": 100}] * 2)])
    assert page.count("<script") == plain.count("<script")
    assert name not in page.replace("a & b", "") or (name == "a & b" and "a &amp; b" in page)


@pytest.mark.slow
def test_every_script_has_its_help_in_ascii():
    scripts = sorted(Path(experiments.__file__).parent.glob("*.py"))
    words = [sys.executable, "-c", SCRIPTS, *scripts]
    done = subprocess.run(words, capture_output=True, env=os.environ | ASCII)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    done.stdout.decode("ascii")
