"""The songs file under damage: whatever happens to its bytes, it is refused in one message."""

import json
import subprocess
import sys
from collections import Counter

import h5py
import numpy as np
import pytest

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.songs.labels import LabelColumn
from representation_music.data_preprocessing.songs.songs_file import USER_BLOCK, user_block
from representation_music.experiments.command_line import main
from representation_music.utils.errors import InputError

#: Loads each file named and prints one line on it.
WORKER = """
import sys
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.experiments.command_line import main
from representation_music.utils.errors import InputError
for path in sys.argv[1:]:
    try:
        outcome = "loaded " + SongDataset.load(path).fingerprint
    except InputError as error:
        outcome = "refused " + " ".join(str(error).split())
    except BaseException as error:
        outcome = f"traceback {error!r}"
    print(outcome.encode("ascii", "replace").decode().replace(chr(10), " "), flush=True)
"""
SECONDS = 60


def outcomes_of(paths) -> list[str]:
    """What became of loading each file, each in a process that may hang or die."""
    outcomes, waiting = [], list(map(str, paths))
    while waiting:
        command = [sys.executable, "-c", WORKER, *waiting]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            out, end = process.communicate(timeout=SECONDS + len(waiting))[0], "crashed"
        except subprocess.TimeoutExpired:
            process.kill()
            out, end = process.communicate()[0], "hung"
        lines = out.splitlines()
        if len(lines) < len(waiting):
            lines.append(end)
        outcomes += lines
        waiting = waiting[len(lines) :]
    return outcomes


def zeroed_block(content, draw):
    length = int(draw.choice([8, 64, 512, 4096]))
    start = int(draw.integers(0, len(content)))
    content[start : start + length] = bytes(len(content[start : start + length]))


def flipped_bytes(content, draw):
    for place in draw.integers(0, len(content), draw.integers(1, 9)):
        content[place] ^= int(draw.integers(1, 256))


def truncation(content, draw):
    del content[int(draw.integers(0, len(content))) :]


def swapped_offsets(content, draw):
    """Two of the 8-byte words that look like places in the file change places."""
    words = np.frombuffer(bytes(content[: len(content) // 8 * 8]), "<u8")
    places = np.flatnonzero((words > 0) & (words < len(content))) * 8
    one, other = (int(place) for place in draw.choice(places, 2, replace=False))
    content[one : one + 8], content[other : other + 8] = (
        content[other : other + 8],
        content[one : one + 8],
    )


DAMAGES = (zeroed_block, flipped_bytes, truncation, swapped_offsets)


def damaged_copies(path, folder, number, seed=0, sealed=False):
    """`number` copies of a songs file, each damaged, with the digest of the damage if sealed."""
    whole, draw, copies = path.read_bytes(), np.random.default_rng(seed), []
    skipped = USER_BLOCK if sealed else 0
    while len(copies) < number:
        content = bytearray(whole[skipped:])
        damage = DAMAGES[len(copies) % len(DAMAGES)]
        damage(content, draw)
        if bytes(content) == whole[skipped:]:
            continue
        copy = folder / f"{len(copies)}-{damage.__name__}.h5"
        copy.write_bytes((user_block(bytes(content)) if sealed else b"") + content)
        copies.append(copy)
    return copies


@pytest.mark.parametrize(
    "number", [pytest.param(40, id="40"), pytest.param(500, id="500", marks=pytest.mark.slow)]
)
def test_every_damaged_file_is_refused_in_one_message(songs_file, tmp_path, number):
    outcomes = outcomes_of(damaged_copies(songs_file, tmp_path, number))
    print(Counter(outcome.split()[0] for outcome in outcomes))
    assert len(outcomes) == number
    assert [outcome for outcome in outcomes if not outcome.startswith("refused ")] == []


@pytest.mark.parametrize(
    "number", [pytest.param(40, id="40"), pytest.param(500, id="500", marks=pytest.mark.slow)]
)
def test_even_a_forged_digest_brings_no_traceback_and_no_hang(songs_file, tmp_path, number):
    """Nobody's disk does this, and what HDF5 does with it is not ours; it is looked at anyway."""
    outcomes = outcomes_of(damaged_copies(songs_file, tmp_path, number, seed=1, sealed=True))
    print(Counter(outcome.split()[0] for outcome in outcomes))
    assert {outcome.split()[0] for outcome in outcomes} <= {"refused", "loaded"}


def test_a_command_on_a_damaged_file_ends_in_one_message_and_code_2(songs_file, tmp_path, capsys):
    (copy,) = damaged_copies(songs_file, tmp_path, 1)
    with pytest.raises(SystemExit) as end:
        main(["describe", str(copy)])
    err = capsys.readouterr().err
    assert end.value.code == 2 and err.startswith("error: ") and err.count("\n") == 1


def edited(path, copy, edit):
    """A copy of a songs file that `edit` changed with h5py, with the digest of the change."""
    image = copy.with_suffix(".image")
    image.write_bytes(path.read_bytes()[USER_BLOCK:])
    with h5py.File(image, "r+") as file:
        edit(file)
    copy.write_bytes(user_block(image.read_bytes()) + image.read_bytes())
    return copy


def with_array(name, change):
    def edit(file):
        values = change(file[name][:])
        del file[name]
        file[name] = values

    return edit


def with_names(change):
    def edit(file):
        names = json.loads(file["names"][:].tobytes())
        change(names)
        del file["names"]
        file["names"] = np.frombuffer(json.dumps(names).encode(), np.uint8)

    return edit


def put(place, value):
    def change(values):
        values = values.copy()
        values[place] = value
        return values

    return change


def soft_link(file):
    del file["groups"]
    file["groups"] = h5py.SoftLink("/ids")


def loop_of_links(file):
    del file["groups"]
    file["groups"] = h5py.SoftLink("/groups")


def external_link(file):
    del file["groups"]
    file["groups"] = h5py.ExternalLink("/etc/passwd", "/ids")


def external_storage(file):
    songs = len(file["tags_known"])
    del file["tags_known"]
    file.create_dataset("tags_known", (songs,), "u1", external=[("/etc/passwd", 0, songs)])


def huge_array(file):
    del file["splits"]
    file.create_dataset("splits", (2, 1 << 50), "i1", chunks=(1, 1 << 20))


def a_group(file):
    del file["ids"]
    file.create_group("ids")


STRUCTURE = {
    "offsets that go back": with_array("counts_indptr", put(5, 0)),
    "offsets past the end": with_array("counts_indptr", put(-1, 10**6)),
    "offsets below 0": with_array("counts_indptr", put(3, -4)),
    "a start after 0": with_array("counts_indptr", put(0, 1)),
    "a word past the last": with_array("counts_indices", put(7, 50)),
    "a word below 0": with_array("counts_indices", put(7, -1)),
    "a word twice in a song": with_array("counts_indices", lambda v: put(1, v[0])(v)),
    "a count that is no number": with_array("counts_values", put(3, np.nan)),
    "a count without end": with_array("counts_values", put(3, np.inf)),
    "a count below 0": with_array("counts_values", put(3, -1)),
    "counts as texts": with_array("counts_values", lambda v: v.astype("S8")),
    "an id twice": with_array("ids", lambda v: put(1, v[0])(v)),
    "ids out of order": with_array("ids", lambda v: v[::-1]),
    "fewer groups": with_array("groups", lambda v: v[:3]),
    "a tag past the last": with_array("tags_indices", put(0, 3)),
    "tag offsets that go back": with_array("tags_indptr", put(-2, 0)),
    "tags of songs without": with_array("tags_known", lambda v: v * 0),
    "a class past the last": with_array("columns", put((2, slice(None)), 4)),
    "half a class": with_array("columns", put((2, slice(None)), 0.5)),
    "a value without end": with_array("columns", put((0, 0), np.inf)),
    "fewer columns": with_array("columns", lambda v: v[:-1]),
    "a part of no split": with_array("splits", put((0, 0), 3)),
    "an unknown kind of label": with_names(lambda n: n["columns"][0].__setitem__(1, "ordinal")),
    "an unknown kind of data": with_names(lambda n: n.update(kind="real")),
    "a word name twice": with_names(lambda n: n["words"].__setitem__(1, n["words"][0])),
    "words that are numbers": with_names(lambda n: n["words"].__setitem__(1, 17)),
    "words that are no list": with_names(lambda n: n.update(words={"a": 1})),
    "a tag of a label's name": with_names(lambda n: n["tags"].__setitem__(0, "genre:Rap")),
    "a split twice": with_names(lambda n: n.update(splits=["artist", "artist"])),
    "no provenance": with_names(lambda n: n.pop("provenance")),
    "a part that is lacking": lambda file: file.__delitem__("counts_indptr"),
    "a soft link": soft_link,
    "a loop of links": loop_of_links,
    "an external link": external_link,
    "external storage": external_storage,
    "an array larger than any disk": huge_array,
    "a folder for an array": a_group,
}


@pytest.mark.parametrize("what", STRUCTURE)
def test_parts_that_do_not_fit_together_are_refused_before_they_are_used(
    songs_file, tmp_path, what
):
    copy = edited(songs_file, tmp_path / "copy.h5", STRUCTURE[what])
    with pytest.raises(InputError, match=r"copy\.h5"):
        SongDataset.load(copy)


def test_a_file_changed_after_it_was_written_is_refused(songs_file, tmp_path):
    copy = tmp_path / "copy.h5"
    copy.write_bytes(songs_file.read_bytes())
    assert SongDataset.load(copy).num_songs == 600
    with h5py.File(copy, "r+") as file:
        file["counts_values"][0] = 7
    with pytest.raises(InputError, match=r"copy\.h5: found .*written"):
        SongDataset.load(copy)


def test_files_of_other_kinds_are_refused_saying_what_they_are(songs_file, tmp_path):
    whole = songs_file.read_bytes()
    (tmp_path / "text.h5").write_text("hello")
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = 1
    (tmp_path / "newer.h5").write_bytes(whole.replace(b"layout 1,", b"layout 9,", 1))
    edited(songs_file, tmp_path / "lacking.h5", lambda file: file.__delitem__("ids"))
    for name, found in {
        "text": "another kind of file",
        "foreign": "HDF5 file of another kind",
        "newer": "another layout",
        "lacking": "no array ids",
        "absent": "no such file",
    }.items():
        with pytest.raises(InputError, match=found):
            SongDataset.load(tmp_path / f"{name}.h5")


@pytest.mark.parametrize(
    "name", [".", "..", "/", "a/b", "", "nul \0 byte", "x" * 70_000, "\ud800", "[red]", "a\nb"]
)
def test_a_label_of_any_name_is_kept(song_dataset, tmp_path, name):
    values = np.arange(song_dataset.num_songs) % 2.0
    words = [*song_dataset.words[:-1], name]
    songs = SongDataset.from_bags(
        song_dataset.counts,
        words,
        song_dataset.ids,
        labels={name: LabelColumn("multiclass", values, [name, "other"], unit=name)},
        noun=name,
    )
    songs.save(tmp_path / "songs.h5")
    loaded = SongDataset.load(tmp_path / "songs.h5")
    assert loaded.task_names() == [name, f"{name}:{name}", f"{name}:other"]
    assert loaded.words == words and loaded.fingerprint == songs.fingerprint
    assert loaded.labels(name).tolist() == values.tolist()
