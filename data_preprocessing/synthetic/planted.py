"""Songs with planted relatedness as a songs file at once, without official files in between."""

from dataclasses import asdict, replace

import numpy as np

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.synthetic.labels import draw_labels
from representation_music.data_preprocessing.synthetic.lyrics import draw_counts
from representation_music.data_preprocessing.synthetic.names import made_up_words, unique_ids
from representation_music.data_preprocessing.synthetic.songs import SyntheticSettings, draw_artists


def planted_songs(settings: SyntheticSettings) -> SongDataset:
    """The songs that `repmusic synthesize` writes, with their planted labels and an artist split.

    Labels that no theme decides (key, tempo, ...), genres and songs without words are left out.
    """
    settings = replace(settings, songs_without_words=0)
    artists = draw_artists(settings)
    labels = draw_labels(settings, artists)
    of_song = artists.of_song
    known = labels.tagged[of_song]
    columns = {
        name: LabelColumn("binary", np.where(known, carried[of_song], np.nan))
        for name, carried in labels.tags.items()
    }
    for name, unit in (("loudness", "dB"), ("year", "years")):
        columns[name] = LabelColumn("regression", labels.numeric[name], unit=unit)
    artist_ids = unique_ids("AR", "1187", len(labels.tagged), settings.stream("artist ids"))
    dataset = SongDataset.from_bags(
        draw_counts(settings, artists),
        made_up_words(settings.stream("word stems")),
        unique_ids("TR", "128F", settings.songs, settings.stream("track ids")),
        artist_ids[of_song],
        columns,
        seed=settings.seed,
    )
    dataset.kind = "synthetic"
    dataset.provenance = {"made": "planted", "settings": asdict(settings)}
    return dataset
