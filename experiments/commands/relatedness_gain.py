"""`repmusic relatedness-gain STUDY`: does relatedness predict what sharing gains?"""

from pathlib import Path

import tyro

from representation_music.experiments.relatedness.networks import GradientSettings, require_at_least
from representation_music.utils.console import print_table, say
from representation_music.utils.decimals import decimal, interval, p_value
from representation_music.utils.files import require_writable, write_json
from representation_music.utils.reading import exists

NO_NETS = GradientSettings()


def relatedness_gain(
    study: tyro.conf.Positional[Path],
    *,
    metric: str = "",
    resamples: int = 1000,
    seed: int = 0,
    nets: tyro.conf.OmitArgPrefixes[GradientSettings] = NO_NETS,
    output: Path | None = None,
) -> int:
    """Rank a study's cells by how related their tasks are, and compare with what sharing gained.

    Spearman's and Kendall's rank correlation of each measure of relatedness with the gain, over
    cells that differ in their auxiliaries. Writes a JSON and a figure.

    Args:
        study: Folder of a study with results.
        metric: Metric of the gains; the study's own if empty.
        resamples: Bootstrap resamples of the artists.
        seed: Seed of the resamples.
        nets: Cells of which networks measure gradient cosine and TAG affinity as well.
        output: Folder of the files written; the study's if not named.

    Raises:
        InputError: if the study has no results, no three cells whose auxiliaries differ, or its
            songs cannot be read.
    """
    require_at_least("resamples", resamples, 2)
    folder = output or study
    if exists(study) and study.is_dir():
        require_writable(folder, "--output")
    # Imported here, as they take longer than `--help` may.
    from representation_music.experiments.relatedness.gains import gains_against_relatedness
    from representation_music.plots.songs.gain_against_relatedness import draw_gains

    numbers = gains_against_relatedness(study, metric, resamples, seed, nets)
    print_correlations(numbers)
    stem = folder / "gain-against-relatedness"
    write_json(f"{stem}.json", numbers)
    say(f"{stem}.json", *draw_gains(numbers, stem), sep="\n")
    return 0


def print_correlations(numbers: dict) -> None:
    """Prints a row for each measure, rival and group of cells that are ranked together."""
    title = (
        f"{numbers['study']}: rank correlation of relatedness with gain in test "
        f"{numbers['metric']} of {numbers['target']}, {'; '.join(numbers['data'])}, "
        f"{numbers['seeds']} seeds; single task {decimal(numbers['single_task'])}, "
        f"constant predictor {decimal(numbers['constant'])}; 0 predicts nothing"
    )
    rows = [
        [
            row["measure"].replace("_", " "),
            row["rival"],
            row["apart"],
            str(row["cells"]),
            interval(row["spearman"]),
            decimal(row["kendall"], signed=True),
            p_value(row["p"]),
        ]
        for row in numbers["correlations"]
    ]
    columns = ["measure", "gain over", "cells with", "cells", "Spearman", "Kendall", "p"]
    print_table(title, columns, rows)
    if numbers["within_targets"]:
        _print_over_targets(numbers)


def _print_over_targets(numbers: dict) -> None:
    """Prints how measures rank within targets, and what they choose for targets not seen."""
    rows = [
        [
            row["measure"].replace("_", " "),
            row["rival"],
            *(str(row[name]) for name in ("targets", "pairs")),
            interval(row["spearman"]),
        ]
        for row in numbers["within_targets"]
    ]
    columns = ["measure", "gain over", "targets", "pairs", "Spearman within targets"]
    print_table("Over all targets", columns, rows)
    rows = [
        [
            row["measure"].replace("_", " "),
            rival,
            str(row["targets"]),
            *(decimal(row[name], signed=True) for name in ("chosen", "mean", "best")),
        ]
        for rival, halves in numbers["unseen_targets"].items()
        for row in halves
    ]
    columns = ["chosen on the other half", "gain over", "targets", "its choice", "all", "the best"]
    print_table("Gains of auxiliaries chosen for targets not seen, means", columns, rows)
