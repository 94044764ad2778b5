import os
import subprocess
import sys

PROGRAM = """
import numpy as np
from representation_music.utils.metrics import METRICS_OF, scores
from representation_music.utils.statistics.comparisons import Arms, TestSongs
from representation_music.utils.tasks import Task
random = np.random.default_rng(0)
for task in (Task("pop", "binary"), Task("year", "regression")):
    labels = random.normal(size=3000)
    labels = (labels > 0).astype(float) if task.kind == "binary" else labels
    runs = 1 / (1 + np.exp(-random.normal(size=(3, 3000)) - labels))
    songs = TestSongs(task, labels, random.integers(900, size=3000), np.array([0.5]))
    for metric in METRICS_OF[task.kind]:
        arms = Arms(songs, {"one": runs, "other": runs[::-1]}, metric, 300)
        print(metric, arms.scores["one"].tobytes().hex(), arms.resampled["one"].tobytes().hex())
"""


def output(threads: int) -> str:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, str(threads))
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, check=True, capture_output=True, env=environment).stdout


def test_scores_and_resamples_have_the_same_bits_whatever_the_threads():
    assert output(1) == output(2)
