"""Which name stands for which network: the only place that binds the two."""

from representation_music.models.cross_stitch import CrossStitch
from representation_music.models.dnn import DNN, is_pattern
from representation_music.models.high_level_sharing import HighLevelSharing
from representation_music.models.interspersed_sharing import InterspersedSharing
from representation_music.models.low_level_sharing import LowLevelSharing
from representation_music.models.mmoe import MMoE
from representation_music.models.network import Network, NetworkConfig
from representation_music.models.no_sharing import NoSharing
from representation_music.models.ple import PLE
from representation_music.utils.errors import InputError
from representation_music.utils.registry import Registry

#: The study's four architectures, in the order of its Figure 2.
ARCHITECTURES = (NoSharing, LowLevelSharing, HighLevelSharing, InterspersedSharing)

#: Every network by its name.
NETWORKS: Registry[Network] = Registry("--architecture", (*ARCHITECTURES, CrossStitch, MMoE, PLE))


def sharing_pattern(config: NetworkConfig) -> str:
    """Which layers a network shares: a pattern of S and P, or its name where it has none."""
    return network_of(config.architecture).pattern_of(config)


def network_of(architecture: str) -> type[Network]:
    """The network of an architecture's name; a pattern such as `SPSP` is a DNN with it.

    Raises:
        InputError: if it is neither.
    """
    if architecture in NETWORKS:
        return NETWORKS[architecture]
    if is_pattern(architecture):
        return DNN
    raise InputError(
        "--architecture",
        repr(architecture),
        f"one of {', '.join(NETWORKS.names())}, or a pattern of S (shared) and P (private)",
        "Write one letter for each hidden layer, the first layer first: SSPP.",
    )


def architecture_name(architecture: str) -> str:
    """The one name of an architecture: a pattern that has a name is called by it."""
    named = {network.pattern_of_name: network.name for network in ARCHITECTURES}
    return named.get(architecture, architecture)
