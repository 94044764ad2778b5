"""JSON checked against type hints: what is read from a file passes what the command line passes."""

import dataclasses
import json
import sys
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from representation_music.utils.errors import InputError

Kind = TypeVar("Kind")

#: What errors call a value of JSON.
NAMES = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
#: Characters of a wrong value that an error shows.
SHOWN = 60


def parse(text: str, place) -> Any:
    """The value that a JSON text holds.

    Raises:
        InputError: if it is no JSON, or an object names a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise InputError(place, f"no JSON ({error})", "a whole file of JSON") from error


def _without_twins(pairs: list[tuple[str, Any]]) -> dict:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(n for n in names if names.count(n) > 1)!r} occurs twice")
    return content


def checked(kind: type[Kind], value: Any, place) -> Kind:
    """A JSON value as a type hint has it: lists become tuples, objects become dataclasses.

    Known are `bool`, `int`, `float`, `str`, `Path`, `None`, `Any`, `Literal`, unions, `tuple`,
    `list`, `dict[str, ...]`, dataclasses (no other keys; missing ones are the defaults) and
    `TypedDict` (other keys are let through). An integer passes for a float and stays what it is.

    Args:
        kind: The type hint.
        value: What `parse` gave.
        place: The file, with the line where there is one; the key is put behind it.

    Raises:
        InputError: that names the key, what stands there and what was expected.
    """
    return _checked(kind, value, str(place), "")


def _checked(kind, value, place: str, key: str):
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), value, place, key)
    if origin is Literal:
        # True == 1, and so a truth value would pass for a number.
        if not any(type(value) is type(choice) and value == choice for choice in get_args(kind)):
            _refuse(value, f"one of {', '.join(map(str, get_args(kind)))}", place, key)
        return value
    if origin in (tuple, list):
        return _sequence(kind, value, place, key)
    if origin is dict:
        _require(isinstance(value, dict), value, "an object", place, key)
        of_value = get_args(kind)[1]
        return {name: _checked(of_value, v, place, _below(key, name)) for name, v in value.items()}
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, place, key)
    if typing.is_typeddict(kind):
        return _typed_dict(kind, value, place, key)
    return _plain(kind, value, place, key)


def _plain(kind, value, place: str, key: str):
    if kind is type(None) or kind is None:
        _require(value is None, value, "null", place, key)
    elif kind is bool:
        _require(isinstance(value, bool), value, "true or false", place, key)
    elif kind is int:
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        _require(whole, value, "a whole number", place, key)
    elif kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        _require(number and abs(value) <= sys.float_info.max, value, "a finite number", place, key)
    elif kind in (str, Path):
        _require(isinstance(value, str) and "\0" not in value, value, "a text", place, key)
        return kind(value)
    else:
        raise TypeError(f"no check of {kind}")
    return value


def _one_of(kinds: tuple, value, place: str, key: str):
    refused = []
    for kind in kinds:
        try:
            return _checked(kind, value, place, key)
        except InputError as error:
            refused.append(error)
    expected = " or ".join(error.expected for error in refused)
    raise InputError(refused[0].place, refused[0].found, expected)


def _sequence(kind, value, place: str, key: str):
    of_entries = get_args(kind)
    _require(isinstance(value, list | tuple), value, "a list", place, key)
    if get_origin(kind) is tuple and of_entries[-1] is not Ellipsis:
        number = len(of_entries)
        _require(len(value) == number, value, f"a list of {number}", place, key)
    else:
        of_entries = (of_entries[0],) * len(value)
    entries = enumerate(zip(of_entries, value, strict=True))
    return get_origin(kind)(_checked(of, v, place, f"{key}[{n}]") for n, (of, v) in entries)


def _dataclass(kind, value, place: str, key: str):
    _require(isinstance(value, dict), value, "an object", place, key)
    hints = _hints(kind)
    fields = {entry.name: entry for entry in dataclasses.fields(kind) if entry.init}
    # By metadata "flat", the settings of a dataclass within stand among those of the whole.
    parts = {name: _names(hints[name]) for name, e in fields.items() if e.metadata.get("flat")}
    known = (set(fields) - set(parts)).union(*parts.values())
    if unknown := sorted(set(value) - known):
        raise InputError(_at(place, key), f"the settings {unknown}", f"some of {sorted(known)}")
    given = {
        name: _checked(hints[name], {n: value[n] for n in of_part & value.keys()}, place, key)
        for name, of_part in parts.items()
    }
    given |= {
        name: _checked(hints[name], v, place, _below(key, name))
        for name, v in value.items()
        if name in fields
    }
    for name, entry in fields.items():
        absent = entry.default is entry.default_factory is dataclasses.MISSING
        if absent and name not in given:
            raise InputError(_at(place, key), f"no {name!r}", ", ".join(fields))
    try:
        return kind(**given)
    except InputError as error:  # a value out of range is named by its flag
        name = error.place.removeprefix("--").replace("-", "_")
        at = _at(place, _below(key, name))
        raise InputError(at, error.found, error.expected, error.advice) from error


def _names(kind) -> set[str]:
    return {entry.name for entry in dataclasses.fields(kind)}


def _typed_dict(kind, value, place: str, key: str):
    _require(isinstance(value, dict), value, "an object", place, key)
    if missing := sorted(kind.__required_keys__ - set(value)):
        expected = ", ".join(sorted(kind.__required_keys__))
        raise InputError(_at(place, key), f"no {missing[0]!r}", expected)
    hints = _hints(kind)
    known = {
        n: _checked(hints[n], v, place, _below(key, n)) for n, v in value.items() if n in hints
    }
    return value | known


@cache
def _hints(kind) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _at(place: str, key: str) -> str:
    return f"{place}: {key}" if key else place


def _require(holds: bool, value, expected: str, place: str, key: str) -> None:
    if not holds:
        _refuse(value, expected, place, key)


def _refuse(value, expected: str, place: str, key: str) -> None:
    shown = json.dumps(value)
    shown = shown if len(shown) <= SHOWN else shown[: SHOWN - 3] + "..."
    raise InputError(_at(place, key), f"{NAMES.get(type(value), '')} {shown}".lstrip(), expected)
