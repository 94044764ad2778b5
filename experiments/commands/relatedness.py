"""`repmusic relatedness`: how related every label is to a target, and task sets made of that."""

import csv
import io
import json
import math
import shlex
from collections.abc import Sequence
from pathlib import Path

from representation_music.utils.console import print_table
from representation_music.utils.decimals import decimal, interval
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text

#: Rows of the table at either end of the ranking.
TABLE_ROWS = 12
NET_MEASURES = ("gradient_cosine", "affinity", "transfer_gain", "gain_over_weights_0")


def relatedness(
    *,
    target: str = "pop",
    dataset: Path = Path("songs.h5"),
    split: str = "",
    floor: int = 20,
    resamples: int = 1000,
    seed: int = 0,
    nets: int = 0,
    net_seeds: int = 3,
    net_size: int = 250,
    net_steps: int = 2000,
    runs: Path = Path("runs/relatedness"),
    workers: int = 0,
    against_gain: Path | None = None,
    metric: str = "",
    output: Path | None = None,
) -> int:
    """Measure how related every label and tag is to a target task, and propose task sets.

    Pearson and Spearman correlation and mutual information (nats) of labels, on training songs,
    with 95 % intervals over artists. Writes a CSV, a JSON and a figure.

    Args:
        target: The target task, binary or a number.
        dataset: Songs file made by `repmusic preprocess`.
        split: Split whose training songs are read; the file's first if not named.
        floor: Least artists that a label must have, and a binary one must lack as well.
        resamples: Bootstrap resamples of the artists.
        seed: Seed of the resamples and of the loose task set's draw.
        nets: Auxiliaries, spread over the ranking, that are measured with networks as well:
            gradient cosine, TAG affinity, and what training with each gains on the validation
            split over the single task and over weights 0. Takes two minutes or so for each. With
            --against-gain: as many of the study's cells, spread over their relatedness (gradient
            cosine and affinity).
        net_seeds: Trainings of each, with seeds of their own.
        net_size: Training songs with the target's label; the others have auxiliary labels only.
        net_steps: Steps over which gradient cosine and affinity are averaged.
        runs: Folder of the runs that measure transfer gain.
        workers: Processes side by side; 0: one a core, or two a GPU.
        against_gain: Folder of a study with results: hold its cells' gains against the
            relatedness of their auxiliaries instead. Target and songs are the study's.
        metric: Metric of the gains; the study's own, or AUC or R², if empty.
        output: Folder of the files written; the songs file's, or the study's, if not named.

    Raises:
        InputError: if the songs, the target or the study cannot be read.
    """
    counts = (
        ("--floor", floor, 2),
        ("--resamples", resamples, 2),
        ("--nets", nets, 0),
        ("--net-seeds", net_seeds, 1),
        ("--net-size", net_size, 1),
        ("--net-steps", net_steps, 1),
    )
    for flag, value, least in counts:
        if value < least:
            raise InputError(flag, str(value), f"{least} or more")
    if against_gain:
        from representation_music.experiments.relatedness.against_gain import hold_against_gain

        hold_against_gain(against_gain, metric, resamples, seed, nets, net_seeds, net_steps, output)
        return 0
    # Imported here, as they take longer than `--help` may.
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.relatedness import (
        label_statistics as task_relatedness,
    )
    from representation_music.plots.songs.relatedness import draw_ranking

    songs = SongDataset.load(dataset)
    split = split or next(iter(songs.splits), "artist")
    rows = task_relatedness.label_relatedness(
        songs, target, split, floor=floor, resamples=resamples, seed=seed
    )
    options = {"dataset": dataset, "target": target, "split": split, "floor": floor}
    options |= {"resamples": resamples, "seed": seed, "nets": nets}
    if nets:
        options |= {"net-seeds": net_seeds, "net-size": net_size, "net-steps": net_steps}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    numbers = {
        "command": f"repmusic relatedness {shlex.join(words)}",
        "data": songs.describe_source(),
        "data_kind": songs.kind,
        "target": target,
        "split": split,
        "training_songs": len(task_relatedness.training_songs_of(songs, target, split)),
        "floor": floor,
        "resamples": resamples,
        "seed": seed,
        "proposal": task_relatedness.propose_task_sets(rows, target, seed),
        "paper": task_relatedness.paper_task_sets(songs, target),
        "labels": rows,
        "nets": [],
    }
    if nets:
        from representation_music.experiments.relatedness.networks import measure_with_nets

        shortlist = task_relatedness.spread_over_relatedness(rows, nets)
        code, numbers["nets"] = measure_with_nets(
            songs, target, shortlist, split, metric, net_size, net_seeds, net_steps, runs, workers
        )
        if code:
            return code
    print_relatedness(numbers)
    folder = output or dataset.parent
    stem = folder / f"{dataset.stem}-relatedness-{target.replace(' ', '-').replace(':', '-')}"
    write_text(stem.with_name(f"{stem.name}.json"), to_json(numbers))
    write_text(stem.with_name(f"{stem.name}.csv"), to_csv(rows, numbers["nets"]))
    print(*(f"{stem}.{kind}" for kind in ("csv", "json")), *draw_ranking(numbers, stem), sep="\n")
    print(f"Next: repmusic study coupling --dataset {dataset} {set_flags(numbers['proposal'])}")
    return 0


def set_flags(sets: dict[str, Sequence[str]]) -> str:
    """Task sets as the flags of a study."""
    return " ".join(f"--{name} {shlex.join(tasks)}" for name, tasks in sets.items())


def print_relatedness(numbers: dict) -> None:
    """Prints both ends of the ranking, the task sets, and what nets measured."""
    rows, target = numbers["labels"], numbers["target"]
    places = {row["name"]: place for place, row in enumerate(rows, 1)}
    columns = ["label", "rank", "songs", "with it", "Pearson", "Spearman", "mutual information"]
    title = (
        f"{len(rows):,} labels by |Pearson| with {target}: {numbers['data']}, "
        f"{numbers['training_songs']:,} training songs with {target} (split {numbers['split']}); "
        "95 % intervals over artists; unrelated is 0"
    )
    shown = rows
    if len(rows) > 2 * TABLE_ROWS:
        shown = [*rows[:TABLE_ROWS], None, *rows[-TABLE_ROWS:]]
    print_table(title, columns, [_cells(row, places) for row in shown])
    of_name = {row["name"]: row for row in rows}
    sets = [
        (f"{who}, {name}", task)
        for who, of_who in (("proposal", numbers["proposal"]), ("2016 paper", numbers["paper"]))
        for name, tasks in of_who.items()
        for task in tasks[1:]
    ]
    lacking = [task for _, task in sets if task not in of_name]
    print_table(
        f"Task sets for {target}: the two most correlated; two near zero, drawn with seed "
        f"{numbers['seed']}",
        ["task set", *columns],
        [[name, *_cells(of_name[task], places)] for name, task in sets if task in of_name],
    )
    if lacking:
        print(f"Not in the ranking, as too few artists have them: {', '.join(lacking)}.")
    if numbers["nets"]:
        _print_nets(numbers)
    for who, name in (("Proposal", "proposal"), ("The 2016 paper's choice", "paper")):
        if numbers[name]:
            print(f"{who}: {set_flags(numbers[name])}")


def _cells(row: dict | None, places: dict[str, int]) -> list[str]:
    if row is None:
        return ["..."] + [""] * 6
    positives = "" if row["positives"] is None else f"{row['positives']:,}"
    measures = ("pearson", "spearman", "mutual_information")
    intervals = [interval(row[measure], measure != "mutual_information") for measure in measures]
    return [row["name"], f"{places[row['name']]}", f"{row['songs']:,}", positives, *intervals]


def _print_nets(numbers: dict) -> None:
    first = numbers["nets"][0]
    columns = [
        "label",
        "Pearson",
        "gradient cosine",
        "TAG affinity",
        "transfer gain",
        "over weights 0",
    ]
    of_name = {row["name"]: row for row in numbers["labels"]}
    title = (
        f"With networks: {numbers['data']}, {first['seeds']} seeds, 95 % t intervals; gain in "
        f"validation {first['metric']} of {numbers['target']} over the single task, which scores "
        f"{decimal(first['single_task'])} (constant predictor {decimal(first['constant'])}), and "
        "over the same songs with auxiliary weight 0"
    )
    rows = [
        [row["name"], interval(of_name[row["name"]]["pearson"])]
        + [interval(row[measure]) for measure in NET_MEASURES]
        for row in numbers["nets"]
    ]
    print_table(title, columns, rows)


def to_json(numbers: dict) -> str:
    """The content of the JSON file; what is not defined is null."""

    def plain(value):
        if isinstance(value, dict):
            return {name: plain(of) for name, of in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(of) for of in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(plain(numbers), indent=1) + "\n"


def to_csv(rows: Sequence[dict], nets: Sequence[dict] = ()) -> str:
    """The content of the CSV file, a label a line."""
    file = io.StringIO()
    measures = ["pearson", "spearman", "mutual_information", *(NET_MEASURES if nets else ())]
    parts = [(measure, end) for measure in measures for end in ("", "_low", "_high")]
    writer = csv.writer(file, lineterminator="\n")
    plain = ("name", "kind", "songs", "artists", "positives")
    writer.writerow([*plain, *(measure + end for measure, end in parts)])
    of_nets = {row["name"]: row for row in nets}
    for row in rows:
        row = {**of_nets.get(row["name"], {}), **row}
        cells = [value for measure in measures for value in row.get(measure, [math.nan] * 3)]
        texts = ["" if not math.isfinite(value) else f"{value:.6g}" for value in cells]
        writer.writerow([*("" if row[name] is None else row[name] for name in plain), *texts])
    return file.getvalue()
