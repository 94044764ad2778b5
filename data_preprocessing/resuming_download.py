"""A downloader for pooch that goes on where a broken transfer stopped; pooch's own starts anew."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from representation_music.utils.errors import InputError

#: Bytes read at a time; of a broken transfer, less than this is lost.
BLOCK = 1 << 14
#: Seconds without a byte, or with less than a block, before a transfer counts as broken.
TIMEOUT = 30
#: Connections in a row that may bring less than a block before the download is given up.
ATTEMPTS = 3
#: The server's bytes as they are: a length of compressed ones could not be checked.
HEADERS = {"Accept-Encoding": "identity"}
RESUME = "Run the same command again; it goes on where this one stopped."


class Unreachable(InputError):
    """The server cannot be reached at all, as without a network."""


def remote_size(url: str) -> int | None:
    """Size of the file at `url` in bytes by a HEAD request; None where the server keeps it.

    Raises:
        Unreachable: if the server cannot be reached.
        InputError: if it has no such file.
    """
    import requests

    try:
        response = requests.head(url, timeout=TIMEOUT, allow_redirects=True, headers=HEADERS)
    except requests.RequestException as error:
        raise _unreachable(url, error) from error
    if response.status_code in (405, 501):
        return None
    _require_success(url, response.status_code)
    return _length(response) or None  # 0 from servers that do not look


class ResumingDownloader:
    """What pooch calls to fetch one file: bytes gather in `part`, which outlives a failure.

    It asks for the missing rest by an HTTP range; a server that does not know ranges, sends
    another one than was asked for, or whose file has changed since (another ETag or date), has the
    whole file start anew. A file is whole when it is as long as the server said. Whoever calls it
    holds a lock: only one process at a time may fetch into a `part`.

    Args:
        part: Where the bytes gather.
        advance: Called with the number of bytes that arrived; negative where they are dropped.
        pause: Seconds before trying again a connection that brought nothing.
        size: How long the file is, as far as was told beforehand.
    """

    def __init__(
        self,
        part: Path,
        advance: Callable[[int], None] = lambda amount: None,
        pause: float = 2.0,
        size: int | None = None,
    ):
        self.part, self.advance, self.pause, self.size = part, advance, pause, size
        self.version_file = part.with_name(part.name + ".version")

    def __call__(self, url: str, output_file: str, pooch, check_only: bool = False) -> None:
        """Fetches `url` into `output_file`, whole or not at all.

        Raises:
            InputError: if the server cannot be reached, has no such file, says two lengths of it or
                keeps hanging up.
        """
        import requests
        import urllib3

        most = self._have()
        self.advance(most)
        failures = 0
        while failures < ATTEMPTS:
            reason = "the server closed the connection early, or sent another part than asked for"
            try:
                if self._transfer(url):
                    os.replace(self.part, output_file)
                    self.version_file.unlink(missing_ok=True)
                    return
            except requests.ConnectionError as error:
                if not self._have():
                    raise _unreachable(url, error) from error
                reason = "the connection broke"
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                reason = f"the transfer failed: {error}"
            # Only what goes beyond all that was there before, or it might go on forever.
            progress = self._have() - most >= BLOCK
            failures = 0 if progress else failures + 1
            most = max(most, self._have())
            time.sleep(self.pause * (0 < failures < ATTEMPTS))
        raise InputError(url, f"that {reason}, after {self._have():,} bytes", "", RESUME)

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _version(self) -> str:
        """Which version of the file `part` is of; empty where that is not known or damaged."""
        if not self.version_file.exists():
            return ""
        version = self.version_file.read_bytes().decode("ascii", errors="replace")
        return version if _is_header(version) else ""

    def _transfer(self, url: str) -> bool:
        """Appends what one connection brings; whether the file is now complete."""
        import requests

        have = self._have()
        headers = dict(HEADERS)
        version = self._version()
        if have and version:
            headers |= {"Range": f"bytes={have}-", "If-Range": version}
        with requests.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response:
            if response.status_code == 416:  # nothing is left to send, or the part is too long
                total = response.headers.get("Content-Range", "").rpartition("/")[2]
                if total == str(have) and self.size in (None, have):
                    return True
                self._restart()
                return False
            _require_success(url, response.status_code)
            if response.status_code == 206:
                start, total = _range_of(response)
                if "Range" not in headers or start != have:
                    self._restart()
                    return False
            else:
                self._restart()
                total = _length(response)
            if total is not None and self.size not in (None, total):
                self._restart()
                found = f"a file of {total:,} bytes"
                raise InputError(url, found, f"{self.size:,}, as the server said before", RESUME)
            version = response.headers.get("ETag", "W/")
            if version.startswith("W/"):  # a weak ETag must not be used for ranges
                version = response.headers.get("Last-Modified", "")
            self.version_file.write_text(version if _is_header(version) else "")
            with open(self.part, "ab") as file:
                for block in _arriving(response.raw):
                    file.write(block)
                    self.advance(len(block))
        total = self.size if total is None else total
        if total is not None and self._have() > total:
            self._restart()
        return total is None or self._have() == total

    def _restart(self) -> None:
        self.advance(-self._have())
        self.part.unlink(missing_ok=True)
        self.version_file.unlink(missing_ok=True)


def _arriving(raw) -> Iterator[bytes]:
    """The bytes of an answer as they arrive, cut off where they drip."""
    import requests

    since, gained = time.monotonic(), 0
    # As sent: what a server calls encoded may be the very archive asked for.
    while block := raw.read1(BLOCK, decode_content=False):
        yield block
        gained += len(block)
        if gained >= BLOCK:
            since, gained = time.monotonic(), 0
        elif time.monotonic() - since > TIMEOUT:
            raise requests.ReadTimeout(f"less than {BLOCK:,} bytes in {TIMEOUT} s")


def _is_header(text: str) -> bool:
    """Whether a text can be sent as the value of a header."""
    return text.isascii() and text.isprintable() and text == text.strip()


def _length(response) -> int | None:
    """What a response says of its length in bytes; None if nothing, or no number."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _range_of(response) -> tuple[int | None, int | None]:
    """Where the bytes of a 206 start, and how long the whole file is; None if not told."""
    found = re.fullmatch(
        r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""), re.ASCII
    )
    if not found:
        return None, None
    return int(found[1]), None if found[2] == "*" else int(found[2])


def _require_success(url: str, status: int) -> None:
    if status not in (200, 206):
        raise InputError(
            url,
            f"HTTP status {status}" + (" (no such file)" if status == 404 else ""),
            "the file",
            "Look for its new address and name it with --base-url.",
        )


def _unreachable(url: str, error: Exception) -> Unreachable:
    return Unreachable(
        url,
        f"that the server cannot be reached ({type(error).__name__})",
        "",
        "Check the network, or name a mirror with --base-url.",
    )
