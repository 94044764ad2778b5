"""README's table of results, a row per question and a column per data set, and their commands.

Made from the committed records alone.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from representation_music.plots.studies.foretelling import OTHER_TARGETS, foretellings, ranks_of
from representation_music.plots.studies.results import (
    chosen_metric,
    earlier_studies,
    gain,
    load_results,
    repeats,
    rival_of_p,
    rivals_of,
    verdict,
)
from representation_music.utils.command_line import run_command
from representation_music.utils.decimals import interval, p_value, short_decimal
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.records import read_json
from representation_music.utils.results_format import PLAIN_SUM, SINGLE, plain

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "plots" / "report" / "records"
COMMANDS = ROOT / "experiments" / "studies" / "README.md"
BEGIN = "<!-- results: made by `python plots/results_table.py` from the records of studies -->\n"
FORETELLING = "Does relatedness foretell which tasks help? (future work) `pairs`"
END = "<!-- end of results -->\n"


def results_table(
    readme: Path = ROOT / "README.md", commands: Path = COMMANDS, records: Path = RECORDS
) -> int:
    """Write the table of results, and the commands behind it, each between a file's two marks.

    Args:
        readme: The file that takes the table.
        commands: The file that takes the commands.
        records: Folder of studies' compact records.
    """
    studies, gains = studies_of(records), foretellings_of(records)
    table, lines = table_of(studies, gains), commands_of(studies, gains)
    for path, made in ((readme, table), (commands, lines)):
        text = path.read_text(encoding="utf-8")
        before, begin, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not (begin and end):
            raise InputError(path, "no place for it", f"the lines {BEGIN!r} and {END!r}")
        write_text(path, before + begin + made + end + after)
    return 0


def studies_of(records: Path) -> list[dict]:
    """The results of every study among the records, in the order of their questions."""
    studies = [load_results(path) for path in records.glob("*.json") if "cells" in read_json(path)]
    return sorted(studies, key=lambda results: (results["order"], results["study"], data(results)))


def foretellings_of(records: Path) -> list[dict]:
    """What `repmusic relatedness-gain` found, of every such record, by the name of its data."""
    found = (read_json(path) for path in records.glob("*.json"))
    return sorted((numbers for numbers in found if "unseen_targets" in numbers), key=data)


def data(results: dict) -> str:
    """The name of a study's songs, without their number."""
    return "; ".join(name.partition(" (")[0] for name in results["data"])


def table_of(studies: Sequence[dict], gains: Sequence[dict] = ()) -> str:
    """The table in Markdown: a row per question, a column per data set, real ones first."""
    kinds = {data(results): results["data_kind"] for results in studies}
    columns = sorted(kinds, key=lambda name: (kinds[name] != ["own"], kinds[name], name))
    rows = [f"| question | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    questions = {}
    for results in studies:
        questions.setdefault((results["study"], results["question"]), []).append(results)
    for (study, question), asked in questions.items():
        of = f" ({asked[0]['asked']})" if asked[0]["asked"] else ""
        cells = [
            "<br>".join(answer(results) for results in asked if data(results) == column)
            for column in columns
        ]
        rows.append(f"| {question}{of} `{study}` | {' | '.join(cells)} |")
    if gains:
        cells = [
            "<br>".join(foretelling(numbers) for numbers in gains if data(numbers) == column)
            for column in columns
        ]
        rows.append(f"| {FORETELLING} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def commands_of(studies: Sequence[dict], gains: Sequence[dict] = ()) -> str:
    """The commands in Markdown: study, data, seeds or worlds, command."""
    rows = ["| study | data | | command |", "|---|---|---|---|"]
    for results, earlier in zip(studies, earlier_studies(studies), strict=True):
        counts = Counter(filter(None, earlier))
        known = "".join(f"; {n} of {len(earlier)} cells as of {of}" for of, n in counts.items())
        cells = (results["study"], "; ".join(results["data"]), repeats(results) + known)
        rows.append(f"| {' | '.join(cells)} | `{results['command']}` |")
    for numbers in gains:
        cells = ("relatedness-gain", "; ".join(numbers["data"]), f"{numbers['seeds']} seeds")
        rows.append(f"| {' | '.join(cells)} | `{numbers['command']}` |")
    return "\n".join(rows) + "\n"


def answer(results: dict) -> str:
    """A study's answer, and the gain of the cell that it rests on.

    A benefit is over the first rival; else the one that decided is named. Where the question is
    whether gains differ, it is the largest difference of two instead.
    """
    cell, metric = results["cells"][results["answer"]["cell"]], chosen_metric(results)
    told = f"**{results['answer']['text']}{_levels_reached(results, metric)}**: "
    told += results["metrics"][metric]["label"] + " "
    asked = (one for one in results["contrasts"] if one["asks"] == results["question"])
    if contrasts := {one["name"]: one["metrics"][metric] for one in asked}:
        return told + _largest_difference(contrasts)
    beaten = plain(verdict(cell, metric)) == "benefit"
    decisive = rival_of_p(cell, metric)
    rival = rivals_of([cell])[0] if beaten else decisive
    mean, low, high = gain(cell, metric, rival)
    over = "" if rival == SINGLE else f" over {rival}"
    ends = f"({short_decimal(low)} to {short_decimal(high)}){over}"
    p = p_value(cell["metrics"][metric]["p_holm"], short_decimal)
    ends += f", p {p}" + (f" over {decisive}" if decisive != rival else "")
    if beaten:
        unbeaten = [of for of in rivals_of([cell]) if gain(cell, metric, of)[1] <= 0]
        ends += f"; not over {', '.join(unbeaten)}" if unbeaten else ""
    elif PLAIN_SUM in rivals_of(results["cells"]):
        lows = [gain(cell, metric, PLAIN_SUM)[1] for cell in results["cells"]]
        above = sum(low > 0 for low in lows)
        ends += f"; above {PLAIN_SUM} in {above} of {len(lows)}, uncorrected"
    return f"{told}{short_decimal(mean, signed=True)} {ends}"


def _largest_difference(contrasts: dict[str, dict]) -> str:
    """That of two gains, among those that are shown if there are any."""
    shown = {name: of for name, of in contrasts.items() if of["verdict"].endswith("er gain")}
    name, of = max((shown or contrasts).items(), key=lambda one: abs(one[1]["difference"][0]))
    mean, low, high = of["difference"]
    ends = f"({short_decimal(low)} to {short_decimal(high)}), {name.replace('_', ' ')}"
    return f"{short_decimal(mean, signed=True)} {ends}, p {p_value(of['p_holm'], short_decimal)}"


def foretelling(numbers: dict) -> str:
    """How the correlation of labels ranks gains; what a measure chosen on other data chooses."""
    of = next(r for r in ranks_of(numbers) if (r["rival"], r["measure"]) == (SINGLE, "pearson"))
    told = f"**Rank correlation of gain with Pearson's, {of['pairs']} pairs: {_estimate(of)}**"
    for row in foretellings(numbers):
        if row["rival"] == SINGLE and row["on"] != OTHER_TARGETS:
            on = " and ".join(name.partition(" (")[0] for name in row["on"].split("; "))
            told += f"; {row['measure']}, best on {on}, chooses tasks that "
            told += (
                f"gain {_gain(row['chosen'])}, all {_gain(row['mean'])}, best {_gain(row['best'])}"
            )
    return told


def _gain(value: float) -> str:
    return short_decimal(value, signed=True)


def _estimate(row: dict) -> str:
    return interval(row["spearman"], signed=False, write=short_decimal)


def _levels_reached(results: dict, metric: str) -> str:
    """Of a yes, the levels of benefit that its cells reached, unless the answer says it."""
    verdicts = Counter(verdict(cell, metric) for cell in results["cells"])
    reached = {name: n for name, n in verdicts.items() if plain(name) == "benefit"}
    code = results["answer"]["code"]
    if code != "benefit" and (code != "benefit in part" or [*reached] == ["benefit"]):
        return ""
    told = reached if len(reached) == 1 else (f"{n} {name}" for name, n in reached.items())
    return f" ({', '.join(told)})"


if __name__ == "__main__":
    sys.exit(run_command(results_table, program="results_table.py"))
