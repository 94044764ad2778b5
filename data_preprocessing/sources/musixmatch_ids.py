"""Bags of words in musiXmatch's text layout with ids of any form."""

from pathlib import Path

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.data_preprocessing.sources.files.text import open_text_source
from representation_music.data_preprocessing.sources.format import Format, ReadOptions, data_name
from representation_music.data_preprocessing.sources.identifiers import check_any_id
from representation_music.data_preprocessing.sources.musixmatch.text import read_musixmatch_text
from representation_music.utils.errors import InputError

#: Bytes in which the word list must begin for a file to be recognised.
LOOKED_AT = 1 << 16


class MusixmatchAnyIds(Format):
    """One text file: a word list `%word,word,...`, then rows `id,0,index:count,...`."""

    name = "musixmatch"
    holds = "a .txt in musiXmatch's layout, ids of any form"

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """A text whose first line that is no comment starts with `%`."""
        if not path.is_file() or ".txt" not in path.suffixes:
            return False
        try:
            with open_text_source(path) as (stream, _):
                start = stream.read(LOOKED_AT)
        except InputError:
            return False
        lines = (line for line in start.splitlines() if not line.startswith(b"#"))
        return next(lines, b"").startswith(b"%")

    def read(self, path: Path, bad_rows: BadRows, options: ReadOptions) -> SongDataset:
        """The bags of words; labels and groups come from tables."""
        bags = read_musixmatch_text(path, bad_rows, check_any_id)
        return SongDataset.from_bags(
            bags.to_csr(), bags.words, bags.track_ids, name=data_name(path)
        )
