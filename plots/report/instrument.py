"""What the controls say of the instrument, and how the flat line of 2016 is redrawn with them."""

from collections.abc import Mapping, Sequence

from representation_music.plots.report.figures import FLAT_LINE
from representation_music.plots.report.findings import beside_linear, doubts, how_run, naive_claims
from representation_music.plots.report.records import CellRecord, Evidence, Record, with_gain
from representation_music.plots.report.tables import controls_table
from representation_music.plots.report.words import (
    cell_words,
    code,
    count,
    counted_verdicts,
    interval,
    number,
    sentence,
    verdict_word,
)
from representation_music.plots.studies.words import METRIC_NAMES, doubt_words, listed


def certificate(record: Record) -> str:
    """How many controls pass, the null control as one."""
    checks = [check["passes"] for check in record.content["controls"]]
    if all(checks):
        return f"all {count(len(checks))} controls of the instrument pass"
    failed = checks.count(False)
    verb = "fails" if failed == 1 else "fail"
    return f"{failed} of the {count(len(checks))} controls of the instrument {verb}"


def controls(evidence: Evidence, figures: Sequence[list[dict]]) -> dict:
    """Sentences, figures and the table of the controls, or how to run them."""
    records = evidence.of("controls")
    if not records:
        command = code("repmusic study controls")
        return {"not_run": f"The controls were not run here; {command} runs them.", "records": []}
    told = []
    for index, record in enumerate(records):
        label = f"tab-controls-{index + 1}"
        shown = [f for f in (figures[index] if figures else []) if not _is_flat_line(f)]
        places = [f"@{label}", *(f"@{figure['label']}" for figure in shown)]
        sentences = _controls_found(record, ", ".join(places))
        text = " ".join(sentence(each) for each in sentences)
        told.append({"text": text, "figures": shown, "table": controls_table(record, label)})
    return {"not_run": None, "records": told}


def _controls_found(record: Record, places: str) -> list[str]:
    cells = record.cells
    told = [f"*on {record.on_data}*, {certificate(record)} ({places}).", how_run(record.content)]
    positive = [cell for cell in cells if cell.content["expected"] == ["benefit"]]
    related = [cell for cell in positive if cell.factors["control"] == "related"]
    if with_gain(related):
        least = min(with_gain(related), key=lambda cell: cell.gain(cell.first_rival)[0])
        told.append(
            "where auxiliaries are closely related to the target, a benefit has to be found; the "
            f"verdict is {counted_verdicts(related)}, the least gain over the single task being "
            f"{interval(least.gain(least.first_rival))}."
        )
    unrelated = [c for c in cells if c.factors["control"] == "unrelated" and c.content["expected"]]
    if unrelated:
        told.append(
            "where they have neither correlation nor theme in common with it, none may be; the "
            f"verdict is {counted_verdicts(unrelated)}, with gains over the single task of "
            f"{listed([interval(cell.gain(cell.first_rival)) for cell in unrelated])}."
        )
    between = [c for c in cells if c.factors["control"] == "unrelated" and c not in unrelated]
    if between:
        gains = listed([interval(cell.gain(cell.first_rival)) for cell in between])
        told.append(
            "auxiliaries whose labels do not correlate with the target's but which read the same "
            f"themes come out as {counted_verdicts(between)} ({gains})."
        )
        if any(cell.verdict == "benefit" for cell in between):
            told.append("labels that do not correlate can share a representation all the same.")
    permuted = [c for c in cells if c.factors["control"] == "permuted auxiliaries"]
    if permuted:
        told.append(f"permuted auxiliaries come out as {counted_verdicts(permuted)}.")
    told += [*_failed(cells, record), *doubts(record), *naive_claims(cells)]
    told.append(beside_linear([c for c in cells if not c.content["judged_alone"]]))
    return told


def _failed(cells: Sequence[CellRecord], record: Record) -> list[str]:
    """The controls that fail, with what they found; the null control is told by its row."""
    failed = [c for c in cells if c.content["passes"] is False and not c.content["judged_alone"]]
    names = [name for name in record.varying() if name != "meeting"]
    told = []
    for cell in failed:
        why = doubt_words(cell.content, record.metric, record.content["level"])
        told.append(
            f"{cell_words(cell.factors, names)}: {verdict_word(cell.verdict)}"
            f"{f' ({why})' if why else ''} in place of {' or '.join(cell.content['expected'])}"
        )
    return [f"what fails: {'; '.join(told)}."] if told else []


def _is_flat_line(figure: Mapping) -> bool:
    return figure["label"].startswith(f"fig-{FLAT_LINE}")


def old(evidence: Evidence, figures: Sequence[list[dict]]) -> dict:
    """The flat line under permuted labels, and the base rate of the sample here."""
    told, shown = [], [f for of_record in figures for f in of_record if _is_flat_line(f)]
    for record in evidence.of("controls"):
        flat = [
            CellRecord(cell, "error")
            for cell in record.content["cells"]
            if cell["factors"]["control"] == "permuted target" and "error" in cell["metrics"]
        ]
        if flat:
            told.append(_flat_line(record, flat))
    for record in evidence.of("benefit"):
        if record.kind != "synthetic" and "error" in record.content["metrics"]:
            constant = record.content["cells"][0]["metrics"]["error"]["constant"]
            told.append(
                f"On {record.on_data} the constant predictor's {METRIC_NAMES['error']} on "
                f"{record.target} is {number(constant)} in the test split."
            )
    told += [f"@{figure['label']} shows the lines." for figure in shown]
    return {"text": told, "figures": shown}


def _flat_line(record: Record, flat: Sequence[CellRecord]) -> str:
    sizes = listed([count(cell.factors["songs"]) for cell in flat])
    aligned = listed([number(cell.score("arm")[0]) for cell in flat])
    permuted = listed([number(cell.score("permuted target")[0]) for cell in flat])
    constant = listed(list(dict.fromkeys(number(cell.found["constant"]) for cell in flat)))
    judged = [c for c in record.cells if c.factors["control"] == "permuted target"]
    return (
        f"On {record.on_data}, a single-task net trained on {sizes} songs has a test "
        f"{METRIC_NAMES['error']} of {aligned} with labels as they are, and of {permuted} with "
        "labels permuted among songs, "
        f"where the constant predictor has {constant}; the instrument's verdict on the former "
        f"against the latter is {counted_verdicts(judged)}."
    )
