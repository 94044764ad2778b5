"""What `repmusic relatedness-gain` found, as table, page, report and terminal tell it."""

from collections.abc import Mapping

#: How what a measure was chosen on is called, where that is the other targets of the study.
OTHER_TARGETS = "the other targets"


def ranks_of(numbers: Mapping) -> list[dict]:
    """Of each measure and rival the rank correlation with gain over all pairs.

    Each has `measure`, `rival`, `pairs`, `targets` and `spearman`, `[value, low, high]`. Spearman's
    correlation of labels is left out where it ranks as Pearson's does.
    """
    alone = ({"pairs": row["cells"], "targets": 1} | row for row in numbers["correlations"])
    found = list(numbers["within_targets"] or alone)
    pearson = {row["rival"]: row["spearman"] for row in found if row["measure"] == "pearson"}
    # Of binary labels Spearman's correlation is Pearson's.
    return [
        _in_words(row)
        for row in found
        if row["measure"] != "spearman" or row["spearman"] != pearson.get(row["rival"])
    ]


def foretellings(numbers: Mapping) -> list[dict]:
    """Of each measure that was chosen on other targets or data, what it told of unseen ones.

    Each has what `over_targets.foretold` gives, `rival`, `on` (what the measure was chosen on) and
    `taken`, the choices in words.
    """
    found = [
        row | {"rival": rival, "on": OTHER_TARGETS}
        for rival, halves in numbers["unseen_targets"].items()
        for row in halves
    ]
    found += [row | {"on": "; ".join(row["fitted_on"])} for row in numbers["unseen_data"]]
    for row in found:
        choices = row["choices"].items()
        row["taken"] = "; ".join(f"{target}: {' + '.join(of)}" for target, of in choices)
    return [_in_words(row) for row in found]


def _in_words(row: Mapping) -> dict:
    return dict(row) | {"measure": row["measure"].replace("_", " ")}
