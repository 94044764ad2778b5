"""What a study says of itself: its question, what it compares, its figure, seeds and cells."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from representation_music.experiments.design.cells import Cell, CellDesign
from representation_music.experiments.design.contrasts import Contrast, ContrastDesign
from representation_music.experiments.design.options import StudyOptions
from representation_music.experiments.runs.summary import flags
from representation_music.utils.records import read_json

#: Seeds of every arm, unless a study has its own number.
DEFAULT_SEEDS = 5


@dataclass(frozen=True)
class Study:
    """A study, as the file of its name in `studies/` holds it under `STUDY`.

    Attributes:
        question: What it asks, as a sentence.
        cells: Makes its cells of the user's options and the songs.
        compares: The factor whose levels the question compares; empty where each cell answers.
        contrasts: Makes its contrasts of its cells, as `study.json` has them.
        figure: The figure that answers the question, by its name in `plots/studies/figures.py`.
        seeds: Seeds of every arm, unless the user chooses.
        sizes: Its training sizes; empty if the user's choice means nothing to it.
        asked: Where the 2016 study asked the same; empty if it did not.
        order: Its place among studies.
        make_songs: Makes its own songs in a folder, which `cells` then gets in place of a dataset.
        name: That of its file, set by whoever finds it there; a plugin names its own.
    """

    question: str
    cells: Callable[[StudyOptions, Any], list[Cell]]
    compares: str = ""
    contrasts: Callable[[Sequence[CellDesign]], list[Contrast]] = lambda _: []
    figure: str = "forest"
    seeds: int = DEFAULT_SEEDS
    sizes: tuple[int, ...] = ()
    asked: str = ""
    order: int = 100
    make_songs: Callable[[Path, StudyOptions], Any] | None = None
    name: str = ""

    @property
    def own_options(self) -> StudyOptions:
        """The options of a user who chooses nothing."""
        return StudyOptions(seeds=self.seeds)

    def content(self, options: StudyOptions, cells: Sequence[CellDesign]) -> "StudyDesign":
        """What `study.json` holds: all that results, page and report need to know of the study.

        Cells are as `cells.design` gives them; of the options the command leaves out the study's
        own.
        """
        chosen = json.loads(json.dumps(dataclasses.asdict(options), default=str))
        return {
            "study": self.name,
            "question": self.question,
            "asked": self.asked,
            "compares": self.compares,
            "figure": self.figure,
            "order": self.order,
            "sizes": list(self.sizes),
            "command": " ".join([f"repmusic study {self.name}", *flags(options, self.own_options)]),
            "options": chosen,
            "cells": list(cells),
            "contrasts": [
                json.loads(json.dumps(dataclasses.asdict(of))) for of in self.contrasts(cells)
            ],
        }


class StudyDesign(TypedDict):
    """What `study.json` holds."""

    study: str
    question: str
    asked: str
    compares: str
    figure: str
    order: int
    sizes: list[int]
    command: str
    options: dict[str, Any]
    cells: list[CellDesign]
    contrasts: list[ContrastDesign]


def read_study(folder: Path) -> StudyDesign:
    """The design of the study in `folder`.

    Raises:
        InputError: if there is none, or it is damaged.
    """
    advice = "`repmusic study NAME` writes it anew; finished runs are kept."
    return read_json(folder / "study.json", StudyDesign, advice=advice, sealed=True)
