"""The main job end to end: official files to songs file, four trained nets, their test scores.

`make demo` runs it on synthetic songs, `make demo MSD=<folder>` on official files.
"""

import sys
from pathlib import Path

from representation_music.experiments.runs.config import DEFAULT
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_next
from representation_music.utils.decimals import decimal
from representation_music.utils.tasks import TASK_SETS


def demo(msd: Path | None = None, out: Path = Path("demo"), songs: int = 6000) -> int:
    """Preprocess songs, train the four architectures on the tight task set, evaluate each.

    Args:
        msd: Folder of official MSD and musiXmatch files; synthetic ones are made if not given.
        out: Folder for everything the demo makes.
        songs: Synthetic songs to make.
    """
    from representation_music.data_preprocessing.preprocess import preprocess
    from representation_music.data_preprocessing.synthesize import synthesize
    from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
    from representation_music.experiments.commands.describe import describe

    place = out / ("synthetic" if msd is None else "real")
    if msd is None:
        msd = place / "official_files"
        synthesize(msd, SyntheticSettings(songs=songs))
    preprocess(msd, output=place / "songs.h5")
    describe(place / "songs.h5")
    return train_architectures(place / "songs.h5", place / "runs")


def train_architectures(songs_file: Path, runs: Path) -> int:
    """Trains and evaluates the four architectures at 1,000 songs; prints one table."""
    from representation_music.data_preprocessing.songs.dataset import SongDataset
    from representation_music.experiments.design.sizes import capped_sizes
    from representation_music.experiments.training.evaluation import evaluate_run
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
    from representation_music.experiments.training.train_run import train_run
    from representation_music.models.networks import ARCHITECTURES
    from representation_music.plots.runs.comparison import draw_comparison
    from representation_music.utils.signals import SAVED_NOT_FINISHED

    configure_tensorflow()
    dataset = SongDataset.load(songs_file)
    tasks = TASK_SETS["tightly_coupled"]
    base = DEFAULT.replace(dataset=str(songs_file), tasks=tasks)
    (size,) = capped_sizes(dataset, base, [1000])
    results = []
    for name in (network.name for network in ARCHITECTURES):
        print(f"Training {name} on {size} songs ...", flush=True)
        config = base.replace(architecture=name, training_size=size, experiment_name=name)
        record = train_run(config, runs, dataset=dataset)
        if record["status"] != "finished":
            return SAVED_NOT_FINISHED
        results.append(evaluate_run(Path(record["folder"]), dataset=dataset) | {"name": name})
    print_comparison(results, size)
    figures = draw_comparison([Path(result["folder"]) for result in results], runs.parent)
    print("Figures:", *figures, sep="\n  ")
    print(
        "Error curves of each run:",
        *(f"{r['folder']}/error-curves.png" for r in results),
        sep="\n  ",
    )
    print_next("repmusic", "evaluate", results[0]["folder"])
    return 0


def print_comparison(results: list[dict], size: int) -> None:
    """One row a predictor, the constant one first; AUC and 1 - accuracy of every task."""
    from representation_music.utils.console import print_table

    tasks = list(results[0]["test"])
    metrics = ("auc", "error")
    rows = [["constant predictor", *_cells(results[0]["test"], "constant", metrics), ""]]
    for result in results:
        parameters = f"{result['parameters'] / 1e6:.1f} M"
        rows.append([result["name"], *_cells(result["test"], "network", metrics), parameters])
    heads = [f"{task} {m}" for task in tasks for m in ("AUC", "1 - acc.")]
    songs = max(scored["songs"] for scored in results[0]["test"].values())
    print_table(
        f"Test split ({songs:,} songs), trained on {size:,} songs, seed 0",
        ["predictor", *heads, "parameters"],
        rows,
    )
    print(f"Data: {results[0]['data']}.")
    for result in results:
        print(f"{result['name']}: {result['verdict']}")


def _cells(test: dict, who: str, metrics: tuple[str, ...]) -> list[str]:
    return [decimal(scored[who][metric], 4) for scored in test.values() for metric in metrics]


if __name__ == "__main__":
    sys.exit(run_command(demo, program="demo.py"))
