"""What may be said of a study: sentences that its record alone decides."""

from collections.abc import Mapping, Sequence

from representation_music.plots.report.changes import gain_changes
from representation_music.plots.report.particulars import particulars
from representation_music.plots.report.records import (
    KINDS,
    CellRecord,
    Evidence,
    Record,
    with_gain,
)
from representation_music.plots.report.words import (
    cell_words,
    count,
    counted_verdicts,
    escaped,
    interval,
    metric_words,
    named_cell,
    percent,
    plural,
    sentence,
    signed_percent,
)
from representation_music.plots.studies.words import (
    CONTROL_ARMS,
    LARGE_P,
    cuts,
    doubt,
    doubt_words,
    hardly_learnt,
    listed,
    rival_words,
    rivals_told,
    unasked,
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
    "pairs": "learning one other task beside the target",
}
#: Up to so many cells are told one by one; of more, the ends.
TOLD_CELLS = 4


def findings(record: Record) -> list[str]:
    """Sentences on one record of a study other than `controls`."""
    told = [
        f"{counted(record)}.",
        how_run(record.content),
        *gains_of_cells(record),
        *doubts(record),
        *delta_m(record),
        *particulars(record),
        *gain_changes(record),
        *naive_claims(record.cells),
        *beside_constant(record),
        *_sentences(hardly_learnt(record.content)),
        beside_linear(record.cells),
        answer(record),
    ]
    if record.content["missing_cells"]:
        missing = plural(record.content["missing_cells"], "further cell")
        told.insert(2, f"{missing} had runs missing when this was written.")
    return [sentence(each) for each in told if each]


def counted(record: Record) -> str:
    """Data, seeds and how often each verdict came out."""
    judged = [cell for cell in record.cells if not cell.content["judged_alone"]]
    seeds = plural(record.content["seeds"], "seed")
    return f"*On {record.on_data}*, {seeds} an arm: {counted_verdicts(judged)}"


def how_run(results: Mapping) -> str:
    """The rivals of a study, and how it was cut."""
    told = cuts(results)
    cut = f" The study was cut: {'; '.join(told)}." if told else ""
    return escaped(f"{rivals_told(results)}{cut}".strip())


def doubts(record: Record) -> list[str]:
    """Why cells have no evidence though an interval excludes 0."""
    level, names = record.content["level"], record.varying()
    judged = [cell for cell in record.cells if not cell.content["judged_alone"]]
    found = {id(cell): doubt(cell.content, record.metric, level) for cell in judged}
    doubted = [cell for cell in judged if found[id(cell)]]
    if not doubted:
        return []
    if len(doubted) <= TOLD_CELLS:
        reasons = [
            f"{doubt_words(cell.content, record.metric, level)}{_named(cell, names)}"
            for cell in doubted
        ]
    else:
        large = sum(found[id(cell)] == LARGE_P for cell in doubted)
        p = f"p is above {percent(level)} after Holm's correction in {count(large)}"
        others = count(len(doubted) - large)
        rest = f"the interval over another rival does not lie on that side in {others}"
        reasons = [p] * (large > 0) + [rest] * (large < len(doubted))
    where = f"in {plural(len(doubted), 'cell')} an interval excludes 0"
    return [f"{where}, and yet there is no evidence: {'; '.join(reasons)}."]


def gains_of_cells(record: Record) -> list[str]:
    """Gains with intervals: of every cell if they are few, or else of the two ends."""
    cells, names = record.cells, record.varying()
    rival = cells[0].first_rival
    in_metric = f"in test {metric_words(record)} of {record.target} over {rival_words(rival)}"
    if len(cells) <= TOLD_CELLS:
        gains = [f"{interval(cell.gain(rival))}{_named(cell, names)}" for cell in cells]
        return [f"the gain {in_metric} is {listed(gains)}."]
    ordered = sorted(with_gain(cells), key=lambda cell: cell.gain(rival)[0])
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
    return [
        "over all tasks of the set, the mean relative change, against each task alone on as many "
        f"songs with its label, is {joined}."
    ]


def _named(cell: CellRecord, names: Sequence[str]) -> str:
    words = cell_words(cell.factors, names)
    return f" ({words})" if words else ""


def naive_claims(cells: Sequence[CellRecord]) -> list[str]:
    """How many cells a comparison with the single task alone would have called a benefit."""
    control_arms = set(CONTROL_ARMS.values())
    judged = [c for c in cells if "single task" in c.rivals and control_arms & set(c.rivals)]
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


def _sentences(told: str) -> list[str]:
    return [f"{escaped(told)}."] if told else []


def beside_constant(record: Record) -> list[str]:
    """In how many cells the net is not shown to predict at all."""
    constant = [cell.found["constant"] for cell in record.cells]
    ends = [cell.score("arm")[1:] for cell in record.cells]
    if record.content["metrics"][record.metric]["better"] == "higher":
        unsure = [c for c, (low, _) in zip(constant, ends, strict=True) if low is None or low <= c]
    else:
        unsure = [
            c for c, (_, high) in zip(constant, ends, strict=True) if high is None or high >= c
        ]
    if not unsure:
        return []
    return [
        f"in {count(len(unsure))} of {plural(len(constant), 'cell')} the net is not shown to beat "
        "the constant predictor."
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
    if why := unasked(record.content):
        return f"so the question stays open, for {why}."
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


def established(evidence: Evidence, kind: str) -> list[str]:
    """The answers on one kind of data, of studies that claim a benefit, a harm or no difference."""
    return [_conclusion(r) for r in _studies(evidence, kind) if _claims(r)]


def not_established(evidence: Evidence, kind: str) -> list[str]:
    """The same, of studies in which no cell has a verdict, or which have nothing to compare."""
    return [_conclusion(r) for r in _studies(evidence, kind) if not _claims(r)]


def _claims(record: Record) -> bool:
    verdicts = {cell.verdict for cell in record.cells}
    return verdicts != {"no evidence"} and not unasked(record.content)


def _conclusion(record: Record) -> str:
    """The answer with its study."""
    told = answer(record).removeprefix("so ").removesuffix(".")
    target = record.on_kind.removeprefix(KINDS[record.kind])
    return f"{sentence(told)}{target} (`{record.study}`)."


def _studies(evidence: Evidence, kind: str) -> list[Record]:
    return [r for r in evidence.records if r.kind == kind and r.study != "controls"]


def all_cells(evidence: Evidence, kind: str) -> list[CellRecord]:
    """Every cell of every study but the controls on one kind of data."""
    return [cell for record in _studies(evidence, kind) for cell in record.cells]


def kinds_of(evidence: Evidence) -> list[str]:
    """Kinds of data that studies were run on."""
    return [kind for kind in KINDS if any(record.kind == kind for record in evidence.records)]
