"""`repmusic relatedness-gain STUDY...`: does relatedness predict what sharing gains?"""

import dataclasses
from pathlib import Path

import tyro

from representation_music.experiments.relatedness.networks import GradientSettings, require_at_least
from representation_music.plots.studies.foretelling import foretellings, ranks_of
from representation_music.utils.console import command, print_table, say
from representation_music.utils.decimals import decimal, interval, p_value
from representation_music.utils.errors import InputError
from representation_music.utils.files import require_writable, write_json
from representation_music.utils.reading import exists

NO_NETS = GradientSettings()
#: What a command need not say.
DEFAULTS = {"metric": "", "resamples": 1000, "seed": 0} | dataclasses.asdict(NO_NETS)


def relatedness_gain(
    studies: tyro.conf.Positional[tuple[Path, ...]],
    *,
    metric: str = "",
    resamples: int = 1000,
    seed: int = 0,
    nets: tyro.conf.OmitArgPrefixes[GradientSettings] = NO_NETS,
    output: Path | None = None,
) -> int:
    """Rank a study's cells by how related their tasks are, and compare with what sharing gained.

    Spearman's and Kendall's rank correlation of each measure of relatedness with the gain, over
    cells that differ in their auxiliaries; with several targets also which auxiliaries the best
    measure of one half of them chooses for the other. Of several studies, of different data,
    each is tried with the measure that is best on the others. Writes a JSON and a figure for each.

    Args:
        studies: Folders of studies with results.
        metric: Metric of the gains; the study's own if empty.
        resamples: Bootstrap resamples of the artists.
        seed: Seed of the resamples.
        nets: Cells of which networks measure gradient cosine and TAG affinity as well.
        output: Folder of the files written, if there is one study; the study's if not named.

    Raises:
        InputError: if a study has no results, no three cells whose auxiliaries differ, or its
            songs cannot be read.
    """
    require_at_least("resamples", resamples, 2)
    if not studies:
        raise InputError("STUDIES", "nothing", "folders of studies with results")
    if output and len(studies) > 1:
        raise InputError("--output", f"{len(studies)} studies", "one, or no --output")
    for folder in (output,) if output else studies:
        if output or (exists(folder) and folder.is_dir()):
            require_writable(folder, "--output")
    # Imported here, as they take longer than `--help` may.
    from representation_music.experiments.relatedness.gains import (
        gains_against_relatedness,
        unseen_data,
    )
    from representation_music.plots.songs.gain_against_relatedness import draw_gains

    asked = {"metric": metric, "resamples": resamples, "seed": seed} | dataclasses.asdict(nets)
    given = {name: value for name, value in asked.items() if value != DEFAULTS[name]}
    options = [
        word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)
    ]
    found = [gains_against_relatedness(of, metric, resamples, seed, nets) for of in studies]
    for study, numbers in zip(studies, found, strict=True):
        others = [other for other in found if other is not numbers]
        numbers |= {
            "command": command("repmusic", "relatedness-gain", *studies, *options),
            "unseen_data": unseen_data(numbers, others),
        }
        print_correlations(numbers)
        stem = (output or study) / "gain-against-relatedness"
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
    rows = [
        [
            row["measure"],
            row["rival"],
            f"{row['targets']}",
            f"{row['pairs']}",
            interval(row["spearman"]),
        ]
        for row in ranks_of(numbers)
    ]
    columns = ["measure", "gain over", "targets", "pairs", "Spearman within targets"]
    if numbers["within_targets"]:
        print_table("Over all targets", columns, rows)
    rows = [
        [
            *(row[name] for name in ("measure", "on", "rival")),
            decimal(row["fitted"], signed=True),
            interval(row["spearman"]),
            row["taken"],
            *(decimal(row[name], signed=True) for name in ("chosen", "mean", "best")),
        ]
        for row in foretellings(numbers)
    ]
    if rows:
        columns = ["measure", "chosen on", "gain over", "Spearman there", "Spearman here"]
        columns += ["its choices", "their gain", "of all", "of the best"]
        print_table("A measure chosen elsewhere, tried on targets it has not seen", columns, rows)
