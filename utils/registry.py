"""Classes by the names that users know them by: one table each of networks and of objectives."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from representation_music.utils.errors import InputError
from representation_music.utils.plugins import load_plugins

Named = TypeVar("Named")


class Registry(Generic[Named]):
    """A table of classes, each by its attribute `name`; plugins add theirs by `register`.

    Args:
        flag: The setting that takes such a name, for messages: `--objective`.
        classes: What the project itself offers, in the order in which it is listed.
    """

    def __init__(self, flag: str, classes: Iterable[type[Named]]):
        self.flag = flag
        self._classes: dict[str, type[Named]] = {}
        for entry in classes:
            self.register(entry)

    def register(self, entry: type[Named]) -> type[Named]:
        """Adds a class; may be used as a decorator.

        Raises:
            InputError: if the name belongs to another class.
        """
        other = self._classes.setdefault(entry.name, entry)
        if other is not entry:
            raise InputError(
                f"{entry.__module__}.{entry.__qualname__}",
                f"the name {entry.name!r}, which {other.__module__}.{other.__qualname__} has",
                "a name of its own",
            )
        return entry

    def names(self) -> list[str]:
        """Every name, the project's own first."""
        load_plugins()
        return list(self._classes)

    def __contains__(self, name: str) -> bool:
        # Plugins last: defaults are looked up while modules are imported that plugins need whole.
        return name in self._classes or name in self.names()

    def __getitem__(self, name: str) -> type[Named]:
        """The class of this name.

        Raises:
            InputError: if there is none.
        """
        if name not in self:
            raise InputError(self.flag, repr(name), f"one of {', '.join(self.names())}")
        return self._classes[name]
