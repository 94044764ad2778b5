"""Numbers that a person typed into a README are those of the committed records.

A test names the words around its numbers: whoever changes the sentence changes the test as well.
"""

import re

import pytest

from representation_music.plots.results_table import RECORDS, ROOT
from representation_music.plots.studies.foretelling import ranks_of
from representation_music.plots.studies.results import gain, load_results, score, verdict
from representation_music.utils.decimals import short_decimal
from representation_music.utils.records import read_json
from representation_music.utils.results_format import LINEAR, LINEAR_MULTI_TASK, SINGLE, plain

RESULTS = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Results")[2]
RUNS = (ROOT / "experiments" / "README.md").read_text(encoding="utf-8")
TAGS, SONGS = "own-TAG_programming", "own-energy"
COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
IMMATERIAL = {"no material difference", "too small to matter"}
FROM_THE_INPUT_ON = ("SPPP", "SSPP", "SSSP", "SSSS")


def said(text, pattern):
    """What the groups of a pattern match in a text whose lines are joined, as numbers."""
    found = re.search(pattern, " ".join(text.split()))
    assert found, f"the text no longer says “{pattern}”: hold its new words to the records here"
    return [COUNTS.get(word) or float(word.replace(",", "")) for word in found.groups()]


def cells(name, **factors):
    """The study's metric, and its cells whose factors have these values."""
    results = load_results(RECORDS / f"{name}.json")
    wanted = {factor.replace("_", " "): value for factor, value in factors.items()}.items()
    return results["metric"], [
        cell for cell in results["cells"] if wanted <= cell["factors"].items()
    ]


def verdicts(name, **factors):
    metric, found = cells(name, **factors)
    assert found, f"{name} has no cell of {factors}"
    return {verdict(cell, metric) for cell in found}


def mean_gains(name, rival=SINGLE, **factors):
    metric, found = cells(name, **factors)
    return [round(gain(cell, metric, rival)[0], 3) for cell in found]


def test_controls_that_pass_are_counted():
    counts = load_results(RECORDS / "controls-synthetic.json")["counts"]
    passed = said(RESULTS, r"(\d+) of (\d+) controls pass there")
    assert passed == [counts["controls_passed"], counts["controls"]]


def test_a_target_of_few_labels_gains_on_real_songs_and_tags():
    labels, further, related = said(
        RESULTS, r"of (\d+) labels better when ([\d,]+) further examples carry (\w+) related"
    )
    for name in (f"benefit-{TAGS}", f"benefit-{SONGS}"):
        of = {"songs": labels, "auxiliary_songs": further}
        assert {plain(one) for one in verdicts(name, **of)} == {"benefit"}
        for run in load_results(RECORDS / f"{name}.json")["runs"].values():
            assert len(run["config"]["tasks"]) - 1 in (0, related)


def test_labels_from_which_on_words_are_beaten_and_no_gain_matters():
    of_labels, none = said(RESULTS, r"With ([\d,]+) labels it also beats .* with ([\d,]+), on tags")
    tight = {"coupling": "tight", "auxiliary_songs": 5000}
    for name in (f"auxiliary_size-{TAGS}", f"auxiliary_size-{SONGS}"):
        assert verdicts(name, songs=of_labels, **tight) == {"benefit of labels"}
    assert verdicts(f"auxiliary_size-{TAGS}", songs=none) <= IMMATERIAL


def test_layers_shared_from_the_input_on_gain_from_the_least_to_the_most():
    labels, least, most = said(
        RESULTS,
        r"with (\d+) labels, sharing the first one to four layers gains ([.\d]+) to (\.\d+) over",
    )
    of = {"coupling": "tight", "widths": "full", "songs": labels}
    gains = []
    for pattern in FROM_THE_INPUT_ON:
        assert verdicts(f"sharing_degree-{TAGS}", pattern=pattern, **of) == {"benefit"}
        gains += mean_gains(f"sharing_degree-{TAGS}", pattern=pattern, **of)
    assert [least, most] == [min(gains), max(gains)]


def test_no_benefit_of_unrelated_labels_is_in_a_record_of_real_data():
    assert "No benefit of unrelated labels is shown" in " ".join(RESULTS.split())
    for name in ("auxiliary_size", "sharing_degree", "transfer"):
        assert "benefit" not in map(plain, verdicts(f"{name}-{TAGS}", coupling="loose"))
    assert "benefit" not in map(plain, verdicts(f"auxiliary_size-{SONGS}", coupling="loose"))


def test_pairs_that_do_harm_are_counted():
    counts = said(RESULTS, r"harm in (\d+) of (\d+) planted pairs and (\d+) of (\d+) of tcc")
    for name, told in (("pairs-synthetic", counts[:2]), (f"pairs-{SONGS}", counts[2:])):
        metric, found = cells(name)
        assert told == [sum(verdict(cell, metric) == "harm" for cell in found), len(found)]


def test_learning_together_is_nowhere_better_than_one_after_the_other_by_what_matters():
    said(RESULTS, "Learning together is nowhere shown to be better by what matters than one after")
    for path in RECORDS.glob("transfer-*.json"):
        assert verdicts(path.stem) <= {*IMMATERIAL, "no evidence"}, path


def test_seeds_of_real_sets_are_counted():
    seeds = {load_results(path)["seeds"] for path in RECORDS.glob("*-own-[Te]*.json")}
    assert said(RESULTS, r"(\d) to (\d) seeds") == [min(seeds), max(seeds)]
    (all_of_them,) = said(RESULTS, r"Two of the (\w+) seeds of `benefit` on tcc")
    assert all_of_them == load_results(RECORDS / f"benefit-{SONGS}.json")["seeds"]


def test_of_pairs_there_are_two_targets_and_related_auxiliaries_gain_more():
    (targets,) = said(RESULTS, r"One target of each set \(of pairs (\w+)\)")
    for name in (TAGS, SONGS):
        assert len({cell["target"] for cell in cells(f"pairs-{name}")[1]}) == targets
    said(RESULTS, "on tags and tcc labels that correlate more with the target gain more")
    said(RESULTS, "on Last.fm tags, .* and planted songs that is not shown")
    for path in RECORDS.glob("gain-against-relatedness-*.json"):
        (row,) = (
            row
            for row in ranks_of(read_json(path))
            if (row["measure"], row["rival"]) == ("pearson", SINGLE)
        )
        shown = "TAG_" in path.stem or "energy" in path.stem
        assert (row["spearman"][1] > 0) == shown, path


def test_the_linear_model_of_the_same_labels_is_beaten_nowhere_and_above_all_planted_nets():
    said(RESULTS, "a linear model of the same labels is not shown to be beaten")
    for path in RECORDS.glob("*.json"):
        if "cells" in read_json(path):
            assert "benefit of a deep net" not in verdicts(path.stem), path
    said(RESULTS, "no net's mean reaches it in planted worlds")
    gains = [one for one in mean_gains("controls-synthetic", LINEAR_MULTI_TASK) if one == one]
    assert len(gains) > 3 and max(gains) < 0


@pytest.mark.parametrize("study", ["benefit", "coupling", "training_size"])
def test_where_all_examples_carry_all_labels_no_gain_that_matters_is_in_a_record(study):
    said(RESULTS, "Where all examples carry all labels no gain that matters is shown")
    own = [] if study == "benefit" else [TAGS, SONGS, "own-rock"]
    for data in ("sample", "synthetic", *own):
        assert "benefit" not in map(plain, verdicts(f"{study}-{data}"))


def test_on_tagged_pages_that_all_carry_all_labels_there_is_no_gain():
    pages, more = said(RESULTS, r"on ([\d,]+) or ([\d,]+) tagged pages there is none")
    name = f"coupling-{TAGS}"
    assert verdicts(name) == verdicts(name, songs=pages) == {"no material difference"}
    assert verdicts(f"training_size-{TAGS}", songs=more) == {"no material difference"}


def test_no_way_to_share_or_to_weigh_is_above_the_tuned_sum():
    (ways,) = said(RESULTS, r"none of (\d+) ways to share or to weigh is shown to beat a plain sum")
    metric, found = cells("conflict-synthetic")
    assert ways == len({cell["factors"]["method"] for cell in found}) == len(found)
    for rival in ("plain sum", SINGLE):
        assert not any(gain(cell, metric, rival)[1] > 0 for cell in found)
    pattern = r"on tags none of (\d+) is shown to beat the tuned sum, on tcc none of (\d+)"
    for tried, name in zip(said(RESULTS, pattern), (TAGS, SONGS), strict=True):
        metric, found = cells(f"methods-{name}")
        assert not any(gain(cell, metric, "plain sum")[1] > 0 for cell in found)
        assert tried == len({cell["factors"]["method"] for cell in found})


def test_the_gain_that_had_been_seen_before_all_layers_were_shared():
    seen = said(RESULTS, r"low-level sharing \(\+([.\d]+)\) had been seen")
    assert seen == mean_gains(f"benefit-{TAGS}", architecture="low_level_sharing")


LOW_LEVEL = {"architecture": "low_level_sharing"}
#: By row of the table of linear models: the arm, by its name in a record.
ARMS = {
    "linear model": LINEAR,
    "single task": SINGLE,
    "mean of 2 or 3 single tasks": "mean of k single tasks",
    "lyrics only, linear": "lyrics only",
    "low-level sharing, auxiliary weights 0": "auxiliary weights 0",
    "low-level sharing, lyric-made auxiliaries": "lyric-made auxiliaries",
    "low-level sharing": "arm",
    "all layers shared": "arm",
    "linear multi-task": LINEAR_MULTI_TASK,
}


def planted(songs):
    return "controls-synthetic", {"control": "related", "correlation": 0.9, "songs": songs}


#: By column of it: the record, its cell of low-level sharing, and that of all layers shared.
COLUMNS = [
    (*planted(100), None),
    (*planted(250), {"control": "all layers shared"}),
    (*planted(1000), None),
    (f"benefit-{TAGS}", LOW_LEVEL, {"architecture": "SSSS"}),
    (f"benefit-{SONGS}", LOW_LEVEL, None),
]


def rows_of(heading):
    """The first table below a heading, a list of cells a row."""
    lines = RUNS.partition(heading)[2].partition("\n|---")[2].splitlines()[1:]
    return [
        [cell.strip() for cell in line[1:-1].split("|")]
        for line in lines[: next(n for n, line in enumerate(lines) if not line.startswith("|"))]
    ]


@pytest.mark.parametrize("row", rows_of("## Linear models beside the nets"), ids=lambda row: row[0])
def test_scores_beside_linear_models_are_those_of_the_records(row):
    arm, _, *numbers = row
    for number, (name, low_level, all_shared) in zip(numbers, COLUMNS, strict=True):
        of = all_shared if arm == "all layers shared" else low_level
        if of is None:
            assert not number
            continue
        metric, (cell,) = cells(name, **of)
        value = (
            cell["metrics"][metric]["constant"]
            if arm == "constant predictor"
            else score(cell, metric, ARMS[arm])[0]
        )
        assert number == short_decimal(value)


@pytest.mark.parametrize(
    ("record", "of", "words"),
    [
        (*planted(100), "low-level sharing at correlation .9 ends {}"),
        (*planted(250), "low-level sharing at correlation .9 ends .*, {}"),
        (*planted(1000), " and {} from it with 100, 250 and 1,000 labels"),
        ("controls-synthetic", {"control": "all layers shared"}, "all shared {} with 250"),
        (f"benefit-{SONGS}", {}, "it is not beaten: {} on tcc"),
        (f"benefit-{TAGS}", {"architecture": "SSSS"}, "{} with all layers shared on delicious"),
    ],
)
def test_gains_over_the_linear_multi_task_model_are_those_of_the_records(record, of, words):
    metric, (cell,) = cells(record, **of)
    mean, *ends = gain(cell, metric, LINEAR_MULTI_TASK)
    gained = f"{short_decimal(mean, signed=True)} ({' to '.join(map(short_decimal, ends))})"
    assert re.search(words.format(re.escape(gained)), " ".join(RUNS.split())), gained


def test_half_widths_of_intervals_by_one_split_and_by_folds():
    one_split, folds = said(
        RUNS,
        r"gain of pop has ±([.\d]+) by one split .* that of rock of the Last.fm tags .* ±(\.\d+)",
    )
    for name, half_width in (("sample", one_split), ("own-rock", folds)):
        metric, (cell,) = cells(f"benefit-{name}", **LOW_LEVEL)
        _, low, high = gain(cell, metric, SINGLE)
        assert half_width == round((high - low) / 2, 3)
