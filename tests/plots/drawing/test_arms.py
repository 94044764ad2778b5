from itertools import product

import pytest

from representation_music.models import sharing_pattern
from representation_music.plots.drawing.arms import arm_of
from representation_music.plots.drawing.names import ARCHITECTURES


def arm(architecture="SSPP", tasks=("pop", "year"), **settings):
    return arm_of({"tasks": list(tasks), "architecture": architecture, **settings})


def test_architectures_are_those_that_can_be_trained():
    assert ARCHITECTURES == sharing_pattern.ARCHITECTURES


def test_a_pattern_and_its_name_are_the_same_arm():
    for name, pattern in ARCHITECTURES.items():
        assert arm(name) == arm(pattern)
        assert arm(name).name.replace("-", " ") == name.replace("_", " ")


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
