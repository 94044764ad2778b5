import inspect
import json
import re

import pytest

from representation_music.experiments.runs.config import DEFAULT, PAPER, RunConfig
from representation_music.experiments.runs.linear_config import config_from_json
from representation_music.experiments.training.objectives.objectives import OBJECTIVES
from representation_music.models.dnn import ALL_PATTERNS
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import NETWORKS
from representation_music.utils.errors import InputError


def test_the_paper_preset_is_what_the_studys_text_says():
    said = {
        "tasks": ("pop", "pop rock", "ballad"),
        "split": "random",
        "widths": (1024, 512, 256, 128),
        "activation": "relu",
        "dropout": (0.0, 0.0, 0.5, 0.5),
        "word_dropout": 0.0,
        "input_transform": "raw",
        "input_scale": "word",
        "word_floor": 1,
        "optimizer": "adagrad",
        "learning_rate": 1e-4,
        "warmup_steps": 0,
        "batch_size": 128,
        "num_epochs": 1000,
        "evaluate_every": 10,
        "initialization": "normal",
        "head_weights": "drawn",
        "l2": 0.0,
        "batch_normalization": False,
        "patience": 0,
        "task_weights": (),
        "target_batch_size": 0,
        "averaging": 0.0,
        "rescale_predictions": False,
    }
    values = PAPER.flat()
    assert {name: values[name] for name in said} == said


@pytest.mark.parametrize(
    ("config", "setting", "names"),
    [(RunConfig, "objective", OBJECTIVES), (NetworkConfig, "architecture", NETWORKS)],
)
def test_help_names_every_objective_and_network(config, setting, names):
    below = rf'    {setting}: str = .*\n    """([^"]*)"""'
    told = re.search(below, inspect.getsource(config))[1]
    ours = [name for name in names.names() if names[name].__module__.startswith("representation_")]
    assert [word for word in re.findall(r"\w+", told) if word in names] == ours


def test_every_setting_but_two_changes_the_digest():
    other = {
        "tasks": ("pop", "year"),
        "task_weights": (1.0, 2.0, 1.0),
        "permuted_tasks": ("pop",),
        "lyric_tasks": ("pop rock",),
        "restart": 7,
        "members": 7,
        "standardise_labels": False,
        "objective": "alternating",
        "split": "random",
        "training_size": 7,
        "auxiliary_size": 7,
        "input_transform": "raw",
        "whitening": "split",
        "input_scale": "word",
        "word_floor": 7,
        "architecture": "SPSP",
        "widths": (9, 8, 7, 6),
        "activation": "leaky_relu",
        "merge": "mean",
        "dropout": (0.0, 0.0, 0.0, 0.0),
        "word_dropout": 0.1,
        "batch_normalization": True,
        "l2": 0.5,
        "initialization": "normal",
        "head_weights": "drawn",
        "head_bias": "zero",
        "optimizer": "adam",
        "learning_rate": 0.5,
        "warmup_steps": 7,
        "batch_size": 7,
        "target_batch_size": 7,
        "num_steps": 7,
        "num_epochs": 7,
        "evaluate_every": 7,
        "validation_size": 7,
        "validation_labels": 7,
        "averaging": 7.0,
        "rescale_predictions": False,
        "training_sample": 7,
        "patience": 7,
        "min_steps": 7,
        "stopping_metric": "auc",
        "precision": "bfloat16",
        "seed": 7,
    }
    options = {"network_options", "objective_options"}  # which no network has so far
    free = {"dataset": "elsewhere.h5", "experiment_name": "other"}
    assert set(other) | set(free) | options == set(DEFAULT.flat())
    digests = [DEFAULT.replace(**{k: v}).digest("data") for k, v in other.items()]
    digests += [DEFAULT.digest("data"), DEFAULT.digest("other data")]
    assert len(set(digests)) == len(digests)
    assert DEFAULT.replace(**free).digest("data") == DEFAULT.digest("data")


def test_with_one_task_all_patterns_name_one_run_and_with_two_each_its_own():
    for tasks, runs in [(("pop",), 1), (("pop", "year"), 16)]:
        configs = [DEFAULT.replace(tasks=tasks, architecture=pattern) for pattern in ALL_PATTERNS]
        assert len({config.digest("data") for config in configs}) == runs


def test_an_architectures_name_and_its_pattern_name_the_same_run():
    named, spelt = (
        DEFAULT.replace(architecture="high_level_sharing"),
        DEFAULT.replace(architecture="PSSS"),
    )
    assert named.digest("data") == spelt.digest("data")


def test_a_config_survives_json():
    config = DEFAULT.replace(tasks=("genre", "pop"), task_weights=(0.2, 1.0), widths=(5, 4, 3, 2))
    again = config_from_json(json.loads(json.dumps(config.to_json())))
    assert again == config and again.digest("data") == config.digest("data")


def test_a_setting_that_does_not_exist_is_refused_by_name():
    with pytest.raises(InputError, match="learning_rte"):
        config_from_json({"learning_rte": 0.1}, "manifest.jsonl:3")


@pytest.mark.parametrize(
    "values",
    [
        {"architecture": "SSXP"},
        {"tasks": ()},
        {"tasks": ("pop", "pop")},
        {"task_weights": (1.0,)},
        {"permuted_tasks": ("year",)},
        {"training_size": -1},
        {"auxiliary_size": -1},
        {"batch_size": 0},
        {"target_batch_size": -1},
        {"evaluate_every": 0},
        {"validation_size": -1},
        {"validation_labels": -1},
        {"averaging": -1.0},
        {"training_sample": -1},
        {"num_steps": 0},
        {"num_epochs": -1},
        {"patience": -1},
        {"min_steps": -1},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"warmup_steps": -1},
        {"word_dropout": 1.0},
        {"dropout": (0.0, 0.0, 1.0, 0.5)},
        {"dropout": (0.0, 0.0, -0.1, 0.5)},
        {"dropout": (0.5,)},
        {"widths": (8, 8, 0, 8)},
        {"widths": (8, 8)},
        {"l2": -1.0},
        {"l2": float("inf")},
        {"averaging": float("inf")},
        {"word_floor": -1},
        {"stopping_metric": "accuracy"},
        {"seed": -1},
        {"seed": 2**31},
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_refused_by_its_flag(values):
    (name,) = values
    with pytest.raises(InputError) as error:
        DEFAULT.replace(**values)
    assert error.value.place == "--" + name.replace("_", "-")
