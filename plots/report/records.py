"""What the report is made of: studies' `results.json` and the descriptions of songs files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from representation_music.plots.studies.results import FORMAT
from representation_music.utils.errors import InputError
from representation_music.utils.records import read_json
from representation_music.utils.tasks import TASK_SETS

#: Kinds of data in the order in which the report tells of them, and what it calls them.
KINDS = {
    "full": "the full set of real songs",
    "sample": "the sample of real songs",
    "synthetic": "synthetic songs",
}
#: Studies that the report has a place for.
TOLD = (
    *("controls", "benefit", "coupling", "training_size", "sharing_degree", "auxiliary_size"),
    *("alternating", "output_scaling", "stopping", "pairs"),
)
#: What a file's keys tell it by.
SORTS = {
    "against_gain": {"study", "points", "correlations"},
    "study": {"study"},
    "songs": {"source", "kind", "splits", "tasks"},
    "relatedness": {"proposal", "paper", "labels"},
}
#: Where files stand in a folder of records or of studies.
PLACES = ("*.json", "*/results.json", "*/gain-against-relatedness.json")


def sort_of(content: dict) -> str:
    """Which of `SORTS` a file is; empty for any other."""
    return next((sort for sort, keys in SORTS.items() if keys <= content.keys()), "")


@dataclass(frozen=True)
class Record:
    """One study on one set of songs, as `repmusic results` leaves it.

    Attributes:
        content: The whole `results.json`.
        path: Where it stands.
    """

    content: dict
    path: Path

    @property
    def study(self) -> str:
        """Name of the study."""
        return self.content["study"]

    @property
    def kind(self) -> str:
        """Kind of its data; the realest, should there be several."""
        return next(kind for kind in KINDS if kind in self.content["data_kind"])

    @property
    def data(self) -> str:
        """What the data are, in the words of every table and figure."""
        return "; ".join(self.content["data"])

    @property
    def on_data(self) -> str:
        """The data as they stand in a sentence."""
        named = [d if d.startswith("synthetic") else f"the {d}" for d in self.content["data"]]
        return " and ".join(named)

    @property
    def on_kind(self) -> str:
        """The kind of data in a sentence, with the target where it is not the 2016 study's."""
        other = self.target != TASK_SETS["target"][0]
        return KINDS[self.kind] + (f" with the target {self.target}" if other else "")

    @property
    def metric(self) -> str:
        """The metric that the verdicts go by."""
        return self.content["metric"]

    @property
    def cells(self) -> list["CellRecord"]:
        """The cells, by the metric of the verdicts."""
        return [CellRecord(cell, self.metric) for cell in self.content["cells"]]

    @property
    def target(self) -> str:
        """The target task."""
        return self.content["cells"][0]["target"]

    def config_of(self, cell: "CellRecord", arm: str = "arm") -> dict:
        """The config of the first seed of a cell's arm."""
        return self.content["runs"][cell.content["arms"][arm]["runs"][0]]["config"]

    def varying(self) -> list[str]:
        """Factors that differ between cells, in the order of the cells."""
        names = dict.fromkeys(name for cell in self.cells for name in cell.factors)
        return [n for n in names if len({cell.factors.get(n) for cell in self.cells}) > 1]


@dataclass(frozen=True)
class CellRecord:
    """One cell by one metric.

    Attributes:
        content: The cell, as in `results.json`.
        metric: The metric.
    """

    content: dict
    metric: str

    @property
    def factors(self) -> dict:
        """What the cell stands for."""
        return self.content["factors"]

    @property
    def found(self) -> dict:
        """Scores, gains and verdict by the metric."""
        return self.content["metrics"][self.metric]

    @property
    def verdict(self) -> str:
        """The verdict."""
        return self.found["verdict"]

    def gain(self, rival: str) -> list[float | None]:
        """Mean gain over a rival and its interval."""
        return self.found["gains"][rival]["gain"]

    def score(self, arm: str) -> list[float | None]:
        """Mean score of an arm and its interval."""
        return self.found["scores"][arm]

    @property
    def rivals(self) -> list[str]:
        """Names of the rivals."""
        return list(self.found["gains"])

    @property
    def first_rival(self) -> str:
        """The rival that figures and tables give the gain over: the single task where there is."""
        return "single task" if "single task" in self.rivals else self.rivals[0]


def with_gain(cells: Sequence[CellRecord]) -> list[CellRecord]:
    """The cells whose gain over their first rival is defined."""
    return [cell for cell in cells if cell.gain(cell.first_rival)[0] is not None]


@dataclass(frozen=True)
class Evidence:
    """All that a report is made of.

    Attributes:
        records: Studies, the realest data first.
        descriptions: What `repmusic describe` says of songs files, the realest data first.
        relatedness: What `repmusic relatedness` writes of songs files.
        against_gain: What it writes of studies by `repmusic relatedness-gain`.
        left_out: Files of studies that the report has no place for.
    """

    records: list[Record] = field(default_factory=list)
    descriptions: list[dict] = field(default_factory=list)
    relatedness: list[dict] = field(default_factory=list)
    against_gain: list[dict] = field(default_factory=list)
    left_out: list[Path] = field(default_factory=list)

    def of(self, study: str) -> list[Record]:
        """The records of one study."""
        return [record for record in self.records if record.study == study]


def read_evidence(folder: Path) -> Evidence:
    """Reads what stands in a folder: committed records, or a folder of studies with its runs.

    A file is told by what it holds; others are passed over.

    Raises:
        InputError: if there is no record, or one of another format.
    """
    if not folder.is_dir():
        raise InputError(folder, "no folder", "a folder of studies' records")
    found: dict[str, list] = {sort: [] for sort in SORTS}
    records, left_out = [], []
    for path in [path for pattern in PLACES for path in sorted(folder.glob(pattern))]:
        content = read_json(path)
        sort = sort_of(content)
        if sort != "study":
            found.get(sort, []).append(content)
        elif content["study"] in TOLD:
            records.append(_record(content, path))
        else:
            left_out.append(path)
    if not records:
        raise InputError(
            folder, "no study's record", "one or more", "`repmusic results STUDY` writes them."
        )
    return Evidence(
        sorted(records, key=lambda r: (list(KINDS).index(r.kind), r.content["order"])),
        sorted(found["songs"], key=lambda d: (list(KINDS).index(d["kind"]), -d["songs"])),
        sorted(found["relatedness"], key=lambda r: list(KINDS).index(r["data_kind"])),
        found["against_gain"],
        left_out,
    )


def _record(content: dict, path: Path) -> Record:
    if content.get("format") != FORMAT:
        found = f"a record of format {content.get('format', 1)}"
        raise InputError(path, found, f"format {FORMAT}", "Run `repmusic results` on the study.")
    if not content["cells"]:
        raise InputError(path, "no cell whose runs are all done", "one or more")
    return Record(content, path)
