"""File names made of names that come from data or from users: labels, targets, experiments."""

import hashlib
import os
import unicodedata

#: Letters beside those and digits of any script that a file name keeps.
KEPT = frozenset(" %+,-.=@^_")
#: Bytes of a name, which leaves room for what is put before and after it (a name may have 255).
LONGEST = 100


def file_name(name: str) -> str:
    """The part of a path that stands for `name`: never a folder, hidden, empty or too long.

    A name of ordinary letters, digits and signs stays as it is. In others, what a file system or a
    shell may take amiss becomes `-`, and a digest of the name follows, so that no two names have
    one file: `genre:Rap` gives `genre-Rap-` and eight hexadecimal digits.
    """
    raw = name.encode("utf-8", "surrogatepass")
    kept = "".join(letter if _is_kept(letter) else "-" for letter in name).strip(" -.~")
    kept = kept.encode("utf-8")[:LONGEST].decode("utf-8", "ignore")
    if kept != name or not name:
        kept = f"{kept}-{hashlib.sha256(raw).hexdigest()[:8]}".lstrip("-")
    # The same bytes on disk where the system's encoding is ASCII.
    return os.fsdecode(kept.encode("utf-8"))


def _is_kept(letter: str) -> bool:
    return letter in KEPT or unicodedata.category(letter)[0] in "LMN"
