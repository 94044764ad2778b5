import sys

import numpy as np
import pytest
from reference_network import EVERY_KIND, NUM_WORDS, WIDTHS

from representation_music.models.dnn import ALL_PATTERNS, DNN
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import (
    ARCHITECTURES,
    NETWORKS,
    architecture_name,
    network_of,
    sharing_pattern,
)
from representation_music.utils.errors import InputError


def test_each_architecture_of_the_study_has_its_figures_pattern():
    names = ["no_sharing", "low_level_sharing", "high_level_sharing", "interspersed_sharing"]
    assert [network.name for network in ARCHITECTURES] == names
    own = NETWORKS.names()[:7]  # plugins come after them
    assert own == [*names, "cross_stitch", "mmoe", "ple"]
    patterns = [sharing_pattern(NetworkConfig(architecture=name)) for name in names]
    assert patterns == ["PPPP", "SSPP", "PSSS", "SPSS"]


def test_a_pattern_stands_for_itself_or_for_the_name_it_has():
    assert len(set(ALL_PATTERNS)) == 16
    assert all(issubclass(network_of(pattern), DNN) for pattern in ALL_PATTERNS)
    assert architecture_name("SSPP") == "low_level_sharing"
    assert architecture_name("SPSP") == "SPSP" and architecture_name("PPP") == "PPP"


@pytest.mark.parametrize("unknown", ["", "SSXP", "sspp", "low-level sharing"])
def test_another_word_is_refused(unknown):
    with pytest.raises(InputError, match="--architecture"):
        network_of(unknown)


@pytest.mark.parametrize("architecture", [*ALL_PATTERNS, *NETWORKS.names()])
def test_initialise_gives_every_variable_the_same_first_value_whatever_it_held(architecture):
    config = NetworkConfig(
        architecture=architecture, widths=WIDTHS, batch_normalization=True, head_weights="drawn"
    )
    network = network_of(architecture)(config, EVERY_KIND, NUM_WORDS)
    biases = [np.zeros(task.num_outputs) for task in EVERY_KIND]
    states = []
    for garbage in (7.0, np.nan):
        for variable in network.variables[1:]:
            variable.assign(np.full(variable.shape, garbage))
        ones = np.ones(NUM_WORDS)
        network.initialise(np.random.default_rng(3), 0.2 * ones, 2 * ones, biases)
        states.append([variable.numpy() for variable in network.variables])
    for first, second in zip(*states, strict=True):
        np.testing.assert_array_equal(first, second)
        assert np.isfinite(first).all()


def test_names_of_networks_are_read_without_tensorflow():
    import subprocess

    code = (
        "import sys; from representation_music.experiments.runs.config import DEFAULT; "
        "DEFAULT.replace(architecture='SPSP'); assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
