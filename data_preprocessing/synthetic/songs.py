"""Synthetic songs: latent themes give rise to the words of a song and to its labels.

They make experiments possible whose right answer is known beforehand.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from representation_music.utils.errors import InputError

#: Setting: its lowest and highest value.
LIMITS = {
    "songs": (1, 2_000_000),
    "songs_without_words": (0, 2_000_000),
    "seed": (0, 2**32 - 1),
    "songs_per_artist": (1, 1e6),
    "test_share": (0, 1),
    "correlation": (-1, 1),
    "loose_correlation": (-1, 1),
    "shared_themes": (0, 1),
    "noise": (0, 1),
    "missing": (0, 1),
    "extra_tags": (0, 10_000),
    "extra_correlations": (-1, 1),
    "extra_shared_themes": (0, 1),
    "themes": (3, 1000),
    "theme_concentration": (1e-3, 1e3),
    "theme_weight": (0, 1),
    "theme_sparsity": (1e-3, 1e3),
    "background_themes": (0, 1000),
    "background_weight": (0, 1),
    "common_words": (0.1, 1e6),
    "repetition": (1, 1e6),
    "repetition_spread": (0, 3),
    "log_length": (0, 6.5),
    "log_length_spread": (0, 3),
}


@dataclass(frozen=True)
class SyntheticSettings:
    """Everything that decides the synthetic songs.

    Words and the target's labels depend on none of `correlation`, `loose_correlation`,
    `shared_themes` and the extra tags, so the same seed gives the same songs and target across
    those dials: only the auxiliary labels change.

    Args:
        songs: Songs with a bag of words.
        songs_without_words: Further songs that only the summary file lists.
        seed: Seed of all draws.
        songs_per_artist: Mean of the geometric distribution of songs an artist has.
        test_share: Share of the artists whose songs stand in musiXmatch's test file.
        correlation: Correlation of the clean scores of `pop rock` and `ballad` with `pop`'s.
            At 0 they are uncorrelated; independent only if `shared_themes` is 0 as well. Below 0
            they read the target's themes with the opposite sign.
        loose_correlation: The same for `loudness` and `year`.
        shared_themes: Share of the rest of an auxiliary's clean score (what the correlation leaves)
            that comes from the target's own themes; the remainder comes from themes, and words,
            that have nothing to do with the target. With correlation 0 and 0 here, target and
            auxiliaries have neither theme nor word in common.
        noise: Share of a label score's variance that no word tells.
        missing: Share of the songs without loudness, without year and without genre, and of the
            artists without any tag.
        extra_tags: Further auxiliary tags, named `extra 1`, `extra 2`, ...
        extra_correlations: Their correlations with `pop`, used in turn; `correlation` if none.
        extra_shared_themes: What stands for `shared_themes` there, in turn; the same if none.
        themes: Themes the target reads; there are as many others.
        theme_concentration: Dirichlet parameter of an artist's mixture of themes; small is pure.
        theme_weight: Share of a song's words that come from its themes.
        theme_sparsity: Gamma shape of a word's weight in a theme; small is sparse.
        background_themes: Themes that no task reads, which vary from song to song: the b-th
            commonest takes a share of 1/b. Without them the leading components of the songs' words
            are the tasks' themes.
        background_weight: Share of a song's words, but for the commonest, that come from these.
        common_words: Concentration of the beta distribution of a song's share of the 50
            commonest words, whose mean is .46; some songs, often of another language, have few.
        repetition: Dirichlet concentration of a song's words of 200 tokens; small repeats more.
        repetition_spread: Standard deviation of its logarithm between songs.
        log_length: Centre of the logarithm of a song's tokens.
        log_length_spread: Scale of the same (Student's t of 4 degrees of freedom).
    """

    songs: int = 10_000
    songs_without_words: int = 0
    seed: int = 0
    songs_per_artist: float = 1.87
    test_share: float = 0.114
    correlation: float = 0.9
    loose_correlation: float = 0.0
    shared_themes: float = 1.0
    noise: float = 0.2
    missing: float = 0.0
    extra_tags: int = 0
    extra_correlations: tuple[float, ...] = ()
    extra_shared_themes: tuple[float, ...] = ()
    themes: int = 10
    theme_concentration: float = 0.2
    theme_weight: float = 0.8
    theme_sparsity: float = 0.05
    background_themes: int = 0
    background_weight: float = 0.35
    common_words: float = 6.0
    repetition: float = 190.0
    repetition_spread: float = 0.6
    log_length: float = 5.18
    log_length_spread: float = 0.5

    def __post_init__(self):
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not all(low <= each <= high for each in np.atleast_1d(value)):
                flag = "--" + name.replace("_", "-")
                raise InputError(flag, str(value), f"{low:g} to {high:g}")

    def stream(self, *name: str | int) -> np.random.Generator:
        """The random numbers of one named draw: no draw disturbs another's."""
        return np.random.default_rng(
            [self.seed, *(crc32(part.encode()) if isinstance(part, str) else part for part in name)]
        )

    @property
    def auxiliaries(self) -> dict[str, tuple[float, float]]:
        """Each auxiliary's correlation with the target, and the share of the rest that is of the
        target's themes."""
        named = {"pop rock": self.correlation, "ballad": self.correlation}
        named |= {"loudness": self.loose_correlation, "year": self.loose_correlation}
        found = {name: (correlation, self.shared_themes) for name, correlation in named.items()}
        correlations = self.extra_correlations or (self.correlation,)
        shared = self.extra_shared_themes or (self.shared_themes,)
        for i in range(self.extra_tags):
            dials = correlations[i % len(correlations)], shared[i % len(shared)]
            found[f"extra {i + 1}"] = dials
        return found


@dataclass(frozen=True)
class Artists:
    """Who made which song, and the mixtures of themes that all songs of an artist share.

    Args:
        of_song: [songs] artist of each song; the songs without words come last.
        target_themes: [artists, themes] mixture of the themes the target reads.
        other_themes: [artists, themes] mixture of the themes it does not read.
    """

    of_song: np.ndarray
    target_themes: np.ndarray
    other_themes: np.ndarray


def draw_artists(settings: SyntheticSettings) -> Artists:
    """Deals the songs to artists and draws each artist's mixtures of themes."""
    total = settings.songs + settings.songs_without_words
    stream = settings.stream("artists")
    sizes = stream.geometric(1 / settings.songs_per_artist, size=total)
    of_song = np.repeat(np.arange(total), sizes)[:total]
    stream.shuffle(of_song)
    num_artists = int(of_song.max()) + 1
    alpha = np.full(settings.themes, settings.theme_concentration)
    return Artists(
        of_song,
        settings.stream("target themes").dirichlet(alpha, num_artists),
        settings.stream("other themes").dirichlet(alpha, num_artists),
    )


def clean_scores(settings: SyntheticSettings, artists: Artists) -> dict[str, np.ndarray]:
    """What the themes say of each task: `pop` (the target) and every auxiliary, [artists].

    Each has mean 0 and variance 1 and, in expectation, exactly the asked correlation with `pop`.
    A symmetric Dirichlet mixture z of K themes with parameter a has covariance
    c (I - 11'/K), c = 1/(K (K a + 1)); so u = (z - 1/K)/sqrt(c) has unit variance in every
    direction that sums to 0, and orthogonal directions are uncorrelated.
    """
    k = settings.themes
    scale = np.sqrt(k * (k * settings.theme_concentration + 1))
    shared = (artists.target_themes - 1 / k) * scale
    other = (artists.other_themes - 1 / k) * scale
    flat = np.full(k, k**-0.5)
    target = _direction(settings.stream("direction", "pop"), [flat])
    shared_taken, other_taken = [flat, target], [flat]
    scores = {"pop": shared @ target}
    for name, (rho, of_shared) in settings.auxiliaries.items():
        stream = settings.stream("direction", name)
        own_shared = _direction(stream, shared_taken if len(shared_taken) < k else [flat, target])
        own_other = _direction(stream, other_taken if len(other_taken) < k else [flat])
        shared_taken.append(own_shared)
        other_taken.append(own_other)
        rest = np.sqrt(of_shared) * (shared @ own_shared)
        rest += np.sqrt(1 - of_shared) * (other @ own_other)
        scores[name] = rho * scores["pop"] + np.sqrt(1 - rho**2) * rest
    return scores


def _direction(stream: np.random.Generator, orthonormal: list[np.ndarray]) -> np.ndarray:
    """A random unit vector orthogonal to those given."""
    vector = stream.standard_normal(len(orthonormal[0]))
    for taken in orthonormal:
        vector -= (vector @ taken) * taken
    return vector / np.linalg.norm(vector)
