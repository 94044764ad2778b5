"""`repmusic predict`: what a trained network makes of lyrics that are not in any dataset."""

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from representation_music.data_preprocessing.sources.lyrics import (
    ENGLISH_WORDS,
    place_of,
    read_lyrics,
    share_of_english,
    words_of,
)
from representation_music.utils.console import print_table, say
from representation_music.utils.decimals import decimal
from representation_music.utils.errors import InputError
from representation_music.utils.files import without_nan

#: Of a text with a smaller share of words in the vocabulary nothing can be said. In English lyrics
#: the share is about .9.
LEAST_KNOWN = 1 / 3
#: Texts with a smaller share of common English words are taken for foreign.
LEAST_ENGLISH = 0.05
#: At most so many unknown words are shown in a table; `--json` has all.
SHOWN = 8


@dataclass(frozen=True)
class LyricsWords:
    """The stemmed words of one text, each with how often it occurs.

    Attributes:
        read: Words that the network reads.
        unused: Words of its vocabulary that it does not read: too rare among its training songs.
        unknown: Words that are not in the vocabulary.
    """

    read: dict[str, int]
    unused: dict[str, int]
    unknown: dict[str, int]


def predict(
    run: tyro.conf.Positional[Path],
    lyrics: tyro.conf.Positional[tuple[Path, ...]],
    *,
    words: int = 5,
    json: bool = False,
) -> int:
    """Predict every task of a run from lyrics, beside the constant predictor.

    A word moves a prediction by what the prediction is with it less what it is without it (all its
    occurrences), the other words as they are. A run's folder is enough; no songs file is read.

    Args:
        run: The run's folder, or a checkpoint in it.
        lyrics: Text files in UTF-8, one song each; `-` is standard input.
        words: At most so many of the words that moved each prediction most are shown.
        json: Print JSON, one object a file, not tables.
    """
    if not lyrics:
        raise InputError("repmusic predict", "no lyrics", "text files, or - for standard input")
    texts = [(place_of(path), words_of(read_lyrics(path))) for path in lyrics]
    for name, counts in texts:
        if not counts:
            raise InputError(name, "no word", "lyrics")
    from representation_music.experiments.training.tensorflow_setup import configure_tensorflow

    configure_tensorflow()
    from representation_music.experiments.training.trained_network import TrainedNetwork

    network = TrainedNetwork.load(run)
    # All texts before any output, so that one that cannot be read does not end half a job.
    sorted_words = [sort_words(name, counts, network) for name, counts in texts]
    for name, counts in texts:
        warn_if_foreign(name, counts, network)
    predictions = [
        {"file": name, **predict_lyrics(found, network, words)}
        for (name, _), found in zip(texts, sorted_words, strict=True)
    ]
    if json:
        print_json(predictions)
    else:
        for prediction in predictions:
            print_prediction(prediction)
    return 0


def sort_words(name: str, counts: dict[str, int], network) -> LyricsWords:
    """Tells the words that a network reads from the others.

    Raises:
        InputError: if most are not in its vocabulary, or it reads none.
    """
    found = LyricsWords(
        {word: n for word, n in counts.items() if word in network.inputs},
        {w: n for w, n in counts.items() if w in network.vocabulary and w not in network.inputs},
        {word: n for word, n in counts.items() if word not in network.vocabulary},
    )
    total, unknown = sum(counts.values()), sum(found.unknown.values())
    if not found.read or total - unknown < LEAST_KNOWN * total:
        raise InputError(
            name,
            f"{total:,} words, of which {total - unknown:,} are in the run's vocabulary and "
            f"{sum(found.read.values()):,} are read by its network",
            "lyrics in the language of its training songs",
            f"It was trained on: {network.data}.",
        )
    return found


def warn_if_foreign(name: str, counts: Counter, network) -> None:
    """Says on standard error that a text seems not to be English, if the vocabulary is.

    Such texts are predicted all the same: the vocabulary has the commonest words of other
    languages, and songs in them are among the training songs.
    """
    english = share_of_english(counts)
    if network.vocabulary >= ENGLISH_WORDS and english < LEAST_ENGLISH:
        say(
            f"{name}: this text seems not to be English: {100 * english:.0f} % of its words are "
            f"common English ones, of English lyrics more than {100 * LEAST_ENGLISH:.0f} %. The "
            "words are stemmed as English ones, and most training songs are English.",
            file=sys.stderr,
        )


def predict_lyrics(found: LyricsWords, network, most: int) -> dict:
    """Predictions for one text as JSON types, with at most so many words that moved them."""
    tasks = {}
    rows = network.predict_without_each(found.read)
    for task, classes, constant, values in zip(
        network.tasks, network.classes, network.constant, rows, strict=True
    ):
        result = {"kind": task.kind, "unit": task.unit}
        if task.kind == "multiclass":
            chosen = int(np.argmax(values[0]))
            result |= {
                "class": classes[chosen],
                "constant_class": classes[int(np.argmax(constant))],
                "prediction": dict(zip(classes, values[0].tolist(), strict=True)),
                "constant": dict(zip(classes, constant.tolist(), strict=True)),
            }
            values = values[:, chosen]
        else:
            result |= {"prediction": float(values[0]), "constant": float(constant[0])}
        changes = dict(zip(found.read, (values[0] - values[1:]).tolist(), strict=True))
        largest = sorted(changes, key=lambda word: -abs(changes[word]))[:most]
        tasks[task.name] = result | {"moved_by": {word: changes[word] for word in largest}}
    return {
        "run": network.name,
        "data": network.data,
        "words": {"read": found.read, "unused": found.unused, "unknown": found.unknown},
        "tasks": tasks,
    }


def print_json(predictions: list[dict]) -> None:
    """Prints predictions as one JSON array."""
    text = json.dumps(without_nan(predictions), indent=1, ensure_ascii=False)
    # JSON lets through some control characters, which a terminal would obey.
    say(re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text))


def print_prediction(prediction: dict) -> None:
    """Prints the predictions for one text as a table, and what became of its words."""
    rows = [[name, *_cells(task), _moves(task)] for name, task in prediction["tasks"].items()]
    title = f"{prediction['file']}: predictions of {prediction['run']}"
    columns = ["task", "prediction", "constant predictor", "words that moved it most"]
    print_table(title, columns, rows)
    words = prediction["words"]
    counts = {part: sum(of_part.values()) for part, of_part in words.items()}
    say(
        f"{sum(counts.values()):,} words: {counts['read']:,} read by the network; "
        f"{counts['unused']:,} in the vocabulary, but too rare in this run's training songs"
        f"{_some(words['unused'])}; {counts['unknown']:,} not in the vocabulary"
        f"{_some(words['unknown'])}."
    )
    say(
        "A word's number is the prediction with it less the prediction without it. "
        f"Trained on: {prediction['data']}."
    )


def _cells(task: dict) -> list[str]:
    """Prediction and constant predictor as texts."""
    if task["kind"] == "multiclass":
        names = task["class"], task["constant_class"]
        chances = task["prediction"][names[0]], task["constant"][names[1]]
        return [f"{name} {decimal(chance)}" for name, chance in zip(names, chances, strict=True)]
    values = task["prediction"], task["constant"]
    if task["kind"] == "binary":
        return [decimal(value) for value in values]
    return [f"{decimal(value, 2)} {task['unit']}".rstrip() for value in values]


def _moves(task: dict) -> str:
    places = 2 if task["kind"] == "regression" else 3
    moves = task["moved_by"].items()
    return ", ".join(f"{word} {decimal(change, places, signed=True)}" for word, change in moves)


def _some(words: dict[str, int]) -> str:
    if not words:
        return ""
    names = sorted(words, key=lambda word: -words[word])[:SHOWN]
    return f" ({', '.join(names)}{', ...' if len(words) > SHOWN else ''})"
