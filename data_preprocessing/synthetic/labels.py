"""Labels of the synthetic songs: the tasks that the themes decide, and plausible noise beside them.

Tags belong to artists, as in the official files; everything else belongs to songs.
"""

from dataclasses import dataclass

import numpy as np

from representation_music.data_preprocessing.synthetic.songs import (
    Artists,
    SyntheticSettings,
    clean_scores,
)

#: Share of songs that carry each tag, as in the real sample; extra tags take EXTRA_TAG_RATE.
TAG_RATES = {"pop": 0.705, "pop rock": 0.294, "ballad": 0.196}
EXTRA_TAG_RATE = 0.3

#: Every artist with any tag carries this one, so that none of the tags can still be an answer.
TAG_OF_ALL = "music"

#: Mean and standard deviation of the real sample: decibels, years.
LOUDNESS = (-8.65, 4.19)
YEAR = (1998.9, 9.6)
YEARS = (1922, 2010)

#: Tagtraum's genres and their shares among its tracks.
GENRE_SHARES = {
    "Pop_Rock": 0.598,
    "Electronic": 0.114,
    "Jazz": 0.058,
    "Rap": 0.046,
    "Country": 0.039,
    "RnB": 0.029,
    "Reggae": 0.027,
    "Blues": 0.022,
    "Folk": 0.022,
    "Latin": 0.021,
    "International": 0.012,
    "New Age": 0.010,
    "Vocal": 0.002,
}

#: How much the themes decide a genre, against the noise of a standard Gumbel variable.
GENRE_STRENGTH = 1.0


@dataclass(frozen=True)
class SyntheticLabels:
    """Labels in the order of `Artists.of_song`; NaN or an empty name is missing.

    Args:
        tags: Tag to a [artists] boolean; meaningless where `tagged` is false.
        tagged: [artists] which artists have any tag.
        numeric: Numeric label to its [songs] values, in the units of the official files.
        genre: [songs] position in GENRE_SHARES, -1 where missing.
    """

    tags: dict[str, np.ndarray]
    tagged: np.ndarray
    numeric: dict[str, np.ndarray]
    genre: np.ndarray


def draw_labels(settings: SyntheticSettings, artists: Artists) -> SyntheticLabels:
    """Draws every label of every song and artist."""
    scores = clean_scores(settings, artists)
    songs_of_artist = np.bincount(artists.of_song)
    tags = {}
    for name in scores.keys() - {"loudness", "year"}:
        score = _noisy(settings, name, scores[name])
        tags[name] = _top_share(score, songs_of_artist, TAG_RATES.get(name, EXTRA_TAG_RATE))
    numeric = _noise_labels(settings, artists)
    loudness = _noisy(settings, "loudness", scores["loudness"][artists.of_song])
    numeric["loudness"] = LOUDNESS[0] + LOUDNESS[1] * loudness
    numeric["year"] = _years(_noisy(settings, "year", scores["year"][artists.of_song]))
    genre = _genres(settings, artists)
    for name in ("loudness", "year"):
        numeric[name][_missing(settings, name, len(genre))] = np.nan
    genre[_missing(settings, "genre", len(genre))] = -1
    tagged = ~_missing(settings, "tags", len(songs_of_artist))
    return SyntheticLabels(dict(sorted(tags.items())), tagged, numeric, genre)


def _noisy(settings: SyntheticSettings, name: str, clean: np.ndarray) -> np.ndarray:
    """The clean score with `settings.noise` of its variance exchanged for noise."""
    noise = settings.stream("noise", name).standard_normal(len(clean))
    return np.sqrt(1 - settings.noise) * clean + np.sqrt(settings.noise) * noise


def _top_share(score: np.ndarray, songs: np.ndarray, share: float) -> np.ndarray:
    """[artists] whether an artist is among the highest scores that together have `share` of songs.

    The base rate is thereby met among songs, to within one artist.
    """
    order = np.argsort(-score, kind="stable")
    chosen = np.zeros(len(score), bool)
    chosen[order] = np.cumsum(songs[order]) - songs[order] / 2 <= share * songs.sum()
    return chosen


def _years(score: np.ndarray) -> np.ndarray:
    """[songs] whole years in the order of `score`, with the real sample's mean and deviation.

    Years before 2011 follow a gamma distribution: most are recent, few are old.
    """
    from scipy.special import gammaincinv

    mean, sd = YEARS[1] + 0.5 - YEAR[0], YEAR[1]
    rank = np.empty(len(score))
    rank[np.argsort(-score, kind="stable")] = (np.arange(len(score)) + 0.5) / len(score)
    age = gammaincinv((mean / sd) ** 2, rank) * sd**2 / mean
    return np.clip(np.round(YEARS[1] + 0.5 - age), *YEARS)


def _genres(settings: SyntheticSettings, artists: Artists) -> np.ndarray:
    """[songs] the genre of highest score: its base rate, the artist's themes, and noise."""
    stream = settings.stream("genre")
    shares = np.array(list(GENRE_SHARES.values()))
    mixture = np.hstack([artists.target_themes, artists.other_themes])
    affinity = stream.standard_normal((mixture.shape[1], len(shares)))
    score = np.log(shares) + GENRE_STRENGTH * (mixture @ affinity)[artists.of_song]
    return np.argmax(score + stream.gumbel(size=score.shape), axis=1)


def _noise_labels(settings: SyntheticSettings, artists: Artists) -> dict[str, np.ndarray]:
    """[songs] labels that no theme decides, distributed as in the real sample."""
    stream = settings.stream("noise labels")
    songs, num_artists = len(artists.of_song), int(artists.of_song.max()) + 1
    keys = [0.10, 0.084, 0.124, 0.026, 0.093, 0.067, 0.069, 0.140, 0.057, 0.106, 0.063, 0.071]
    beats = {0: 0.001, 1: 0.108, 3: 0.115, 4: 0.694, 5: 0.056, 7: 0.026}
    hotttnesss = np.clip(stream.normal(0.47, 0.22, songs), 0.0, 1.0)
    hotttnesss[stream.random(songs) < 0.29] = np.nan
    numeric = {
        "tempo": np.clip(stream.normal(125.6, 34.7, songs), 30, 260),
        "duration": np.clip(stream.gamma(7.9, 29.5, songs), 10, 1200),
        "key": stream.choice(12, songs, p=keys),
        "mode": stream.random(songs) < 0.703,
        "time_signature": stream.choice(list(beats), songs, p=list(beats.values())),
        "song_hotttnesss": hotttnesss,
        "artist_hotttnesss": np.clip(stream.normal(0.465, 0.126, num_artists), 0.01, 1),
        "artist_familiarity": np.clip(stream.normal(0.664, 0.136, num_artists), 0.01, 1),
    }
    for name in ("artist_hotttnesss", "artist_familiarity"):
        numeric[name] = numeric[name][artists.of_song]
    return {name: np.asarray(values, np.float64) for name, values in numeric.items()}


def _missing(settings: SyntheticSettings, name: str, size: int) -> np.ndarray:
    return settings.stream("missing", name).random(size) < settings.missing
