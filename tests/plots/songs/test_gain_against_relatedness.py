import re

import pytest

from representation_music.plots.songs.gain_against_relatedness import draw_gains, gains_figure

SERIES = ("250 + 5,000 songs, SSPP, (16, 8)", "500 songs, SSPP, (16, 8)")


def numbers(series, places=(1, 2, 3)):
    """As `repmusic relatedness-gain` writes them: three cells a series, one measure, one rival."""
    points = [
        {
            "apart": part,
            "auxiliaries": [f"extra {place}"],
            "relatedness": {"pearson": [0.1 * place, 0.1 * place - 0.05, 0.1 * place + 0.05]},
            "gains": {"single task": [0.01 * place, 0.01 * place - 0.01, 0.01 * place + 0.01]},
        }
        for part in series
        for place in places
    ]
    row = {"rival": "single task", "measure": "pearson", "cells": 3}
    return {
        "study": "pairs",
        "data": ["synthetic songs (1,000 songs)"],
        "target": "pop",
        "metric": "AUC",
        "seeds": 3,
        "single_task": 0.6,
        "constant": 0.5,
        "points": points,
        "correlations": [
            row | {"apart": part, "spearman": [0.9 - 0.4 * place, -0.1, 1.0]}
            for place, part in enumerate(series)
        ],
    }


def test_each_correlation_says_which_series_it_is_of():
    (axes,) = gains_figure(numbers(SERIES)).axes
    assert axes.get_title(loc="left").splitlines() == [
        "250 + 5,000 songs: +0.90 (-0.10 to +1.00), 3 cells",
        "500 songs: +0.50 (-0.10 to +1.00), 3 cells",
    ]
    assert axes.get_legend_handles_labels()[1] == [
        "250 + 5,000 songs, SSPP, 16-8",
        "500 songs, SSPP, 16-8",
    ]


def test_a_series_alone_is_not_named_above_its_panel():
    (axes,) = gains_figure(numbers(SERIES[:1])).axes
    assert axes.get_title(loc="left") == "+0.90 (-0.10 to +1.00), 3 cells"


def test_of_many_pairs_of_two_targets_the_ends_are_named_and_long_intervals_cut():
    series = ("pop: 250 songs, SSPP, (16, 8)", "rock: 250 songs, SSPP, (16, 8)")
    found = numbers(series, range(1, 11))
    found["points"][0]["gains"]["single task"] = [0.0, -2.0, 2.0]
    (axes,) = gains_figure(found).axes
    assert axes.get_title(loc="left").splitlines()[0].startswith("pop: +0.90")
    assert [text.get_text() for text in axes.texts] == ["extra 10", "extra 10"]
    low, high = axes.get_ylim()
    assert -0.1 < low < 0 and 0.1 < high < 0.2


def test_points_stand_at_relatedness_and_gain_and_the_files_name_the_data(tmp_path):
    (axes,) = gains_figure(numbers(SERIES)).axes
    places = [(c[0].get_xdata()[0], c[0].get_ydata()[0]) for c in axes.containers[:3]]
    assert places == [pytest.approx((0.1 * n, 0.01 * n)) for n in (1, 2, 3)]
    _, svg = draw_gains(numbers(SERIES), tmp_path / "gains")
    assert re.search("synthetic songs \\(1,000 songs\\), 3 seeds", svg.read_text())
