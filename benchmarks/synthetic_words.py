"""How like real lyrics the synthetic ones are: word statistics of folders of official files.

Run `python benchmarks/synthetic_words.py FOLDER...` with any folders, real or synthetic; synthetic
songs of the default settings and those of the study `controls` stand in the last columns.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tyro
from scipy.sparse import vstack

from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.data_preprocessing.sources.official_files.find import LYRICS_TEXTS
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.experiments.studies.controls import PLANTED
from representation_music.experiments.training.lyrics import decomposed
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table
from representation_music.utils.errors import InputError

QUANTILES = (5, 25, 50, 75, 95, 99)
RANKS = (1, 10, 50, 100, 500, 1000)
SPECTRUM_SONGS = 2500


def word_statistics(folder: Path) -> dict[str, str]:
    """Name of each statistic to its value, over the songs of a folder's musiXmatch texts."""
    paths = [folder / name for name in LYRICS_TEXTS if (folder / name).exists()]
    if not paths:
        raise InputError(folder, "no bags of words", " or ".join(LYRICS_TEXTS))
    bags = [read_musixmatch_text(path) for path in paths]
    distinct = np.concatenate([np.diff(bag.indptr) for bag in bags])
    tokens = np.concatenate([np.add.reduceat(bag.counts, bag.indptr[:-1]) for bag in bags])
    counts = np.concatenate([bag.counts for bag in bags])
    words = np.concatenate([bag.indices for bag in bags])
    shares = np.sort(np.bincount(words, counts, len(bags[0].words)))[::-1] / counts.sum()
    frequency = np.sort(np.bincount(words, minlength=len(bags[0].words)))[::-1] / len(distinct)
    rows = {"songs": f"{len(distinct):,}"}
    for name, values in (("distinct words per song", distinct), ("tokens per song", tokens)):
        rows[f"{name}, mean"] = f"{values.mean():.1f}"
        rows[f"{name}, sd"] = f"{values.std():.1f}"
        percentiles = np.percentile(values, QUANTILES)
        rows[f"{name}, percentiles {', '.join(map(str, QUANTILES))}"] = " ".join(
            f"{value:.0f}" for value in percentiles
        )
    logs = np.corrcoef(np.log(distinct), np.log(tokens))[0, 1]
    rows["correlation of their logarithms"] = f"{logs:.3f}"
    for count in (1, 2):
        rows[f"share of counts that are {count}"] = f"{np.mean(counts == count):.3f}"
    rows["share of counts of 10 or more"] = f"{np.mean(counts >= 10):.3f}"
    for rank in RANKS:
        rows[f"tokens in the {rank:,} commonest words"] = f"{shares[:rank].sum():.3f}"
    for rank in (1, 100, 1000):
        rows[f"songs with word {rank:,} by song frequency"] = f"{frequency[rank - 1]:.4f}"
    return rows | spectrum(bags)


def spectrum(bags) -> dict[str, str]:
    """Share of the variance of tf-idf rows that the leading components hold, of 2,500 songs."""
    counts = vstack([bag.to_csr() for bag in bags], format="csr")
    order = np.random.default_rng(0).permutation(counts.shape[0])
    counts = counts[np.sort(order[:SPECTRUM_SONGS])]
    found = decomposed(counts, "tfidf")
    rows = found.words.read(counts)
    total = (rows.data**2).sum() / counts.shape[0] - (rows.mean(axis=0) ** 2).sum()
    shares = np.cumsum(found.variance) / total
    return {f"variance in {k} components": f"{shares[k - 1]:.3f}" for k in (1, 3, 10, 30, 100)}


def compare(folders: tyro.conf.Positional[tuple[Path, ...]] = (), songs: int = 10_000) -> None:
    """Prints word statistics of folders of official files beside those of synthetic songs.

    Args:
        folders: Folders that hold musiXmatch texts.
        songs: Synthetic songs to compare with.
    """
    columns = {folder.name: word_statistics(folder) for folder in folders}
    for name, settings in (("synthetic", {}), ("controls", PLANTED)):
        with TemporaryDirectory() as folder:
            synthesize(Path(folder), SyntheticSettings(songs=songs, **settings))
            columns[name] = word_statistics(Path(folder))
    names = columns["synthetic"]
    print_table(
        "Words of songs",
        ["statistic", *columns],
        [[name, *(column[name] for column in columns.values())] for name in names],
    )


if __name__ == "__main__":
    raise SystemExit(run_command(compare))
