import itertools

from representation_music.experiments.design.contrasts import (
    convergence,
    first_and_others,
    gains_between,
    interactions,
)
from representation_music.experiments.studies import find_studies

COUPLINGS, ARCHITECTURES, SIZES = ("tight", "loose"), ("low", "high"), (500, 1000, 2000)


def cell(rival="single task", **factors):
    name = ", ".join(map(str, factors.values()))
    return {"cell": name, "factors": factors, "rivals": {rival: []}}


CELLS = [
    cell(architecture=architecture, coupling=coupling, songs=songs)
    for songs, coupling, architecture in itertools.product(SIZES, COUPLINGS, ARCHITECTURES)
]


def arms(contrast):
    return [f"{name}: {arm}" for name, arm in (*contrast.gain, *contrast.other)]


def test_gains_are_set_against_those_that_differ_in_one_factor_only():
    found = gains_between("?", CELLS, "coupling", [("tight", "loose")])
    assert len(found) == len(SIZES) * len(ARCHITECTURES)
    assert found[0].name == "tight less loose, low, songs 500"
    assert arms(found[0]) == [
        "low, tight, 500: arm",
        "low, tight, 500: single task",
        "low, loose, 500: arm",
        "low, loose, 500: single task",
    ]
    sizes = first_and_others(CELLS, "songs")
    assert sizes == [(500, 1000), (500, 2000)]
    assert len(gains_between("?", CELLS, "songs", sizes)) == 2 * 4
    assert gains_between("?", CELLS, "pattern", [("SSSS", "PPPP")]) == []
    assert gains_between("?", [cell("raw", songs=1), cell("raw", songs=2)], "songs", [(1, 2)]) == []


def test_an_interaction_sets_a_difference_of_arms_against_the_same_of_another_task_set():
    found = interactions("?", CELLS, "architecture", ("high", "low"))
    assert [of.name for of in found] == [
        f"high less low, tight less loose, songs {n}" for n in SIZES
    ]
    assert arms(found[1]) == [
        "high, tight, 1000: arm",
        "low, tight, 1000: arm",
        "high, loose, 1000: arm",
        "low, loose, 1000: arm",
    ]
    only_low = [of for of in CELLS if of["factors"]["architecture"] == "low"]
    assert not interactions("?", only_low, "architecture", ("high", "low"))


def test_convergence_sets_each_arm_against_its_single_task():
    (found,) = convergence("?", [CELLS[0], cell("itself", songs=1)])
    assert (found.measure, found.other) == ("steps", ())
    assert arms(found) == ["low, tight, 500: arm", "low, tight, 500: single task"]


def test_every_study_that_compares_a_factor_answers_by_contrasts_of_its_levels():
    patterns = ("SSSS", "SSPP", "PPPP")
    cells = [
        cell(**{"pattern": pattern, "coupling": coupling, "songs": songs, "stopped by": stop})
        for pattern, coupling, songs, stop in itertools.product(
            patterns, COUPLINGS, SIZES, ("auc", "error")
        )
    ]
    numbers = {"coupling": 18, "training_size": 12, "sharing_degree": 12, "stopping": 18}
    for name, study in find_studies().items():
        answering = [of for of in study.contrasts(cells) if of.asks == study.question]
        assert len(answering) == numbers.get(name, 0), name
        assert bool(study.compares) == bool(answering)
