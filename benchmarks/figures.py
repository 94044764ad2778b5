"""A measured figure: its samples, the bound it should keep, and how it is written down."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure of the benchmark.

    Attributes:
        name: What was measured.
        unit: Its unit; `times` for a ratio.
        samples: One value a round.
        bound: What was asked for.
        at_most: Whether the bound is the greatest allowed value, not the least.
    """

    name: str
    unit: str
    samples: Sequence[float]
    bound: float | None = None
    at_most: bool = False

    @property
    def median(self) -> float:
        """Median of the samples."""
        return statistics.median(self.samples)

    @property
    def kept(self) -> bool | None:
        """Whether the median keeps the bound; None where there is none."""
        if self.bound is None:
            return None
        return self.median <= self.bound if self.at_most else self.median >= self.bound

    def row(self) -> list[str]:
        """Name, median, spread, bound and whether it was kept."""
        spread = f"{min(self.samples):.2f} - {max(self.samples):.2f}"
        sign = "at most" if self.at_most else "at least"
        bound = "" if self.bound is None else f"{sign} {self.bound:g}"
        verdict = {None: "", True: "yes", False: "no"}[self.kept]
        return [self.name, f"{self.median:.2f} {self.unit}", spread, bound, verdict]

    def to_json(self) -> dict:
        """Everything as JSON types."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "samples": list(self.samples),
            "bound": self.bound,
            "at_most": self.at_most,
            "kept": self.kept,
        }


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """How many times longer they took, round by round."""
    return [b / a for a, b in zip(ours, theirs, strict=True)]


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others align right."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
