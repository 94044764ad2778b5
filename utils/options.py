"""Settings that belong to one network or one objective alone: words such as `experts=4`."""

import ast
import dataclasses
import inspect
import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TypeVar

from representation_music.utils.errors import InputError

Options = TypeVar("Options")


@dataclass(frozen=True)
class NoOptions:
    """The options of what has none."""


#: No option has a bound.
NO_BOUND: Mapping[str, float] = MappingProxyType({})


def read_options(
    words: Sequence[str],
    options: type[Options],
    flag: str,
    least: Mapping[str, float] = NO_BOUND,
    most: Mapping[str, float] = NO_BOUND,
) -> Options:
    """Reads `name=value` words into a dataclass; what they leave out keeps its default.

    Args:
        words: Such as `("experts=4", "gated=false")`; truth values as JSON writes them.
        options: The dataclass; every field has a default, a number, a truth value or a string.
        flag: The flag that took the words, for messages.
        least, most: The least and the greatest value that some options may have, by name.

    Raises:
        InputError: for another word, an option that does not exist, or a value of another kind,
            too small or too large.
    """
    defaults = {entry.name: entry.default for entry in dataclasses.fields(options)}
    chosen = {}
    for word in words:
        name, equals, text = word.partition("=")
        if name not in defaults or not equals or name in chosen:
            known = ", ".join(f"{name}={json.dumps(value)}" for name, value in defaults.items())
            raise InputError(flag, repr(word), f"each of these once, or none: {known or 'nothing'}")
        chosen[name] = _value(text, defaults[name], f"{flag} {name}")
    for name, value in chosen.items():
        if name in least and value < least[name]:
            raise InputError(flag, f"{name}={value}", f"at least {least[name]}")
        if name in most and value > most[name]:
            raise InputError(flag, f"{name}={value}", f"at most {most[name]}")
    return options(**chosen)


def described(options: type) -> list[str]:
    """A line per option: its name, its default, and what the string below it in the source says."""
    texts = {}
    for cls in options.__mro__[-2::-1]:
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0].body
        for entry, below in pairwise(body):
            if isinstance(entry, ast.AnnAssign) and isinstance(below, ast.Expr):
                texts[entry.target.id] = " ".join(ast.literal_eval(below.value).split())
    return [
        f"{entry.name}={json.dumps(entry.default)}: {texts.get(entry.name, '')}"
        for entry in dataclasses.fields(options)
    ]


def _value(text: str, default, place: str):
    """The value that `text` writes, of the kind that the default is of."""
    if isinstance(default, str):
        return text
    kind, read = {
        bool: ("a truth value", {"true": True, "false": False}.__getitem__),
        int: ("a whole number", int),
        float: ("a finite number", float),
    }[type(default)]
    try:
        value = read(text)
        if math.isfinite(value):
            return value
    except (KeyError, ValueError):
        pass
    raise InputError(place, repr(text), f"{kind}, such as {json.dumps(default)}")
