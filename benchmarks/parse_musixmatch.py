"""How much faster the musiXmatch text reader is than the obvious Python loop, on the same file.

Both run in this process, in turns, and must give the same words, ids, counts and order.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tyro
from measuring import median_and_spread, ratios

from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.data_preprocessing.sources.official_files.find import LYRICS_TEXTS
from representation_music.data_preprocessing.synthesize import synthesize
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, progress


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
        songs: Synthetic songs to write, where no file is given.
        repeats: How often each reader reads the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            synthesize(Path(folder), SyntheticSettings(songs=songs))
            path = Path(folder) / LYRICS_TEXTS[0]
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
        slow, fast = ([times[clock] for times in of] for of in (loop, reader))
        samples = {"plain loop, s": slow, "reader, s": fast, "ratio": ratios(fast, slow)}
        rows += [[f"{name}: {what}", *median_and_spread(of)] for what, of in samples.items()]
    print(f"{num_songs:,} songs, {size:.1f} MB; both readers gave the same; {repeats} repeats")
    print_table("", ["", "median", "spread"], rows)


if __name__ == "__main__":
    raise SystemExit(run_command(benchmark))
