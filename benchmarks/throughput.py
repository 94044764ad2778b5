"""Step rates of peers, measured in turns: A B A B ..., each in processes of its own."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from peers.contestant import Contestant
from peers.problem import BATCH, Problem

#: What is trained before the first measurement: traces, allocations, caches.
WARM_UP_STEPS = 6


class Entrant(NamedTuple):
    """A peer and its layout: `processes` side by side with `threads` each."""

    peer: str
    processes: int
    threads: int

    @property
    def label(self) -> str:
        """Name and layout in words."""
        layout = f"{self.processes} process{'es' * (self.processes > 1)}"
        return f"{self.peer}, {layout} x {self.threads} thread{'s' * (self.threads > 1)}"


class StepTimes(NamedTuple):
    """Seconds a step, one a round: of the clock (all processes' steps), of the processors."""

    wall: list[float]
    processor: list[float]


def compare(
    problem_file: Path,
    pattern: str,
    entrants: Sequence[Entrant],
    rounds: int,
    steps: int,
    advance,
    each_round: Callable[[], None] | None = None,
) -> dict[str, StepTimes]:
    """Measures peers in turns on the same songs; every round takes other songs.

    Args:
        problem_file, pattern: What is trained.
        entrants: The peers.
        rounds, steps: Rounds, and steps of each measurement.
        advance: Called after each measurement.
        each_round: Called at the start of each round, for what else belongs to the moment.

    Returns:
        Times by entrant's label.
    """
    songs = steps * BATCH
    slices = max(1, Problem.load(problem_file).num_songs // songs)
    times = {entrant.label: StepTimes([], []) for entrant in entrants}
    with ExitStack() as stack:
        contestants = [
            (e.label, stack.enter_context(Contestant(e.peer, problem_file, pattern, *e[1:])))
            for e in entrants
        ]
        for _, contestant in contestants:
            contestant.wait_until_ready()
        for _, contestant in contestants:
            contestant.measure(0, min(WARM_UP_STEPS, steps) * BATCH)
        for turn in range(rounds):
            first = turn % slices * songs
            if each_round:
                each_round()
            for label, contestant in contestants:
                wall, processor = contestant.measure(first, first + songs)
                times[label].wall.append(wall)
                times[label].processor.append(processor)
                advance()
    return times
