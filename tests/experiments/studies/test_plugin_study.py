"""A study in a file of the user's own runs through every command that knows studies."""

import json
import os
import subprocess
import sys

import pytest

from representation_music.data_preprocessing.synthetic.noise import noise_songs

TOY = '''
"""Does a wide net beat a narrow one?"""
from representation_music.experiments.design.arms import base_config, single_task
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.study import Study
from representation_music.experiments.studies import register


def cells(options, dataset):
    tasks = (options.tight[0],)
    base = base_config("default", str(options.dataset), tasks, 100, **options.settings())
    arm = single_task(base)
    return [Cell({"songs": 100}, arm, {"narrow": arm.replace(widths=(4, 4, 4, 4))})]


register(Study("Does a toy study run?", cells, name="toy", seeds=3, order=7))
'''
PROGRAM = """
import sys
from representation_music.experiments.command_line import main
for words in sys.argv[1:]:
    print("$", words)
    try:
        main(words.split())
    except SystemExit as end:
        print("code", end.code)
"""


def run(plugin, folder, *commands):
    environment = os.environ | {"REPMUSIC_PLUGINS": str(plugin)}
    words = [sys.executable, "-c", PROGRAM, *commands]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_a_study_of_a_plugin_runs_to_its_verdict_figures_and_page(tmp_path):
    noise_songs().save(tmp_path / "songs.h5")
    (tmp_path / "toy.py").write_text(TOY)
    small = "--num-steps 20 --widths 8 8 4 4 --workers 1 --tight classification"
    done = run(
        tmp_path / "toy.py",
        tmp_path,
        f"study toy {small}",
        "study --help",
        "status toy",
        "results runs/toy --resamples 100",
        "figures runs/toy",
        "page toy",
    )
    shown = done.stdout
    assert shown.count("code 0") == 6, shown + done.stderr
    assert "toy: Does a toy study run?" in " ".join(shown.split())
    # Arm, rival and linear model, at the study's own three seeds.
    assert "toy: 9 runs" in shown and "All is done" in shown
    content = json.loads((tmp_path / "runs/toy/results.json").read_text())
    assert (content["question"], content["figure"]) == ("Does a toy study run?", "forest")
    assert content["command"].startswith("repmusic study toy") and content["order"] == 7
    assert (tmp_path / "runs/toy/figures/forest.png").is_file()
    assert "Does a toy study run?" in (tmp_path / "page/index.html").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TOY.replace('name="toy"', 'name="benefit"'), "the study benefit: found another one"),
        (TOY.replace(', name="toy"', ""), "a study's name: found ''"),
    ],
)
def test_a_name_that_is_taken_or_missing_is_told_in_one_line(tmp_path, text, message):
    (tmp_path / "toy.py").write_text(text)
    done = run(tmp_path / "toy.py", tmp_path, "study --help")
    assert "code 2" in done.stdout
    assert message in done.stderr and "Traceback" not in done.stderr
