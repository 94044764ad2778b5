from dataclasses import dataclass

import pytest

from representation_music.utils.errors import InputError
from representation_music.utils.options import NoOptions, described, read_options


@dataclass(frozen=True)
class Options:
    experts: int = 4
    """experts,
    one number"""
    rate: float = 0.5
    gated: bool = True
    kind: str = "soft"


def read(*words):
    return read_options(words, Options, "--network-options", {"rate": 0}, {"rate": 1})


def test_words_set_options_by_name_and_the_others_keep_their_defaults():
    assert read() == Options()
    chosen = read("gated=false", "experts=8", "kind=hard", "rate=1")
    assert chosen == Options(8, 1.0, False, "hard") and isinstance(chosen.rate, float)
    assert [read(f"rate={text}").rate for text in (".3", "1.", "1e-1")] == [0.3, 1.0, 0.1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("expert=4",), "'expert=4', expected each of these once, or none: experts=4, rate=0.5, "),
        (("expert=4",), ", gated=true"),  # as it is typed
        (("experts",), "'experts'"),
        (("experts=4", "experts=5"), "'experts=5'"),
        (("experts=4.5",), "'4.5', expected a whole number"),
        (("experts=true",), "'true', expected a whole number"),
        (("gated=1",), "'1', expected a truth value"),
        (("gated=False",), "'False', expected a truth value, such as true"),
        (("rate=fast",), "'fast', expected a finite number"),
        (("rate=true",), "'true', expected a finite number"),
        (("rate=nan",), "'nan', expected a finite number"),
        (("rate=inf",), "'inf', expected a finite number"),
        (("rate=-0.1",), "rate=-0.1, expected at least 0"),
        (("rate=1.01",), "rate=1.01, expected at most 1"),
    ],
)
def test_another_word_or_value_is_refused(words, told):
    with pytest.raises(InputError) as error:
        read(*words)
    assert told in str(error.value) and error.value.place.startswith("--network-options")


def test_what_has_no_options_says_so():
    with pytest.raises(InputError, match="or none: nothing"):
        read_options(["experts=4"], NoOptions, "--network-options")


def test_help_has_a_line_per_option_inherited_ones_first():
    @dataclass(frozen=True)
    class More(Options):
        """Settings."""

        more: bool = False
        """whether more"""

    told = ["experts=4: experts, one number", "rate=0.5: ", "gated=true: ", 'kind="soft": ']
    assert described(Options) == told
    assert described(More) == [*told, "more=false: whether more"]
    assert described(NoOptions) == []
