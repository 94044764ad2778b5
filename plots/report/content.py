"""All that `report.typ` reads: every number, verdict and sentence that depends on the records."""

from collections.abc import Mapping, Sequence

from representation_music.plots.report.figures import FLAT_LINE
from representation_music.plots.report.findings import (
    all_cells,
    beside_linear,
    counted_verdicts,
    doubts,
    established,
    findings,
    how_run,
    kinds_of,
    naive_claims,
    not_established,
)
from representation_music.plots.report.records import (
    KINDS,
    CellRecord,
    Evidence,
    Record,
    with_gain,
)
from representation_music.plots.report.related_tasks import related_tasks
from representation_music.plots.report.tables import (
    commands,
    controls_table,
    data_table,
    runs_table,
    study_table,
    training_table,
)
from representation_music.plots.report.words import (
    METRIC_NAMES,
    cell_words,
    code,
    count,
    escaped,
    interval,
    number,
    percent,
    plural,
    sentence,
    verdict_word,
)
from representation_music.plots.study_words import doubt_words, listed
from representation_music.utils.statistics import FEWEST_SEEDS
from representation_music.utils.studies import STUDIES

#: What the abstract calls the question of each study.
QUESTIONS = {
    "benefit": "Is multi-task learning beneficial?",
    "coupling": "Does coupling matter?",
    "training_size": "Does training size matter?",
    "sharing_degree": "Does the degree of sharing matter?",
    "auxiliary_size": "Do many auxiliary labels help?",
}
#: Studies whose table says more than text and figure do.
WITH_TABLE = {"benefit", "training_size", "stopping"}


def content_of(evidence: Evidence, figures: Mapping[str, list[list[dict]]]) -> dict:
    """The data file of the report.

    Args:
        evidence: Records and descriptions.
        figures: By study, for each of its records: what is told of its figures
            (`figures.Shown.told`).
    """
    return {
        "data": listed(list(dict.fromkeys(record.data for record in evidence.records))),
        "abstract": _abstract(evidence),
        "songs": _songs(evidence),
        "design": _design(evidence),
        "training": training_table(evidence, "tab-training"),
        "rule": _rule(evidence),
        "studies": {
            study: _study(evidence, study, figures.get(study, []))
            for study in STUDIES
            if study != "controls"
        },
        "related": related_tasks(evidence.relatedness, evidence.against_gain),
        "controls": _controls(evidence, figures.get("controls", [])),
        "old": _old(evidence, figures.get("controls", [])),
        "discussion": _discussion(evidence),
        "limits": _limits(evidence),
        "runs": runs_table(evidence, "tab-runs"),
        "commands": commands(evidence),
    }


def _abstract(evidence: Evidence) -> list[str]:
    told = []
    for study, question in QUESTIONS.items():
        found = []
        for record in evidence.of(study):
            judged = [cell for cell in record.cells if not cell.content["judged_alone"]]
            found.append(f"{counted_verdicts(judged)} on {record.on_kind}")
        if found:
            told.append(f"{question} {sentence('; '.join(found))}.")
    for kind in kinds_of(evidence):
        if cells := all_cells(evidence, kind):
            told.append(f"On {KINDS[kind]}, {beside_linear(cells)}")
    told += [sentence(f"{_certificate(record)}.") for record in evidence.of("controls")]
    return told


def _certificate(record: Record) -> str:
    """How many controls pass, the null control as one."""
    checks = checks_of(record)
    if all(checks):
        return f"all {count(len(checks))} controls of the instrument pass"
    failed = checks.count(False)
    verb = "fails" if failed == 1 else "fail"
    return f"{failed} of the {count(len(checks))} controls of the instrument {verb}"


def checks_of(record: Record) -> list[bool]:
    """Whether each control passes; the null control passes if it claims no more than its level."""
    cells = record.content["cells"]
    checks = [c["passes"] for c in cells if not c["judged_alone"] and c["passes"] is not None]
    if alone := [cell["passes"] for cell in cells if cell["judged_alone"]]:
        checks.append(alone.count(False) <= record.content["level"] * len(alone))
    return checks


def _songs(evidence: Evidence) -> list[dict]:
    """What is said of each songs file that is described, with its table."""
    told = []
    for index, description in enumerate(evidence.descriptions, 1):
        label = f"tab-data-{index}"
        split = description["splits"][description["split"]]
        parts = listed([count(split[part]) for part in ("train", "validation", "test")])
        words = description["distinct_words"]["parts"]["all"]
        unknown = description["songs_without_artist"]
        known = f"{plural(description['artists'], 'known artist')}"
        if unknown:
            known += f" ({plural(unknown, 'song')} without one, each split as its own)"
        shared = description["splits"][description["split"]]["shared_artists"]
        told.append(
            {
                "text": f"*{sentence(description['source'])}*: {known}; "
                f"{parts} songs for training, validation and test; "
                f"{number(words['mean'], 1)} distinct words a song on average (5th and 95th "
                f"percentile {count(round(words['p5']))} and {count(round(words['p95']))}) of "
                f"{count(description['words'])}. {plural(shared, 'artist')} "
                f"{'stands' if shared == 1 else 'stand'} in more than one part. @{label} says "
                "which labels the songs carry.",
                "table": data_table(description, label),
            }
        )
    return told


def _design(evidence: Evidence) -> dict:
    """The nets, as the runs' configs have them."""
    configs = [r.config_of(cell) for r in evidence.records for cell in r.cells]
    full = next((c for c in configs if c["training_size"]), configs[0])
    largest = max(configs, key=lambda config: sum(config["widths"]))
    return {
        "layers": count(len(largest["widths"])),
        "widths": "-".join(str(units) for units in largest["widths"]),
        "split": escaped(full["split"]),
        "tight": _task_set(evidence, "tight"),
        "loose": _task_set(evidence, "loose"),
    }


def _task_set(evidence: Evidence, coupling: str) -> str:
    """The tasks of a task set, as the cells of that coupling have them."""
    found = dict.fromkeys(
        tuple(record.config_of(cell)["tasks"])
        for record in evidence.records
        for cell in record.cells
        if cell.factors.get("coupling") == coupling
    )
    return listed([f"{{{', '.join(map(escaped, tasks))}}}" for tasks in found], "or")


def _rule(evidence: Evidence) -> dict:
    """The constants of the verdict rule, as the records have them."""
    contents = [record.content for record in evidence.records]

    def said(values) -> str:
        return listed(list(dict.fromkeys(values)), "or")

    resamples = [c["resamples"] for c in contents]
    margins = [c["metrics"][c["metric"]]["margin"] for c in contents]
    return {
        "level": said(percent(c["level"]) for c in contents),
        "coverage": said(percent(1 - c["level"]) for c in contents),
        "resamples": " to ".join(count(n) for n in sorted({min(resamples), max(resamples)})),
        "margin": said(number(margin, 2) for margin in margins),
        "seeds": said(count(c["seeds"]) for c in contents),
        "fewest": count(FEWEST_SEEDS),
    }


def _study(evidence: Evidence, study: str, figures: Sequence[list[dict]]) -> dict:
    """Sentences, figures and tables of a study, or how to run it."""
    records = evidence.of(study)
    if not records:
        command = code(f"repmusic study {study} --dataset songs.h5")
        return {"not_run": f"This study was not run here; {command} runs it.", "records": []}
    told = []
    for index, record in enumerate(records):
        shown = figures[index] if figures else []
        label = f"tab-{study}-{index + 1}"
        in_table = study_table(record, label) if study in WITH_TABLE else None
        places = [f"@{figure['label']}" for figure in shown]
        places += [f"@{label}"] if in_table else []
        sentences = findings(record)
        if places:
            sentences[0] = f"{sentences[0][:-1]} ({', '.join(places)})."
        told.append({"text": " ".join(sentences), "figures": shown, "table": in_table})
    return {"not_run": None, "records": told}


def _controls(evidence: Evidence, figures: Sequence[list[dict]]) -> dict:
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
    told = [f"*on {record.on_data}*, {_certificate(record)} ({places}).", how_run(record.content)]
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


def _old(evidence: Evidence, figures: Sequence[list[dict]]) -> dict:
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


def _limits(evidence: Evidence) -> list[str]:
    """How many labels of the targets there are in real songs."""
    targets = {record.target for record in evidence.records}
    return [
        f"Of the {escaped(description['source'])}, {count(task['parts']['train']['songs'])} "
        f"training songs and {count(task['parts']['test']['songs'])} test songs carry the label "
        f"{escaped(task['name'])}: there is no more to learn from, or to test on."
        for description in evidence.descriptions
        if description["kind"] != "synthetic"
        for task in description["tasks"]
        if task["name"] in targets
    ]


def _discussion(evidence: Evidence) -> dict:
    told = {"established": [], "open": [], "all": []}
    for kind in kinds_of(evidence):
        for name, answers in (
            ("established", established(evidence, kind)),
            ("open", not_established(evidence, kind)),
        ):
            if answers:
                what = {"established": "Established", "open": "Not established"}[name]
                told[name].append(f"*{what} on {KINDS[kind]}.* {' '.join(answers)}")
    cells = [cell for kind in kinds_of(evidence) for cell in all_cells(evidence, kind)]
    if cells:
        told["all"] = [
            sentence(each)
            for each in (
                f"over all {plural(len(cells), 'cell')} of the studies: {counted_verdicts(cells)}.",
                *naive_claims(cells),
                beside_linear(cells),
            )
        ]
    return told
