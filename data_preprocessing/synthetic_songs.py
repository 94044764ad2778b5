"""Synthetic songs: latent themes give rise to the words of a song and to its labels.

They make experiments possible whose right answer is known beforehand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from representation_music.utils.errors import InputError

NUM_WORDS = 5000
#: The commonest words (the, you, to, ...) tell nothing about a song's themes.
NUM_COMMON_WORDS = 50
#: Songs made at a time; with the seed it decides every draw, so it is no option.
BLOCK = 8192

#: Setting: its lowest and highest value.
LIMITS = {
    "songs": (1, 2_000_000),
    "songs_without_words": (0, 2_000_000),
    "seed": (0, 2**32 - 1),
    "songs_per_artist": (1, 1e6),
    "test_share": (0, 1),
    "correlation": (0, 1),
    "loose_correlation": (0, 1),
    "shared_themes": (0, 1),
    "noise": (0, 1),
    "missing": (0, 1),
    "extra_tags": (0, 10_000),
    "extra_correlations": (0, 1),
    "themes": (3, 1000),
    "theme_concentration": (1e-3, 1e3),
    "theme_weight": (0, 1),
    "theme_sparsity": (1e-3, 1e3),
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
        themes: Themes the target reads; there are as many others.
        theme_concentration: Dirichlet parameter of an artist's mixture of themes; small is pure.
        theme_weight: Share of a song's words that come from its themes.
        theme_sparsity: Gamma shape of a word's weight in a theme; small is sparse.
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
    themes: int = 10
    theme_concentration: float = 0.2
    theme_weight: float = 0.8
    theme_sparsity: float = 0.05
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
    def auxiliary_correlations(self) -> dict[str, float]:
        """Correlation of every auxiliary's clean score with the target's."""
        named = {"pop rock": self.correlation, "ballad": self.correlation}
        named |= {"loudness": self.loose_correlation, "year": self.loose_correlation}
        extra = self.extra_correlations or (self.correlation,)
        return named | {f"extra {i + 1}": extra[i % len(extra)] for i in range(self.extra_tags)}


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
    for name, rho in settings.auxiliary_correlations.items():
        stream = settings.stream("direction", name)
        own_shared = _direction(stream, shared_taken if len(shared_taken) < k else [flat, target])
        own_other = _direction(stream, other_taken if len(other_taken) < k else [flat])
        shared_taken.append(own_shared)
        other_taken.append(own_other)
        rest = np.sqrt(settings.shared_themes) * (shared @ own_shared)
        rest += np.sqrt(1 - settings.shared_themes) * (other @ own_other)
        scores[name] = rho * scores["pop"] + np.sqrt(1 - rho**2) * rest
    return scores


def _direction(stream: np.random.Generator, orthonormal: list[np.ndarray]) -> np.ndarray:
    """A random unit vector orthogonal to those given."""
    vector = stream.standard_normal(len(orthonormal[0]))
    for taken in orthonormal:
        vector -= (vector @ taken) * taken
    return vector / np.linalg.norm(vector)


def word_probabilities() -> np.ndarray:
    """[words] share of each word in all lyrics, commonest first.

    Three power laws of the rank, fitted so that the songs drawn with themes have the frequencies
    of real lyrics.
    """
    rank = np.arange(1.0, NUM_WORDS + 1)
    weights = ((rank + 2) / 52) ** -0.9
    weights[50:] = 0.87 * (rank[50:] / 50) ** -1.08
    weights[1000:] = weights[999] * (rank[1000:] / 1000) ** -1.3
    return weights / weights.sum()


@dataclass(frozen=True)
class Vocabulary:
    """Where words come from.

    Args:
        sources: [2 + 2 themes, words] probabilities: the common words, the background of all
            others, the target's themes, the other themes.
        target_weight: Share of all lyrics that is of words which the target's themes move.
        other_weight: The same of the other themes; the two move no word in common.
    """

    sources: np.ndarray
    target_weight: float
    other_weight: float


def draw_vocabulary(settings: SyntheticSettings) -> Vocabulary:
    """Draws the themes: half of the words belong to the target's themes, half to the others."""
    background = word_probabilities()
    stream = settings.stream("vocabulary")
    common = np.arange(NUM_WORDS) < NUM_COMMON_WORDS
    halves = np.zeros(NUM_WORDS, bool)
    halves[stream.permutation(np.arange(NUM_COMMON_WORDS, NUM_WORDS))[::2]] = True
    weights = stream.gamma(
        settings.theme_sparsity,
        1 / settings.theme_sparsity,
        size=(2, settings.themes, NUM_WORDS),
    )
    themes = background * weights * np.stack([halves, ~halves & ~common])[:, None, :]
    themes = themes.reshape(-1, NUM_WORDS)
    sources = np.vstack([background * common, background * ~common, themes])
    return Vocabulary(
        sources / sources.sum(axis=1, keepdims=True),
        float(background[halves].sum()),
        float(background[~halves & ~common].sum()),
    )


def draw_bags_of_words(
    settings: SyntheticSettings, artists: Artists, vocabulary: Vocabulary
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yields blocks of songs as CSR: (indptr [songs + 1], word indices from 0, counts).

    A song of theme words q has theta ~ Dirichlet(A q) and counts ~ Poisson(N theta), N of its
    length. With a gamma-distributed N that is a negative binomial for each word, drawn here as
    what it equals: Poisson-many groups of repeats, each of one word of q and of
    logarithmic size, so the work grows with the tokens and not with the vocabulary.
    """
    moved = vocabulary.target_weight + vocabulary.other_weight
    cumulative = np.cumsum(vocabulary.sources, axis=1)
    cumulative = cumulative / cumulative[:, -1:] + np.arange(len(cumulative))[:, None]
    for number, start in enumerate(range(0, settings.songs, BLOCK)):
        of_song = artists.of_song[start : min(start + BLOCK, settings.songs)]
        songs = len(of_song)
        stream = settings.stream("words", number)
        spread = settings.log_length_spread * stream.standard_t(4, songs)
        length = np.exp(np.minimum(settings.log_length + spread, np.log(900)))
        # Long songs (rap) repeat less for their length: as measured on real songs.
        repetition = settings.repetition * np.sqrt(length / 200)
        repetition *= np.exp(settings.repetition_spread * stream.standard_normal(songs))
        groups = np.maximum(stream.poisson(repetition * np.log1p(length / repetition)), 1)
        song = np.repeat(np.arange(songs), groups)
        common = stream.beta(
            settings.common_words * (1 - moved), settings.common_words * moved, (songs, 1)
        )
        thematic = (1 - common) * settings.theme_weight / moved
        weights = np.hstack(
            [
                common,
                (1 - common) * (1 - settings.theme_weight),
                thematic * vocabulary.target_weight * artists.target_themes[of_song],
                thematic * vocabulary.other_weight * artists.other_themes[of_song],
            ]
        )
        mixture = np.cumsum(weights, axis=1)
        mixture = mixture / mixture[:, -1:] + np.arange(songs)[:, None]
        source = np.searchsorted(mixture.ravel(), song + stream.random(len(song)), "right")
        source = np.minimum(source - song * mixture.shape[1], mixture.shape[1] - 1)
        word = np.searchsorted(cumulative.ravel(), source + stream.random(len(song)), "right")
        word = np.minimum(word - source * NUM_WORDS, NUM_WORDS - 1)
        repeats = stream.logseries((length / (length + repetition))[song])
        cells, place = np.unique(song * NUM_WORDS + word, return_inverse=True)
        counts = np.bincount(place, repeats).astype(np.int32)
        indptr = np.searchsorted(cells, np.arange(songs + 1) * NUM_WORDS)
        yield indptr, (cells % NUM_WORDS).astype(np.int32), counts
