"""Times `preprocess` at the size of the official files: 237,662 bags of words, 1,000,000 rows.

The songs are synthetic, in the official formats. Bound: 180 s and 3 GB on 2 cores.
Run: `python benchmarks/preprocess_full_scale.py` (`--songs 2000 --rows 8000` for a quick look).
"""

import sys
import tempfile
import time
from pathlib import Path

import tyro
from measuring import repmusic

from representation_music.data_preprocessing.songs.dataset import SongDataset

MAX_SECONDS = 180
MAX_GIGABYTES = 3.0


def benchmark(songs: int = 237_662, rows: int = 1_000_000, folder: Path | None = None) -> int:
    """Makes the files, preprocesses them in a process of its own and prints time and memory.

    Args:
        songs: Songs with a bag of words.
        rows: Rows of the summary file.
        folder: Where the files go and stay; a temporary folder if not named.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = folder or Path(temporary)
        raw, output = folder / "raw", folder / "songs.h5"
        if not (raw / "synthetic.json").exists():
            made = repmusic(
                "synthesize", raw, "--songs", songs, "--songs-without-words", rows - songs
            )
            print(f"made {songs:,} songs and {rows:,} summary rows in {made.seconds:.1f} s")
        raw_size = sum(path.stat().st_size for path in raw.iterdir()) / 1e6
        used = repmusic("preprocess", raw, "-o", output)
        print(used.output, end="")
        start = time.perf_counter()
        dataset = SongDataset.load(output)
        load_seconds = time.perf_counter() - start
        entries = dataset.counts.nnz
        print(
            f"preprocessed {raw_size:.0f} MB, {dataset.num_songs:,} songs, {entries:,} entries\n"
            f"seconds {used.seconds:.1f} (bound {MAX_SECONDS}), of them on the processor "
            f"{used.processor_seconds:.1f}; peak memory {used.gigabytes:.2f} GB "
            f"(bound {MAX_GIGABYTES})\n"
            f"songs file {output.stat().st_size / 1e6:.0f} MB, loaded in {load_seconds:.2f} s"
        )
    return 0 if used.seconds < MAX_SECONDS and used.gigabytes < MAX_GIGABYTES else 1


if __name__ == "__main__":
    sys.exit(tyro.cli(benchmark))
