import pytest

from representation_music.models.sharing_pattern import ALL_PATTERNS, sharing_pattern
from representation_music.utils.errors import InputError


def test_the_four_architectures_are_those_of_the_studys_figure_2():
    names = ("no_sharing", "low_level_sharing", "high_level_sharing", "interspersed_sharing")
    assert [sharing_pattern(name) for name in names] == ["PPPP", "SSPP", "PSSS", "SPSS"]


def test_a_pattern_stands_for_itself():
    assert len(set(ALL_PATTERNS)) == 16
    assert [sharing_pattern(pattern) for pattern in ALL_PATTERNS] == list(ALL_PATTERNS)


@pytest.mark.parametrize("unknown", ["", "SSXP", "sspp", "low-level"])
def test_an_unknown_architecture_is_refused_by_name(unknown):
    with pytest.raises(InputError, match="low_level_sharing"):
        sharing_pattern(unknown)
