"""Short runs whose final weights must stay the same to the bit, whatever is rebuilt around them.

`python tests/fixed_runs.py` writes their hashes anew: only where numbers are
meant to change.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

HASHES = Path(__file__).with_name("fixed_runs.json")
MIXED = ("binary", "regression", "multiclass")
#: Small nets on 400 songs of 60 words.
SMALL = {
    "tasks": MIXED,
    "widths": (32, 24, 16, 8),
    "training_size": 150,
    "auxiliary_size": 50,
    "batch_size": 32,
    "num_steps": 30,
    "evaluate_every": 10,
    "word_dropout": 0.5,
    "warmup_steps": 5,
    "patience": 0,
}
#: The 2016 study's training but for its length.
PAPER = {"preset": "paper", "tasks": MIXED, "training_size": 200, "num_epochs": 3}
#: Settings that differ from `SMALL`, or from a preset, by run.
RUNS = {
    **{
        f"default, {name}": SMALL | {"architecture": name}
        for name in (
            "no_sharing",
            "low_level_sharing",
            "high_level_sharing",
            "interspersed_sharing",
        )
    },
    "default, all widths": {"tasks": MIXED, "training_size": 200, "num_steps": 10},
    "default, single task": SMALL | {"tasks": ("regression",), "auxiliary_size": 0},
    "paper, low_level_sharing": PAPER,
    "paper, interspersed_sharing": PAPER | {"architecture": "interspersed_sharing"},
    "many auxiliary labels": SMALL
    | {
        "training_size": 40,
        "auxiliary_size": 150,
        "target_batch_size": 16,
        "task_weights": (0.2, 1.0, 1.0),
        "permuted_tasks": ("multiclass",),
    },
    "alternating": SMALL | {"objective": "alternating"},
    "batch normalization": SMALL
    | {"architecture": "SPSP", "batch_normalization": True, "activation": "leaky_relu"},
    "merge by mean": SMALL | {"architecture": "PSPS", "merge": "mean"},
    "merge by concatenation": SMALL | {"architecture": "PSPS", "merge": "concatenate"},
    "adam, drawn heads": SMALL
    | {"optimizer": "adam", "head_weights": "drawn", "head_bias": "zero"},
    "adadelta, bfloat16": SMALL | {"optimizer": "adadelta", "precision": "bfloat16"},
    "momentum, no penalty": SMALL | {"optimizer": "momentum", "l2": 0.0, "learning_rate": 0.01},
}
REPLICAS = "two replicas"


def config_of(preset="default", **values):
    """The config of a run."""
    from representation_music.experiments.runs.config import PRESETS

    return PRESETS[preset].replace(split="random", **values)


def fixed_songs():
    """400 songs of 60 words with a label of every kind, each missing for some of them."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags

    rng = np.random.default_rng(2016)
    songs, words, themes = 400, 60, 4
    theme = rng.integers(0, themes, songs)
    rates = rng.gamma(0.3, 2.0, (themes, words))
    counts = rng.poisson(rates[theme]).astype(np.float32)
    score = (theme - 1.5) / 1.1 + rng.normal(0, 0.5, songs)

    def mostly_known(values):
        return np.where(rng.random(songs) < 0.8, values, np.nan)

    labels = {
        "binary": LabelColumn("binary", mostly_known(score > 0.2)),
        "regression": LabelColumn("regression", mostly_known(1990 + 8 * score)),
        "multiclass": LabelColumn("multiclass", mostly_known(theme), list("abcd")),
    }
    return SongDataset(
        ids=np.array([f"TR{n:016d}" for n in range(songs)], "S18"),
        groups=np.array([f"AR{n:016d}" for n in range(songs)], "S18"),
        words=[f"word{n}" for n in range(words)],
        counts=csr_array(counts),
        columns=labels,
        tags=Tags.none(songs),
        splits={"random": rng.permutation(np.repeat([0, 1, 2], [250, 100, 50])).astype(np.int8)},
        kind="synthetic",
    )


def numerics() -> str:
    """A hash of what this machine's TensorFlow makes of some products, roots and logistics."""
    import tensorflow as tf

    rng = np.random.default_rng(0)
    digest = hashlib.sha256(tf.__version__.encode())
    for rows, inner, columns in ((32, 32, 24), (64, 1024, 512), (128, 512, 256)):
        left, right = rng.standard_normal((rows, inner)), rng.standard_normal((inner, columns))
        product = tf.constant(left, tf.float32) @ tf.constant(right, tf.float32)
        for values in (product, tf.sigmoid(product), tf.math.rsqrt(tf.abs(product) + 0.1)):
            digest.update(values.numpy().tobytes())
    return digest.hexdigest()


def weights_hash(config) -> str:
    """A hash of a run's weights after its last step, whatever their order."""
    from representation_music.experiments.training.training_loop import Experiment
    from representation_music.utils.checkpoint import load_checkpoint

    with tempfile.TemporaryDirectory() as runs:
        experiment = Experiment(config, fixed_songs(), runs)
        experiment.train()
        arrays, _ = load_checkpoint(experiment.folder / "checkpoints" / "latest.npz")
    weights = arrays[: len(experiment.trainer.engine.network.variables)]
    each = sorted(hashlib.sha256(array.tobytes()).hexdigest() for array in weights)
    return hashlib.sha256("".join(each).encode()).hexdigest()


def replicas_hash() -> str:
    """The hash of a run on two replicas; its process must not have used TensorFlow before."""
    import tensorflow as tf

    from representation_music.experiments.training.distribution.replicas import distributed

    (device,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(device, [tf.config.LogicalDeviceConfiguration()] * 2)
    with distributed("mirrored"):
        return weights_hash(config_of(**SMALL))


def main() -> None:
    if sys.argv[1:] == [REPLICAS]:
        print(replicas_hash())
        return
    import subprocess

    done = subprocess.run(
        [sys.executable, __file__, REPLICAS], check=True, stdout=subprocess.PIPE, text=True
    )
    hashes = {name: weights_hash(config_of(**values)) for name, values in RUNS.items()}
    hashes[REPLICAS] = done.stdout.split()[-1]
    HASHES.write_text(json.dumps({"numerics": numerics(), "runs": hashes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
