"""What may be said of how tasks are related, and of whether that foretells what sharing gains."""

from collections.abc import Mapping, Sequence

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
from representation_music.plots.studies.words import listed

#: Task sets in the order of the table: whose choice, and which.
SETS = (("proposal", "tight"), ("proposal", "loose"), ("paper", "tight"), ("paper", "loose"))
MEASURES = {
    "pearson": "size of Pearson's correlation",
    "spearman": "size of Spearman's correlation",
    "mutual_information": "mutual information",
    "gradient_cosine": "cosine of gradients",
    "affinity": "TAG affinity",
}


def relatedness_found(numbers: Mapping, label: str) -> dict:
    """Sentence and table on one file of `repmusic relatedness`."""
    ranked = [row["name"] for row in numbers["labels"]]
    target = numbers["target"]
    tight = (numbers["proposal"] or {}).get("tight", [])
    told = [
        f"*On {_article(numbers['data'])}*, {plural(len(ranked), 'label')} can be held against "
        f"{escaped(target)} on {count(numbers['training_songs'])} training songs (@{label}). The "
        f"two of largest positive correlation are {listed([escaped(name) for name in tight[1:]])}."
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


def foretold(numbers: Mapping, label: str) -> dict:
    """Whether relatedness went with the gains of a study, from `repmusic relatedness-gain`."""
    found = [row for row in numbers["correlations"] if row["spearman"][0] is not None]
    study = f"`{numbers['study']}`"
    data = listed([_article(each) for each in numbers["data"]])
    if not found:
        text = f"*On {data}*, the gains of the study {study} have no rank correlation to tell."
        return {"text": text, "table": None}
    means = sorted(row["spearman"][0] for row in found)
    ends = [number(mean, 2, signed=True) for mean in (means[0], means[-1])]
    said = ends[0] if ends[0] == ends[1] else f"from {ends[0]} to {ends[1]}"
    text = (
        f"*On {data}*, in the study {study}, the rank correlation of relatedness with the gain "
        f"is {said} (@{label}); a measure that foretells nothing has 0."
    )
    return {"text": text, "table": _rank_correlations(numbers, found, data, label)}


def _rank_correlations(numbers: Mapping, found: Sequence[Mapping], data: str, label: str) -> dict:
    """A row a measure and group of cells, a column a rival."""
    rivals = list(dict.fromkeys(row["rival"] for row in found))
    apart = list(dict.fromkeys(row["apart"] for row in found))
    by_place = {(row["measure"], row["apart"], row["rival"]): row for row in found}
    groups = dict.fromkeys((row["apart"], row["measure"]) for row in found)
    rows = []
    for group, measure in sorted(groups, key=lambda pair: apart.index(pair[0])):
        places = [by_place.get((measure, group, rival)) for rival in rivals]
        cells = next(row["cells"] for row in places if row)
        name = MEASURES.get(measure, escaped(measure))
        words = [name, *([escaped(_own_part(group, apart))] if len(apart) > 1 else [])]
        rows.append([*words, count(cells), *(_spearman(row) for row in places)])
    caption = (
        "Spearman's rank correlation of relatedness with the gain in test "
        f"{escaped(numbers['metric'])}, over cells of `{numbers['study']}` whose auxiliaries "
        f"differ, with its interval over cells. {sentence(data)}."
    )
    heads = ["measure", *(["cells with"] if len(apart) > 1 else []), "cells"]
    heads += [f"gain over {rival}" for rival in rivals]
    return table(heads, rows, caption, label) | {"wide": True}


def _own_part(group: str, every: Sequence[str]) -> str:
    """What a group of cells has that not all the others have."""
    others = [set(other.split(", ")) for other in every]
    return ", ".join(part for part in group.split(", ") if not all(part in o for o in others))


def _spearman(row: Mapping | None) -> str:
    if row is None:
        return DASH
    mean, low, high = row["spearman"]
    ends = f" \\[{number(low, 2)},~{number(high, 2)}\\]" if low is not None else ""
    return f"{number(mean, 2, signed=True)}{ends}"


def related_tasks(relatedness: list[Mapping], against_gain: list[Mapping]) -> dict:
    """The section's content; where nothing was measured, how to do so."""
    told = [relatedness_found(n, f"tab-related-{i}") for i, n in enumerate(relatedness, 1)]
    return {
        "measured": told,
        "foretold": [foretold(n, f"tab-foretold-{i}") for i, n in enumerate(against_gain, 1)],
        "not_run": []
        if told
        else [f"Not measured here; {code('repmusic relatedness --dataset songs.h5')} does."],
    }
