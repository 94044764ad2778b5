"""How fast training is against what a user would pick instead. Run: `make bench`.

Everything is measured in processes of its own and in turns, so that a ratio compares moments
that lie side by side. Writes `results/training.md`, `results/training.json` and the overlaid loss
curves.
"""

import json
import math
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import whole_runs
from floor import ARRAY, measure_machine, step_floor, step_weights
from loss_curves import differences, draw_loss_curves, loss_curves
from measuring import median_and_spread, ratios
from peers.problem import DEFAULT, PAPER, Problem, Regime
from peers.turns import Entrant, compare
from songs import problem_file, songs_file

from representation_music.utils.command_line import run_command
from representation_music.utils.console import progress
from representation_music.utils.files import write_text

RESULTS = Path(__file__).parent / "results"
#: What titles of comparisons in the default preset end with.
IN_DEFAULT = ", default preset"
OURS = Entrant("ours", 2, 1)
KERAS = Entrant("Keras fit", 1, 2)
BAG = Entrant("PyTorch EmbeddingBag", 2, 1)
SKLEARN = Entrant("scikit-learn MLP", 1, 2)


@dataclass(frozen=True)
class Comparison:
    """One network, and what ours is measured beside on it.

    Attributes:
        name, pattern, num_tasks: The network.
        rivals: In the order of a round; how many times as fast as each ours should be, if asked.
        most_over_floor: How many times the floor ours may take, if asked.
        regime: How they train.
    """

    name: str
    pattern: str
    rivals: dict[Entrant, float | None]
    most_over_floor: float | None = None
    num_tasks: int = 3
    regime: Regime = PAPER

    @property
    def title(self) -> str:
        """Its name in tables."""
        return self.name + IN_DEFAULT * (self.regime == DEFAULT)


def default_preset(name: str, pattern: str, torch: float | None = None, **options) -> Comparison:
    """A network as studies train it, beside what would train it otherwise, in both layouts.

    Args:
        name, pattern: The network.
        torch: How many times as fast as PyTorch ours should be.
        options: Further ones of `Comparison`, and `keras`, the same for Keras.
    """
    keras = options.pop("keras", None)
    rivals = {
        Entrant("ours", 1, 2): None,
        KERAS: None,
        Entrant("Keras fit", 2, 1): keras,
        Entrant("PyTorch dense, fused", 1, 2): None,
        Entrant("PyTorch dense, fused", 2, 1): torch,
        Entrant("PyTorch compiled", 2, 1): None,
    }
    return Comparison(name, pattern, rivals, regime=DEFAULT, **options)


LOW = Comparison(
    "low-level sharing",
    "SSPP",
    {
        KERAS: 3.5,
        BAG: 1.8,
        Entrant("ours", 1, 2): None,
        Entrant("Keras fit", 2, 1): None,
        Entrant("PyTorch EmbeddingBag", 1, 2): None,
        Entrant("PyTorch dense", 1, 2): None,
        Entrant("PyTorch dense, fused", 1, 2): None,
    },
    most_over_floor=2,
)
NO_SHARING = Comparison("no sharing", "PPPP", {KERAS: 3})
SINGLE = Comparison("single task", "PPPP", {SKLEARN: None}, num_tasks=1)
LOW_DEFAULT = default_preset("low-level sharing", "SSPP", torch=2.6, keras=2.6)


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        stem: Where results go, without ending.
        comparisons: Of step rates.
        songs, rounds, steps: Of each comparison; steps of each measurement.
        default_songs: Of comparisons in the default preset.
        processes: Rounds of whole processes.
        memory_songs, memory_rounds: Training songs where memory is measured, and how often.
        curve_songs, epochs: Of the loss curves.
    """

    stem: Path = RESULTS / "training"
    comparisons: tuple[Comparison, ...] = (
        LOW,
        NO_SHARING,
        Comparison("high-level sharing", "PSSS", {KERAS: 3}),
        Comparison("interspersed sharing", "SPSS", {KERAS: 3}),
        SINGLE,
        LOW_DEFAULT,
        default_preset("no sharing", "PPPP", keras=2),
        default_preset("high-level sharing", "PSSS"),
        default_preset("interspersed sharing", "SPSS"),
        default_preset("single task", "PPPP", num_tasks=1),
    )
    songs: int = 25_000
    default_songs: int = 1000
    rounds: int = 7
    steps: int = 64
    processes: int = 4
    memory_songs: int = 200_000
    memory_rounds: int = 3
    curve_songs: int = 1280
    epochs: int = 12


FULL = Scale()
QUICK = Scale(
    stem=RESULTS / "training-quick",
    comparisons=(
        replace(LOW, rivals={KERAS: 3.5, BAG: 1.8}),
        NO_SHARING,
        SINGLE,
        replace(LOW_DEFAULT, rivals={Entrant("Keras fit", 2, 1): 2.6}),
    ),
    songs=3000,
    rounds=2,
    steps=16,
    processes=1,
    memory_songs=20_000,
    memory_rounds=1,
    curve_songs=640,
    epochs=4,
)


@dataclass(frozen=True)
class Figure:
    """A measured figure: a sample a round, and the bound that its median was asked to keep.

    Attributes:
        name: What was measured.
        unit: Its unit; `times` for a ratio.
        samples: One value per round.
        bound: What was asked for, if anything.
        at_most: Whether the bound is the greatest allowed value, not the least.
    """

    name: str
    unit: str
    samples: Sequence[float]
    bound: float | None = None
    at_most: bool = False

    def row(self) -> list[str]:
        """Name, median, spread, bound and whether it was kept."""
        middle, spread = median_and_spread(self.samples)
        asked = kept = ""
        if self.bound is not None:
            asked = f"{'at most' if self.at_most else 'at least'} {self.bound:g}"
            over = median(self.samples) - self.bound
            kept = "yes" if (over <= 0 if self.at_most else over >= 0) else "no"
        return [self.name, f"{middle} {self.unit}", spread, asked, kept]


def step_rates(scale: Scale, details: dict, advance) -> Iterator[Figure]:
    """Every comparison's ratios, and ours over the floor of each round's moment."""
    for comparison in scale.comparisons:
        advance(0, comparison.title)
        in_default = comparison.regime == DEFAULT
        songs = scale.default_songs if in_default else scale.songs
        path = problem_file(songs, num_tasks=comparison.num_tasks, regime=comparison.regime)
        problem, machines = Problem.load(path), []
        array = step_weights(problem, comparison.pattern) if in_default else ARRAY
        entrants = OURS, *comparison.rivals
        times = compare(
            path,
            comparison.pattern,
            [entrant._replace(batch=comparison.regime.batch) for entrant in entrants],
            scale.rounds,
            scale.steps,
            advance,
            lambda found=machines, size=array: found.append(
                measure_machine(os.cpu_count(), array=size)
            ),
        )
        times = dict(zip(entrants, times.values(), strict=True))
        floors = [step_floor(problem, comparison.pattern, machine) for machine in machines]
        of_entrants = {entrant.label: samples._asdict() for entrant, samples in times.items()}
        floor = {"the floor, all cores": {"wall": floors}}
        details["step times, seconds"][comparison.title] = of_entrants | floor
        rates = {
            "float32 product, all cores (GFLOP/s)": median(m.operations for m in machines) / 1e9,
            "memory, all cores (GB/s)": median(m.bytes for m in machines) / 1e9,
        }
        details.setdefault("machine", rates)  # those of the main comparison
        ours, name = times[OURS].wall, f"{comparison.title}, {songs:,} songs"
        for rival, bound in comparison.rivals.items():
            figure = f"{name}, against {rival.label}"
            yield Figure(figure, "times", ratios(ours, times[rival].wall), bound)
        bound = comparison.most_over_floor
        yield Figure(f"{name}, over the floor", "times", ratios(floors, ours), bound, at_most=True)


def whole_processes(scale: Scale, details: dict, advance) -> Iterator[Figure]:
    """Short runs with everything that a process costs."""
    advance(0, "whole processes")
    path = songs_file(10_000)
    seconds = {"ours": ([], []), "Keras fit": ([], [])}
    for _ in range(scale.processes):
        for peer, columns in seconds.items():
            for column, value in zip(columns, whole_runs.seconds_of(peer, path), strict=True):
                column.append(value)
            advance()
    details["whole process, seconds"] = seconds
    first, second = (ratios(*both) for both in zip(*seconds.values(), strict=True))
    name = f"{whole_runs.SONGS:,} songs x {whole_runs.EPOCHS} epochs against Keras fit"
    yield Figure(f"{name}, whole process", "times", first, 2.0)
    yield Figure(f"{name}, second run of a process", "times", second, 3.0)


def memory(scale: Scale, _details: dict, advance) -> Iterator[Figure]:
    """Peak memory at full scale."""
    advance(0, "memory")
    samples = []
    for _ in range(scale.memory_rounds):
        samples.append(whole_runs.memory_of(songs_file(), scale.memory_songs))
        advance()
    name = f"peak memory, {scale.memory_songs:,} training songs, above the import of TensorFlow"
    yield Figure(name, "GB", samples, 1.2, at_most=True)


def same_work(scale: Scale, details: dict, advance) -> Iterator[Figure]:
    """Loss curves of ours and Keras's, drawn and compared."""
    advance(0, "loss curves")
    path = problem_file(scale.curve_songs)
    details["loss curves"] = curves = loss_curves(path, scale.epochs, advance)
    stem = scale.stem.with_name(scale.stem.name.replace("training", "loss_curves"))
    draw_loss_curves(curves, path, stem)
    name = "loss without dropout, same batches: relative difference to Keras, epoch 1"
    millionths = (1e6 * differences(curves)).tolist()
    yield Figure(name, "millionths", millionths[:1], 10, at_most=True)
    yield Figure(f"{name} to {scale.epochs}", "millionths", millionths)


def benchmark(quick: bool = False) -> None:
    """Measure everything, print the table and write it to `results/`.

    Args:
        quick: Fewer songs, rounds, peers and patterns: a look in about three minutes, in files of
            its own.
    """
    scale = QUICK if quick else FULL
    began = time.monotonic()
    figures, details = [], {"machine name": machine_name(), "step times, seconds": {}}
    with progress("benchmark", None) as advance:
        for measure in (step_rates, whole_processes, memory, same_work):
            for figure in measure(scale, details, advance):
                figures.append(figure)
                # After each, so that one that fails does not cost the others.
                details["minutes"] = (time.monotonic() - began) / 60
                content = {"figures": list(map(asdict, figures))} | details
                write_text(f"{scale.stem}.json", json.dumps(content, indent=1) + "\n")
                write_text(f"{scale.stem}.md", as_markdown(figures, details))
    print(as_markdown(figures, details))
    print(f"{scale.stem}.md, {scale.stem}.json, and the loss curves beside them")


def machine_name() -> str:
    """Processor, cores and versions."""
    from importlib.metadata import version

    processor = platform.processor() or platform.machine()
    if (cpuinfo := Path("/proc/cpuinfo")).exists():
        names = [n for n in cpuinfo.read_text().splitlines() if n.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    libraries = ("tensorflow", "keras", "torch", "scikit-learn", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    return f"{os.cpu_count()} cores of {processor}; {versions}"


def as_markdown(figures: Sequence[Figure], details: dict) -> str:
    """The figures, the default preset in short, the step times behind both, and the machine."""
    columns = ["figure", "median", "spread", "asked for", "kept"]
    text = markdown_table(columns, [figure.row() for figure in figures])
    text += "\n" + default_preset_table(details["step times, seconds"])
    rows = []
    for name, times in details["step times, seconds"].items():
        for label, samples in times.items():
            wall = [1e3 * seconds for seconds in samples["wall"]]
            processor = samples.get("processor")
            processor = f"{1e3 * median(processor):.1f}" if processor else ""
            rows.append([f"{name}: {label}", *median_and_spread(wall, 1), processor])
    columns = ["step times", "ms per step, median", "spread", "processor ms"]
    text += "\n" + markdown_table(columns, rows)
    machine = [f"{name} {value:.1f}" for name, value in details["machine"].items()]
    return text + f"\n{details['machine name']}; {', '.join(machine)}.\n"


def default_preset_table(step_times: dict) -> str:
    """Each network in the default preset, milliseconds a step by the clock, in the faster layout.

    Args:
        step_times: By title of a comparison and label of an entrant: seconds of every round.
    """
    peers = ["the floor", "ours", "Keras fit", "PyTorch dense, fused", "PyTorch compiled"]
    rows = []
    for title, times in step_times.items():
        if not title.endswith(IN_DEFAULT):
            continue
        best: dict[str, float] = {}
        for label, samples in times.items():
            peer = label.rpartition(", ")[0]
            best[peer] = min(best.get(peer, math.inf), 1e3 * median(samples["wall"]))
        ours, torch = best["ours"], [best[peer] for peer in peers[3:] if peer in best]
        ratios = [ours / best["the floor"], best["Keras fit"] / ours]
        ratios += [min(torch) / ours] if torch else []
        cells = [f"{best[peer]:.1f}" if peer in best else "" for peer in peers]
        cells += [*(f"{ratio:.2f}" for ratio in ratios), *[""] * (not torch)]
        rows.append([title.removesuffix(IN_DEFAULT), *cells])
    over = ["ours over the floor", "Keras over ours", "PyTorch, its best, over ours"]
    return markdown_table(["default preset, ms a step", *peers, *over], rows)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others align right."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(run_command(benchmark))
