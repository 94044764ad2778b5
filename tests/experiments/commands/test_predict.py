import io
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import small_runs

from representation_music.data_preprocessing.sources.lyrics import ENGLISH_WORDS, words_of
from representation_music.experiments.command_line import main
from representation_music.experiments.commands.predict import print_json, warn_if_foreign
from representation_music.experiments.training.evaluation import evaluate_run
from representation_music.experiments.training.train_run import train_run
from representation_music.experiments.training.trained_network import TrainedNetwork

#: Words in fewer than a tenth of the training songs are not read.
CONFIG = small_runs.CONFIG.replace(word_floor=20)


@pytest.fixture(scope="module")
def run(song_dataset, tmp_path_factory):
    """An evaluated run's folder; the songs file that its config names does not exist."""
    record = train_run(CONFIG, tmp_path_factory.mktemp("runs"), 0, song_dataset, figures=False)
    folder = Path(record["folder"])
    evaluate_run(folder, dataset=song_dataset)
    return folder


def lyrics_of(dataset, position) -> str:
    """A text with the words of a song: every word as often as the song has it."""
    row = dataset.counts[[position]]
    counts = zip(row.indices, row.data.astype(int), strict=True)
    return " ".join(" ".join([dataset.words[word]] * count) for word, count in counts)


def test_no_name_in_the_json_is_obeyed_by_a_terminal(capsys):
    predictions = [{"file": "\x1b[8m\x9b2J\x7f.txt", "run": "ä"}]
    print_json(predictions)
    out = capsys.readouterr().out
    assert json.loads(out) == predictions and "ä" in out
    assert not set("\x1b\x9b\x7f") & set(out)


def said(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["predict", *map(str, arguments)])
    printed = capsys.readouterr()
    return end.value.code, printed.out, printed.err


def told(capsys, *arguments) -> list[dict]:
    code, out, err = said(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "song.txt"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_a_test_songs_words_are_predicted_as_its_evaluation_did(
    run, song_dataset, tmp_path, capsys
):
    with np.load(run / "predictions-test.npz") as file:
        evaluated = dict(file)
    ids = {bytes(name): n for n, name in enumerate(song_dataset.ids)}
    texts = []
    for row, name in enumerate(evaluated["ids"][:8]):
        texts.append(tmp_path / f"{row}.txt")
        texts[-1].write_text(lyrics_of(song_dataset, ids[bytes(name)]))
    for row, song in enumerate(told(capsys, run, *texts)):
        tasks = song["tasks"]
        assert song["file"] == str(texts[row])
        assert tasks["pop"]["prediction"] == pytest.approx(evaluated["task0"][row], rel=1e-5)
        assert tasks["year"]["prediction"] == pytest.approx(evaluated["task1"][row], rel=1e-6)
        chances = tasks["genre"]["prediction"]
        assert list(chances) == song_dataset.class_names("genre")
        assert list(chances.values()) == pytest.approx(evaluated["task2"][row], rel=1e-5)


def test_beside_each_prediction_stands_the_constant_predictor_of_the_training_labels(
    run, song_dataset, write, capsys
):
    (song,) = told(capsys, run, write("word1 word2"))
    scored = json.loads((run / "test.json").read_text())["test"]
    test = song_dataset.split("artist")["test"]
    years = song_dataset.labels("year")[test]
    errors = years[np.isfinite(years)] - song["tasks"]["year"]["constant"]
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(scored["year"]["constant"]["rmse"])
    pop = song_dataset.labels("pop")[test]
    rate, pop = song["tasks"]["pop"]["constant"], pop[np.isfinite(pop)]
    loss = -np.mean(np.where(pop == 1, np.log(rate), np.log(1 - rate)))
    assert loss == pytest.approx(scored["pop"]["constant"]["log_loss"])
    assert sum(song["tasks"]["genre"]["constant"].values()) == pytest.approx(1)


def test_a_word_moves_a_prediction_by_what_it_is_without_it(run, write, capsys):
    words = {"word1": 2, "word3": 1, "word8": 3, "word9": 1, "word20": 1}
    words = {word: n for word, n in words.items() if word in TrainedNetwork.load(run).inputs}
    assert len(words) > 2

    def text(left_out=""):
        return " ".join(" ".join([w] * n) for w, n in words.items() if w != left_out)

    (whole,) = told(capsys, run, write(text()), "--words", 99)
    moved = {task: {} for task in CONFIG.tasks}
    for word in words:
        (without,) = told(capsys, run, write(text(word)))
        for task in ("pop", "year"):
            moved[task][word] = (
                whole["tasks"][task]["prediction"] - without["tasks"][task]["prediction"]
            )
        chosen = whole["tasks"]["genre"]["class"]
        moved["genre"][word] = (
            whole["tasks"]["genre"]["prediction"][chosen]
            - without["tasks"]["genre"]["prediction"][chosen]
        )
    for task in CONFIG.tasks:
        by_word = whole["tasks"][task]["moved_by"]
        assert by_word == pytest.approx(moved[task], abs=1e-3 if task == "year" else 1e-6)
        sizes = [abs(change) for change in by_word.values()]
        assert sizes == sorted(sizes, reverse=True)
    (fewer,) = told(capsys, run, write(text()), "--words", 2)
    most = list(whole["tasks"]["year"]["moved_by"])[:2]
    assert list(fewer["tasks"]["year"]["moved_by"]) == most


def test_words_that_are_not_read_are_counted_and_change_nothing(run, write, song_dataset, capsys):
    network = TrainedNetwork.load(run)
    unused = next(word for word in song_dataset.words if word not in network.inputs)
    read = next(iter(network.inputs))
    text = f"{read} {read} {unused} Zebras! zebra"
    (alone,) = told(capsys, run, write(f"{read} {read}"))
    (song,) = told(capsys, run, write(text))
    assert song["words"] == {"read": {read: 2}, "unused": {unused: 1}, "unknown": {"zebra": 2}}
    assert song["tasks"] == alone["tasks"]
    code, out, _ = said(capsys, run, write(text))
    assert code == 0
    assert "5 words: 2 read by the network; 1 in the vocabulary, but too rare" in out
    assert f"({unused}); 2 not in the vocabulary (zebra)." in out


def test_every_file_gets_a_table_of_its_own(run, write, capsys):
    code, out, err = said(capsys, run, write("word1", "[1].txt"), write("word1 word3", "2.txt"))
    assert (code, err) == (0, "")
    tables = out.split("predictions of")
    assert len(tables) == 3
    # A title is folded where the path is longer than the table is wide.
    assert "[1].txt" in tables[0].replace("\n", "") and "2.txt" in tables[1].replace("\n", "")
    song_tasks = ["pop", "year", "genre"]
    for table in tables[1:]:
        first = [line.split()[0] for line in table.splitlines() if line.strip()]
        assert [word for word in first if word in song_tasks] == song_tasks
        assert "constant predictor" in table and "synthetic" in table
        assert "years" in table and "word1" in table


def test_a_text_on_standard_input_is_read_as_one_in_a_file(run, write, monkeypatch, capsys):
    (of_file,) = told(capsys, run, write("word1 word3 word3"))
    stream = io.TextIOWrapper(io.BytesIO(b"word1\nWORD3, word3!"))
    monkeypatch.setattr(sys, "stdin", stream)
    (of_input,) = told(capsys, run, "-")
    assert of_input == of_file | {"file": "standard input"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found no word, expected lyrics"),
        (" ...\n?", "found no word"),
        ("над лесом тихо встаёт луна", "5 words, of which 0 are in the run's vocabulary"),
        ("word1 the moon is up over the hills", "8 words, of which 1 are in the run's vocabulary"),
    ],
)
def test_empty_and_foreign_texts_end_the_job_before_any_output(run, write, text, message, capsys):
    good = write("word1 word2", "good.txt")
    code, out, err = said(capsys, run, good, write(text))
    assert (code, out) == (2, "")
    assert message in err and "song.txt" in err and "Traceback" not in err


def test_a_text_that_seems_foreign_is_predicted_with_a_warning(capsys):
    english = SimpleNamespace(vocabulary=ENGLISH_WORDS | {"que", "la"})
    warn_if_foreign("song.txt", words_of("que la luna sabe que la noche es larga"), english)
    said = capsys.readouterr()
    assert said.out == "" and "song.txt: this text seems not to be English: 0 %" in said.err
    warn_if_foreign("song.txt", words_of("the moon is up and you know that la luna"), english)
    toy = SimpleNamespace(vocabulary=frozenset({"que", "la"}))
    warn_if_foreign("song.txt", words_of("que la luna"), toy)
    assert capsys.readouterr().err == ""


def test_what_is_no_run_or_has_no_checkpoint_is_refused(run, write, tmp_path, capsys):
    song = write("word1")
    code, _, err = said(capsys, tmp_path / "nowhere", song)
    assert code == 2 and "found no run" in err
    bare = tmp_path / "bare"
    shutil.copytree(run, bare, ignore=shutil.ignore_patterns("checkpoints"))
    code, _, err = said(capsys, bare, song)
    assert code == 2 and "best.npz: found no such file" in err and "--keep-checkpoints" in err
    damaged = tmp_path / "damaged" / run.name
    shutil.copytree(run, damaged)
    (damaged / "checkpoints/best.npz").write_bytes(b"PK\x03\x04")
    code, _, err = said(capsys, damaged, song)
    assert code == 2 and "a damaged file" in err
    code, _, err = said(capsys, run)
    assert code == 2 and "found no lyrics" in err
    shutil.copytree(run, tmp_path / "renamed")
    code, _, err = said(capsys, tmp_path / "renamed", song)
    assert code == 2 and "renamed/config.json: found the settings of run-" in err


def test_the_best_checkpoint_is_used_unless_another_is_named(run, write, capsys):
    song = write("word1 word3")
    (best,) = told(capsys, run, song)
    (named,) = told(capsys, run / "checkpoints/best.npz", song)
    (latest,) = told(capsys, run / "checkpoints/latest.npz", song)
    assert best == named
    assert set(latest["tasks"]) == set(best["tasks"])
