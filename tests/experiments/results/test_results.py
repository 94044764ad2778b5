import dataclasses
import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import tyro
from made_up_runs import lay_down
from scipy import stats
from sklearn.metrics import roc_auc_score
from small_runs import few_linear_models

from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.commands.page import page
from representation_music.experiments.commands.results import results
from representation_music.experiments.design.arms import rivals_by_level
from representation_music.experiments.design.cells import Cell, design, seeded
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.results.judgement import highest
from representation_music.experiments.results.study_results import update_results
from representation_music.experiments.runs.config import DEFAULT, RunConfig
from representation_music.experiments.runs.predictions import predictions_of
from representation_music.experiments.runs.runs import Runs
from representation_music.experiments.runs.summary import train_command
from representation_music.experiments.studies import find_studies
from representation_music.experiments.train import Settings
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.train_run import train_run
from representation_music.plots.page import build
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_json
from representation_music.utils.metrics import METRICS_OF
from representation_music.utils.statistics.comparisons import Comparison
from representation_music.utils.statistics.estimates import Estimate
from representation_music.utils.statistics.verdicts import judge

SEEDS = 5


@pytest.fixture(scope="module")
def laid_down(tmp_path_factory):
    """A study of two cells with its runs, test labels, design, test positions and songs."""
    place = tmp_path_factory.mktemp("study")
    noise = noise_songs()
    # A few words are enough, and quickly fitted.
    songs = dataclasses.replace(noise, counts=noise.counts[:, :20], words=noise.words[:20])
    songs.save(place / "songs.h5")
    arm = RunConfig(tasks=NOISE_TASKS[:2], dataset=str(place / "songs.h5"), training_size=100)
    rival = arm.replace(task_weights=(1, 0))
    same = arm.replace(permuted_tasks=NOISE_TASKS[1:2])
    cells = [
        Cell({"songs": 1}, arm, {"rival": rival}, ("benefit",)),
        Cell({"songs": 2}, same, {"rival": rival}, ("benefit",)),
    ]
    described = design(cells, SEEDS)
    content = find_studies()["benefit"].content(StudyOptions(), described)
    write_json(place / "study.json", content)
    positions = songs.split("artist")["test"]
    labels = songs.labels(NOISE_TASKS[0])[positions]

    for config, folders, signal, stream in (
        (arm, described[0]["arm"], 3.0, 0),
        (rival, described[0]["rivals"]["rival"], 0.5, 1),
        (same, described[1]["arm"], 0.5, 1),
    ):
        for seed, name in enumerate(folders):
            lay_down(place / name, songs, config.replace(seed=seed), signal, [seed, stream])
    with few_linear_models():
        for config in seeded(cells[0].linear_model, SEEDS):
            evaluate_run(Path(train_run(config, place, dataset=songs)["folder"]), dataset=songs)
    return place, labels, described, positions, songs


@pytest.fixture
def study(laid_down, tmp_path):
    """The same in a folder of the test's own."""
    place, *rest = laid_down
    shutil.copytree(place, tmp_path, dirs_exist_ok=True)
    return tmp_path, *rest


def test_a_clear_gain_is_a_benefit_and_equal_arms_are_no_different(study, capsys):
    folder, *_ = study
    assert results(folder, resamples=200) == 1  # the second control does not pass
    cells = json.loads((folder / "results.json").read_text())["cells"]
    by_auc = [cell["metrics"]["auc"] for cell in cells]
    assert [found["verdict"] for found in by_auc] == ["benefit", "no material difference"]
    assert [cell["passes"] for cell in cells] == [True, False]
    assert by_auc[0]["reason"]["rule"] == "every rival"
    assert by_auc[1]["reason"] == {
        "rule": "margin",
        "margin": 0.02,
        "text": "every 90 % interval lies within ± 0.02",
    }
    assert "FAIL: 1 of 2 controls" in capsys.readouterr().out.splitlines()[0]


def test_watching_judges_what_is_new_by_the_metric_and_resamples_of_results_that_stand(study):
    folder, *_ = study
    path = folder / "results.json"
    results(folder, "error", 100)
    written = path.read_text()
    update_results(folder)
    assert path.read_text() == written  # nothing was finished since
    whole = json.loads(written)
    write_json(path, whole | {"cells": whole["cells"][:1], "missing_cells": 1})
    update_results(folder)
    assert json.loads(path.read_text()) == whole
    path.unlink()
    update_results(folder)
    assert json.loads(path.read_text())["metric"] == "auc"


def test_a_page_that_judges_first_needs_no_results_and_is_made_although_a_control_fails(
    study, monkeypatch
):
    monkeypatch.setattr(build, "_charts_library", str)  # seconds to put together
    folder, *_ = study
    page((folder,), folder / "page", judge=True)
    assert json.loads((folder / "results.json").read_text())["answer"]["code"] == "fail"
    assert (folder / "page/index.html").is_file()


def test_every_metric_has_its_own_verdict_and_only_bounded_ones_a_margin(study):
    folder, *_ = study
    results(folder, resamples=100)
    content = json.loads((folder / "results.json").read_text())
    assert content["metric"] == "auc"
    assert content["metrics"]["auc"]["margin"] == 0.02
    assert content["metrics"]["log_loss"]["margin"] is None
    same = content["cells"][1]["metrics"]
    assert set(same) == set(METRICS_OF["binary"])
    # The second arm predicts what its rival does: no difference, but none that log loss may name.
    assert same["error"]["verdict"] == "no material difference"
    assert same["log_loss"]["verdict"] == "no evidence"


def test_every_run_is_told_with_the_command_that_makes_it(study):
    folder, _, described, *_ = study
    results(folder, resamples=50)
    runs = json.loads((folder / "results.json").read_text())["runs"]
    arm = runs[described[1]["arm"][3]]
    assert arm["config"]["seed"] == 3
    assert "--seed 3" in arm["command"]
    assert f"--permuted-tasks {NOISE_TASKS[1]!r}" in arm["command"]
    assert (arm["parameters"], arm["seconds"], arm["best_step"]) == (7, 3.0, 25)
    linear = [run for run in runs.values() if run["config"].get("model") == "linear"]
    assert len(linear) == SEEDS
    assert linear[0]["command"] is None


def test_the_flags_of_a_config_are_read_back_as_the_same_config():
    config = DEFAULT.replace(
        tasks=("pop", "pop rock"),
        task_weights=(0.2, 1.0),
        architecture="SPSP",
        objective="alternating",
        standardise_labels=False,
        learning_rate=0.005,
    )
    words = shlex.split(train_command(config))
    assert words[:2] == ["repmusic", "train"]
    assert tyro.cli(Settings, args=words[2:]) == config


def test_gains_are_mean_differences_of_auc_paired_by_seed(study):
    folder, labels, described, positions, songs = study
    results(folder, resamples=50)
    row = json.loads((folder / "results.json").read_text())["cells"][0]["metrics"]["auc"]
    ids = songs.ids[positions]

    def aucs(names):
        return [roc_auc_score(labels, predictions_of(folder / n, ids)) for n in names]

    arm, rival = aucs(described[0]["arm"]), aucs(described[0]["rivals"]["rival"])
    assert row["scores"]["arm"][0] == pytest.approx(np.mean(arm))
    assert row["seed_scores"]["arm"] == pytest.approx(arm)
    assert row["gains"]["rival"]["seed_gains"] == pytest.approx(np.subtract(arm, rival))
    gain, low, high = row["gains"]["rival"]["gain"]
    assert gain == pytest.approx(np.mean(np.subtract(arm, rival)))
    assert low < gain < high


def test_a_study_that_compares_sizes_says_how_the_gain_differs_between_them(study, capsys):
    folder, *_ = study
    design = json.loads((folder / "study.json").read_text())
    for cell in design["cells"]:
        cell["rivals"] = {"single task": cell["rivals"]["rival"]}
    contrasts = find_studies()["training_size"].contrasts(design["cells"])
    asks = contrasts[0].asks
    design |= {"question": asks, "contrasts": [dataclasses.asdict(of) for of in contrasts]}
    write_json(folder / "study.json", design)
    results(folder, resamples=200)
    content = json.loads((folder / "results.json").read_text())
    (told,) = content["contrasts"]
    for metric, found in told["metrics"].items():
        difference, low, high = found["difference"]
        gains = [c["metrics"][metric]["gains"]["single task"]["gain"][0] for c in content["cells"]]
        assert difference == pytest.approx(gains[0] - gains[1]) and low < difference < high
    assert told["metrics"]["auc"]["verdict"] == "larger gain"
    assert content["counts"]["changes"] == {"larger gain": 1}
    assert "1 less 2" in capsys.readouterr().out


def test_the_linear_model_stands_beside_every_cell(study):
    folder, *_ = study
    results(folder, resamples=50)
    cells = json.loads((folder / "results.json").read_text())["cells"]
    table = [cell["metrics"]["auc"] for cell in cells]
    # It can learn nothing from noise.
    assert all(abs(row["scores"]["linear model"][0] - 0.5) < 0.15 for row in table)
    assert len(list(folder.glob("linear-model-*"))) == SEEDS
    assert not table[0]["loses_to_linear"]


def test_cells_with_missing_runs_are_left_out_and_counted(study, capsys):
    folder, _, described, *_ = study
    (folder / described[1]["arm"][2] / "test.json").unlink()
    assert results(folder, resamples=50) == 1
    assert "incomplete cells left out: 1" in capsys.readouterr().out
    (folder / described[0]["arm"][2] / "test.json").unlink()
    with pytest.raises(InputError, match="no cell whose runs are all done"):
        results(folder)


def test_predictions_of_other_songs_are_refused(study):
    folder, _, described, positions, songs = study
    more = songs.ids[np.append(positions, songs.split("artist")["train"][:1])]
    with pytest.raises(InputError, match="no prediction of some test songs"):
        predictions_of(folder / described[0]["arm"][0], more)


@pytest.mark.usefixtures("few_linear_models")
def test_of_worlds_each_run_is_scored_on_the_songs_of_its_own(tmp_path):
    worlds = []
    for seed in range(3):
        noise = noise_songs(seed=seed)
        songs = dataclasses.replace(noise, counts=noise.counts[:, :20], words=noise.words[:20])
        songs.save(tmp_path / f"{seed}.h5")
        worlds.append(songs)
    files = tuple(str(tmp_path / f"{seed}.h5") for seed in range(3))
    arm = RunConfig(tasks=NOISE_TASKS[:2], dataset=files[0], training_size=100)
    rivals = {
        "single task": arm.replace(l2=0.4),
        "auxiliary weights 0": arm.replace(task_weights=(1, 0)),
        "permuted auxiliaries": arm.replace(permuted_tasks=arm.tasks[1:]),
        "lyrics only": arm.replace(l2=0.5),
    }
    cell = Cell({"songs": 1}, arm, rivals, ("benefit",), worlds=files)
    (described,) = design([cell], 9)
    write_json(
        tmp_path / "study.json", find_studies()["alternating"].content(StudyOptions(), [described])
    )
    for place, (config, signal) in enumerate(
        ((arm, 4.0), *((rival, 0.1 * number) for number, rival in enumerate(rivals.values(), 1)))
    ):
        for number, run in enumerate(cell.repeated(config, 9)):
            folder = Runs(tmp_path).folder_of(run)
            lay_down(folder, worlds[number], run, signal, [number, place])
    for number, run in enumerate(cell.repeated(cell.linear_model, 9)):
        trained = train_run(run, tmp_path, dataset=worlds[number])
        evaluate_run(Path(trained["folder"]), dataset=worlds[number])
    assert results(tmp_path, resamples=50) == 0
    content = json.loads((tmp_path / "results.json").read_text())
    (found,) = content["cells"]
    assert (content["seeds"], content["varies"], found["varies"]) == (3, ["world"], "world")
    row = found["metrics"]["auc"]
    expected = []
    for name, songs in zip(described["arm"], worlds, strict=True):
        test = songs.split("artist")["test"]
        labels = songs.labels(NOISE_TASKS[0])[test]
        expected.append(roc_auc_score(labels, predictions_of(tmp_path / name, songs.ids[test])))
    assert row["seed_scores"]["arm"] == pytest.approx(expected)
    gains = row["gains"]["single task"]
    assert gains["p"] == pytest.approx(stats.ttest_1samp(gains["seed_gains"], 0).pvalue)
    # Beside the single task, what sees the same lyrics without labels is beaten.
    assert (row["verdict"], found["passes"]) == ("benefit of labels", True)
    assert list(row["levels"]) == ["benefit", "benefit of labels"]


FIRST_LEVEL = ("single task", "auxiliary weights 0", "permuted auxiliaries")


@pytest.mark.parametrize(
    ("beaten", "not_beaten", "verdict"),
    [
        (FIRST_LEVEL, (), "benefit"),
        ((*FIRST_LEVEL, "lyrics only"), (), "benefit of labels"),
        ((*FIRST_LEVEL, "lyrics only", "linear multi-task"), (), "benefit of a deep net"),
        (FIRST_LEVEL, ("lyrics only",), "benefit"),
        ((*FIRST_LEVEL, "lyrics only"), ("lyric-made auxiliaries",), "benefit"),
        # It beats the last one, but what stands before that is not shown.
        ((*FIRST_LEVEL, "linear multi-task"), ("lyrics only",), "benefit"),
        # Some of the rivals that a level names did not take part.
        (("single task", "lyrics only", "linear multi-task"), (), "benefit"),
        ((*FIRST_LEVEL, "lyric-made auxiliaries"), (), "benefit"),
        ((*FIRST_LEVEL, "linear multi-task"), (), "benefit"),
        ((), ("lyrics only",), "no evidence"),
    ],
)
def test_a_verdict_names_the_highest_level_reached_with_all_before_it(beaten, not_beaten, verdict):
    errors = dict.fromkeys(beaten, 0.01) | dict.fromkeys(not_beaten, 0.1)
    over = {
        rival: Comparison(Estimate(0.05, error, 99.0), np.full(5, 0.05))
        for rival, error in errors.items()
    }
    levels = {
        level: judge({"": {name: over[name] for name in of}})[""]
        for level, of in rivals_by_level(over).items()
    }
    assert highest(levels)[0] == verdict
