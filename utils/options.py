"""Settings that belong to one network or one objective alone: words such as `experts=4`."""

import ast
import dataclasses
import inspect
import json
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


#: No option has a least value.
NO_LEAST: Mapping[str, float] = MappingProxyType({})


def read_options(
    words: Sequence[str], options: type[Options], flag: str, least: Mapping[str, float] = NO_LEAST
) -> Options:
    """Reads `name=value` words into a dataclass; what they leave out keeps its default.

    Args:
        words: Such as `("experts=4", "gated=false")`; values as JSON writes them.
        options: The dataclass; every field has a default, a number, a truth value or a string.
        flag: The flag that took the words, for messages.
        least: The least value that some options may have, by name.

    Raises:
        InputError: for another word, an option that does not exist, or a value of another kind or
            too small.
    """
    defaults = {entry.name: entry.default for entry in dataclasses.fields(options)}
    chosen = {}
    for word in words:
        name, equals, text = word.partition("=")
        if name not in defaults or not equals or name in chosen:
            known = ", ".join(f"{name}={value}" for name, value in defaults.items())
            raise InputError(flag, repr(word), f"each of these once, or none: {known or 'nothing'}")
        chosen[name] = _value(text, defaults[name], f"{flag} {name}")
    for name in least.keys() & chosen.keys():
        if not chosen[name] >= least[name]:  # NaN is refused too
            raise InputError(flag, f"{name}={chosen[name]}", f"at least {least[name]}")
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
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(default):
        kind = {bool: "a truth value", int: "a whole number", float: "a number"}[type(default)]
        raise InputError(place, repr(text), f"{kind}, such as {json.dumps(default)}")
    return value
