"""`repmusic relatedness`: how related every label is to a target, and task sets made of that."""

from collections.abc import Sequence
from pathlib import Path

import tyro

from representation_music.experiments.relatedness.groups import (
    GroupSettings,
    as_words,
    best_split,
    pairwise_gains,
    promise,
)
from representation_music.experiments.relatedness.networks import PairSettings, require_at_least
from representation_music.utils.console import command, print_next, print_table, say
from representation_music.utils.decimals import decimal, interval
from representation_music.utils.file_names import file_name
from representation_music.utils.files import require_writable, write_json, write_text

#: Rows of the table at either end of the ranking.
TABLE_ROWS = 12
LABEL_MEASURES = ("pearson", "spearman", "mutual_information")
NET_MEASURES = ("gradient_cosine", "affinity", "transfer_gain", "gain_over_weights_0")
NO_NETS = PairSettings()
NO_GROUPS = GroupSettings()


def relatedness(
    *,
    target: str = "pop",
    dataset: Path = Path("songs.h5"),
    split: str = "",
    floor: int = 20,
    resamples: int = 1000,
    seed: int = 0,
    nets: tyro.conf.OmitArgPrefixes[PairSettings] = NO_NETS,
    grouping: tyro.conf.OmitArgPrefixes[GroupSettings] = NO_GROUPS,
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
        nets: Auxiliaries that are measured with networks as well.
        grouping: Tasks that are split into groups instead, a network each (`--nets` aside).
        output: Folder of the files written; the songs file's if not named.

    Raises:
        InputError: if the songs or the target cannot be read, or nothing can be written.
    """
    require_at_least("floor", floor, 2)
    require_at_least("resamples", resamples, 2)
    folder = output or dataset.parent
    require_writable(folder, "--output")
    # Imported here, as they take longer than `--help` may.
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.relatedness import label_statistics, task_sets
    from representation_music.experiments.relatedness.networks import measure_pairs
    from representation_music.plots.songs.relatedness import draw_ranking

    songs = SongDataset.load(dataset)
    split = split or next(iter(songs.splits), "artist")
    if grouping.groups:
        stem = folder / f"{dataset.stem}-groups"
        return split_into_groups(songs, split, grouping, nets, stem)
    rows = label_statistics.label_relatedness(
        songs, target, split, floor=floor, resamples=resamples, seed=seed
    )
    options = {"dataset": dataset, "target": target, "split": split, "floor": floor}
    options |= {"resamples": resamples, "seed": seed, "nets": nets.nets}
    if nets.nets:
        shortlist = task_sets.spread_over_relatedness(rows, nets.nets)
        code, about_nets, found = measure_pairs(songs, target, split, shortlist, nets)
        if code:
            return code
        rows = [row | found.get(row["name"], {}) for row in rows]
        options |= {f"net-{name}": getattr(nets, f"net_{name}") for name in ("seeds", "size")}
        options |= {"net-steps": nets.net_steps}
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    numbers = {
        "command": command("repmusic", "relatedness", *words),
        "data": songs.describe_source(),
        "data_kind": songs.kind,
        "target": target,
        "split": split,
        "training_songs": len(label_statistics.training_songs_of(songs, target, split)),
        "floor": floor,
        "resamples": resamples,
        "seed": seed,
        "proposal": task_sets.propose_task_sets(rows, target, seed),
        "paper": task_sets.paper_task_sets(songs, target),
        "labels": rows,
        "nets": about_nets if nets.nets else {},
    }
    print_relatedness(numbers)
    stem = folder / f"{dataset.stem}-relatedness-{file_name(target)}"
    write_json(f"{stem}.json", numbers)
    write_text(f"{stem}.csv", to_csv(rows))
    say(*(f"{stem}.{kind}" for kind in ("csv", "json")), *draw_ranking(numbers, stem), sep="\n")
    words = task_sets.as_words(numbers["proposal"])
    print_next("repmusic", "study", "coupling", "--dataset", dataset, *words)
    return 0


def split_into_groups(
    songs, split: str, grouping: GroupSettings, nets: PairSettings, stem: Path
) -> int:
    """Measures tasks pair by pair, prints the split that promises most and writes a JSON."""
    import numpy as np

    tasks = grouping.groups
    code, gains = pairwise_gains(songs, tasks, split, grouping.group_by, nets)
    if code:
        return code
    groups = best_split(gains, grouping.most_groups)
    gains = np.nan_to_num(gains)
    measure = grouping.group_by.replace("_", " ")
    print_table(
        f"{measure}: what the task of a column gives that of a row; {songs.describe_source()}, "
        f"split {split}",
        ["task", *tasks],
        [
            [name, *("" if i == j else decimal(gain, signed=True) for j, gain in enumerate(row))]
            for i, (name, row) in enumerate(zip(tasks, gains.tolist(), strict=True))
        ],
    )
    every = tuple(range(len(tasks)))
    print_table(
        "Sum over tasks of the mean of what their companions give them; alone a task gets 0",
        ["split", "sum"],
        [
            [name, decimal(promise(gains, of), signed=True)]
            for name, of in (("proposed", groups), ("all together", [every]), ("all apart", []))
        ],
    )
    named = [[tasks[task] for task in group] for group in groups]
    write_json(
        Path(f"{stem}.json"),
        {"measure": grouping.group_by, "tasks": tasks, "gains": gains.tolist(), "groups": named},
    )
    say(f"{stem}.json")
    print_next(
        "repmusic", "study", "grouping", "--dataset", songs.path, "--groups", *as_words(named)
    )
    return 0


def print_relatedness(numbers: dict) -> None:
    """Prints both ends of the ranking, the task sets, and what nets measured."""
    from representation_music.experiments.relatedness import task_sets

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
    print_table(
        f"Task sets for {target}: the two most correlated; two near zero, drawn with seed "
        f"{numbers['seed']}",
        ["task set", *columns],
        [[name, *_cells(of_name[task], places)] for name, task in sets if task in of_name],
    )
    if lacking := [task for _, task in sets if task not in of_name]:
        say(f"Not in the ranking, as too few artists have them: {', '.join(lacking)}.")
    if numbers["nets"]:
        _print_nets(numbers)
    for who, name in (("Proposal", "proposal"), ("The 2016 paper's choice", "paper")):
        if numbers[name]:
            say(f"{who}: {command(*task_sets.as_words(numbers[name]))}")


def _cells(row: dict | None, places: dict[str, int]) -> list[str]:
    if row is None:
        return ["..."] + [""] * 6
    positives = "" if row["positives"] is None else f"{row['positives']:,}"
    intervals = [interval(row[m], signed=m != "mutual_information") for m in LABEL_MEASURES]
    return [row["name"], f"{places[row['name']]}", f"{row['songs']:,}", positives, *intervals]


def _print_nets(numbers: dict) -> None:
    nets = numbers["nets"]
    heads = ("Pearson", "gradient cosine", "TAG affinity", "transfer gain", "over weights 0")
    title = (
        f"With networks: {numbers['data']}, {nets['seeds']} seeds, 95 % t intervals; gain in "
        f"validation {nets['metric']} of {numbers['target']} over the single task, which scores "
        f"{decimal(nets['single_task'])} (constant predictor {decimal(nets['constant'])}), and "
        "over the same songs with auxiliary weight 0"
    )
    rows = [
        [row["name"], *(interval(row[measure]) for measure in ("pearson", *NET_MEASURES))]
        for row in numbers["labels"]
        if "gradient_cosine" in row
    ]
    print_table(title, ["label", *heads], rows)


def to_csv(rows: Sequence[dict]) -> str:
    """The content of the CSV file, one label per line; what is not defined is empty."""
    import pandas

    nets = NET_MEASURES if any("gradient_cosine" in row for row in rows) else ()
    flat = []
    for row in rows:
        plain = {name: row[name] for name in ("name", "kind", "songs", "artists")}
        plain["positives"] = "" if row["positives"] is None else row["positives"]
        for measure in (*LABEL_MEASURES, *nets):
            names = (measure, f"{measure}_low", f"{measure}_high")
            plain |= dict(zip(names, row.get(measure, [None] * 3), strict=True))
        flat.append(plain)
    return pandas.DataFrame(flat).to_csv(index=False, float_format="%.6g", lineterminator="\n")
