import io
import sqlite3
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from inspect import signature
from pathlib import Path

import h5py
import numpy as np
import pytest

from representation_music.data_preprocessing.download import download
from representation_music.data_preprocessing.resuming_download import (
    ResumingDownloader,
    remote_size,
)
from representation_music.utils.errors import InputError

BLOCK = 1 << 14
CONTENT = np.random.default_rng(0).bytes(600_000)


class Server(ThreadingHTTPServer):
    """Serves `files` on loopback; `cuts` lists after how many bytes each answer breaks off."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.cuts, self.requests = {}, [], []
        self.ranges, self.etag = True, '"1"'
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
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        self.end_headers()
        if body:
            self.server.requests.append((self.path.lstrip("/"), start))
            cut = self.server.cuts.pop(0) if self.server.cuts else len(content)
            self.wfile.write(content[start : start + cut])
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
    assert {p.name: p.read_bytes() for p in (tmp_path / "msd").iterdir()} == study
    fetched = f"{sum(map(len, server.files.values())) / 1e6:,.1f} MB"
    assert f"6 files, {fetched} to fetch" in capsys.readouterr().out


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
    assert [start for _, start in server.requests] == [0, 10 * BLOCK, 30 * BLOCK]
    assert names_in(tmp_path) == ["tracks_per_year.txt"]


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


def test_a_wrong_checksum_is_refused_and_nothing_kept(server, study, tmp_path):
    with pytest.raises(InputError, match=r"SHA-256.*expected d4ab4c24.*--no-check"):
        fetch(server, tmp_path / "msd", "mxm_dataset_train.txt", check=True)
    assert names_in(tmp_path / "msd") == []


def test_a_damaged_archive_is_refused_and_nothing_kept(server, tmp_path):
    archive = bytearray(zipped("mxm_dataset_train.txt", CONTENT))
    archive[300_000] ^= 255
    server.files["mxm_dataset_train.txt.zip"] = bytes(archive)
    with pytest.raises(InputError, match="damaged archive"):
        fetch(server, tmp_path / "msd", "mxm_dataset_train.txt")
    assert names_in(tmp_path / "msd") == []


def test_an_archive_of_something_else_is_refused(server, tmp_path):
    server.files["mxm_dataset_train.txt.zip"] = zipped("readme.txt", b"moved")
    with pytest.raises(InputError, match=r"readme\.txt"):
        fetch(server, tmp_path / "msd", "mxm_dataset_train.txt")
    assert names_in(tmp_path / "msd") == []


@pytest.mark.parametrize("name", ["artist_term.db", "msd_summary_file.h5", "tracks_per_year.txt"])
def test_a_web_page_in_the_place_of_a_file_is_refused(server, tmp_path, name):
    server.files[name] = b"<html>The site has moved.</html>"
    with pytest.raises(InputError, match="starts with b'<html>"):
        fetch(server, tmp_path / "msd", name)
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
