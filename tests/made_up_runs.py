"""Runs that nobody trained: records and made-up predictions, enough for a study to be judged."""

import numpy as np

from representation_music.data_preprocessing.synthetic.noise import NOISE_TASKS
from representation_music.experiments.runs.predictions import write_predictions
from representation_music.utils.files import write_json
from representation_music.utils.metrics import METRICS_OF

RECORD = {
    "status": "finished",
    "data": "noise",
    "parameters": 7,
    "seconds": {"training": 2.0, "evaluation": 1.0},
    "steps": 50,
    "best_step": 25,
    "training_songs": 100,
    "training_labels": {NOISE_TASKS[0]: 100},
}


def lay_down(folder, songs, config, signal, stream):
    """A run whose predictions hold so much of the label; the song order is its own."""
    positions = songs.split("artist")["test"]
    labels = songs.labels(NOISE_TASKS[0])[positions]
    random = np.random.default_rng(stream)
    values = (signal * labels + random.standard_normal(len(labels))).astype("f4")
    order = random.permutation(len(labels))
    folder.mkdir()
    write_json(folder / "config.json", config.to_json() | {"fingerprint": songs.fingerprint})
    scored = {
        "songs": len(labels),
        "network": {},
        "constant": dict.fromkeys(METRICS_OF["binary"], 0.5),
    }
    write_json(folder / "test.json", {"test": {NOISE_TASKS[0]: scored}})
    write_json(folder / "record.json", RECORD)
    write_predictions(folder / "predictions-test.npz", songs.ids[positions][order], [values[order]])
    return values
