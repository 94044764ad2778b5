import json
import subprocess
import sys

import fixed_runs
import pytest

#: Runs that between them do the most; the others take their time in CI.
QUICK = ("default, low_level_sharing", "many auxiliary labels")
RUNS = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
    for name in fixed_runs.RUNS
]
KEPT = json.loads(fixed_runs.HASHES.read_text())


@pytest.fixture(scope="module", autouse=True)
def same_numerics():
    if fixed_runs.numerics() != KEPT["numerics"]:
        pytest.skip("this machine's TensorFlow rounds otherwise than where the hashes were made")


@pytest.mark.parametrize("name", RUNS)
def test_the_final_weights_are_the_same_to_the_bit(name):
    config = fixed_runs.config_of(**fixed_runs.RUNS[name])
    assert fixed_runs.weights_hash(config) == KEPT["runs"][name]


@pytest.mark.slow
def test_the_final_weights_of_two_replicas_are_the_same_to_the_bit():
    command = [sys.executable, fixed_runs.__file__, fixed_runs.REPLICAS]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.split()[-1] == KEPT["runs"][fixed_runs.REPLICAS]
