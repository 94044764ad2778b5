"""Words of the synthetic songs: how an artist's themes become counts of 5,000 words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from representation_music.data_preprocessing.synthetic.songs import Artists, SyntheticSettings

NUM_WORDS = 5000
#: The commonest words (the, you, to, ...) tell nothing about a song's themes.
NUM_COMMON_WORDS = 50
#: Tokens that a song has on average at most.
MAX_LENGTH = 900
#: Dirichlet concentration of a song's mixture of the themes that no task reads.
BACKGROUND_CONCENTRATION = 0.5
#: Songs made at a time; with the seed it decides every draw, so it is no option.
BLOCK = 8192


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
        sources: [2 + 2 themes + background themes, words] probabilities: the common words, the
            background of all others, the target's themes, the other themes, those of no task.
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
        settings.theme_sparsity, 1 / settings.theme_sparsity, size=(2, settings.themes, NUM_WORDS)
    )
    themes = background * weights * np.stack([halves, ~halves & ~common])[:, None, :]
    themes = themes.reshape(-1, NUM_WORDS)
    of_none = (
        background
        * ~common
        * settings.stream("background themes").gamma(
            settings.theme_sparsity,
            1 / settings.theme_sparsity,
            size=(settings.background_themes, NUM_WORDS),
        )
    )
    sources = np.vstack([background * common, background * ~common, themes, of_none])
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
    for number, start in enumerate(range(0, settings.songs, BLOCK)):
        of_song = artists.of_song[start : min(start + BLOCK, settings.songs)]
        songs = len(of_song)
        stream = settings.stream("words", number)
        spread = settings.log_length_spread * stream.standard_t(4, songs)
        length = np.exp(np.minimum(settings.log_length + spread, np.log(MAX_LENGTH)))
        # Long songs (rap) repeat less for their length: as measured on real songs.
        repetition = settings.repetition * np.sqrt(length / 200)
        repetition *= np.exp(settings.repetition_spread * stream.standard_normal(songs))
        groups = np.maximum(stream.poisson(repetition * np.log1p(length / repetition)), 1)
        song = np.repeat(np.arange(songs), groups)
        mixture = _source_shares(settings, artists, vocabulary, of_song, stream, number)
        source = _draw_columns(mixture, song, stream)
        word = _draw_columns(vocabulary.sources, source, stream)
        repeats = stream.logseries((length / (length + repetition))[song])
        cells, place = np.unique(song * NUM_WORDS + word, return_inverse=True)
        counts = np.bincount(place, repeats).astype(np.int32)
        indptr = np.searchsorted(cells, np.arange(songs + 1) * NUM_WORDS)
        yield indptr, (cells % NUM_WORDS).astype(np.int32), counts


def draw_counts(
    settings: SyntheticSettings, artists: Artists, advance: Callable[[int], None] = lambda _: None
) -> "scipy.sparse.csr_array":
    """[songs, words] counts of all songs; the commonest word, which the themes have moved, first.

    `advance` is called with each number of songs that have been drawn.
    """
    blocks = []
    for indptr, indices, counts in draw_bags_of_words(settings, artists, draw_vocabulary(settings)):
        blocks.append(
            scipy.sparse.csr_array((counts, indices, indptr), shape=(len(indptr) - 1, NUM_WORDS))
        )
        advance(len(indptr) - 1)
    counts = scipy.sparse.vstack(blocks, format="csr")
    totals = np.bincount(counts.indices, counts.data, minlength=NUM_WORDS)
    place = np.empty(NUM_WORDS, counts.indices.dtype)
    place[np.argsort(-totals, kind="stable")] = np.arange(NUM_WORDS)
    counts = scipy.sparse.csr_array(
        (counts.data, place[counts.indices], counts.indptr), shape=counts.shape
    )
    counts.sort_indices()
    return counts


def _source_shares(
    settings: SyntheticSettings,
    artists: Artists,
    vocabulary: Vocabulary,
    of_song: np.ndarray,
    stream: np.random.Generator,
    block: int,
) -> np.ndarray:
    """[songs, sources] share of a song's words that comes from each source of the vocabulary."""
    moved = vocabulary.target_weight + vocabulary.other_weight
    common = stream.beta(
        settings.common_words * (1 - moved), settings.common_words * moved, (len(of_song), 1)
    )
    number = settings.background_themes
    weight = settings.background_weight if number else 0.0
    of_none = np.empty((len(of_song), 0))
    if number:
        shares = 1 / np.arange(1, number + 1)
        alpha = BACKGROUND_CONCENTRATION * shares / shares.sum()
        of_none = settings.stream("background mixtures", block).dirichlet(alpha, len(of_song))
    thematic = (1 - weight) * (1 - common) * settings.theme_weight / moved
    return np.hstack(
        [
            common,
            (1 - weight) * (1 - common) * (1 - settings.theme_weight),
            thematic * vocabulary.target_weight * artists.target_themes[of_song],
            thematic * vocabulary.other_weight * artists.other_themes[of_song],
            weight * (1 - common) * of_none,
        ]
    )


def _draw_columns(shares: np.ndarray, rows: np.ndarray, stream: np.random.Generator) -> np.ndarray:
    """One column for each of `rows`, drawn by that row's `shares` [rows, columns]."""
    cumulative = np.cumsum(shares, axis=1)
    # Rows one after another make one ascending list, to be searched once.
    cumulative = cumulative / cumulative[:, -1:] + np.arange(len(shares))[:, None]
    found = np.searchsorted(cumulative.ravel(), rows + stream.random(len(rows)), "right")
    return np.minimum(found - rows * shares.shape[1], shares.shape[1] - 1)
