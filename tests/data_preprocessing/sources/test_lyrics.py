import io
import sys
from pathlib import Path

import numpy as np
import pytest

from representation_music.data_preprocessing.sources.lyrics import (
    ENGLISH_WORDS,
    read_lyrics,
    share_of_english,
    words_of,
)
from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.utils.errors import InputError

#: Endings that the stemmer takes off again.
ENDINGS = ("", "e", "s", "es", "ed", "y", "ing", "ion", "ly")


SAMPLE = Path(__file__).parents[4] / "shared/msd/mxm_dataset_test.txt"


@pytest.fixture(scope="module")
def vocabulary():
    """The 5,000 stems of the musiXmatch dataset, commonest first."""
    if not SAMPLE.is_file():
        pytest.skip("no real sample beside the project")
    return read_musixmatch_text(SAMPLE).words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dreaming dreams, dreamed", {"dream": 3}),
        ("I can't and I won't", {"i": 2, "ca": 1, "not": 2, "and": 1, "wo": 1}),
        ("ain't no isn't", {"is": 2, "not": 2, "no": 1}),
        ("he's she's it's", {"he": 1, "she": 1, "it": 1, "is": 3}),
        ("the sun's here's", {"the": 1, "sun": 1, "here": 1}),
        ("I'm you're we've I'd he'll", {"i": 2, "am": 1, "you": 1, "are": 1, "we": 1, "have": 1}
         | {"would": 1, "he": 1, "will": 1}),
        ("Don't!\r\nO'clock uh-huh", {"dont": 1, "oclock": 1, "uhhuh": 1}),
        ("[Chorus]\n“I’m” I’m — gone…", {"chorus": 1, "i": 2, "am": 2, "gone": 1}),
        ("cafe\u0301 CAFÉ", {"café": 2}),
        (" ... ?! \t\n", {}),
    ],
)  # fmt: skip
def test_a_text_becomes_the_words_that_musixmatch_counted(text, words):
    assert words_of(text) == words


def test_words_keep_the_order_in_which_they_first_occur():
    assert list(words_of("one for the other, one")) == ["one", "for", "the", "other"]


def test_every_word_of_the_vocabulary_is_the_stem_of_some_word(vocabulary):
    """98.3 % are their own stems, the others (`onli`, `pleas`) those of a word with an ending."""
    plain = [word for word in vocabulary if word.isalpha()]
    own = [word for word in plain if words_of(word) == {word: 1}]
    assert len(own) == pytest.approx(0.982 * len(plain), abs=0.002 * len(plain))
    for word in set(plain) - set(own):
        longer = [word + ending for ending in ENDINGS] + [word[:-1] + "y"]
        assert {word: 1} in [words_of(candidate) for candidate in longer], word


def test_the_vocabulary_shows_the_rules_for_contractions_and_punctuation(vocabulary):
    commonest = set(vocabulary[:300])
    assert {"ca", "wo", "am", "would", "not"} <= commonest  # can't, won't, I'm, I'd, isn't
    assert {"dont", "im", "oclock", "uhhuh", "rocknrol"} <= set(vocabulary)
    assert not {"isnt", "couldnt", "o'clock", "[chorus]", "uh-huh"} & set(vocabulary)


@pytest.mark.parametrize(
    "text",
    [
        "Cuando la noche llega y tu voz me llama, yo no puedo dormir porque el amor es fuego",
        "Ich liebe dich und die Nacht ist kalt, du bist nicht hier, aber mein Herz ist warm",
        "Je ne sais pas pourquoi la nuit me parle de toi et les étoiles sont comme tes yeux",
        "Amore mio, non so che cosa fare con te, la notte è lunga e il cielo è blu",
        "Eu não sei o que fazer quando a noite vem e você não está aqui",
    ],
)
def test_foreign_lyrics_lack_common_english_words_though_the_vocabulary_has_theirs(
    text, vocabulary
):
    counts = words_of(text)
    known = sum(counts[word] for word in vocabulary if word in counts) / counts.total()
    assert known > 0.8 and share_of_english(counts) == 0
    assert set(vocabulary) >= ENGLISH_WORDS


def test_most_real_songs_are_english_and_few_can_be_taken_for_either():
    if not SAMPLE.is_file():
        pytest.skip("no real sample beside the project")
    lyrics = read_musixmatch_text(SAMPLE)
    english = np.array([word in ENGLISH_WORDS for word in lyrics.words])[lyrics.indices]
    totals = np.add.reduceat(lyrics.counts, lyrics.indptr[:-1])
    shares = np.add.reduceat(lyrics.counts * english, lyrics.indptr[:-1]) / totals
    assert 0.1 < (shares < 0.02).mean() < 0.2 and (shares > 0.15).mean() > 0.75
    assert ((shares > 0.02) & (shares < 0.1)).mean() < 0.03


def test_english_lyrics_are_full_of_common_english_words():
    own = Path(__file__).parents[2] / "experiments" / "lyrics_of_our_own.txt"
    assert share_of_english(words_of(own.read_text())) > 0.2
    assert all(words_of(word) == {word: 1} for word in ENGLISH_WORDS)
    assert share_of_english(words_of("")) == 0


def test_words_are_stemmed_by_the_version_of_the_stemmer_that_made_the_dataset(vocabulary):
    # Later versions have "evening", "universal" and "add", of which the first two are no words.
    said = words_of("evening universal added")
    assert list(said) == ["even", "univers", "ad"] and set(said) <= set(vocabulary)


def test_a_text_is_read_from_a_file_or_standard_input(tmp_path, monkeypatch):
    path = tmp_path / "song.txt"
    path.write_bytes(b"\xef\xbb\xbfcaf\xc3\xa9")
    assert read_lyrics(path) == "café"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes()), "ascii"))
    assert read_lyrics("-") == "café"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one\ntwo caf\xe9 three", r"song.txt:2: found a byte that is no UTF-8 \(0xe9\)"),
        (b"\x7fELF\0\0", "a binary file"),
        (b"la " * 400_000, "more than 1,000,000 bytes"),
    ],
)
def test_what_is_no_lyrics_is_refused(tmp_path, content, message):
    path = tmp_path / "song.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_lyrics(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_lyrics(tmp_path / "none.txt")
    with pytest.raises(InputError, match="found a folder"):
        read_lyrics(tmp_path)
