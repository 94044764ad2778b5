from itertools import product

import pytest

from representation_music.models.network import NetworkConfig
from representation_music.models.networks import ARCHITECTURES, sharing_pattern
from representation_music.plots.drawing.arms import arm_of
from representation_music.plots.drawing.names import PATTERN_NAMES


def arm(architecture="SSPP", tasks=("pop", "year"), **settings):
    return arm_of({"tasks": list(tasks), "architecture": architecture, **settings})


def test_the_studys_architectures_are_named_alike_by_name_and_pattern_and_in_its_order():
    names = [network.name for network in ARCHITECTURES]
    patterns = [sharing_pattern(NetworkConfig(architecture=name)) for name in names]
    assert list(PATTERN_NAMES) == patterns
    for name, pattern in zip(names, patterns, strict=True):
        assert arm(name) == arm(pattern)
        assert arm(name).name.replace("-", " ") == name.replace("_", " ")


def test_a_network_of_the_users_own_is_called_by_its_name():
    assert arm("toy_network").name == "toy network"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"tasks": ["pop"]}, "single task"),
        ({"task_weights": [1, 0]}, "auxiliary weights 0"),
        ({"task_weights": [1, 0.5]}, "low-level sharing"),
        ({"permuted_tasks": ["year"]}, "permuted auxiliaries"),
        ({"permuted_tasks": ["pop"]}, "permuted target"),
    ],
)
def test_a_control_is_named_by_what_makes_it_one(settings, name):
    assert arm(**settings).name == name


def test_no_two_patterns_or_controls_look_the_same():
    arms = [arm("".join(letters)) for letters in product("SP", repeat=4)]
    arms += [arm(tasks=["pop"]), arm(task_weights=[1, 0]), arm(permuted_tasks=["year"])]
    assert len({(each.colour, each.marker) for each in arms}) == len(arms)
    assert len({each.rank for each in arms}) == len(arms)
