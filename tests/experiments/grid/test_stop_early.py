"""Cells that get no further seeds once they are settled; most runs were never trained."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from made_up_runs import lay_down
from small_runs import CONFIG, left_by

from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.commands.results import results
from representation_music.experiments.commands.study import study as run_study
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.contrasts import gains_between
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study, read_study
from representation_music.experiments.grid import study_runs
from representation_music.experiments.grid.pool import run_all
from representation_music.experiments.grid.study_runs import next_runs
from representation_music.experiments.runs.config import RunConfig
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json

PLANNED = 6
EARLY = StudyOptions(seeds=PLANNED, stop_early=True)
#: How much of the label the predictions hold, by arm and seed: a clear gain, and one that varies.
SIGNALS = {"single": [0.5] * PLANNED, "clear": [3.0] * PLANNED, "open": [0.5, 1.2] * 3}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Makes a study `own` of a clear cell and an open one, with contrasts or without."""
    noise = noise_songs()
    songs = dataclasses.replace(noise, counts=noise.counts[:, :20], words=noise.words[:20])
    songs.save(tmp_path / "songs.h5")
    base = RunConfig(tasks=NOISE_TASKS[:2], dataset=str(tmp_path / "songs.h5"), training_size=100)
    arms = {name: base.replace(experiment_name=name) for name in SIGNALS}
    cells = [
        Cell({"gain": name}, arms[name], {"single task": arms["single"]})
        for name in ("clear", "open")
    ]

    def make(contrasts=lambda cells: []):
        study = Study(
            "Does it?",
            lambda options, _: cells,
            contrasts=contrasts,
            name="own",
            make_songs=lambda folder, options: songs,
        )
        monkeypatch.setattr(study_runs, "find_studies", lambda: {"own": study})
        return songs

    return make


def finish(coming, songs):
    """Lays down the runs that come next; how many they are."""
    for config in coming.to_do:
        signals = SIGNALS.get(getattr(config, "experiment_name", ""), [0.5] * PLANNED)
        stream = [len(str(config.seed)), config.seed, len(str(config.to_json().get("tasks")))]
        folder = coming.runs.folder_of(config)
        lay_down(folder, songs, config, signals[config.seed], stream)
    return len(coming.to_do)


def run_to_the_end(options, runs, songs):
    """The runs of every round, and the seeds of each cell."""
    rounds = []
    while number := finish(next_runs("own", options, runs), songs):
        rounds.append(number)
    content = json.loads((runs / "own/study.json").read_text())
    return rounds, {cell["cell"]: len(cell["arm"]) for cell in content["cells"]}


def test_one_cell_stops_at_three_seeds_and_another_has_all_of_them(own, tmp_path, capsys):
    songs = own()
    told = next_runs("own", EARLY, tmp_path, write=False)
    # Two arms, their rival and the linear model: at three seeds, at six if none is stopped.
    assert (len(told.configs), told.at_most) == (4 * 3, 4 * PLANNED)
    rounds, seeds = run_to_the_end(EARLY, tmp_path, songs)
    assert rounds == [4 * 3, 3, 3, 3]
    assert seeds == {"clear": 3, "open": PLANNED}

    assert results(tmp_path / "own", resamples=100) == 0
    content = json.loads((tmp_path / "own/results.json").read_text())
    assert [cell["metrics"]["auc"]["verdict"] for cell in content["cells"]] == [
        "benefit",
        "no evidence",
    ]
    assert [cell["planned"] for cell in content["cells"]] == [PLANNED, PLANNED]
    (warning,) = [w["text"] for w in content["warnings"] if w["code"] == "stopped early"]
    assert warning.startswith("1 of 2 cells have 3 to 3 of 6 seeds")
    assert "3 to 6 seeds" in capsys.readouterr().out


def test_what_is_done_already_stops_cells_where_they_would_have_been_stopped(own, tmp_path):
    songs = own()
    whole = dataclasses.replace(EARLY, stop_early=False)
    rounds, seeds = run_to_the_end(whole, tmp_path, songs)
    assert rounds == [4 * PLANNED]
    assert seeds == {"clear": PLANNED, "open": PLANNED}
    straight = (tmp_path / "own/study.json").read_text()
    assert "planned" not in straight
    assert run_to_the_end(EARLY, tmp_path, songs) == ([], {"clear": 3, "open": PLANNED})
    run_to_the_end(whole, tmp_path, songs)
    assert (tmp_path / "own/study.json").read_text() == straight


def test_a_round_that_was_cut_off_is_finished_first_and_changes_nothing(own, tmp_path):
    songs = own()
    _, expected = run_to_the_end(EARLY, tmp_path / "straight", songs)
    runs = tmp_path / "cut"
    for left in (5, 2, 1, 2):
        coming = next_runs("own", EARLY, runs)
        finish(dataclasses.replace(coming, to_do=coming.to_do[:-left]), songs)
    assert run_to_the_end(EARLY, runs, songs)[1] == expected
    straight, cut = (
        json.loads((p / "own/study.json").read_text()) for p in (tmp_path / "straight", runs)
    )
    assert straight == cut


def test_runs_of_another_study_are_taken_over_for_every_round_at_once(own, tmp_path):
    songs = own()
    run_to_the_end(EARLY, tmp_path, songs)
    (tmp_path / "own").rename(tmp_path / "other")
    coming = next_runs("own", EARLY, tmp_path)
    assert (coming.to_do, coming.reused) == ([], 4 * 3 + 3 * 3)


def test_a_contrast_that_is_open_keeps_its_cells_open(own, tmp_path):
    songs = own(lambda cells: gains_between("Does it?", cells, "gain", [("open", "clear")]))
    SIGNALS["open"], before = [2.6, 3.4] * 3, SIGNALS["open"]  # a benefit, and near the other's
    try:
        _, seeds = run_to_the_end(EARLY, tmp_path, songs)
        results(tmp_path / "own", resamples=100)
    finally:
        SIGNALS["open"] = before
    assert seeds == {"clear": PLANNED, "open": PLANNED}
    content = json.loads((tmp_path / "own/results.json").read_text())
    (contrast,) = content["contrasts"]
    assert len(contrast["metrics"]["auc"]["seed_differences"]) == PLANNED


def test_contrasts_are_judged_at_the_seeds_that_their_cells_have_in_common(own, tmp_path):
    songs = own()
    run_to_the_end(EARLY, tmp_path, songs)
    content = read_study(tmp_path / "own")
    asked = gains_between("Does it?", content["cells"], "gain", [("clear", "open")])
    asked = json.loads(json.dumps([dataclasses.asdict(of) for of in asked]))
    write_json(tmp_path / "own/study.json", content | {"contrasts": asked})
    results(tmp_path / "own", resamples=100)
    found = json.loads((tmp_path / "own/results.json").read_text())
    differences = found["contrasts"][0]["metrics"]["auc"]["seed_differences"]
    clear, open_ = (
        np.array(cell["metrics"]["auc"]["gains"]["single task"]["seed_gains"])
        for cell in found["cells"]
    )
    assert differences == pytest.approx(clear - open_[:3])


@pytest.fixture
def trained(songs_file, monkeypatch):
    """Options of a study `own` whose runs are trained: its first cell is clear, its second open."""
    arm = CONFIG.replace(dataset=str(songs_file), tasks=("loudness",))
    rivals = {
        "permuted": arm.replace(permuted_tasks=arm.tasks, experiment_name="permuted"),
        "itself": arm.replace(seed=100),
    }
    cells = [Cell({"rival": name}, arm, {"single task": of}) for name, of in rivals.items()]
    own = Study("Does it?", lambda options, songs: cells, name="own")
    monkeypatch.setattr(study_runs, "find_studies", lambda: {"own": own})
    return StudyOptions(dataset=songs_file, seeds=4, stop_early=True)


@pytest.mark.slow
@pytest.mark.usefixtures("no_workers", "few_linear_models")
def test_a_trained_study_stops_one_cell_goes_on_with_another_and_is_resumed(trained, tmp_path):
    def study():
        assert run_study("own", trained, tmp_path) == 0
        return json.loads((tmp_path / "own/results.json").read_text())["cells"]

    clear, open_ = straight = study()
    assert (clear["metrics"]["r2"]["verdict"], len(clear["arms"]["arm"]["runs"])) == ("benefit", 3)
    assert len(open_["arms"]["arm"]["runs"]) == 4
    for cell, arm_name, number in ((clear, "single task", 1), (open_, "single task", 3)):
        shutil.rmtree(tmp_path / "own" / cell["arms"][arm_name]["runs"][number])
    assert study() == straight


@pytest.mark.slow
def test_neither_workers_nor_a_kill_between_rounds_change_a_bit(trained, tmp_path, monkeypatch):
    def killed_after_a_round(*arguments):
        assert run_all(*arguments) == 0
        raise KeyboardInterrupt

    assert run_study("own", trained, tmp_path / "straight", workers=2) == 0
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(
            "representation_music.experiments.commands.study.run_all", killed_after_a_round
        )
        run_study("own", trained, tmp_path / "resumed", workers=1)
    assert not (tmp_path / "resumed/own/results.json").exists()
    assert run_study("own", trained, tmp_path / "resumed", workers=1) == 0

    def untimed(runs):
        content = json.loads((runs / "own/results.json").read_text())
        timed = [run.pop("seconds") for run in content["runs"].values()]
        assert len(timed) == 4 + 3 + 4 + 4  # arm, its rivals, linear models
        return json.dumps(content | {"seal": ""})

    assert untimed(tmp_path / "resumed") == untimed(tmp_path / "straight")
    expected = left_by(tmp_path / "straight/own")
    assert len(expected) == 15
    assert left_by(tmp_path / "resumed/own") == expected


def test_folds_are_a_whole_and_not_stopped_early():
    with pytest.raises(InputError, match="--stop-early"):
        dataclasses.replace(EARLY, folds=5).settings()
