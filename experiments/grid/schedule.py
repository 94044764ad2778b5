"""Which run a worker trains next: one for the engine it has, else of the longest queue."""

from bisect import insort
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Schedule(Generic[Item]):
    """Items still to be done, in one queue an engine, the costliest first.

    Runs of one queue cost the more the more songs they have, so those with as many inputs follow
    each other, and their engine is kept.
    """

    def __init__(self):
        self._queues: dict[Hashable, list[tuple[float, Item]]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def put(self, item: Item, signature: Hashable, cost: float) -> None:
        """Adds an item that needs the engine of this signature and costs so many seconds."""
        queue = self._queues.setdefault(signature, [])
        insort(queue, (cost, item), key=lambda entry: entry[0])  # pop takes the costliest

    def take(
        self, signature: Hashable = None, at_work: Iterable[Hashable] = ()
    ) -> tuple[Item, Hashable] | None:
        """The next item and its engine's signature, or None when all are taken.

        Args:
            signature: Of the engine that the worker has built.
            at_work: Signatures of the other workers' engines; their queues count as shared.
        """
        if signature not in self._queues:
            if not self._queues:
                return None
            others = list(at_work)
            signature = max(self._queues, key=lambda key: self._cost(key) / (others.count(key) + 1))
        queue = self._queues[signature]
        item = queue.pop()[1]
        if not queue:
            del self._queues[signature]
        return item, signature

    def _cost(self, signature: Hashable) -> float:
        return sum(cost for cost, _ in self._queues[signature])
