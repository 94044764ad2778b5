"""What an objective and a network of the user's own need: a file, and its name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from small_runs import CONFIG, Stopping, bits, stop_at

from representation_music.experiments.design.tuning import candidates
from representation_music.experiments.grid.manifest import write_manifest
from representation_music.experiments.training.engine import Engine
from representation_music.experiments.training.inputs import RunInputs
from representation_music.experiments.training.objectives.objective import (
    Batch,
    Objective,
    require_one_replica,
)
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.experiments.training.trainer import Trainer
from representation_music.experiments.training.training_loop import Experiment
from representation_music.models.networks import NETWORKS
from representation_music.utils.checkpoint import load_checkpoint, save_checkpoint
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Task

PLUGIN = Path(__file__).parents[3] / "toy_plugin.py"
TASKS = [Task("a", "binary"), Task("b", "regression"), Task("c", "binary")]
OWN = {"architecture": "gated_network", "widths": (16,), "dropout": (0.0,), "word_dropout": 0.0}


@pytest.fixture
def toys(monkeypatch):
    """The network and the objective of `toy_plugin.py`."""
    monkeypatch.setenv("REPMUSIC_PLUGINS", str(PLUGIN))
    return NETWORKS["gated_network"], OBJECTIVES["toy_uncertainty"]


class Line:
    """A network of one weight per task, all of them shared."""

    def __init__(self, *weights):
        self.tasks = TASKS[: len(weights)]
        self.trainable_variables = [tf.Variable(list(map(float, weights)))]

    def batch(self, step=0, labelled=None):
        def losses():
            return tf.square(self.trainable_variables[0])

        labelled = [True] * len(self.tasks) if labelled is None else labelled
        return Batch(losses, tf.constant(labelled), tf.constant(step))


def test_the_sum_has_the_gradient_of_all_losses():
    losses, gradients = OBJECTIVES["sum"](line := Line(1, 2, 3)).gradients(line.batch())
    np.testing.assert_array_equal(losses, [1, 4, 9])
    np.testing.assert_array_equal(gradients[0], [2, 4, 6])


@pytest.mark.parametrize(("step", "expected"), [(0, [2, 0, 0]), (1, [0, 4, 0]), (5, [0, 0, 6])])
def test_alternating_has_the_gradient_of_one_loss_in_turn_and_tells_all(step, expected):
    losses, gradients = OBJECTIVES["alternating"](line := Line(1, 2, 3)).gradients(line.batch(step))
    np.testing.assert_array_equal(losses, [1, 4, 9])
    np.testing.assert_array_equal(gradients[0], expected)


def test_an_objective_that_does_not_add_up_is_refused_several_replicas():
    class Normed(Objective):
        name = "normed"

    require_one_replica(Normed, 1)
    require_one_replica(OBJECTIVES["sum"], 2)
    require_one_replica(OBJECTIVES["alternating"], 2)
    with pytest.raises(InputError, match="'normed' on 2 replicas"):
        require_one_replica(Normed, 2)


def test_unknown_names_and_options_are_refused_by_their_flags():
    with pytest.raises(InputError, match="--objective: found 'product', expected one of sum"):
        CONFIG.replace(objective="product")
    with pytest.raises(InputError, match="--objective-options"):
        CONFIG.replace(objective_options=("rate=1",))
    with pytest.raises(InputError, match="--network-options"):
        CONFIG.replace(network_options=("experts=3",))


@pytest.mark.slow
def test_a_network_and_an_objective_of_a_plugin_are_trained_by_the_command(songs_file, tmp_path):
    command = [sys.executable, "-m", "representation_music.experiments.command_line", "train"]
    command += ["--dataset", songs_file, "--runs", tmp_path, "--tasks", "pop", "year", "genre"]
    command += ["--architecture", "gated_network", "--widths", "16", "--dropout", "0"]
    command += ["--network-options", "start=0.5", "--objective", "toy_uncertainty"]
    command += ["--objective-options", "rate=0.1", "--num-steps", "100", "--training-size", "200"]
    command += ["--threads", "1", "--word-dropout", "0"]
    environment = os.environ | {"REPMUSIC_PLUGINS": str(PLUGIN)}
    done = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pop: better than the constant predictor" in done.stdout
    (run,) = tmp_path.glob("run-*")
    arrays, _ = load_checkpoint(run / "checkpoints" / "latest.npz")
    assert np.abs(arrays[-1]).min() > 0.1  # the objective's state, which began at 0, is the last


@pytest.mark.slow
def test_the_workers_of_a_grid_know_the_plugin_too(toys, songs_file, tmp_path):
    config = CONFIG.replace(**OWN, dataset=str(songs_file), objective="toy_uncertainty")
    write_manifest(tmp_path / "manifest.jsonl", [config])
    command = [sys.executable, "-m", "representation_music.experiments.command_line"]
    command += ["run-manifest", str(tmp_path / "manifest.jsonl"), "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = tmp_path.glob("run-*")
    assert json.loads((run / "test.json").read_text())["parameters"] > 0


def test_a_killed_run_goes_on_from_the_state_of_its_objective(toys, song_dataset, tmp_path):
    config = CONFIG.replace(**OWN, objective="toy_uncertainty", objective_options=("rate=0.2",))
    straight = Experiment(config, song_dataset, tmp_path / "straight", 0.0)
    straight.train()
    with pytest.raises(Stopping):
        Experiment(config, song_dataset, tmp_path / "killed", 0.0).train(stop_at(30))
    resumed = Experiment(config, song_dataset, tmp_path / "killed", 0.0)
    state = resumed.trainer.engine.objective.log_variances
    seen = []
    resumed.train(lambda *_: seen.append(state.numpy().copy()))
    assert len(seen) == 3 and np.abs(seen[-1]).min() > 0.1
    assert bits(resumed.folder) == bits(straight.folder)


def test_options_are_part_of_what_names_a_run_and_an_engine(toys):
    config = CONFIG.replace(**OWN, objective="toy_uncertainty")
    others = [
        config.replace(network_options=("start=0.5",)),
        config.replace(objective_options=("rate=0.5",)),
    ]
    every = [config, *others]
    assert len({each.digest("data") for each in every}) == 3
    assert len({each.engine_signature(TASKS, 512) for each in every}) == 3


def test_tuning_tries_what_an_objective_offers(toys):
    config = CONFIG.replace(objective="toy_uncertainty", objective_options=("rate=7",))
    tried = {candidate.objective_options for candidate in candidates(config, 20)}
    assert tried == {("rate=7",), ("rate=0.01",), ("rate=0.025",), ("rate=0.1",)}
    plain = CONFIG.replace(objective="alternating")
    assert not any(candidate.objective_options for candidate in candidates(plain, 12))


def test_a_variable_that_initialise_forgets_is_named(toys, monkeypatch):
    network, _ = toys
    config = CONFIG.replace(**OWN)

    def forgetful(self, rng, mean, inverse_sd, head_biases):
        self.first.initialise(rng, "he", mean, inverse_sd)
        for head, bias in zip(self.heads, head_biases, strict=True):
            head.initialise(rng, "he", bias)

    monkeypatch.setattr(network, "initialise", forgetful)
    engine = Engine(config, TASKS, 8)
    with pytest.raises(ValueError, match=r"no first value to .*gates"):
        engine.reset(config, np.zeros(8), np.ones(8), [np.zeros(1)] * 3)


@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: [*a, a[0]], lambda a: a[::-1]])
def test_a_checkpoint_of_another_network_is_refused_by_its_file(song_dataset, tmp_path, change):
    ours = Experiment(CONFIG, song_dataset, tmp_path, 0.0)
    with pytest.raises(Stopping):
        ours.train(stop_at(20))
    latest = ours.folder / "checkpoints" / "latest.npz"
    arrays, state = load_checkpoint(latest)
    save_checkpoint(latest, change(arrays), state)
    with pytest.raises(InputError, match=r"latest\.npz: found \d+ arrays.*expected the \d+ arrays"):
        Experiment(CONFIG, song_dataset, tmp_path).train()


def test_transfer_learns_the_auxiliary_tasks_first_and_then_the_target_alone():
    line = Line(1, 2, 3)
    transfer = OBJECTIVES["transfer"](line, ("steps=5",))
    np.testing.assert_array_equal(transfer.gradients(line.batch(4))[1][0], [0, 4, 6])
    np.testing.assert_array_equal(transfer.gradients(line.batch(5))[1][0], [2, 0, 0])
    alone = Line(3)
    np.testing.assert_array_equal(
        OBJECTIVES["transfer"](alone).gradients(alone.batch(0))[1][0], [6]
    )


def test_frozen_layers_stay_as_they_are_and_the_rest_learns_the_target(song_dataset):
    config = CONFIG.replace(
        objective="transfer",
        objective_options=("steps=20", "freeze=true"),
        architecture="low_level_sharing",
        l2=0.01,
    )
    trainer = Trainer(RunInputs(config, song_dataset))
    network = trainer.engine.network
    trainer.advance(20)
    names = {id(v) for v in network.shared_variables}
    before = [v.numpy() for v in network.trainable_variables]
    trainer.advance(60)
    for old, variable in zip(before, network.trainable_variables, strict=True):
        moved = np.abs(variable.numpy() - old).max()
        if id(variable) in names:
            assert moved < 1e-5
    assert any(
        np.abs(v.numpy() - old).max() > 1e-3
        for old, v in zip(before, network.trainable_variables, strict=True)
        if id(v) not in names
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"patience": 10}, "the target comes last"),
        ({"num_epochs": 3}, "the target comes last"),
        ({"num_steps": 20}, "less than --num-steps 20"),
        ({"optimizer": "adam", "objective_options": ("steps=20", "freeze=true")}, "adagrad"),
    ],
)
def test_transfer_refuses_runs_in_which_the_target_would_not_be_learnt(settings, expected):
    config = {"objective": "transfer", "objective_options": ("steps=20",)}
    with pytest.raises(InputError, match=expected):
        CONFIG.replace(**config | settings)


def test_a_task_of_weight_0_counts_as_one_without_labels(song_dataset, monkeypatch):
    def labelled(objective, batch):
        variables = objective.network.trainable_variables
        return tf.cast(batch.labelled, tf.float32), [tf.zeros_like(v) for v in variables]

    monkeypatch.setattr(OBJECTIVES["sum"], "gradients", labelled)
    config = CONFIG.replace(task_weights=(1, 0, 0.5), seed=77, widths=(5, 4, 3, 2))
    found, _ = Trainer(RunInputs(config, song_dataset)).advance(2)
    np.testing.assert_array_equal(found > 0, [True, False, True])
