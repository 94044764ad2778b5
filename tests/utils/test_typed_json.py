from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

import pytest

from representation_music.utils.errors import InputError
from representation_music.utils.typed_json import checked, parse


@dataclass(frozen=True)
class Inner:
    widths: tuple[int, ...] = (1, 2)
    kind: Literal["a", "b"] = "a"

    def __post_init__(self):
        if not self.widths:
            raise InputError("--widths", "()", "one or more")


@dataclass(frozen=True)
class Outer:
    name: str
    rate: float = 0.5
    on: bool = False
    of_two: tuple[int, str] = (1, "x")
    maybe: int | None = None
    inner: Inner = field(default_factory=Inner)
    place: Path = Path()


class Record(TypedDict):
    scores: dict[str, float | None]
    anything: Any


def test_what_is_right_passes_as_the_types_say():
    values = {"name": "n", "rate": 2, "inner": {"widths": [3], "kind": "b"}, "of_two": [4, "y"]}
    found = checked(Outer, values | {"maybe": None, "place": "a/b"}, "f")
    assert found == Outer("n", 2, False, (4, "y"), None, Inner((3,), "b"), Path("a/b"))
    assert isinstance(found.rate, int)  # so that it is written, and named, as it was read
    record = {"scores": {"auc": 0.5, "r2": None}, "anything": [1], "further": 1}
    assert checked(Record, record, "f") == record


@pytest.mark.parametrize(
    ("values", "place", "words"),
    [
        ({}, "f", "no 'name'"),
        ([], "f", "a list"),
        ({"name": 1}, "f: name", "found 1, expected a text"),
        ({"name": "a\0"}, "f: name", "a text"),
        ({"name": "n", "rate": "0.5"}, "f: rate", 'found a text "0.5", expected a finite number'),
        ({"name": "n", "rate": True}, "f: rate", "a truth value true"),
        ({"name": "n", "rate": float("nan")}, "f: rate", "NaN"),
        ({"name": "n", "rate": 10**400}, "f: rate", "a finite number"),
        ({"name": "n", "on": 1}, "f: on", "true or false"),
        ({"name": "n", "on": None}, "f: on", "found null"),
        ({"name": "n", "of_two": [1]}, "f: of_two", "a list of 2"),
        ({"name": "n", "of_two": [1, 2]}, "f: of_two[1]", "a text"),
        ({"name": "n", "maybe": 1.0}, "f: maybe", "found 1.0, expected a whole number or null"),
        ({"name": "n", "maybe": 2**63}, "f: maybe", "expected"),
        ({"name": "n", "inner": {"kind": "c"}}, "f: inner.kind", "one of a, b"),
        ({"name": "n", "inner": {"widths": [1, True]}}, "f: inner.widths[1]", "a whole number"),
        ({"name": "n", "inner": {"width": 1}}, "f: inner", "['width']"),
        ({"name": "n", "inner": {"widths": []}}, "f: inner.widths", "one or more"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(values, place, words):
    with pytest.raises(InputError) as error:
        checked(Outer, values, "f")
    assert error.value.place == place
    assert words in str(error.value)


def test_a_record_lacks_no_key_and_has_the_types_it_should():
    with pytest.raises(InputError, match="no 'anything'"):
        checked(Record, {"scores": {}}, "f")
    with pytest.raises(InputError, match=r"scores\.auc"):
        checked(Record, {"scores": {"auc": "high"}, "anything": 1}, "f")


@pytest.mark.parametrize("text", ["", "{", '{"a": 1, "a": 2}', "[" * 100_000, "\0", "1" * 5000])
def test_what_is_no_json_is_an_error_of_input(text):
    with pytest.raises(InputError, match="no JSON"):
        parse(text, "f")
