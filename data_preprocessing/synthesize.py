"""`repmusic synthesize`: writes synthetic songs as a folder of official files.

Whatever runs on the real files runs on these; `synthetic.json` among them tells what they are.
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import tyro

from representation_music.data_preprocessing.synthetic import lyrics as synthetic_lyrics
from representation_music.data_preprocessing.synthetic import official_formats
from representation_music.data_preprocessing.synthetic import songs as synthetic_songs
from representation_music.data_preprocessing.synthetic.labels import (
    GENRE_SHARES,
    TAG_OF_ALL,
    SyntheticLabels,
    draw_labels,
)
from representation_music.data_preprocessing.synthetic.names import made_up_words, unique_ids
from representation_music.data_preprocessing.synthetic.songs import Artists, SyntheticSettings
from representation_music.utils.console import progress, say
from representation_music.utils.errors import InputError
from representation_music.utils.files import write_text
from representation_music.utils.reading import exists

#: What the folder holds beside `synthetic.json`.
FILES = (
    "mxm_dataset_train.txt",
    "mxm_dataset_test.txt",
    "msd_summary_file.h5",
    "artist_term.db",
    "tracks_per_year.txt",
    "msd_tagtraum_cd1.cls",
)

DEFAULTS = SyntheticSettings()


def synthesize(
    out_dir: tyro.conf.Positional[Path],
    settings: tyro.conf.OmitArgPrefixes[SyntheticSettings] = DEFAULTS,
) -> None:
    """Writes synthetic songs with planted tasks, in the official file formats.

    Args:
        out_dir: Folder to write; files of the same names are replaced.
        settings: What decides the songs.

    Raises:
        InputError: if the folder holds official files that are not synthetic.
    """
    out_dir = Path(out_dir)
    mark_synthetic(out_dir, asdict(settings))
    artists = synthetic_songs.draw_artists(settings)
    labels = draw_labels(settings, artists)
    total = len(artists.of_song)
    track_ids = unique_ids("TR", "128F", total, settings.stream("track ids"))
    artist_ids = unique_ids("AR", "1187", len(labels.tagged), settings.stream("artist ids"))
    with progress("songs", settings.songs + total) as advance:
        _write_lyrics(out_dir, settings, artists, track_ids, advance)
        _write_summary(out_dir, settings, artists, labels, track_ids, artist_ids, advance)
    terms = {name: carried & labels.tagged for name, carried in labels.tags.items()}
    terms[TAG_OF_ALL] = labels.tagged
    official_formats.write_artist_terms(out_dir / "artist_term.db", artist_ids, terms, {})
    official_formats.write_tracks_per_year(
        out_dir / "tracks_per_year.txt", track_ids, labels.numeric["year"]
    )
    genres = [*GENRE_SHARES, ""]
    official_formats.write_tagtraum(
        out_dir / "msd_tagtraum_cd1.cls", track_ids, [genres[genre] for genre in labels.genre]
    )
    say(
        f"{out_dir}: {settings.songs:,} synthetic songs of {len(artist_ids):,} artists, "
        f"{total:,} rows in the summary file, seed {settings.seed}"
    )


def mark_synthetic(out_dir: Path, parameters: dict) -> None:
    """Writes `synthetic.json`, which keeps what stands beside it from passing for real songs.

    Raises:
        InputError: if the folder holds files of these names already, and no such mark.
    """
    mark = out_dir / "synthetic.json"
    foreign = [name for name in FILES if exists(out_dir / name)]
    if foreign and not exists(mark):
        raise InputError(
            out_dir / foreign[0],
            "a file that this command did not write",
            "a new folder, or one of synthetic songs",
            "Name another folder.",
        )
    write_text(mark, json.dumps(parameters, indent=2) + "\n")


def _write_lyrics(
    out_dir: Path, settings: SyntheticSettings, artists: Artists, track_ids: np.ndarray, advance
) -> None:
    counts = synthetic_lyrics.draw_counts(settings, artists, advance)
    words = made_up_words(settings.stream("word stems"))
    stream = settings.stream("test artists")
    in_test = (stream.random(len(artists.target_themes)) < settings.test_share)[artists.of_song]
    mxm_ids = settings.stream("mxm ids").integers(1, 15_000_000, settings.songs)
    order = np.argsort(track_ids[: settings.songs])
    for name, heading, test in (("train", "TRAINING", False), ("test", "TESTING", True)):

        def songs(chosen=order[in_test[order] == test]):
            for i in chosen:
                cells = slice(counts.indptr[i], counts.indptr[i + 1])
                yield track_ids[i], mxm_ids[i], counts.indices[cells], counts.data[cells]

        official_formats.write_musixmatch_text(
            out_dir / f"mxm_dataset_{name}.txt", f"{heading} SET", words, songs()
        )


def _write_summary(
    out_dir: Path,
    settings: SyntheticSettings,
    artists: Artists,
    labels: SyntheticLabels,
    track_ids: np.ndarray,
    artist_ids: np.ndarray,
    advance,
) -> None:
    columns = dict(labels.numeric, track_id=track_ids, artist_id=artist_ids[artists.of_song])
    columns["year"] = np.nan_to_num(columns["year"], nan=0.0)
    # The official file has an order of its own, so alignment by position must fail on ours too.
    order = settings.stream("summary order").permutation(len(track_ids))
    official_formats.write_summary_file(
        out_dir / "msd_summary_file.h5",
        {name: values[order] for name, values in columns.items()},
        advance,
    )
