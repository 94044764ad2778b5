import pytest

from representation_music.plots.drawing.names import cell_names, factor_words, short_words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("architecture", "low_level_sharing", "low-level sharing"),
        ("pattern", "SPSP", "SPSP"),
        ("method", "cross_stitch", "cross-stitch"),
        ("method", "nash_mtl", "Nash-MTL"),
        ("method", "alternating", "alternating"),
        ("coupling", "tight", "tight task set"),
        ("songs", 25000, "25,000 songs"),
        ("auxiliary songs", 5000, "5,000 auxiliary songs"),
        ("stopped by", "log_loss", "stopped by log loss"),
        ("correlation", 0.9, "correlation .9"),
        ("correlation", 1.0, "correlation 1"),
        ("shared themes", 0.0, "no theme shared"),
        ("shared themes", 0.5, "50 % of themes shared"),
        ("auxiliary", "pop rock", "pop rock"),
    ],
)
def test_factors_in_words(name, value, words):
    assert factor_words(name, value) == words


def test_cells_are_named_by_what_differs():
    cells = [
        {
            "cell": str(songs),
            "factors": {"architecture": "SSPP", "coupling": "tight", "songs": songs},
        }
        for songs in (500, 1000)
    ]
    shared = "low-level sharing, tight task set"
    assert cell_names(cells) == (["500 songs", "1,000 songs"], shared)
    assert cell_names(cells, short_words)[1] == "low-level, tight"
    assert cell_names(cells[:1]) == ([f"{shared}, 500 songs"], "")


def test_cells_that_lack_a_factor_are_told_from_those_that_have_it():
    cells = [{"cell": "a", "factors": {"songs": 1}}, {"cell": "b", "factors": {}}]
    assert cell_names(cells) == (["1 songs", "b"], "")
