"""`repmusic results STUDY`: every cell's gain with its interval, and the verdict on it."""

from pathlib import Path

import tyro

from representation_music.experiments.results.study_results import write_results
from representation_music.plots.studies.results import repeats
from representation_music.utils.console import print_next, print_table, say
from representation_music.utils.decimals import decimal, interval, p_value, short_decimal
from representation_music.utils.results_format import ARM, LINEAR

#: With more rivals, the gains get a table of their own.
RIVALS_IN_TABLE = 3


def results(study: tyro.conf.Positional[Path], metric: str = "", resamples: int = 1000) -> int:
    """Show a study's results: scores and gains with intervals, and a verdict on every cell.

    Args:
        study: The study's folder.
        metric: Metric of the target that decides; AUC (classification) or R² if empty. All others
            are computed as well, for looking.
        resamples: Draws of the test artists, whose spread is part of every interval.

    Returns:
        0, or 1 if runs are missing or a control failed.
    """
    content = write_results(study, metric, resamples)
    print_results(content)
    print_next("repmusic", "figures", study)
    print_next("repmusic", "page", study)
    counts = content["counts"]
    failed = counts["controls_passed"] < counts["controls"]
    return 1 if content["missing_cells"] or failed else 0


def print_results(content: dict) -> None:
    """Prints the answer, verdicts and warnings, one per line, and a table of all cells."""
    counts = content["counts"]
    verdicts = ", ".join(f"{verdict} {number}" for verdict, number in counts["verdicts"].items())
    say(f"{content['question']} {content['answer']['text']}.")
    say(f"Verdicts on {counts['cells']} cells: {verdicts or 'none'}.")
    for warning in content["warnings"]:
        say(f"Warning: {warning['text']}.")
    cells, metric = content["cells"], content["metric"]
    found = [cell["metrics"][metric] for cell in cells]
    rivals = list(dict.fromkeys(rival for row in found for rival in row["gains"]))
    apart = len(rivals) > RIVALS_IN_TABLE
    shown = ["first rival"] if apart else rivals
    heads = ["cell", "arm", "constant", "linear", *(f"gain on {rival}" for rival in shown)]
    with_delta_m = any(cell["delta_m"] for cell in cells)
    heads += ["delta-m"] if with_delta_m else []
    rows = []
    for cell, row in zip(cells, found, strict=True):
        numbers = (row["scores"][ARM][0], row["constant"], row["scores"][LINEAR][0])
        gains = [row["gains"].get(rival, {}).get("gain") for rival in rivals]
        gains = [next(filter(None, gains), None)] if apart else gains
        gains += [cell["delta_m"]] if with_delta_m else []
        check = {None: "", True: " PASS", False: " FAIL"}[cell["passes"]]
        rows.append(
            [
                cell["cell"],
                *("" if value is None else decimal(value) for value in numbers),
                *(interval(values) if values else "" for values in gains),
                row["verdict"] + check,
            ]
        )
    label, data = content["metrics"][metric]["label"], "; ".join(content["data"])
    targets = ", ".join(dict.fromkeys(cell["target"] for cell in cells))
    title = f"{content['study']}: test {label} of {targets}, {data}, "
    title += repeats(content)
    print_table(title, [*heads, "verdict"], rows)
    if apart:
        _print_gains(f"{content['study']}: gains in test {label} over every rival", cells, found)
    for asks in dict.fromkeys(contrast["asks"] for contrast in content["contrasts"]):
        of = [contrast for contrast in content["contrasts"] if contrast["asks"] == asks]
        judged = [contrast["metrics"][metric] for contrast in of]
        heads = ["contrast", "steps" if of[0]["measure"] == "steps" else label, "p", "verdict"]
        rows = [
            [
                contrast["name"],
                interval(row["difference"]),
                "" if row["p_holm"] is None else p_value(row["p_holm"], short_decimal),
                row["verdict"],
            ]
            for contrast, row in zip(of, judged, strict=True)
        ]
        print_table(asks, heads, rows)


def _print_gains(title: str, cells: list[dict], found: list[dict]) -> None:
    """A table of gains, of the cells that have several rivals."""
    gains = {
        cell["cell"]: {rival: interval(of["gain"]) for rival, of in row["gains"].items()}
        for cell, row in zip(cells, found, strict=True)
        if len(row["gains"]) > 1
    }
    rivals = list(dict.fromkeys(rival for of_cell in gains.values() for rival in of_cell))
    rows = [[name, *(of.get(rival, "") for rival in rivals)] for name, of in gains.items()]
    print_table(title, ["cell", *rivals], rows)
