"""How much of a synthetic label a linear model finds in the words, by number of training songs.

Logistic regression on whitened binary words, words in at least 5 training songs, penalty chosen
on validation songs, area under the ROC curve on test songs of other artists; each world is a seed.
"""

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.whitening import whitening_statistics
from representation_music.data_preprocessing.synthetic.labels import draw_labels
from representation_music.data_preprocessing.synthetic.lyrics import (
    NUM_WORDS,
    draw_bags_of_words,
    draw_vocabulary,
)
from representation_music.data_preprocessing.synthetic.songs import (
    SyntheticSettings,
    clean_scores,
    draw_artists,
)
from representation_music.utils.command_line import run_command
from representation_music.utils.console import print_table, progress

WORD_FLOOR = 5
PENALTIES = (1e-5, 1e-4, 3e-4, 1e-3, 1e-2)
#: Songs to choose the penalty on, and to test on.
VALIDATION, TEST = 1500, 4000


def binary_words(settings: SyntheticSettings, artists) -> csr_array:
    """[songs, words] 1 where a song has a word."""
    blocks = list(draw_bags_of_words(settings, artists, draw_vocabulary(settings)))
    lengths = np.concatenate([np.diff(block[0]) for block in blocks])
    indices = np.concatenate([block[1] for block in blocks])
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    ones = np.ones(len(indices), np.float32)
    return csr_array((ones, indices, indptr), shape=(len(lengths), NUM_WORDS))


def linear_auc(words, labels, train, validation, test) -> float:
    """Test AUC of the logistic regression; the last three are song positions."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    mean, inverse_sd = whitening_statistics(words[train], word_floor=WORD_FLOOR)
    used = np.flatnonzero(inverse_sd)

    def whitened(songs):
        return (words[songs][:, used].toarray() - mean[used]) * inverse_sd[used]

    fitted = [
        LogisticRegression(C=penalty, max_iter=300).fit(whitened(train), labels[train])
        for penalty in PENALTIES
    ]
    scores = [
        roc_auc_score(labels[validation], model.decision_function(whitened(validation)))
        for model in fitted
    ]
    best = fitted[int(np.argmax(scores))]
    return roc_auc_score(labels[test], best.decision_function(whitened(test)))


def measure(
    task: str = "pop",
    sizes: tuple[int, ...] = (250, 1000, 2000),
    worlds: tuple[int, ...] = (0, 1, 2),
) -> None:
    """Prints the test AUC of the linear model and of the clean score itself.

    Args:
        task: A tag.
        sizes: Training songs.
        worlds: Seeds.
    """
    from sklearn.metrics import roc_auc_score

    found = {size: [] for size in sizes}
    oracle = []
    with progress("linear models", len(sizes) * len(worlds)) as advance:
        for world in worlds:
            settings = SyntheticSettings(songs=max(sizes) + 4 * (VALIDATION + TEST), seed=world)
            artists = draw_artists(settings)
            artist = artists.of_song
            labels = draw_labels(settings, artists).tags[task][artist]
            words = binary_words(settings, artists)
            for size in sizes:
                train = np.arange(size)
                others = np.flatnonzero(~np.isin(artist, artist[train]))
                validation, rest = others[:VALIDATION], others[VALIDATION:]
                test = rest[~np.isin(artist[rest], artist[validation])][:TEST]
                found[size].append(linear_auc(words, labels, train, validation, test))
                advance()
            oracle.append(roc_auc_score(labels, clean_scores(settings, artists)[task][artist]))
    rows = [(f"linear model, {size:,} training songs", values) for size, values in found.items()]
    rows.append(("clean score (no model can do better)", oracle))
    print_table(
        f"Test AUC of {task} on synthetic songs",
        ["", *(f"world {world}" for world in worlds), "mean"],
        [(name, *(f"{x:.3f}" for x in values), f"{np.mean(values):.3f}") for name, values in rows],
    )


if __name__ == "__main__":
    raise SystemExit(run_command(measure))
