import gzip
import hashlib
import io
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from inspect import signature
from pathlib import Path

import h5py
import numpy as np
import pytest

from representation_music.data_preprocessing import resuming_download
from representation_music.data_preprocessing.download import download
from representation_music.data_preprocessing.licence import licence_beside, note_licence
from representation_music.data_preprocessing.preprocess import preprocess
from representation_music.data_preprocessing.resuming_download import (
    ResumingDownloader,
    remote_size,
)
from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.utils.errors import InputError
from representation_music.utils.lock import Held

BLOCK = 1 << 14
CONTENT = np.random.default_rng(0).bytes(300_000).hex("\n", 50).encode() + b"\n"


class Server(ThreadingHTTPServer):
    """Serves `files` on loopback; `cuts` lists after how many bytes each answer breaks off."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.cuts, self.requests = {}, [], []
        self.ranges, self.etag = True, '"1"'
        self.said = {}  # what a HEAD says of lengths, where that is not true
        self.lengths = True  # whether a GET says how much it sends
        self.shift = 0  # how far from what was asked for a range starts
        self.drip = self.dripped = 0  # bytes that come one by one before an answer breaks off
        self.status = 200
        self.url = f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        content = self.server.files.get(self.path.lstrip("/"))
        if content is None:
            self.send_error(404)
            return
        start, asked = 0, self.headers.get("Range")
        if asked and self.server.ranges and self.headers.get("If-Range") == self.server.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else self.server.status)
        if start:
            start += self.server.shift
            end = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
        if body:
            self.server.requests.append((self.path.lstrip("/"), start))
        else:
            said = self.server.said.get(self.path.lstrip("/"), len(content))
            self.send_header("Content-Length", str(said))
        if body and self.server.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        self.end_headers()
        if body:
            cut = self.server.cuts.pop(0) if self.server.cuts else len(content)
            self.wfile.write(content[start : start + cut])
            with suppress(ConnectionError):  # the other side has had enough
                for byte in content[start + cut : start + cut + self.server.drip]:
                    self.wfile.write(bytes([byte]))
                    self.server.dripped += 1
                    time.sleep(0.01)
            self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def zipped(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def study(server, tmp_path):
    """Files of the right kinds under the official names; their content by unpacked name."""
    summary, tags = tmp_path / "summary.h5", tmp_path / "tags.db"
    with h5py.File(summary, "w") as file:
        file["x"] = np.arange(3)
    with sqlite3.connect(tags) as database:
        database.execute("CREATE TABLE artists (artist_id text)")
    contents = {
        "mxm_dataset_train.txt": b"# TRAINING SET\n",
        "mxm_dataset_test.txt": b"# TESTING SET\n" * 1000,
        "msd_summary_file.h5": summary.read_bytes(),
        "artist_term.db": tags.read_bytes(),
        "tracks_per_year.txt": b"1922<SEP>TRX<SEP><SEP>\n",
        "msd_tagtraum_cd1.cls": b"# genres\n",
    }
    for name, content in contents.items():
        if name.startswith(("mxm", "msd_tagtraum")):
            server.files[f"{name}.zip"] = zipped(name, content)
        else:
            server.files[name] = content
    return contents


def fetch(server, folder, *names, **options):
    download(names, out_dir=folder, base_url=server.url, **{"check": False, **options})


def names_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_the_study_s_files_are_fetched_and_unpacked_and_nothing_else_is_left(
    server, study, tmp_path, capsys
):
    download(out_dir=tmp_path / "msd", base_url=server.url, check=False)
    got = {p.name: p.read_bytes() for p in (tmp_path / "msd").iterdir()}
    digests, licences = got.pop("SHA256SUMS").decode(), got.pop("LICENCE.txt").decode()
    assert got == study
    assert licences.startswith("artist_term.db: for research; terms at millionsongdataset.com\n")
    expected = {name: hashlib.sha256(content).hexdigest() for name, content in study.items()}
    assert digests == "".join(f"{expected[name]}  {name}\n" for name in sorted(study))
    fetched = f"{sum(map(len, server.files.values())) / 1e6:,.1f} MB"
    out = capsys.readouterr().out
    assert f"6 files, {fetched} to fetch" in out
    assert f"{tmp_path}/msd/artist_term.db: SHA-256 {expected['artist_term.db']}\n" in out


def test_a_second_run_fetches_nothing(server, study, tmp_path):
    fetch(server, tmp_path / "msd", "tracks_per_year.txt")
    server.requests.clear()
    fetch(server, tmp_path / "msd", "tracks_per_year.txt")
    assert server.requests == []


def test_a_dry_run_tells_sizes_and_writes_nothing(server, tmp_path, capsys):
    server.files["tracks_per_year.txt"] = b"x" * 2_345_678
    fetch(server, tmp_path / "msd", "tracks_per_year.txt", dry_run=True)
    assert "2.3 MB" in capsys.readouterr().out
    assert server.requests == [] and not (tmp_path / "msd").exists()


def test_a_dry_run_without_a_network_lists_the_files_and_says_so(server, tmp_path, capsys):
    server.server_close()  # its port now refuses connections
    fetch(server, tmp_path / "msd", "artist_term.db", "tracks_per_year.txt", dry_run=True)
    out = capsys.readouterr().out
    listed = [line.split() for line in out.splitlines() if server.url in line]
    assert [(words[0], words[-2]) for words in listed] == [
        ("artist_term.db", "unknown"),
        ("tracks_per_year.txt", "unknown"),
    ]
    assert "2 files, unknown to fetch" in out
    assert f"the server was not reached: 127.0.0.1:{server.server_port}\n" in out


def test_files_go_where_the_readme_has_preprocess_read_them():
    assert signature(download).parameters["out_dir"].default == Path("data")


def test_a_transfer_that_is_cut_twice_goes_on_where_it_stopped(server, tmp_path):
    server.files["tracks_per_year.txt"] = CONTENT
    server.cuts = [10 * BLOCK, 20 * BLOCK + 5]
    fetch(server, tmp_path, "tracks_per_year.txt")
    assert (tmp_path / "tracks_per_year.txt").read_bytes() == CONTENT
    assert [start for _, start in server.requests] == [0, 10 * BLOCK, 30 * BLOCK + 5]
    assert names_in(tmp_path) == ["LICENCE.txt", "SHA256SUMS", "tracks_per_year.txt"]


def test_without_ranges_a_cut_transfer_starts_anew(server, tmp_path):
    server.files["tracks_per_year.txt"], server.ranges = CONTENT, False
    server.cuts = [10 * BLOCK]
    fetch(server, tmp_path, "tracks_per_year.txt")
    assert (tmp_path / "tracks_per_year.txt").read_bytes() == CONTENT
    assert [start for _, start in server.requests] == [0, 0]


def test_a_server_that_keeps_hanging_up_leaves_no_file_and_the_next_run_resumes(server, tmp_path):
    server.files["a"], part = CONTENT, tmp_path / "part"
    output = tmp_path / "a"
    server.cuts = [10 * BLOCK, 0, 0, 0]
    arrived = []
    with pytest.raises(InputError, match=r"after 163,840 bytes.*Run the same command again"):
        ResumingDownloader(part, pause=0)(server.url + "a", str(output), None)
    assert not output.exists() and part.stat().st_size == 10 * BLOCK
    ResumingDownloader(part, arrived.append)(server.url + "a", str(output), None)
    assert output.read_bytes() == CONTENT and sum(arrived) == len(CONTENT)
    assert server.requests[-1] == ("a", 10 * BLOCK)
    assert names_in(tmp_path) == ["a"]


def test_a_file_that_changed_meanwhile_is_not_mixed_with_its_old_beginning(server, tmp_path):
    server.files["a"], part = CONTENT, tmp_path / "part"
    server.cuts = [10 * BLOCK, 0, 0, 0]
    with pytest.raises(InputError):
        ResumingDownloader(part, pause=0)(server.url + "a", str(tmp_path / "a"), None)
    server.files["a"], server.etag = CONTENT[::-1], '"2"'
    ResumingDownloader(part)(server.url + "a", str(tmp_path / "a"), None)
    assert (tmp_path / "a").read_bytes() == CONTENT[::-1]


def test_bytes_whose_version_is_unknown_are_fetched_again(server, tmp_path):
    server.files["a"], server.etag, part = CONTENT, "", tmp_path / "part"
    part.write_bytes(b"from who knows where")
    ResumingDownloader(part)(server.url + "a", str(tmp_path / "a"), None)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_part_that_was_complete_is_kept_without_a_byte_more(server, tmp_path):
    server.files["a"], part = CONTENT, tmp_path / "part"
    part.write_bytes(CONTENT)
    (tmp_path / "part.version").write_text('"1"')
    ResumingDownloader(part)(server.url + "a", str(tmp_path / "a"), None)
    assert (tmp_path / "a").read_bytes() == CONTENT and server.requests == []


@pytest.mark.parametrize("damaged", [b"\xff\xfe", b'"1"\r\nX: y', b' "1"', b"\x1b[1m"])
def test_bytes_whose_version_is_damaged_are_fetched_again(server, tmp_path, damaged):
    server.files["a"], part = CONTENT, tmp_path / "part"
    part.write_bytes(b"from who knows where")
    (tmp_path / "part.version").write_bytes(damaged)
    ResumingDownloader(part, pause=0)(server.url + "a", str(tmp_path / "a"), None)
    assert (tmp_path / "a").read_bytes() == CONTENT and server.requests == [("a", 0)]


#: Downloads one file in a process of its own; says so when it is at it.
OTHER = """
import sys
from pathlib import Path
from representation_music.data_preprocessing.download import download
download(("tracks_per_year.txt",), Path(sys.argv[1]), sys.argv[2], check=False)
"""


def test_of_two_transfers_of_one_file_the_second_is_told_who_is_at_it(server, tmp_path):
    server.files["tracks_per_year.txt"] = CONTENT
    server.cuts, server.drip = [10 * BLOCK], 10_000  # at 100 bytes a second it does not end
    first = subprocess.Popen([sys.executable, "-c", OTHER, str(tmp_path), server.url])
    try:
        while not server.dripped:
            assert first.poll() is None
            time.sleep(0.01)
        with pytest.raises(Held, match=f"process {first.pid} on"):
            fetch(server, tmp_path, "tracks_per_year.txt")
    finally:
        first.kill()
        first.wait()
    assert "tracks_per_year.txt" not in names_in(tmp_path) and len(server.requests) == 1
    fetch(server, tmp_path, "tracks_per_year.txt")  # the dead one's lock is no obstacle
    assert (tmp_path / "tracks_per_year.txt").read_bytes() == CONTENT
    assert not list(tmp_path.glob(".*"))


def test_a_file_that_another_fetched_meanwhile_is_left_alone(server, tmp_path, monkeypatch):
    server.files["tracks_per_year.txt"] = CONTENT
    there = tmp_path / "tracks_per_year.txt"
    monkeypatch.setattr(
        "representation_music.data_preprocessing.download._require_space",
        lambda *_: there.write_bytes(b"whole\n"),
    )
    fetch(server, tmp_path, "tracks_per_year.txt")
    assert there.read_bytes() == b"whole\n" and server.requests == []


def test_a_wrong_checksum_is_refused_and_nothing_kept(server, study, tmp_path):
    with pytest.raises(InputError, match=r"SHA-256.*expected d4ab4c24.*--no-check"):
        fetch(server, tmp_path / "msd", "mxm_dataset_train.txt", check=True)
    assert names_in(tmp_path / "msd") == []


def test_a_damaged_archive_is_refused_and_nothing_kept(server, tmp_path):
    archive = bytearray(zipped("mxm_dataset_train.txt", CONTENT))
    archive[300_000] ^= 255
    server.files["mxm_dataset_train.txt.zip"] = bytes(archive)
    with pytest.raises(InputError, match="a cut or damaged zip file"):
        fetch(server, tmp_path / "msd", "mxm_dataset_train.txt")
    assert names_in(tmp_path / "msd") == []


@pytest.mark.parametrize("page", [b"<html>The site has moved.</html>", b'{"error": "moved"}'])
@pytest.mark.parametrize(
    "name",
    [
        "artist_term.db",
        "msd_summary_file.h5",
        "tracks_per_year.txt",
        "mxm_dataset_test.txt.zip",
        "millionsongsubset.tar.gz",
    ],
)
def test_a_web_page_in_the_place_of_a_file_is_refused(server, tmp_path, name, page):
    server.files[name] = page
    with pytest.raises(InputError, match=f"content that starts with {page[:16]!r}"):
        fetch(server, tmp_path / "msd", name.removesuffix(".zip"))
    assert names_in(tmp_path / "msd") == []


def test_a_file_that_the_server_lacks_is_told_before_anything_is_fetched(server, study, tmp_path):
    del server.files["tracks_per_year.txt"]
    with pytest.raises(InputError, match=r"tracks_per_year\.txt: found HTTP status 404"):
        fetch(server, tmp_path / "msd", "artist_term.db", "tracks_per_year.txt")
    assert server.requests == [] and not (tmp_path / "msd").exists()


def test_a_host_that_does_not_answer_is_told(server, tmp_path):
    server.server_close()  # its port now refuses connections
    with pytest.raises(InputError, match="cannot be reached"):
        remote_size(server.url + "a")
    with pytest.raises(InputError, match="cannot be reached"):
        ResumingDownloader(tmp_path / "part")(server.url + "a", str(tmp_path / "a"), None)
    assert names_in(tmp_path) == []


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(InputError, match=r"'lyrics\.txt'.*mxm_dataset_train\.txt"):
        download(("lyrics.txt",), out_dir=tmp_path)


def test_a_folder_that_cannot_be_written_is_told(server, study, tmp_path):
    (tmp_path / "msd").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        fetch(server, tmp_path / "msd", "artist_term.db")


def resume(server, folder, have, **options):
    """Goes on with a download of which so many bytes are there."""
    server.files["a"] = CONTENT
    (folder / "part").write_bytes(CONTENT[:have])
    (folder / "part.version").write_text(server.etag)
    downloader = ResumingDownloader(folder / "part", pause=0, **options)
    downloader(server.url + "a", str(folder / "a"), None)
    return (folder / "a").read_bytes()


@pytest.mark.parametrize("shift", [-5, 7])
def test_another_range_than_was_asked_for_is_not_appended(server, tmp_path, shift):
    server.shift = shift
    assert resume(server, tmp_path, 10 * BLOCK) == CONTENT
    assert [start for _, start in server.requests] == [10 * BLOCK + shift, 0]


def test_a_range_that_nobody_asked_for_is_refused(server, tmp_path):
    server.files["a"], server.status = CONTENT, 206
    with pytest.raises(InputError, match="sent another part than asked for"):
        ResumingDownloader(tmp_path / "part", pause=0)(server.url + "a", str(tmp_path / "a"), None)
    assert len(server.requests) == 3 and names_in(tmp_path) == []


@pytest.mark.parametrize("said", [len(CONTENT) + 1000, len(CONTENT) - 1000])
def test_a_body_of_another_length_than_was_said_before_is_refused(server, tmp_path, said):
    server.files["tracks_per_year.txt"] = CONTENT
    server.said["tracks_per_year.txt"] = said
    with pytest.raises(InputError, match=rf"a file of {len(CONTENT):,} bytes, expected {said:,}"):
        fetch(server, tmp_path / "msd", "tracks_per_year.txt")
    assert names_in(tmp_path / "msd") == []


def test_an_early_close_is_noticed_by_the_length_said_before(server, tmp_path):
    server.files["tracks_per_year.txt"], server.lengths = CONTENT, False
    server.cuts = [10 * BLOCK]
    fetch(server, tmp_path, "tracks_per_year.txt")
    assert (tmp_path / "tracks_per_year.txt").read_bytes() == CONTENT
    assert [start for _, start in server.requests] == [0, 10 * BLOCK]


def write_database(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE artists (artist_id text)")
        database.executemany("INSERT INTO artists VALUES (?)", [("AR" * 9,)] * 2000)
        database.commit()


def write_hdf5(path):
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(30_000)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("tracks_per_year.txt", lambda path: path.write_bytes(CONTENT)),
        ("artist_term.db", write_database),
        ("msd_summary_file.h5", write_hdf5),
        ("millionsongsubset.tar.gz", lambda path: path.write_bytes(gzip.compress(CONTENT))),
    ],
)
def test_an_early_close_where_no_length_was_told_is_noticed_by_the_missing_end(
    server, tmp_path, name, write
):
    write(tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    server.files[name], server.lengths, server.said = content, False, {name: 0}
    server.cuts = [len(content) - 2000]
    with pytest.raises(InputError, match="a file without its end"):
        fetch(server, tmp_path / "msd", name)
    assert names_in(tmp_path / "msd") == []
    fetch(server, tmp_path / "msd", name)
    assert (tmp_path / "msd" / name).read_bytes() == content


def test_a_resume_that_makes_no_progress_ends(server, tmp_path):
    # Without ranges every connection starts anew; now a little more arrives, now a little less.
    server.ranges, server.cuts = False, [10 * BLOCK, 12 * BLOCK] * 50
    server.files["a"] = CONTENT
    with pytest.raises(InputError, match="Run the same command again"):
        ResumingDownloader(tmp_path / "part", pause=0)(server.url + "a", str(tmp_path / "a"), None)
    assert len(server.requests) == 5


def test_a_server_that_drips_is_cut_off(server, tmp_path, monkeypatch):
    monkeypatch.setattr(resuming_download, "TIMEOUT", 0.1)
    server.cuts, server.drip = [0] * 3, 1000
    with pytest.raises(InputError, match=r"less than 16,384 bytes in 0\.1 s"):
        resume(server, tmp_path, 0)
    assert len(server.requests) == 3 and server.dripped < 100


def test_connections_that_bring_a_few_bytes_each_end(server, tmp_path):
    server.cuts = [1] * 100
    with pytest.raises(InputError, match=r"after 163,843 bytes"):
        resume(server, tmp_path, 10 * BLOCK)
    assert len(server.requests) == 3


def test_content_that_a_server_calls_encoded_is_kept_as_sent(server, tmp_path, monkeypatch):
    send_header = Handler.send_header

    def label_as_encoded(handler, name, value):
        send_header(handler, name, value)
        if name == "ETag":
            send_header(handler, "Content-Encoding", "gzip")

    monkeypatch.setattr(Handler, "send_header", label_as_encoded)
    archive = gzip.compress(CONTENT)
    server.files["millionsongsubset.tar.gz"] = archive
    fetch(server, tmp_path, "millionsongsubset.tar.gz")
    assert (tmp_path / "millionsongsubset.tar.gz").read_bytes() == archive


def test_a_length_that_is_no_number_is_passed_over(server):
    server.files["a"], server.said = CONTENT, {"a": "many"}
    assert remote_size(server.url + "a") is None


def test_an_answer_without_a_file_is_refused(server, tmp_path):
    server.files["tracks_per_year.txt"], server.status = CONTENT, 204
    with pytest.raises(InputError, match="HTTP status 204"):
        fetch(server, tmp_path, "tracks_per_year.txt")


def zip_of(*members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **options)
    return buffer.getvalue()


TRAIN = "mxm_dataset_train.txt"


@pytest.mark.parametrize(
    ("archive", "found"),
    [
        (zip_of((f"a/{TRAIN}", "one\n"), (f"b/{TRAIN}", "two\n")), f"2 files {TRAIN} inside"),
        (
            zip_of((TRAIN, "one\n"), ("x" * len(TRAIN), "")).replace(b"x" * 21, TRAIN.encode()),
            f"2 files {TRAIN} inside",
        ),
        (zipped("readme.txt", b"moved"), "readme.txt"),
        (zipped(TRAIN, CONTENT)[:-30], "a cut or damaged zip file"),
        (zipped(TRAIN, b""), "content that starts with b''"),
    ],
)
def test_a_zip_of_another_kind_is_one_clear_error_and_nothing_is_kept(
    server, tmp_path, archive, found
):
    server.files[f"{TRAIN}.zip"] = archive
    with pytest.raises(InputError) as caught:
        fetch(server, tmp_path / "msd", TRAIN)
    assert caught.value.place == f"{server.url}{TRAIN}.zip" and found in caught.value.found
    assert names_in(tmp_path / "msd") == []


def test_a_file_that_is_fetched_again_must_be_the_one_of_before(server, tmp_path):
    server.files["tracks_per_year.txt"] = CONTENT
    fetch(server, tmp_path, "tracks_per_year.txt", check=True)
    (tmp_path / "tracks_per_year.txt").unlink()
    changed = CONTENT[::-1].strip() + b"\n"
    server.files["tracks_per_year.txt"] = changed
    with pytest.raises(InputError, match=r"\(as in SHA256SUMS\).*--no-check"):
        fetch(server, tmp_path, "tracks_per_year.txt", check=True)
    fetch(server, tmp_path, "tracks_per_year.txt", check=False)
    digest = hashlib.sha256(changed).hexdigest()
    assert (tmp_path / "SHA256SUMS").read_text() == f"{digest}  tracks_per_year.txt\n"


def test_a_name_that_is_a_link_to_another_disk_is_fetched_through(server, tmp_path):
    server.files["tracks_per_year.txt"] = CONTENT
    (tmp_path / "scratch").mkdir()
    (tmp_path / "msd").mkdir()
    (tmp_path / "msd" / "tracks_per_year.txt").symlink_to(tmp_path / "scratch" / "years.txt")
    fetch(server, tmp_path / "msd", "tracks_per_year.txt")
    assert (tmp_path / "scratch" / "years.txt").read_bytes() == CONTENT
    assert (tmp_path / "msd" / "tracks_per_year.txt").is_symlink()


def test_a_public_set_is_fetched_by_its_name_with_its_licence_first(server, tmp_path, capsys):
    arff = "@relation 'Bibtex: -C 1'\n@attribute tag {0,1}\n@attribute word {0,1}\n@data\n"
    server.files["Bibtex_Meka.zip"] = zipped("Bibtex.arff", arff + "{0 1,1 1}\n{1 1}\n")
    server.files["2"] = zip_of(("Music/tcc_ceds_music.csv", ",artist_name,genre,lyrics\n0,a,b,c\n"))
    fetch(server, tmp_path, "bibtex", "tcc")
    out = " ".join(capsys.readouterr().out.split())
    assert out.index("Vlahavas 2008") < out.index("SHA-256") and "CC BY 4.0" in out
    assert names_in(tmp_path) == ["Bibtex.arff", "LICENCE.txt", "SHA256SUMS", "tcc_ceds_music.csv"]
    assert licence_beside(tmp_path / "tcc_ceds_music.csv").startswith("CC BY 4.0; cite Moura")
    preprocess(tmp_path / "Bibtex.arff", tmp_path / "bibtex.h5")
    songs = SongDataset.load(tmp_path / "bibtex.h5")
    assert songs.task_names() and songs.provenance["licence"].startswith("none stated; cite Kata")


def test_a_licence_is_that_of_the_line_of_the_file_or_of_the_first(tmp_path):
    assert licence_beside(tmp_path) == ""
    (tmp_path / "LICENCE.txt").write_text("CC0: as it is\nwhat follows\n")
    assert licence_beside(tmp_path) == licence_beside(tmp_path / "a.csv") == "CC0: as it is"
    (tmp_path / "LICENCE.txt").unlink()
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).touch()
        note_licence(tmp_path / name, f"of {name}")
    note_licence(tmp_path / "a.csv", "anew")
    assert licence_beside(tmp_path / "b.csv") == "of b.csv"
    assert licence_beside(tmp_path) == licence_beside(tmp_path / "a.csv") == "anew"
