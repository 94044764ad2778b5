"""What may be said of how tasks are related, and of whether that foretells what sharing gains."""

from collections.abc import Mapping

from representation_music.plots.report.tables import table
from representation_music.plots.report.words import (
    DASH,
    code,
    count,
    escaped,
    interval,
    number,
    plural,
    sentence,
)
from representation_music.plots.study_words import listed

#: Task sets in the order of the table: whose choice, and which.
SETS = (("proposal", "tight"), ("proposal", "loose"), ("paper", "tight"), ("paper", "loose"))
MEASURES = {
    "pearson": "the size of Pearson's correlation",
    "spearman": "the size of Spearman's correlation",
    "mutual_information": "mutual information",
    "gradient_cosine": "the cosine of gradients",
    "affinity": "affinity",
}


def relatedness_found(numbers: Mapping, label: str) -> dict:
    """Sentence and table on one file of `repmusic relatedness`."""
    ranked = [row["name"] for row in numbers["labels"]]
    target = numbers["target"]
    tight = (numbers["proposal"] or {}).get("tight", [])
    told = [
        f"*On {_article(numbers['data'])}*, {plural(len(ranked), 'label')} can be held against "
        f"{escaped(target)} on {count(numbers['training_songs'])} training songs (@{label}). The "
        f"two of largest correlation are {listed([escaped(name) for name in tight[1:]])}."
    ]
    chosen = [name for name in (numbers["paper"] or {}).get("tight", [])[1:] if name in ranked]
    if chosen:
        ranks = listed([f"{escaped(name)} ({ranked.index(name) + 1})" for name in chosen])
        told.append(f"Those that the 2016 paper calls tight have these ranks by its size: {ranks}.")
    return {"text": " ".join(told), "table": _task_sets(numbers, label)}


def _article(data: str) -> str:
    return data if data.startswith("synthetic") else f"the {data}"


def _task_sets(numbers: Mapping, label: str) -> dict:
    rows_by_name = {row["name"]: (rank, row) for rank, row in enumerate(numbers["labels"], 1)}
    rows = []
    for choice, coupling in SETS:
        for name in (numbers[choice] or {}).get(coupling, [])[1:]:
            rank, row = rows_by_name.get(name, (None, {}))
            whose = {"proposal": "proposed", "paper": "2016"}[choice]
            rows.append(
                [
                    f"{whose}, {coupling}",
                    escaped(name),
                    DASH if rank is None else count(rank),
                    interval(row.get("pearson") or [None] * 3),
                ]
            )
    caption = (
        f"Task sets for {escaped(numbers['target'])}: those proposed in the way of the 2016 paper, "
        "and its own; rank by the size of Pearson's correlation, and the correlation with its "
        f"interval over artists. {sentence(numbers['data'])}."
    )
    heads = ["task set", "label", "rank", "correlation"]
    return table(heads, rows, caption, label) | {"wide": False}


def foretold(numbers: Mapping) -> str:
    """Whether relatedness went with the gains of a study, from `--against-gain`."""
    told = []
    for row in numbers["correlations"]:
        mean, low, high = row["spearman"]
        if mean is None:
            continue
        ends = f" \\[{number(low, 2)},~{number(high, 2)}\\]" if low is not None else ""
        told.append(
            f"{number(mean, 2, signed=True)}{ends} between "
            f"{MEASURES.get(row['measure'], escaped(row['measure']))} and the gain over the "
            f"{row['rival']} ({plural(row['cells'], 'cell')})"
        )
    study = f"`{numbers['study']}`"
    data = listed([_article(each) for each in numbers["data"]])
    if not told:
        return f"*On {data}*, the gains of the study {study} have no rank correlation to tell."
    return f"*On {data}*, rank correlations in the study {study}: {'; '.join(told)}."


def related_tasks(relatedness: list[Mapping], against_gain: list[Mapping]) -> dict:
    """The section's content; where nothing was measured, how to do so."""
    told = [relatedness_found(n, f"tab-related-{i}") for i, n in enumerate(relatedness, 1)]
    return {
        "measured": told,
        "foretold": [foretold(numbers) for numbers in against_gain],
        "not_run": []
        if told
        else [f"Not measured here; {code('repmusic relatedness --dataset songs.h5')} does."],
    }
