import dataclasses
import json

import pytest

from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS, noise_songs
from representation_music.experiments.design.arms import rivals_of, single_task
from representation_music.experiments.design.cells import Cell
from representation_music.experiments.design.tuning import (
    CHOICES_OF_SHARING,
    RESTARTS,
    TUNING_SEED,
    arms_of,
    candidates,
    tuned_cells,
    tuning_runs,
)
from representation_music.experiments.runs.config import RunConfig
from representation_music.experiments.runs.folder import run_folder
from representation_music.experiments.runs.runs import Runs
from representation_music.utils.files import write_json

ARM = RunConfig(tasks=NOISE_TASKS, task_weights=(1, 0.5, 0.5), experiment_name="arm")
CELL = Cell({"songs": 1}, ARM, rivals_of(ARM, ("weights-0",)))
NUMBER = 6


@pytest.fixture
def songs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    songs = noise_songs()
    songs.save(tmp_path / ARM.dataset)
    return songs


def test_every_arm_has_the_same_budget_and_its_own_settings_among_it():
    arms = arms_of([CELL, dataclasses.replace(CELL, arm=ARM.replace(seed=7))])
    assert len(arms) == 3  # the arm, its weights-0 control and the single task
    for arm in arms:
        found = candidates(arm, NUMBER)
        assert found[0] == arm
        assert len(set(found)) == NUMBER
    runs = tuning_runs([CELL], NUMBER)
    assert len(runs) == 3 * NUMBER * len(RESTARTS)
    # One draw of songs: two would show tuning the labels of twice as many validation songs.
    assert {run.seed for run in runs} == {TUNING_SEED}


def test_all_arms_try_the_same_learning_rates_and_batches():
    sharing, alone = candidates(ARM, NUMBER)[1:], candidates(single_task(ARM), NUMBER)[1:]
    for one, other in zip(sharing, alone, strict=True):
        for name in ("learning_rate", "batch_size", "word_dropout"):
            assert one.flat()[name] == other.flat()[name]


def test_tuning_changes_the_targets_weight_and_leaves_what_makes_the_arm():
    for candidate in candidates(CELL.rivals["auxiliary weights 0"], NUMBER):
        assert candidate.task_weights[1:] == (0, 0)
        assert candidate.tasks == ARM.tasks
        assert candidate.network.architecture == ARM.network.architecture
    for candidate in candidates(single_task(ARM), NUMBER):
        assert candidate.task_weights == ()
        assert candidate.target_batch_size == 0


def test_a_sum_can_undo_losses_that_weigh_more_than_the_targets():
    loud = ARM.replace(task_weights=(1, 10, 5))
    weights = [candidate.task_weights for candidate in candidates(loud, 20)]
    assert {of[1:] for of in weights} == {(10, 5)}
    assert {of[0] for of in weights} == {1, *(10 * w for w in CHOICES_OF_SHARING["target_weight"])}
    assert 10 in {of[0] for of in weights[1:]}


def lay_down(config, songs, folder, auc):
    for restart in RESTARTS:
        drawn = config.replace(seed=TUNING_SEED, restart=restart)
        run = run_folder(drawn, songs.fingerprint, folder)
        run.mkdir(parents=True)
        # The verdict is on AUC: by log loss another one would be the best.
        scores = {"auc": auc + restart / 1e6, "log_loss": auc}
        write_json(run / "record.json", {"status": "finished", "stopping_scores": scores})


def test_the_candidate_with_the_best_validation_score_is_taken_at_every_seed(songs, tmp_path):
    for arm in arms_of([CELL]):
        # The fourth has the largest area; one diverged.
        areas = [0.7, 0.6, float("nan"), 0.9, 0.8, 0.5]
        for candidate, auc in zip(candidates(arm, NUMBER), areas, strict=True):
            lay_down(candidate, songs, tmp_path, auc)
    at_seed_5 = dataclasses.replace(CELL, arm=ARM.replace(seed=5))
    (cell,) = tuned_cells([at_seed_5], NUMBER, Runs(tmp_path))
    assert cell.arm == candidates(ARM, NUMBER)[3].replace(seed=5)
    assert cell.rivals["single task"] == candidates(single_task(ARM), NUMBER)[3]
    told = json.loads((tmp_path / "tuning.json").read_text())
    assert len(told) == 3
    assert told[0]["candidates"][0]["score"] == pytest.approx(0.9 + 0.5 / 1e6)
    assert told[0]["candidates"][2]["settings"] == {}  # the arm's own, third best


def test_tuning_never_draws_what_an_arm_stands_for():
    frozen = ARM.replace(
        objective="transfer", objective_options=("steps=5", "freeze=true"), patience=0
    )
    for candidate in candidates(frozen, NUMBER):
        assert candidate.objective_options == frozen.objective_options
    for candidate in candidates(CELL.rivals["auxiliary weights 0"], NUMBER):
        assert candidate.task_weights == (1, 0, 0)  # so that L2 weighs no more than in the single
