"""How fast training is against what a user would pick instead. Run: `make bench`.

Everything is measured in processes of its own and in turns, so that a ratio compares moments
that lie side by side. Writes `results/training.md`, `results/training.json` and the overlaid loss
curves.
"""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from figures import Figure, markdown_table, ratios
from songs import problem_file, single_task, songs_file
from throughput import Entrant, StepTimes, compare

from representation_music.utils.command_line import run_command
from representation_music.utils.console import progress
from representation_music.utils.files import write_text

RESULTS = Path(__file__).parent / "results"
LOW = "SSPP"
OTHERS = {"no sharing": "PPPP", "high-level sharing": "PSSS", "interspersed sharing": "SPSS"}
OURS, OURS_PAIR = Entrant("ours", 1, 2), Entrant("ours", 2, 1)
KERAS, KERAS_PAIR = Entrant("Keras fit", 1, 2), Entrant("Keras fit", 2, 1)
BAG, BAG_PAIR = Entrant("PyTorch EmbeddingBag", 1, 2), Entrant("PyTorch EmbeddingBag", 2, 1)
DENSE, FUSED = Entrant("PyTorch dense", 1, 2), Entrant("PyTorch dense, fused", 1, 2)
SKLEARN = Entrant("scikit-learn MLP", 1, 2)


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        songs: Songs of the comparisons.
        entrants: Peers of the main comparison, in the order of a round.
        rounds, steps: Rounds of the main comparison, steps of each measurement.
        patterns: The other sharing patterns by name.
        pattern_rounds, pattern_steps: The same for them, and for the single-task net.
        processes: Rounds of whole processes.
        memory_songs, memory_rounds: Training songs where memory is measured, and how often.
        curve_songs, epochs: Training of the loss curves.
        curves: Where their figure goes, without ending.
        profile: Whether to make the profile of a step.
    """

    songs: int = 25_000
    entrants: tuple[Entrant, ...] = (
        OURS_PAIR,
        KERAS,
        BAG_PAIR,
        OURS,
        KERAS_PAIR,
        BAG,
        DENSE,
        FUSED,
    )
    rounds: int = 7
    steps: int = 64
    patterns: dict[str, str] = field(default_factory=OTHERS.copy)
    pattern_rounds: int = 7
    pattern_steps: int = 64
    processes: int = 4
    memory_songs: int = 200_000
    memory_rounds: int = 3
    curve_songs: int = 1280
    epochs: int = 12
    curves: Path = RESULTS / "loss_curves"
    profile: bool = True


FULL = Scale()
QUICK = Scale(
    songs=3000,
    entrants=(OURS_PAIR, KERAS, BAG_PAIR),
    rounds=2,
    steps=16,
    patterns={"no sharing": "PPPP"},
    pattern_rounds=1,
    pattern_steps=16,
    processes=1,
    memory_songs=20_000,
    memory_rounds=1,
    curve_songs=640,
    epochs=4,
    curves=RESULTS / "loss_curves-quick",
    profile=False,
)


def low_level_sharing(scale: Scale, advance) -> tuple[list[Figure], dict]:
    """The main comparison, and the floor."""
    path, sizes = problem_file(scale.songs), (scale.rounds, scale.steps)
    times, floors, machines = compared_with_floor(path, LOW, scale.entrants, *sizes, advance)
    ours = times[OURS_PAIR.label].wall
    bounds = {KERAS: 3.5, BAG_PAIR: 1.8}
    figures = [
        Figure(
            f"low-level sharing, 3 tasks, {scale.songs:,} songs, against {entrant.label}",
            "times",
            ratios(ours, times[entrant.label].wall),
            bounds.get(entrant),
        )
        for entrant in scale.entrants
        if entrant.peer != "ours"
    ]
    name = f"{OURS_PAIR.label}, against the floor of the moment"
    figures.append(Figure(name, "times", ratios(floors, ours), 2.0, at_most=True))
    rates = {
        "float32 product, all cores (GFLOP/s)": median(m.operations / 1e9 for m in machines),
        "memory, all cores (GB/s)": median(m.bytes / 1e9 for m in machines),
        "floor (ms a step)": median(floors) * 1e3,
    }
    found = {
        "machine": rates,
        "step times": {LOW: as_json(times)},
        "floors, seconds": {LOW: floors},
    }
    return figures, found


def compared_with_floor(path: Path, pattern: str, entrants, rounds: int, steps: int, advance):
    """Step times of entrants by label; the floor of each round; the machine's rates in each."""
    from floor import measure_machine, step_floor
    from peers.problem import Problem

    machines = []

    def measure() -> None:
        machines.append(measure_machine(os.cpu_count()))

    times = compare(path, pattern, entrants, rounds, steps, advance, measure)
    problem = Problem.load(path)
    return times, [step_floor(problem, pattern, machine) for machine in machines], machines


def other_patterns(scale: Scale, advance) -> tuple[list[Figure], dict]:
    """No sharing, high-level and interspersed sharing against Keras."""
    figures, step_times, floors = [], {}, {}
    path, sizes = problem_file(scale.songs), (scale.pattern_rounds, scale.pattern_steps)
    for name, pattern in scale.patterns.items():
        entrants = (OURS_PAIR, KERAS)
        times, floors[pattern], _ = compared_with_floor(path, pattern, entrants, *sizes, advance)
        ours = times[OURS_PAIR.label].wall
        samples = ratios(ours, times[KERAS.label].wall)
        figures.append(Figure(f"{name}, 3 tasks, against {KERAS.label}", "times", samples, 3.0))
        figures.append(
            Figure(f"{name}, ours against the floor", "times", ratios(floors[pattern], ours))
        )
        step_times[pattern] = as_json(times)
    return figures, {"step times": step_times, "floors, seconds": floors}


def single_target(scale: Scale, advance) -> tuple[list[Figure], dict]:
    """The single-task net against scikit-learn."""
    path, sizes = (
        single_task(problem_file(scale.songs)),
        (scale.pattern_rounds, scale.pattern_steps),
    )
    times = compare(path, "PPPP", (OURS_PAIR, SKLEARN), *sizes, advance)
    samples = ratios(times[OURS_PAIR.label].wall, times[SKLEARN.label].wall)
    figure = Figure("single task against scikit-learn MLP (SGD, no dropout)", "times", samples)
    return [figure], {"step times": {"single task": as_json(times)}}


def whole_processes(scale: Scale, advance) -> tuple[list[Figure], dict]:
    """Short runs with everything that a process costs."""
    import whole_process

    path = songs_file(10_000)
    seconds = {peer: ([], []) for peer in ("ours", "Keras fit")}
    for _ in range(scale.processes):
        for peer, columns in seconds.items():
            for column, value in zip(columns, whole_process.measure(peer, path), strict=True):
                column.append(value)
            advance()
    first, second = (ratios(ours, theirs) for ours, theirs in zip(*seconds.values(), strict=True))
    name = f"{whole_process.SONGS:,} songs x {whole_process.EPOCHS} epochs against Keras fit"
    figures = [
        Figure(f"{name}, whole process", "times", first, 2.0),
        Figure(f"{name}, second run of a process", "times", second, 3.0),
    ]
    return figures, {"whole process, seconds": seconds}


def memory(scale: Scale, advance) -> tuple[list[Figure], dict]:
    """Peak memory at full scale."""
    import peak_memory

    samples = []
    for _ in range(scale.memory_rounds):
        samples.append(peak_memory.measure(songs_file(), scale.memory_songs))
        advance()
    name = f"peak memory, {scale.memory_songs:,} training songs, above the import of TensorFlow"
    return [Figure(name, "GB", samples, 1.2, at_most=True)], {}


def same_work(scale: Scale, advance) -> tuple[list[Figure], dict]:
    """Loss curves of ours and Keras's, drawn and compared."""
    from loss_curves import differences, draw_loss_curves, loss_curves

    path = problem_file(scale.curve_songs)
    curves = loss_curves(path, scale.epochs, advance)
    draw_loss_curves(curves, path, scale.curves)
    name = "loss without dropout, same batches: relative difference to Keras, epoch 1"
    millionths = (1e6 * differences(curves)).tolist()
    figures = [
        Figure(name, "millionths", millionths[:1], 10, at_most=True),
        Figure(f"{name} to {scale.epochs}", "millionths", millionths),
    ]
    return figures, {"loss curves": curves}


def step_profile(scale: Scale, advance) -> tuple[list[Figure], dict]:
    """The profile of a step, made by a process of its own."""
    if not scale.profile:
        return [], {}
    script = Path(__file__).with_name("step_profile.py")
    command = [sys.executable, str(script), "--as-json"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    advance()
    return [], {"profile, ms a step": json.loads(output.splitlines()[-1])}


def as_json(times: dict[str, StepTimes]) -> dict:
    """Step times as JSON types."""
    return {label: samples._asdict() for label, samples in times.items()}


def benchmark(quick: bool = False) -> int:
    """Measure everything, print the table and write it to `results/`.

    Args:
        quick: Fewer songs, rounds, peers and patterns, and no profile: a look in about three
            minutes, in files of its own.
    """
    scale = QUICK if quick else FULL
    stem = RESULTS / ("training-quick" if quick else "training")
    began = time.monotonic()
    figures, details = [], {"machine name": machine_name()}
    by_pattern = {"step times": {}, "floors, seconds": {}}
    with progress("benchmark", None) as advance:
        for measure in (
            low_level_sharing,
            other_patterns,
            single_target,
            whole_processes,
            memory,
            same_work,
            step_profile,
        ):
            advance(0, measure.__name__.replace("_", " "))
            of_part, its_details = measure(scale, advance)
            figures += of_part
            for name, of_patterns in by_pattern.items():
                of_patterns |= its_details.pop(name, {})
            details |= by_pattern | its_details | {"minutes": (time.monotonic() - began) / 60}
            # After every part, so that one that fails does not cost the others.
            content = {"figures": [figure.to_json() for figure in figures]} | details
            write_text(stem.with_suffix(".json"), json.dumps(content, indent=1) + "\n")
            write_text(stem.with_suffix(".md"), as_markdown(figures, details))
    print(stem.with_suffix(".md").read_text())
    print(f"{stem}.md, {stem}.json, {scale.curves}.svg")
    return 0


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


def as_markdown(figures: list[Figure], details: dict) -> str:
    """The figures, the step times behind them, and the machine."""
    columns = ["figure", "median", "spread", "asked for", "kept"]
    text = markdown_table(columns, [figure.row() for figure in figures])
    rows = []
    for pattern, times in details["step times"].items():
        for label, samples in times.items():
            wall = [1e3 * seconds for seconds in samples["wall"]]
            processor = 1e3 * median(samples["processor"])
            spread = f"{min(wall):.1f} - {max(wall):.1f}"
            rows.append([f"{pattern}: {label}", f"{median(wall):.1f}", spread, f"{processor:.1f}"])
        if floors := [1e3 * seconds for seconds in details["floors, seconds"].get(pattern, ())]:
            spread = f"{min(floors):.1f} - {max(floors):.1f}"
            rows.append([f"{pattern}: the floor, all cores", f"{median(floors):.1f}", spread, ""])
    columns = ["step times", "ms a step, median", "spread", "processor ms"]
    text += "\n" + markdown_table(columns, rows)
    if profiles := details.get("profile, ms a step"):
        patterns = list(profiles)
        rows = [
            [part, *(f"{profiles[pattern][part]:.1f}" for pattern in patterns)]
            for part in profiles[patterns[0]]
        ]
        text += "\n" + markdown_table(["processor ms a step, one thread", *patterns], rows)
    machine = [f"{name} {value:.1f}" for name, value in details["machine"].items()]
    return text + f"\n{details['machine name']}; {', '.join(machine)}.\n"


if __name__ == "__main__":
    sys.exit(run_command(benchmark))
