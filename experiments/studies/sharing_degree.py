"""How much should be shared? (RQ4, which the 2016 study named and never ran.)

All 16 sharing patterns with the tight and the loose task set: with the study's widths, and with
widths scaled so that every pattern has as many parameters as the one that shares all layers. A
shared layer above private ones reads each task's stream, or, in cells of their own (`PSSS merged`),
the mean of all streams. With `--auxiliary-sizes` further songs carry auxiliary labels only. The
single task has the study's widths beside any, and so about as many parameters as matched nets.
"""

import dataclasses
from collections.abc import Sequence

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.design.arms import (
    rivals_of,
    sharing,
    with_many_auxiliary_labels,
)
from representation_music.experiments.design.cells import Cell, CellDesign, auxiliary_sizes, bases
from representation_music.experiments.design.contrasts import Contrast, gains_between, interactions
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.design.study import Study
from representation_music.experiments.runs import cost
from representation_music.experiments.runs.config import RunConfig
from representation_music.models.dnn import ALL_PATTERNS
from representation_music.models.network import NetworkConfig
from representation_music.models.networks import network_of, sharing_pattern

SIZES = (1000,)


def cells(options: StudyOptions, dataset: SongDataset) -> list[Cell]:
    """One cell per pattern, task set, number of labels, rule for widths and reading of streams."""
    return [
        cell
        for coupling, tasks in options.task_sets.items()
        for base in bases(options, dataset, tasks, SIZES)
        for further in auxiliary_sizes(options, dataset, base, (0,))
        for pattern in options.architectures or ALL_PATTERNS
        for cell in _of_pattern(options, dataset, coupling, base, further, pattern)
    ]


def _of_pattern(
    options: StudyOptions,
    dataset: SongDataset,
    coupling: str,
    base: RunConfig,
    further: int,
    pattern: str,
) -> list[Cell]:
    """A pattern with the study's widths, with matched ones, and with streams merged."""
    arm = with_many_auxiliary_labels(sharing(base, pattern, f"{pattern}-{coupling}"), further)
    inputs = cost.input_words(base, base.training_size, len(dataset.words))
    matched = matched_widths(arm.network, len(base.tasks), inputs)
    pattern, full = sharing_pattern(arm.network), base.network.widths
    readings = [(pattern, "full", {"widths": full}), (pattern, "matched", {"widths": matched})]
    if "PS" in pattern:
        readings.append((f"{pattern} merged", "full", {"widths": full, "merge": "mean"}))
    result = []
    for name, rule, settings in readings:
        factors = {
            "pattern": name,
            "coupling": coupling,
            "songs": base.training_size,
            **({"auxiliary songs": further} if further else {}),
            "widths": rule,
        }
        read = arm.replace(**settings)
        # A single task as narrow as the arm would be beaten for its width alone.
        result.append(Cell(factors, read, rivals_of(read, options.controls, base)))
    return result


def matched_widths(config: NetworkConfig, num_tasks: int, inputs: int) -> tuple[int, ...]:
    """Widths, all scaled alike, that give about as many weights as sharing all layers."""

    def weights(architecture: str, widths: tuple[int, ...]) -> int:
        network = dataclasses.replace(config, architecture=architecture, widths=widths)
        return network_of(architecture).number_of_weights(network, num_tasks, inputs)

    wanted = weights("S" * len(config.widths), config.widths)
    narrow, wide = 0.0, 1.0
    for _ in range(30):
        middle = (narrow + wide) / 2
        fits = weights(config.architecture, _scaled(config.widths, middle)) <= wanted
        narrow, wide = (middle, wide) if fits else (narrow, middle)
    return _scaled(config.widths, wide)


def _scaled(widths: tuple[int, ...], factor: float) -> tuple[int, ...]:
    return tuple(max(1, round(width * factor)) for width in widths)


QUESTION = "Does it matter how much is shared?"


def contrasts(cells: Sequence[CellDesign]) -> list[Contrast]:
    """All shared less nothing shared, and whether that depends on coupling."""
    ends = ("SSSS", "PPPP")
    asks = "Does sharing more pay more for tight sets?"
    return gains_between(QUESTION, cells, "pattern", [ends]) + interactions(
        asks, cells, "pattern", ends
    )


STUDY = Study(
    question=QUESTION,
    cells=cells,
    compares="pattern",
    contrasts=contrasts,
    figure="sharing-degree",
    sizes=SIZES,
    asked="RQ4, which was named and never run",
    order=4,
)
