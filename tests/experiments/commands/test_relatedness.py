import csv
import dataclasses
import json
from functools import partial

import numpy as np
import pytest

from representation_music.experiments.command_line import main
from representation_music.experiments.design.arms import base_config
from representation_music.experiments.relatedness import networks
from representation_music.experiments.relatedness.task_sets import as_words
from representation_music.plots.songs.relatedness import draw_ranking
from representation_music.utils.console import command


def run(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["relatedness", *map(str, arguments)])
    return end.value.code, *capsys.readouterr()


def test_the_ranking_is_printed_written_and_drawn_beside_the_papers_choice(
    songs_file, song_dataset, tmp_path, capsys
):
    code, out, err = run(
        capsys, "--dataset", songs_file, "--output", tmp_path, "--resamples", 100, "--floor", 5
    )
    assert (code, err) == (0, "")
    assert "synthetic songs (600 songs)" in out
    assert "paper's choice: --tight pop 'pop rock' ballad --loose pop loudness year" in out
    assert "Next: repmusic study coupling" in out and "2016 paper, loose" in out
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"songs-relatedness-pop.{kind}" for kind in ("csv", "json", "png", "svg")}
    numbers = json.loads((tmp_path / "songs-relatedness-pop.json").read_text())
    with open(tmp_path / "songs-relatedness-pop.csv", newline="") as file:
        table = {row["name"]: row for row in csv.DictReader(file)}
    assert list(table) == [row["name"] for row in numbers["labels"]]
    train = song_dataset.split("artist")["train"]
    x, y = (song_dataset.labels(name)[train] for name in ("pop", "ballad"))
    known = np.isfinite(x) & np.isfinite(y)
    assert float(table["ballad"]["pearson"]) == pytest.approx(
        np.corrcoef(x[known], y[known])[0, 1], abs=1e-5
    )
    assert table["genre"]["pearson"] == ""  # several classes have no correlation
    svg = (tmp_path / "songs-relatedness-pop.svg").read_text()
    assert "synthetic songs (600 songs)" in svg and "2016 paper, tight" in svg


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "popp"], "'pop'"),
        (["--target", "genre"], "several classes"),
        (["--floor", "1"], "--floor"),
        (["--split", "none"], "no split"),
        (["--nets", "-1"], "--nets"),
    ],
)
def test_bad_settings_are_one_message(songs_file, tmp_path, capsys, arguments, message):
    code, _, err = run(capsys, "--dataset", songs_file, "--output", tmp_path, *arguments)
    assert code == 2 and message in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_proposals_are_flags_that_a_shell_and_a_study_take():
    import shlex

    import tyro

    from representation_music.experiments.design.options import StudyOptions

    sets = {"tight": ["pop", "pop rock", "r&b"], "loose": ["pop", "'80s", "year"]}
    options = tyro.cli(StudyOptions, args=shlex.split(command(*as_words(sets))))
    assert options.tight == tuple(sets["tight"]) and options.loose == tuple(sets["loose"])


def test_what_nets_measured_has_a_figure_of_its_own(songs_file, tmp_path, capsys, monkeypatch):
    with monkeypatch.context() as within:
        within.setattr("matplotlib.figure.Figure.savefig", lambda _, path, **how: path.touch())
        run(capsys, "--dataset", songs_file, "--output", tmp_path, "--resamples", 20)
    numbers = json.loads((tmp_path / "songs-relatedness-pop.json").read_text())
    numbers["nets"] = {"seeds": 3, "metric": "AUC", "single_task": 0.7, "constant": 0.5}
    measured = {"gradient_cosine": [0.1, 0.0, 0.2], "affinity": [0.01, None, None]}
    measured |= {"transfer_gain": [0.02, -0.01, 0.05], "gain_over_weights_0": [0.01, -0.02, 0.04]}
    for row in numbers["labels"]:
        row |= measured if row["name"] == "ballad" else {}
    paths = draw_ranking(numbers, tmp_path / "drawn")
    svg = paths[3].read_text()
    for text in (
        "TAG affinity",
        "over the single task",
        "over weights 0",
        "constant predictor 0.500",
        "ballad",
    ):
        assert text in svg


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers")
def test_nets_measure_a_shortlist_by_the_runs_of_pairs(songs_file, tmp_path, capfd, monkeypatch):
    small = partial(base_config, widths=(16, 8, 8, 4), num_steps=50)
    monkeypatch.setattr(networks, "base_config", small)
    arguments = ["--dataset", songs_file, "--output", tmp_path, "--resamples", 20]
    nets = ["--nets", 1, "--net-seeds", 2, "--net-size", 60, "--net-steps", 20]
    with pytest.raises(SystemExit) as end:
        main(["relatedness", *map(str, [*arguments, *nets, "--runs", tmp_path / "runs"])])
    assert end.value.code == 0
    assert "constant predictor 0.500" in capfd.readouterr().out
    numbers = json.loads((tmp_path / "songs-relatedness-pop.json").read_text())
    (row,) = [row for row in numbers["labels"] if "affinity" in row]
    assert numbers["nets"]["seeds"] == 2 and numbers["nets"]["constant"] == 0.5
    scores = {}
    for folder in (tmp_path / "runs").glob("*-*"):
        record = json.loads((folder / "record.json").read_text())
        config = json.loads((folder / "config.json").read_text())
        name, seed = config["experiment_name"], config["seed"]
        auc = record["validation"]["pop"]["network"]["auc"]
        scores[name, seed] = auc
        assert not (folder / "test.json").exists()  # the test split is not read
    for measure, rival in (
        ("transfer_gain", "single-task"),
        ("gain_over_weights_0", "pair-weights-0"),
    ):
        gains = [scores["pair", seed] - scores[rival, seed] for seed in (0, 1)]
        assert row[measure][0] == pytest.approx(np.mean(gains))
    assert np.isfinite([row["gradient_cosine"][0], row["affinity"][0]]).all()


@pytest.mark.usefixtures("unrendered")
@pytest.mark.parametrize("name", ["../../../x", "death/thrash metal", "A$AP [live]", "..", "-x"])
def test_a_target_of_any_name_leaves_its_files_in_the_folder_asked_for(
    name, song_dataset, tmp_path, capsys
):
    tags = dataclasses.replace(song_dataset.tags, names=[name, "pop rock", "ballad"])
    songs = dataclasses.replace(song_dataset, tags=tags)
    songs.save(tmp_path / "songs.h5")
    folder = tmp_path / "a" / "b"
    words = (f"--target={name}", "--dataset", tmp_path / "songs.h5", "--resamples", 20)
    code, out, err = run(capsys, *words, "--output", folder, "--floor", 5)
    assert (code, err) == (0, "")
    assert f"with {name}: " in " ".join(out.split())
    assert {path.name for path in tmp_path.iterdir()} == {"songs.h5", "a"}
    assert list((tmp_path / "a").iterdir()) == [folder]
    kinds = sorted(path.suffix for path in folder.iterdir())
    assert kinds == [".csv", ".json", ".png", ".svg"]


def test_a_folder_that_cannot_be_written_is_refused_at_once_by_the_flag(songs_file, capsys):
    code, out, err = run(capsys, "--dataset", songs_file, "--output", songs_file / "below")
    assert (code, out) == (2, "") and "--output" in err and err.count("\n") == 1


def test_tasks_are_split_into_groups_for_a_study(songs_file, tmp_path, capsys):
    options = ("--dataset", songs_file, "--output", tmp_path, "--group-by", "pearson")
    code, out, err = run(capsys, *options, "--groups", "pop", "loudness", "ballad", "pop rock")
    assert (code, err) == (0, "")
    assert "Next: repmusic study grouping" in out and "all together" in out
    found = json.loads((tmp_path / "songs-groups.json").read_text())
    assert sorted(task for group in found["groups"] for task in group) == sorted(found["tasks"])
    code, _, err = run(capsys, *options, "--groups", "pop")
    assert code == 2 and "--groups" in err
