"""How much faster the musiXmatch text reader is than the obvious Python loop, on the same file.

Both run in this process, in turns, and must give the same words, ids, counts and order.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tyro

from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, progress

NUM_WORDS = 5000


def write_synthetic_lyrics(path: Path, num_songs: int, seed: int = 0) -> None:
    """Writes a file in the official format, with counts about as long as real ones.

    Word probabilities fall with rank as in English, and a song repeats its common words, so that
    words and tokens a song come out close to those of the real files.
    """
    generator = np.random.default_rng(seed)
    rank = np.arange(NUM_WORDS) + 2.7
    shares = rank**-1.05 / (rank**-1.05).sum()
    with open(path, "w", encoding="utf-8") as file:
        file.write("# TRAINING SET\n# synthetic\n%")
        file.write(",".join(f"word{number}" for number in range(NUM_WORDS)) + "\n")
        for song in range(num_songs):
            length = generator.lognormal(5.2, 0.7)
            drawn = generator.choice(NUM_WORDS, size=int(length / 1.95) + 1, p=shares)
            words = np.unique(drawn) + 1
            counts = generator.geometric(np.where(words <= 60, 1 / 5, 1 / 1.4))
            pairs = ",".join(f"{w}:{c}" for w, c in zip(words, counts, strict=True))
            file.write(f"TRAAAAA128F{song:07X},{generator.integers(1, 10**7)},{pairs}\n")


def read_by_loop(path: Path) -> tuple[list[str], list[str], list[int], list[int], list[int]]:
    """The obvious reader: words, track ids, indptr, indices from 0, counts. Checks nothing."""
    words, track_ids, indptr, indices, counts = [], [], [0], [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            if line.startswith("%"):
                words = line[1:].rstrip("\n").split(",")
                continue
            fields = line.rstrip("\n").split(",")
            track_ids.append(fields[0])
            for pair in fields[2:]:
                index, count = pair.split(":")
                indices.append(int(index) - 1)
                counts.append(int(count))
            indptr.append(len(indices))
    return words, track_ids, indptr, indices, counts


def assert_same(path: Path) -> int:
    """Asserts that both readers give the same; returns the number of songs."""
    words, track_ids, indptr, indices, counts = read_by_loop(path)
    bags = read_musixmatch_text(path)
    assert bags.words == words
    np.testing.assert_array_equal(bags.track_ids, np.array(track_ids, "S18"))
    np.testing.assert_array_equal(bags.indptr, indptr)
    np.testing.assert_array_equal(bags.indices, indices)
    np.testing.assert_array_equal(bags.counts, counts)
    return bags.num_songs


def seconds(function: Callable, path: Path) -> tuple[float, float]:
    """How long `function(path)` takes: (wall, processor)."""
    wall, processor = time.perf_counter(), time.process_time()
    function(path)
    return time.perf_counter() - wall, time.process_time() - processor


def benchmark(
    path: tyro.conf.Positional[Path | None] = None, /, songs: int = 50_000, repeats: int = 7
) -> None:
    """Measures both readers in turns; prints the medians, their ratio and its spread.

    Args:
        path: A musiXmatch text file; a synthetic one is made if not given.
        songs: Songs in the synthetic file.
        repeats: How often each reader reads the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            path = Path(folder) / "mxm_dataset_train.txt"
            write_synthetic_lyrics(path, songs)
        num_songs = assert_same(path)
        loop, reader = [], []
        with progress("Reading", repeats) as done:
            for _ in range(repeats):
                loop.append(seconds(read_by_loop, path))
                reader.append(seconds(read_musixmatch_text, path))
                done()
        size = path.stat().st_size / 1e6
    rows = []
    # Where other programs keep the processors busy, wall time measures them as well.
    for clock, name in enumerate(("wall", "processor")):
        slow, fast = [t[clock] for t in loop], [t[clock] for t in reader]
        ratios = [a / b for a, b in zip(slow, fast, strict=True)]
        for text, values in (("plain loop, s", slow), ("reader, s", fast), ("ratio", ratios)):
            numbers = (statistics.median(values), min(values), max(values))
            rows.append([f"{name}: {text}", *(f"{number:.2f}" for number in numbers)])
    print(f"{num_songs:,} songs, {size:.1f} MB; both readers gave the same; {repeats} repeats")
    print_table("", ["", "median", "lowest", "highest"], rows)


if __name__ == "__main__":
    raise SystemExit(run_command(benchmark))
