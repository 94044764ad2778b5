"""What may be said of a study: sentences that its record alone decides."""

from collections.abc import Callable, Sequence

from representation_music.plots.report.records import KINDS, LINEAR, CellRecord, Evidence, Record
from representation_music.plots.report.words import (
    cell_words,
    count,
    counted_verdicts,
    factor_words,
    interval,
    listed,
    metric_words,
    named_cell,
    number,
    plural,
    sentence,
    signed_percent,
    verdict_word,
)

#: What is compared with what, as the subject of a sentence, by study.
SUBJECTS = {
    "benefit": "learning the tight task set together",
    "coupling": "learning several tasks together",
    "training_size": "learning several tasks together",
    "sharing_degree": "sharing layers",
    "auxiliary_size": "adding songs with auxiliary labels",
    "alternating": "training one task a step, in place of the sum of all losses,",
    "output_scaling": "standardising the regression labels",
    "stopping": "learning the tight task set together",
}
#: Up to so many cells are told one by one; of more, the ends.
TOLD_CELLS = 4
#: Rivals that tell a shared representation from luck with the stream of songs.
CONTROL_ARMS = ("auxiliary weights 0", "permuted auxiliaries")


def findings(record: Record) -> list[str]:
    """Sentences on one record of a study other than `controls`."""
    told = [
        f"{counted(record)}.",
        *gains_of_cells(record),
        *delta_m(record),
        *PARTICULARS.get(record.study, lambda record: [])(record),
        *naive_claims(record.cells),
        beside_linear(record.cells),
        answer(record),
    ]
    if record.content["missing_cells"]:
        missing = plural(record.content["missing_cells"], "further cell")
        told.insert(1, f"{missing} had runs missing when this was written.")
    return [sentence(each) for each in told if each]


def counted(record: Record) -> str:
    """Data, seeds and how often each verdict came out."""
    judged = [cell for cell in record.cells if not cell.content["judged_alone"]]
    seeds = plural(record.content["seeds"], "seed")
    return f"*On {record.on_data}*, {seeds} an arm: {counted_verdicts(judged)}"


def gains_of_cells(record: Record) -> list[str]:
    """Gains with intervals: of every cell if they are few, or else of the two ends."""
    cells, names = record.cells, record.varying()
    rival = cells[0].first_rival
    in_metric = f"in test {metric_words(record)} of {record.target} over {rival_words(rival)}"
    if len(cells) <= TOLD_CELLS:
        gains = [f"{interval(cell.gain(rival))}{_named(cell, names)}" for cell in cells]
        return [f"the gain {in_metric} is {listed(gains)}."]
    ordered = sorted(_defined(cells), key=lambda cell: cell.gain(rival)[0])
    if not ordered:
        return []
    ends = [
        f"{interval(cell.gain(rival))} ({cell_words(cell.factors, names)})"
        for cell in (ordered[0], ordered[-1])
    ]
    return [f"gains {in_metric} go from {ends[0]} to {ends[1]}."]


def delta_m(record: Record) -> list[str]:
    """Delta-m of the cells that have it, or of the two ends."""
    cells = [cell for cell in record.cells if (cell.content["delta_m"] or [None])[0] is not None]
    if not cells:
        return []
    ordered = sorted(cells, key=lambda cell: cell.content["delta_m"][0])
    few, names = len(cells) <= TOLD_CELLS, record.varying()
    told = cells if few else [ordered[0], ordered[-1]]
    changes = [
        f"{signed_percent(mean)} \\[{signed_percent(low)},~{signed_percent(high)}\\]"
        f"{_named(cell, names)}"
        for cell, (mean, low, high) in ((cell, cell.content["delta_m"]) for cell in told)
    ]
    joined = listed(changes) if few else f"between {listed(changes)}"
    return [f"over all tasks of the set, the mean relative change is {joined}."]


def rival_words(rival: str) -> str:
    """A rival with its article."""
    articles = {
        "single task": "the",
        "auxiliary weights 0": "the arm with",
        "permuted auxiliaries": "the arm with",
        "sum of losses": "the",
        "permuted target": "the net with the",
    }
    return f"{articles.get(rival, '')} {rival}".strip()


def _named(cell: CellRecord, names: Sequence[str]) -> str:
    words = cell_words(cell.factors, names)
    return f" ({words})" if words else ""


def _defined(cells: Sequence[CellRecord]) -> list[CellRecord]:
    return [cell for cell in cells if cell.gain(cell.first_rival)[0] is not None]


def naive_claims(cells: Sequence[CellRecord]) -> list[str]:
    """How many cells a comparison with the single task alone would have called a benefit."""
    judged = [c for c in cells if "single task" in c.rivals and set(c.rivals) & set(CONTROL_ARMS)]
    claimed = [c for c in judged if (c.gain("single task")[1] or 0) > 0]
    if not judged:
        return []
    if not claimed:
        return ["even against the single task alone, no interval lies above 0."]
    confirmed = sum(cell.verdict == "benefit" for cell in claimed)
    by_rule = count(confirmed) if confirmed < len(claimed) else "all" if confirmed > 1 else "it"
    by_rule = by_rule if confirmed else "none"
    return [
        f"against the single task alone, the interval lies above 0 in {count(len(claimed))} of "
        f"{plural(len(judged), 'cell')}; the whole rule confirms {by_rule}."
    ]


def beside_linear(cells: Sequence[CellRecord]) -> str:
    """In how many cells the linear model scores higher than the arm."""
    losing = sum(cell.found["loses_to_linear"] for cell in cells)
    if not losing:
        return "the net scores higher than the linear model in every cell."
    if losing == len(cells):
        return "the linear model scores higher than the net in every cell."
    return f"the linear model scores higher than the net in {losing} of {len(cells)} cells."


def answer(record: Record) -> str:
    """The study's question answered as far as its verdicts go."""
    subject = SUBJECTS[record.study]
    cells, names = record.cells, record.varying()
    by_verdict: dict[str, list[CellRecord]] = {}
    for cell in cells:
        by_verdict.setdefault(cell.verdict, []).append(cell)
    helped, harmed = by_verdict.get("benefit", []), by_verdict.get("harm", [])
    immaterial = by_verdict.get("no material difference", [])
    if not helped and not harmed:
        if len(immaterial) == len(cells):
            return f"so {subject} makes no difference that matters here."
        if immaterial:
            return (
                f"so {subject} is neither shown to help nor to harm here; in "
                f"{plural(len(immaterial), 'cell')} a difference that matters is ruled out."
            )
        return f"so it stays open whether {subject} helps here: nothing is established."
    told = []
    for verb, those in (("helps", helped), ("harms", harmed)):
        if len(those) == len(cells):
            where = "in every cell" if len(cells) > 1 else ""
            told.append(f"{verb} here {where}".strip())
        elif those:
            told.append(f"{verb} {_few(those, names)}")
    rest = len(cells) - len(helped) - len(harmed)
    others = "; of the rest nothing is established" if rest > len(immaterial) else ""
    return f"so {subject} {listed(told)}{others}."


def _few(cells: Sequence[CellRecord], names: Sequence[str]) -> str:
    """The cells by name, or how many they are."""
    if len(cells) > TOLD_CELLS:
        return f"in {count(len(cells))} cells"
    return f"with {listed([named_cell(cell.factors, names) for cell in cells])}"


def by_factor(cells: Sequence[CellRecord], name: str) -> dict[object, list[CellRecord]]:
    """The cells by the value of one factor, in the order in which the values come."""
    groups: dict[object, list[CellRecord]] = {}
    for cell in cells:
        groups.setdefault(cell.factors.get(name), []).append(cell)
    return groups


def mean_gain(cells: Sequence[CellRecord]) -> float | None:
    """Mean over cells of the gain over their first rival."""
    gains = [cell.gain(cell.first_rival)[0] for cell in _defined(cells)]
    return sum(gains) / len(gains) if gains else None


def rank_correlation(cells: Sequence[CellRecord], of: Callable[[CellRecord], float]):
    """Spearman's correlation of something with the gain; None where it is not defined."""
    from scipy import stats

    cells = _defined(cells)
    values = [of(cell) for cell in cells]
    gains = [cell.gain(cell.first_rival)[0] for cell in cells]
    if len(set(values)) < 2 or len(set(gains)) < 2:
        return None
    return float(stats.spearmanr(values, gains).statistic)


def _coupling(record: Record) -> list[str]:
    groups = by_factor(record.cells, "coupling")
    if len(groups) < 2:
        return []
    told = [
        f"with the {factor_words('coupling', coupling)} {counted_verdicts(cells)} "
        f"(mean gain {number(mean_gain(cells), signed=True)})"
        for coupling, cells in groups.items()
    ]
    note = (
        "Cells are judged against their rivals and not the task sets against each other, so how "
        "the two compare is description."
    )
    return [f"{'; '.join(told)}.", note]


def _training_size(record: Record) -> list[str]:
    told, groups = [], by_factor(record.cells, "songs")
    for verdict in ("benefit", "harm"):
        sizes = [size for size, cells in groups.items() if any(c.verdict == verdict for c in cells)]
        if sizes:
            told.append(
                f"{verdict_word(verdict)} is found at {listed([count(s) for s in sizes])} songs."
            )
    correlation = rank_correlation(record.cells, lambda cell: cell.factors["songs"])
    if correlation is not None:
        told.append(
            f"gain and training size have a rank correlation of {number(correlation, 2, True)} "
            f"over the {len(record.cells)} cells."
        )
    return told


def _sharing_degree(record: Record) -> list[str]:
    told = []
    for widths, cells in by_factor(record.cells, "widths").items():
        for coupling, of_set in by_factor(cells, "coupling").items():
            correlation = rank_correlation(of_set, lambda c: c.factors["pattern"].count("S"))
            best = max(_defined(of_set), key=lambda c: c.gain(c.first_rival)[0], default=None)
            if correlation is None or best is None:
                continue
            told.append(
                f"{factor_words('coupling', coupling)}, {factor_words('widths', widths)}: "
                f"{number(correlation, 2, True)}, largest gain with "
                f"{factor_words('pattern', best.factors['pattern'])}"
            )
    if not told:
        return []
    return [
        f"number of shared layers and gain have these rank correlations: {'; '.join(told)}.",
        *_coupling(record)[:1],
    ]


def _auxiliary_size(record: Record) -> list[str]:
    told = [
        f"{factor_words('songs', size)} with the target's label: {counted_verdicts(cells)} "
        f"(mean gain {number(mean_gain(cells), signed=True)})"
        for size, cells in by_factor(record.cells, "songs").items()
    ]
    return [f"{'; '.join(told)}.", *_coupling(record)[:1]]


def _stopping(record: Record) -> list[str]:
    others = [name for name in record.varying() if name != "stopped by"]
    groups: dict[tuple, set[str]] = {}
    for cell in record.cells:
        key = tuple(cell.factors[name] for name in others)
        groups.setdefault(key, set()).add(cell.verdict)
    flips = sum(len(verdicts) > 1 for verdicts in groups.values())
    if not flips:
        return ["the verdict is the same whichever metric stops the training."]
    return [f"the verdict depends on the stopping metric in {flips} of {len(groups)} comparisons."]


PARTICULARS: dict[str, Callable[[Record], list[str]]] = {
    "coupling": _coupling,
    "training_size": _training_size,
    "sharing_degree": _sharing_degree,
    "auxiliary_size": _auxiliary_size,
    "alternating": _coupling,
    "stopping": _stopping,
}


def established(evidence: Evidence, kind: str) -> list[str]:
    """The answers on one kind of data, of studies that claim a benefit, a harm or no difference."""
    return [
        _conclusion(record)
        for record in _studies(evidence, kind)
        if any(cell.verdict != "no evidence" for cell in record.cells)
    ]


def not_established(evidence: Evidence, kind: str) -> list[str]:
    """The same, of studies in which no cell has a verdict."""
    return [
        _conclusion(record)
        for record in _studies(evidence, kind)
        if all(cell.verdict == "no evidence" for cell in record.cells)
    ]


def _conclusion(record: Record) -> str:
    """The answer with its study."""
    told = answer(record).removeprefix("so ").removesuffix(".")
    target = record.on_kind.removeprefix(KINDS[record.kind])
    return f"{sentence(told)}{target} (`{record.study}`)."


def _studies(evidence: Evidence, kind: str) -> list[Record]:
    return [r for r in evidence.records if r.kind == kind and r.study != "controls"]


def all_cells(evidence: Evidence) -> list[CellRecord]:
    """Every cell of every study but the controls."""
    return [cell for r in evidence.records if r.study != "controls" for cell in r.cells]


def kinds_of(evidence: Evidence) -> list[str]:
    """Kinds of data that studies were run on."""
    return [kind for kind in KINDS if any(record.kind == kind for record in evidence.records)]


def beside_constant(cells: Sequence[CellRecord], lower_is_better: bool) -> int:
    """Cells whose arm scores no better than the constant predictor."""
    sign = -1 if lower_is_better else 1
    return sum(sign * ((c.score("arm")[0] or 0) - c.found["constant"]) <= 0 for c in cells)


def linear_margin(cell: CellRecord) -> float:
    """Score of the arm minus that of the linear model."""
    return cell.score("arm")[0] - cell.score(LINEAR)[0]
