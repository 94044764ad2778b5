"""The main job end to end: official files to songs file, four trained nets, their test scores.

`make demo` runs it on synthetic songs, `make demo MSD=<folder>` on official files, `make demo
DATA=tcc` on a songs file of another real set.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from representation_music.experiments.runs.config import DEFAULT
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_next, print_table, say
from representation_music.utils.decimals import decimal
from representation_music.utils.metrics import METRICS
from representation_music.utils.records import TestRecord, read_json
from representation_music.utils.tasks import TASK_SETS

#: Training steps on synthetic songs, lest a demo take twice as long: nets on 1,000 of them are near
#: their best by then, and would go on to 1,000 or more. On real songs regressions need those.
SYNTHETIC_STEPS = 450
#: The metrics of the table, of whichever kind a task is.
_METRICS = ("auc", "error", "r2", "rmse")


def demo(
    msd: Path | None = None,
    songs_file: Path | None = None,
    tasks: tuple[str, ...] = TASK_SETS["tightly_coupled"],
    out: Path = Path("demo"),
    songs: int = 6000,
) -> int:
    """Preprocess songs, train the four architectures on one task set, evaluate each.

    Args:
        msd: Folder of official MSD and musiXmatch files; synthetic ones are made if not given.
        songs_file: A songs file, which needs no preprocessing.
        tasks: Labels to learn, the target first.
        out: Folder for everything the demo makes.
        songs: Synthetic songs to make.
    """
    from representation_music.data_preprocessing.preprocess import preprocess
    from representation_music.data_preprocessing.synthesize import synthesize
    from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
    from representation_music.experiments.commands.describe import describe

    place = out / ("synthetic" if msd is None else "real")
    if songs_file is not None:
        place = out / songs_file.stem
    else:
        songs_file = place / "songs.h5"
        if msd is None:
            msd = place / "official_files"
            synthesize(msd, SyntheticSettings(songs=songs))
        preprocess(msd, output=songs_file)
    describe(songs_file, figures=place)
    return train_architectures(songs_file, place / "runs", tasks)


def train_architectures(songs_file: Path, runs: Path, tasks: Sequence[str]) -> int:
    """Trains and evaluates the four architectures at 1,000 examples; prints one table.

    They are trained side by side, a core each: two runs of one thread beat one of two.
    """
    from representation_music.experiments.design.sizes import capped_sizes
    from representation_music.experiments.grid.pool import run_all
    from representation_music.experiments.runs.runs import Runs, load_songs
    from representation_music.models.networks import ARCHITECTURES
    from representation_music.plots.runs.comparison import draw_comparison

    dataset = load_songs(songs_file)
    base = DEFAULT.replace(dataset=str(songs_file), tasks=tuple(tasks))
    if dataset.kind == "synthetic":
        base = base.replace(num_steps=SYNTHETIC_STEPS)
    (size,) = capped_sizes(dataset, base, [1000])
    configs = [
        base.replace(architecture=name, training_size=size, experiment_name=name)
        for name in (network.name for network in ARCHITECTURES)
    ]
    say(f"Training the four architectures on {size:,} {dataset.noun} ...")
    if code := run_all(configs, runs, keep_checkpoints=True):
        return code
    folders = list(Runs(runs).by_folder(configs))
    results = [
        read_json(folder / "test.json", TestRecord, sealed=True) | {"name": config.experiment_name}
        for folder, config in zip(folders, configs, strict=True)
    ]
    print_comparison(results, size, dataset.noun)
    say("Figures:", *draw_comparison(folders, runs.parent), sep="\n  ")
    print_next("repmusic", "plot", runs)
    print_next("repmusic", "evaluate", folders[0])
    return 0


def print_comparison(results: list[dict], size: int, noun: str) -> None:
    """One row per predictor, the constant one first; two metrics of every task."""
    test = results[0]["test"]
    shown = [(task, name) for task in test for name in _METRICS if name in test[task]["network"]]

    def cells(result: dict, who: str) -> list[str]:
        return [decimal(result["test"][task][who][name], 4) for task, name in shown]

    rows = [["constant predictor", *cells(results[0], "constant"), ""]]
    for result in results:
        rows.append(
            [result["name"], *cells(result, "network"), f"{result['parameters'] / 1e6:.1f} M"]
        )
    heads = [f"{task} {METRICS[name].label}" for task, name in shown]
    examples = max(scored["songs"] for scored in test.values())
    print_table(
        f"Test split ({examples:,} {noun}), trained on {size:,} {noun}, seed 0",
        ["predictor", *heads, "parameters"],
        rows,
    )
    say(f"Data: {results[0]['data']}.")
    for result in results:
        say(f"{result['name']}: {result['verdict']}")


if __name__ == "__main__":
    sys.exit(run_command(demo, program="demo.py"))
