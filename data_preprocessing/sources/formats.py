"""Dataset formats beside the official files: which name stands for which, and what each gives.

A format is a file beside this one with a subclass of `Format`, and its name in `FORMATS`; a file
that `REPMUSIC_PLUGINS` names registers its own. Nothing behind a format knows of it.
"""

from pathlib import Path
from typing import ClassVar

from representation_music.data_preprocessing.songs.dataset import SongDataset
from representation_music.utils.registry import Registry


class Format:
    """A way in which examples lie on disk.

    Attributes:
        name: What `--format` calls it.
    """

    name: ClassVar[str]

    def read(self, path: Path) -> SongDataset:
        """The examples at `path`, best made by `SongDataset.from_bags`.

        Raises:
            InputError: with file, line, what was found and what was expected.
        """
        raise NotImplementedError


#: Every format by its name.
FORMATS: Registry[Format] = Registry("--format", ())
