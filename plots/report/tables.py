"""The report's tables as rows of Typst markup, filled from records."""

from collections.abc import Mapping, Sequence

from representation_music.plots.report.particulars import by_factor
from representation_music.plots.report.records import CellRecord, Evidence, Record
from representation_music.plots.report.words import (
    DASH,
    cell_words,
    count,
    escaped,
    factor_words,
    interval,
    metric_words,
    number,
    p_value,
    percent,
    sentence,
    verdict_word,
)
from representation_music.plots.studies.results import LINEAR
from representation_music.plots.studies.words import FEW_SEEDS, LARGE_P, doubt, listed

#: Cells of more than so many are shown as a grid of gains.
LONGEST_TABLE = 12
#: Marks of verdicts behind a gain, where a word has no room.
MARKS = {"benefit": "▲", "harm": "▼", "no material difference": "≈", "no evidence": ""}
#: What heads of columns call what has a longer name elsewhere.
SHORT = {
    "auxiliary weights 0": "weights 0",
    "permuted auxiliaries": "permuted",
    "low-level sharing": "low",
    "high-level sharing": "high",
    "interspersed sharing": "inter.",
    "tight task set": "tight",
    "loose task set": "loose",
    "full widths": "full",
    "matched widths": "matched",
}
#: Columns of a grid, by study: rows are made by the first factor, columns by the others.
GRID_ROWS = {"training_size": "songs", "sharing_degree": "pattern", "stopping": "stopped by"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str, label: str) -> dict:
    """A table as `report.typ` sets it: the first column on the left, the others right.

    Args:
        head: A cell a column.
        rows: Cells of markup.
        caption: What it shows, on which data.
        label: What the text refers to it by.
    """
    return {"head": list(head), "rows": [list(row) for row in rows]} | {
        "caption": caption,
        "label": label,
    }


def cells_table(record: Record, label: str) -> dict:
    """Scores, the gain over every rival and the verdict, a row a cell."""
    cells, names = record.cells, record.varying()
    rivals = cells[0].rivals
    heads = ["cell", "net", "linear", "const.", *(f"against {SHORT.get(r, r)}" for r in rivals)]
    rows = [
        [
            sentence(cell_words(cell.factors, names)) or "the only cell",
            number(cell.score("arm")[0]),
            number(cell.score(LINEAR)[0]),
            number(cell.found["constant"]),
            *(interval(cell.gain(rival)) for rival in rivals),
            p_value(cell.found["p_holm"]),
            _verdict(record, cell),
        ]
        for cell in cells
    ]
    caption = (
        f"{_title(record)}: test {metric_words(record)} of {record.target} by the net in "
        "question, the linear model and the constant predictor; the net's gain, with its "
        f"{percent(1 - record.content['level'])} interval, over every rival; p-value after Holm's "
        f"correction; verdict. {_source(record, rows)}"
    )
    return table([*heads, "p", "verdict"], rows, caption, label) | {"wide": True}


def _verdict(record: Record, cell: CellRecord) -> str:
    """The verdict, and in brackets why an interval that excludes 0 is no evidence."""
    level = record.content["level"]
    reason = doubt(cell.content, record.metric, level)
    names = SHORT | {LARGE_P: f"p > {number(level, 2)}", FEW_SEEDS: "few seeds"}
    why = f" ({names.get(reason, reason)})" if reason else ""
    return f"{verdict_word(cell.verdict)}{why}"


def _source(record: Record, rows: Sequence[Sequence[str]]) -> str:
    """Data and seeds, for a caption; and what brackets behind a verdict mean, if there are any."""
    data = f"{sentence(record.data)}, {record.content['seeds']} seeds."
    if not any(cell.endswith(")") for row in rows for cell in row if "no evidence" in cell):
        return data
    return (
        f"{data} In brackets: what keeps an interval that excludes 0 from being evidence, p or the "
        "rival over which it does not."
    )


def _title(record: Record) -> str:
    return f"Study `{record.study}`"


def grid_table(record: Record, label: str) -> dict:
    """Gain over the single task with a verdict's mark: a row a size (pattern), columns the rest."""
    row_factor = GRID_ROWS[record.study]
    others = [name for name in record.varying() if name != row_factor]
    columns = list(dict.fromkeys(tuple(c.factors.get(n) for n in others) for c in record.cells))
    heads = [_column(others, values) for values in columns]
    rows = []
    for value, cells in by_factor(record.cells, row_factor).items():
        by_column = {tuple(c.factors.get(n) for n in others): c for c in cells}
        gains = [_marked(by_column.get(column)) for column in columns]
        name = count(value) if row_factor == "songs" else factor_words(row_factor, value)
        rows.append([name, *gains])
    marks = listed([f"{mark} {verdict_word(v)}" for v, mark in MARKS.items() if mark])
    caption = (
        f"{_title(record)}: gain in test {metric_words(record)} of {record.target} over the single "
        f"task. {marks}, by the whole rule; unmarked: {verdict_word('no evidence')}. "
        f"{sentence(record.data)}, {record.content['seeds']} seeds."
    )
    return table([row_factor, *heads], rows, caption, label) | {"wide": False}


def _column(names: Sequence[str], values: Sequence) -> str:
    words = [factor_words(n, v) for n, v in zip(names, values, strict=True) if v is not None]
    return ", ".join(SHORT.get(word, word) for word in words)


def _marked(cell: CellRecord | None) -> str:
    if cell is None:
        return DASH
    return f"{number(cell.gain(cell.first_rival)[0], signed=True)}{MARKS[cell.verdict]}"


def study_table(record: Record, label: str) -> dict:
    """The table that suits the number of cells."""
    if record.study in GRID_ROWS and len(record.cells) > LONGEST_TABLE:
        return grid_table(record, label)
    return cells_table(record, label)


def data_table(description: Mapping, label: str) -> dict:
    """Coverage and base rates of a songs file, a row a task."""
    rows = []
    for task in description["tasks"]:
        parts = task["parts"]
        train, test = parts["train"], parts["test"]
        rows.append(
            [
                escaped(task["name"]) + (f" ({task['unit']})" if task["unit"] else ""),
                *(count(parts[part]["songs"]) for part in ("train", "validation", "test")),
                percent(train["coverage"]),
                _rate(task, train),
                _rate(task, test),
            ]
        )
    heads = ["task", "train", "valid.", "test", "covered", "rate, train", "rate, test"]
    caption = (
        f"Songs that carry each label, by part of the split by {escaped(description['split'])}; "
        "share of training songs that carry it; share of positives, or of the commonest class, or "
        f"mean (standard deviation). {sentence(description['source'])}."
    )
    return table(heads, rows, caption, label) | {"wide": False}


def _rate(task: Mapping, part: Mapping) -> str:
    if not part["songs"]:
        return DASH
    if task["kind"] == "regression":
        return f"{number(part['mean'], 1)} ({number(part['sd'], 1)})"
    return percent(part["base_rate"], 1)


def controls_table(record: Record, label: str) -> dict:
    """PASS or FAIL of every control, with what it found; the null control in one row."""
    rows = []
    judged = [cell for cell in record.cells if not cell.content["judged_alone"]]
    for cell in judged:
        rival = cell.first_rival
        names = [name for name in cell.factors if name != "control"]
        rows.append(
            [
                f"{sentence(cell.factors['control'])}: {cell_words(cell.factors, names)}",
                interval(cell.gain(rival)),
                _least_control(cell),
                p_value(cell.found["p_holm"]),
                _verdict(record, cell),
                _expected(cell.content["expected"]),
                _pass(cell.content["passes"]),
            ]
        )
    if meetings := [cell for cell in record.cells if cell.content["judged_alone"]]:
        rows.append(_null_row(record, meetings))
    caption = (
        f"{_title(record)}: gain in test {metric_words(record)} over the single task (or the one "
        "rival that a control has), the least gain over a control arm, p-value after Holm's "
        f"correction, verdict, what had to come out, and whether it did. {_source(record, rows)}"
    )
    heads = ["control", "gain", "least over control arms", "p", "verdict", "expected", ""]
    return table(heads, rows, caption, label) | {"wide": True}


def _expected(verdicts: Sequence[str]) -> str:
    if set(verdicts) == {"no evidence", "no material difference"}:
        return "no claim"
    return " or ".join(verdicts) or "open"


def _least_control(cell: CellRecord) -> str:
    gains = [cell.gain(rival) for rival in cell.rivals if rival != cell.first_rival]
    gains = [gain for gain in gains if gain[0] is not None]
    return interval(min(gains)) if gains else DASH


def _null_row(record: Record, meetings: Sequence[CellRecord]) -> list[str]:
    claims = sum(not cell.content["passes"] for cell in meetings)
    level = record.content["level"]
    return [
        f"Null: an arm against itself, {count(len(meetings))} times",
        DASH,
        DASH,
        DASH,
        f"{claims} claimed",
        f"at most {percent(level)} claims",
        _pass(claims <= level * len(meetings)),
    ]


def _pass(passes: bool | None) -> str:
    return {True: "*PASS*", False: "*FAIL*", None: ""}[passes]


def runs_table(evidence: Evidence, label: str) -> dict:
    """What each study took: cells, runs, training songs, parameters and time."""
    rows = []
    for record in evidence.records:
        nets = [run for run in record.content["runs"].values() if run["seconds"] is not None]
        sizes = sorted({run["training_songs"] for run in nets})
        parameters = sorted({run["parameters"] for run in nets})
        rows.append(
            [
                f"`{record.study}`, {record.kind}",
                count(len(record.cells)),
                count(len(nets)),
                _range([count(size) for size in sizes]),
                _range([f"{number(p / 1e6, 1)}" for p in parameters]),
                number(sum(run["seconds"] for run in nets) / 3600, 1),
            ]
        )
    caption = (
        "What the studies took: cells, trained nets, training songs of a net, parameters in "
        "millions, and the hours of all trainings together, as the runs' records tell them."
    )
    heads = ["study, data", "cells", "nets", "songs", "parameters", "hours"]
    return table(heads, rows, caption, label) | {"wide": False}


def _range(values: Sequence[str]) -> str:
    return values[0] if values[0] == values[-1] else f"{values[0]}{DASH}{values[-1]}"


def commands(evidence: Evidence) -> list[dict]:
    """Every study with the command that ran it."""
    return [
        {"name": f"{r.study}, {r.data}", "command": r.content["command"]} for r in evidence.records
    ]
