"""All that `report.typ` reads: every number, verdict and sentence that depends on the records."""

from collections.abc import Mapping, Sequence

from representation_music.plots.report.findings import (
    all_cells,
    beside_linear,
    counted_verdicts,
    established,
    findings,
    kinds_of,
    naive_claims,
    not_established,
)
from representation_music.plots.report.instrument import certificate, controls, old
from representation_music.plots.report.records import (
    KINDS,
    TOLD,
    Evidence,
)
from representation_music.plots.report.related_tasks import related_tasks
from representation_music.plots.report.tables import (
    commands,
    data_table,
    runs_table,
    study_table,
)
from representation_music.plots.report.training import (
    balanced_batches,
    task_sets_told,
    training_table,
    training_told,
)
from representation_music.plots.report.words import (
    code,
    count,
    escaped,
    number,
    percent,
    plural,
    sentence,
)
from representation_music.plots.studies.words import listed, unasked
from representation_music.utils.statistics.comparisons import FEWEST_SEEDS

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
        "training": {
            "told": training_told(evidence),
            "task_sets": task_sets_told(evidence),
            "balanced": balanced_batches(evidence),
            "table": training_table(evidence, "tab-training"),
        },
        "rule": _rule(evidence),
        "studies": {
            study: _study(evidence, study, figures.get(study, []))
            for study in TOLD
            if study != "controls"
        },
        "related": related_tasks(evidence.relatedness, evidence.against_gain),
        "controls": controls(evidence, figures.get("controls", [])),
        "old": old(evidence, figures.get("controls", [])),
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
            why = f" (open, for {unasked(record.content)})" if unasked(record.content) else ""
            found.append(f"{counted_verdicts(judged)} on {record.on_kind}{why}")
        if found:
            told.append(f"{question} {sentence('; '.join(found))}.")
    for kind in kinds_of(evidence):
        if cells := all_cells(evidence, kind):
            told.append(f"On {KINDS[kind]}, {beside_linear(cells)}")
    told += [sentence(f"{certificate(record)}.") for record in evidence.of("controls")]
    return told


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
                f"{count(description['words'])}. {_shared_artists(shared)} @{label} says "
                "which labels the songs carry.",
                "table": data_table(description, label),
            }
        )
    return told


def _shared_artists(artists: int) -> str:
    if not artists:
        return "No known artist stands in more than one part."
    verb = "stands" if artists == 1 else "stand"
    return f"{plural(artists, 'artist')} {verb} in more than one part."


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
        told_in_table = study in WITH_TABLE or not shown
        in_table = study_table(record, label) if told_in_table else None
        places = [f"@{figure['label']}" for figure in shown]
        places += [f"@{label}"] if in_table else []
        sentences = findings(record)
        if places:
            sentences[0] = f"{sentences[0][:-1]} ({', '.join(places)})."
        told.append({"text": " ".join(sentences), "figures": shown, "table": in_table})
    return {"not_run": None, "records": told}


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
