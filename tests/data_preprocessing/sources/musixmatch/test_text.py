"""The musiXmatch text reader: the same result as a plain loop, and every wrong byte noticed."""

import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from representation_music.data_preprocessing.sources.files import text as text_files
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.musixmatch.block import parse_block
from representation_music.data_preprocessing.sources.musixmatch.row import parse_row
from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.utils.errors import InputError

SAMPLE = Path(__file__).parents[4] / "../shared/msd/mxm_dataset_train.txt"
HEADER = "# TRAINING SET\n# more words\n%" + ",".join(f"w{n}" for n in range(5000)) + "\n"
FIRST = "TRAAAAA128F0000001"
SECOND = "TRAAAAB128F0000002"
THIRD = "TRAAAAC128F0000003"
GOOD_ROWS = f"{FIRST},4623710,1:6,2:4,5000:11\n{SECOND},0,2:1\n"


def write(tmp_path, text, name="mxm_dataset_train.txt"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read_by_plain_loop(path):
    """Track ids, and each song's {word: count}, as a first-year student would read them."""
    songs = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith(("#", "%")):
            track_id, _, *pairs = line.split(",")
            songs[track_id] = {int(p.split(":")[0]) - 1: int(p.split(":")[1]) for p in pairs}
    return songs


def as_dictionaries(bags):
    return {
        track_id.decode(): dict(
            zip(bags.indices[a:b].tolist(), bags.counts[a:b].tolist(), strict=True)
        )
        for track_id, a, b in zip(bags.track_ids, bags.indptr, bags.indptr[1:], strict=False)
    }


def random_rows(num_rows):
    generator = random.Random(0)
    rows = []
    for number in range(num_rows):
        words = sorted(generator.sample(range(1, 5001), generator.randint(1, 60)))
        pairs = ",".join(f"{word}:{int(generator.paretovariate(0.7))}" for word in words)
        rows.append(f"TRAAAAA128F{number:07X},{generator.randint(0, 10**7)},{pairs}\n")
    return rows


def test_reads_words_ids_and_counts(tmp_path):
    bags = read_musixmatch_text(write(tmp_path, HEADER + GOOD_ROWS))
    assert bags.words[:2] == ["w0", "w1"] and len(bags.words) == 5000
    assert bags.track_ids.tolist() == [FIRST.encode(), SECOND.encode()]
    assert bags.track_ids.dtype == "S18"
    assert bags.indptr.tolist() == [0, 3, 4]
    assert bags.indices.tolist() == [0, 1, 4999, 1]
    assert bags.counts.tolist() == [6, 4, 11, 1]
    assert (bags.indices.dtype, bags.counts.dtype, bags.indptr.dtype) == ("i4", "i4", "i8")


@pytest.mark.parametrize("block_bytes", [1 << 9, 1 << 12, 1 << 19])
def test_gives_what_a_plain_loop_gives_whatever_the_block_size(tmp_path, monkeypatch, block_bytes):
    monkeypatch.setattr(text_files, "BLOCK_BYTES", block_bytes)
    path = write(tmp_path, HEADER + "".join(random_rows(300)))
    bags = read_musixmatch_text(path)
    assert as_dictionaries(bags) == read_by_plain_loop(path)
    assert bags.counts.max() > 9999  # so that counts of five digits were among them


@pytest.mark.skipif(not SAMPLE.is_file(), reason="no real sample beside the project")
def test_gives_what_a_plain_loop_gives_on_real_songs():
    bags = read_musixmatch_text(SAMPLE)
    assert as_dictionaries(bags) == read_by_plain_loop(SAMPLE)
    assert bags.num_songs == 1965


def test_reads_a_zip_like_the_file_in_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "train.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mxm_dataset_train.txt", HEADER + GOOD_ROWS)
        archive.writestr("__MACOSX/._mxm_dataset_train.txt", "resource fork")
    assert read_musixmatch_text(tmp_path / "train.zip").counts.tolist() == [6, 4, 11, 1]


@pytest.mark.parametrize(
    ("first_line", "name", "is_test"),
    [
        ("# TESTING SET", "songs.txt", True),
        ("# TRAINING SET", "mxm_dataset_test.txt", False),
        ("# words", "mxm_dataset_test.txt", True),
        ("# words", "songs.txt", False),
    ],
)
def test_knows_the_test_file_by_its_comments_or_else_by_its_name(
    tmp_path, first_line, name, is_test
):
    text = HEADER.replace("# TRAINING SET", first_line) + GOOD_ROWS
    assert read_musixmatch_text(write(tmp_path, text, name)).is_test.tolist() == [is_test] * 2


def test_passes_over_comments_between_rows(tmp_path):
    path = write(tmp_path, HEADER + f"{FIRST},1,1:1\n# a note\n{SECOND},2,2:2\n")
    assert read_musixmatch_text(path).counts.tolist() == [1, 2]


BAD_ROWS = {
    "three numbers in a pair": ("1:2:3", "'1:2:3'"),
    "no count": ("1:", "'1:'"),
    "no index": (":1", "':1'"),
    "no colon": ("1:1,7", "'7'"),
    "a word as index": ("a:1", "'a:1'"),
    "a word as count": ("1:x", "'1:x'"),
    "a broken count": ("1:2.5", "'1:2.5'"),
    "a negative count": ("1:-2", "'1:-2'"),
    "a positive sign": ("1:+2", "'1:+2'"),
    "a space": ("1:2, 2:1", "' 2:1'"),
    "a carriage return": ("1:2\r,2:1", r"'1:2\r'"),
    "an underscore": ("1:1_0", "'1:1_0'"),
    "another script's digit": ("1:\u0662", "'1:\u0662'"),
    "count 0": ("1:0", "the count 0"),
    "index 0": ("0:1", "the word index 0"),
    "index over 5000": ("5001:1", "the word index 5001"),
    "index of five digits": ("10000:1", "the word index 10000"),
    "a leading zero in the index": ("01:1", "'01:1'"),
    "a leading zero in the count": ("1:01", "'1:01'"),
    "count over int32": ("1:2147483648", "the count 2147483648"),
    "a word twice": ("1:1,3:1,3:1", "the word index 3 twice"),
    "words not in order": ("4:1,3:1", "the word index 3 after 4"),
    "a comma at the end": ("1:1,", "''"),
    "two commas": ("1:1,,2:1", "''"),
    "no pair": ("", "''"),
}


@pytest.mark.parametrize(("pairs", "found"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_names_the_line_and_what_is_wrong_in_a_song(tmp_path, pairs, found):
    rows = f"{FIRST},1,1:1\n{SECOND},2,{pairs}\n{THIRD},3,1:1\n"
    path = write(tmp_path, HEADER + rows)
    with pytest.raises(InputError) as caught:
        read_musixmatch_text(path)
    assert caught.value.place == f"{path}:5"
    assert found in caught.value.found
    assert caught.value.expected


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("", "an empty row"),
        ("   ", "an empty row"),
        (SECOND, repr(SECOND)),
        (SECOND + ",2", repr(SECOND + ",2")),
        (SECOND[:-1] + ",2,1:1", repr(SECOND[:-1])),
        (SECOND + "0,2,1:1", repr(SECOND + "0")),
        (SECOND.lower() + ",2,1:1", repr(SECOND.lower())),
        (SECOND + ",,1:1", "the musiXmatch id ''"),
        (SECOND + ",x,1:1", "the musiXmatch id 'x'"),
        ("%another,list", "a second word list"),
    ],
)
def test_names_the_line_of_a_row_that_is_no_song(tmp_path, row, found):
    path = write(tmp_path, HEADER + f"{FIRST},1,1:1\n{row}\n{THIRD},3,1:1\n")
    with pytest.raises(InputError) as caught:
        read_musixmatch_text(path)
    assert caught.value.place == f"{path}:5"
    assert found in caught.value.found


def test_no_single_changed_byte_is_read_otherwise_than_row_by_row():
    rows = [f"{FIRST},4623710,1:6,25:4,5000:11", f"{SECOND},0,2:1,31:22"]
    block = ("\n".join(rows) + "\n").encode()
    generator = np.random.default_rng(0)
    accepted = 0
    for position in range(len(block)):
        for byte in {*b"\n\r,:0195 aT#%-.", 0, 255, int(generator.integers(256))}:
            damaged = block[:position] + bytes([byte]) + block[position + 1 :]
            fast = parse_block(damaged, 5000)
            if fast is None:
                continue
            accepted += 1
            slow = [parse_row(row, 5000, "row") for row in damaged[:-1].split(b"\n")]
            assert fast.track_ids.tolist() == [track_id for track_id, _, _ in slow]
            assert fast.lengths.tolist() == [len(indices) for _, indices, _ in slow]
            assert fast.indices.tolist() == [i for _, indices, _ in slow for i in indices]
            assert fast.counts.tolist() == [c for _, _, counts in slow for c in counts]
    assert accepted > len(block)


def test_a_cut_last_line_is_an_error_even_where_it_could_be_read(tmp_path):
    path = write(tmp_path, HEADER + GOOD_ROWS.rstrip("\n"))
    with pytest.raises(InputError, match=r"5: found a last line without its line end"):
        read_musixmatch_text(path)
    bad_rows = BadRows(skip=True)
    bags = read_musixmatch_text(path, bad_rows)
    assert bags.track_ids.tolist() == [FIRST.encode()]
    assert len(bad_rows.messages) == 1


def test_a_track_id_of_an_earlier_line_is_an_error_that_names_both_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "BLOCK_BYTES", 64)  # the two are in different blocks
    path = write(tmp_path, HEADER + GOOD_ROWS + f"{FIRST},7,3:3\n")
    with pytest.raises(InputError, match=rf":6: found the track id {FIRST} of line 4 again"):
        read_musixmatch_text(path)
    bad_rows = BadRows(skip=True)
    bags = read_musixmatch_text(path, bad_rows)
    assert as_dictionaries(bags) == {FIRST: {0: 6, 1: 4, 4999: 11}, SECOND: {1: 1}}


def test_skipping_bad_rows_keeps_every_good_row_and_lists_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "BLOCK_BYTES", 4096)
    rows = random_rows(200)
    bad = {17: "nonsense\n", 99: "\n", 100: f"{FIRST},1,0:1\n", 180: f"{FIRST},1,1:\xff\n"}
    text = HEADER + "".join(bad.get(number, row) for number, row in enumerate(rows))
    bad_rows = BadRows(skip=True)
    bags = read_musixmatch_text(write(tmp_path, text.encode("latin-1")), bad_rows)
    whole = write(tmp_path, HEADER + "".join(r for n, r in enumerate(rows) if n not in bad), "good")
    assert as_dictionaries(bags) == read_by_plain_loop(whole)
    assert [int(message.split(":")[1]) for message in bad_rows.messages] == [4 + n for n in bad]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_text_that_is_not_utf8_is_an_error(tmp_path, encoding):
    text = HEADER.replace("w17", "caf\u00e9") + GOOD_ROWS
    with pytest.raises(InputError, match="UTF-8"):
        read_musixmatch_text(write(tmp_path, text.encode(encoding)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "no word list"),
        ("# TRAINING SET\n", "no word list"),
        (GOOD_ROWS, "no word list"),
        (HEADER[:-1], "a last line without its line end"),
        (HEADER, "no song"),
        ("%the,you,the\n" + GOOD_ROWS, "an empty or repeated word"),
        ("%the,,you\n" + GOOD_ROWS, "an empty or repeated word"),
    ],
)
def test_a_file_without_words_or_songs_is_an_error(tmp_path, text, found):
    with pytest.raises(InputError, match=found):
        read_musixmatch_text(write(tmp_path, text))


def zip_bytes(tmp_path, *names):
    path = tmp_path / "whole.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, HEADER + "".join(random_rows(50)))
    return path.read_bytes()


def test_a_changed_digit_in_a_zip_is_an_error_by_its_checksum(tmp_path):
    path = tmp_path / "mxm_dataset_train.txt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mxm_dataset_train.txt", HEADER + GOOD_ROWS)
    path.write_bytes(path.read_bytes().replace(b",1:6,", b",1:7,"))
    with pytest.raises(InputError, match="cut or damaged zip"):
        read_musixmatch_text(path)


def test_a_zip_of_two_files_is_an_error(tmp_path):
    path = write(tmp_path, zip_bytes(tmp_path, "a.txt", "b.txt"), "two.zip")
    with pytest.raises(InputError, match="2 files inside"):
        read_musixmatch_text(path)


@pytest.mark.parametrize("block_bytes", [7, 1 << 18])
def test_marks_line_ends_and_blank_last_lines_of_editors_change_nothing(
    tmp_path, monkeypatch, block_bytes
):
    monkeypatch.setattr(text_files, "BLOCK_BYTES", block_bytes)
    text = HEADER + GOOD_ROWS
    without_comments = HEADER.split("\n")[2] + "\n" + GOOD_ROWS
    windows = text.replace("\n", "\r\n")
    marked = ["\ufeff" + text, "\ufeff" + without_comments, f"\ufeff{windows} "]
    ended = [windows, text[:-1] + "\r\n", f"{text}\n", f"{text}\n  \n\t\n", f"{windows}\r\n\r\n"]
    for number, changed in enumerate(marked + ended):
        bags = read_musixmatch_text(write(tmp_path, changed, f"{number}.txt"))
        assert bags.words[0] == "w0" and bags.words[-1] == "w4999"
        assert bags.track_ids.tolist() == [FIRST.encode(), SECOND.encode()]
        assert bags.counts.tolist() == [6, 4, 11, 1]


def test_what_file_managers_leave_in_a_zip_is_passed_over(tmp_path):
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        for name in [".DS_Store", "a/.DS_Store", "__MACOSX/a/._b.txt", "__MACOSX/b.txt", "a/._b"]:
            archive.writestr(name, "resource fork")
        archive.writestr("a/Thumbs.db", "thumbs")
        archive.writestr("desktop.ini", "[x]")
        archive.writestr("a/mxm_dataset_train.txt", HEADER + GOOD_ROWS)
    assert read_musixmatch_text(tmp_path / "train.zip").counts.tolist() == [6, 4, 11, 1]


def method(number):
    def damage(content):
        """Changes the compression method in both of a zip's headers."""
        content[8:10] = bytes([number, 0])
        central = content.rindex(b"PK\1\2")
        content[central + 10 : central + 12] = bytes([number, 0])

    return damage


def encrypt(content):
    content[6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1


def spoil_deflate(content):
    content[60:90] = b"\xff" * 30


def send_the_table_nowhere(content):
    end = content.rindex(b"PK\5\6")
    content[end + 16 : end + 20] = b"\xff\xff\xff\x7f"


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (method(97), "That compression method is not supported"),
        (method(12), "cut or damaged zip"),  # bzip2
        (method(14), "cut or damaged zip"),  # LZMA
        (encrypt, "an encrypted zip file"),
        (spoil_deflate, "cut or damaged zip"),
        (send_the_table_nowhere, "cut or damaged zip"),
    ],
)
def test_a_zip_of_another_kind_is_one_clear_error(tmp_path, damage, found):
    content = bytearray(zip_bytes(tmp_path, "mxm_dataset_train.txt"))
    damage(content)
    with pytest.raises(InputError, match=found):
        read_musixmatch_text(write(tmp_path, bytes(content), "mxm_dataset_train.txt.zip"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mxm_dataset_train.txt", b"\n" * (1 << 25))
    with pytest.raises(InputError, match=r"bytes that unpack to 33,554,432, expected at most 200"):
        read_musixmatch_text(tmp_path / "bomb.zip")
