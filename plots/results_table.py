"""README's table of results, one row per study and data set, from the committed records alone."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from representation_music.plots.studies.results import (
    chosen_metric,
    earlier_studies,
    gain,
    load_results,
    rival_of_p,
    rivals_of,
    verdict,
)
from representation_music.utils.command_line import run_command
from representation_music.utils.decimals import p_value, short_decimal
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.records import read_json
from representation_music.utils.results_format import plain

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "plots" / "report" / "records"
BEGIN = "<!-- results: made by `python plots/results_table.py` from the records of studies -->\n"
END = "<!-- end of results -->\n"


def results_table(readme: Path = ROOT / "README.md", records: Path = RECORDS) -> int:
    """Write the table of results into README, between its two marks.

    Args:
        readme: The file.
        records: Folder of studies' compact records.
    """
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError(readme, "no place for the table", f"the lines {BEGIN!r} and {END!r}")
    write_text(readme, before + begin + table_of(records) + end + after)
    return 0


def table_of(records: Path) -> str:
    """The table in Markdown: question, data, answer with the gain it rests on, command."""
    studies = [load_results(path) for path in records.glob("*.json") if "cells" in read_json(path)]
    studies.sort(key=lambda results: (results["order"], results["data"]))
    rows = [
        "| question | data | answer (p after Holm's correction) | command |",
        "|---|---|---|---|",
    ]
    for results, earlier in zip(studies, earlier_studies(studies), strict=True):
        asked = f" ({results['asked']})" if results["asked"] else ""
        cells = (
            results["question"] + asked,
            "; ".join(results["data"]),
            answer(results) + _also_elsewhere(earlier),
        )
        rows.append(f"| {' | '.join(cells)} | `{results['command']}` |")
    return "\n".join(rows) + "\n"


def _also_elsewhere(earlier: Sequence[str]) -> str:
    """How many of a study's cells are those of studies above it in the table."""
    counts = Counter(filter(None, earlier))
    return "".join(
        f"; {n} of {len(earlier)} cells are those of {name}" for name, n in counts.items()
    )


def answer(results: dict) -> str:
    """A study's answer, and the gain of the cell that it rests on, and its further questions."""
    cell, metric = results["cells"][results["answer"]["cell"]], chosen_metric(results)
    rival = rivals_of([cell])[0]
    mean, low, high = gain(cell, metric, rival)
    ends = f"{short_decimal(low)} to {short_decimal(high)}"
    where = ", ".join(str(value) for value in cell["factors"].values())
    p = p_value(cell["metrics"][metric]["p_holm"], short_decimal)
    decisive = rival_of_p(cell, metric)
    over = f", p {p} over the {rival}"
    if decisive != rival:
        over = f" over the {rival}; p {p} over {decisive}, the hardest of its level"
    if plain(verdict(cell, metric)) == "benefit":
        unbeaten = [of for of in rivals_of([cell]) if gain(cell, metric, of)[1] <= 0]
        over += f"; not shown over {', '.join(unbeaten)}" if unbeaten else ""
    number = f"{short_decimal(mean, signed=True)} ({ends}){over}: {where}"
    answered = results["answer"]["text"] + _levels_reached(results, metric)
    text = f"**{answered}**; {results['metrics'][metric]['label']} {number}"
    return text + "".join(map(_contrast, _further(results, metric)))


def _levels_reached(results: dict, metric: str) -> str:
    """Of a yes, the levels of benefit that its cells reached, unless the answer says it."""
    verdicts = Counter(verdict(cell, metric) for cell in results["cells"])
    reached = {name: n for name, n in verdicts.items() if plain(name) == "benefit"}
    code = results["answer"]["code"]
    if code != "benefit" and (code != "benefit in part" or [*reached] == ["benefit"]):
        return ""
    told = reached if len(reached) == 1 else (f"{n} {name}" for name, n in reached.items())
    return f" ({', '.join(told)})"


def _further(results: dict, metric: str) -> list[dict]:
    """Of each further question of a study, the contrast with the smallest p-value."""
    asked = [of for of in results["contrasts"] if of["asks"] != results["question"]]
    clearest: dict[str, dict] = {}
    for of in sorted(asked, key=lambda of: of["metrics"][metric]["p"]):
        clearest.setdefault(of["asks"], of["metrics"][metric] | {"asks": of["asks"]})
    return list(clearest.values())


def _contrast(found: dict) -> str:
    mean, low, high = found["difference"]
    write = short_decimal if abs(mean) < 1 else "{:.0f}".format
    sign = "+" if mean > 0 else ""
    p = p_value(found["p_holm"], short_decimal)
    ends = f"({write(low)} to {write(high)})"
    return f"; {found['asks']} {found['verdict']}, {sign}{write(mean)} {ends}, p {p}"


if __name__ == "__main__":
    sys.exit(run_command(results_table, program="results_table.py"))
