"""What a dataset format is: how it is recognised, what may be said to it, the one form it gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import tyro

from representation_music.data_preprocessing.sources.files.bad_rows import BadRows
from representation_music.utils.errors import InputError
from representation_music.utils.tasks import Kind

if TYPE_CHECKING:
    from representation_music.data_preprocessing.songs.dataset import SongDataset


@dataclass(frozen=True)
class ReadOptions:
    """What a user may say to a format, beside where the files lie.

    Args:
        kind: NAME=KIND of a label, such as mood=multiclass; may be repeated. KIND is regression,
            binary (of two numbers, 1 is the larger) or multiclass; also of a label of the format,
            such as mode=binary.
        labels: CSV or TSV files of labels with a column of ids. A column artist_id (or group)
            names the group where the format does not; each other column is a label. Cells such as
            NA, ?, - or nothing are missing. A column is binary if it holds two different words, or
            only 0 and 1 (1 is true, yes, y, t, on; of other words the second in alphabetical
            order); multiclass if it holds more words; a regression if at least half of its cells
            are numbers. Whole numbers up to 20 of at most 12 different values may be codes or
            amounts: --kind must say which. An error are numbers with decimal commas or other
            marks (as 10% or $5; but 80s is a class), numbers below many marks such as * that may
            mean missing, and texts of which most are a class of their own. What was taken for what
            is printed.
        id_column: Column of ids, in tables of labels and of texts, or attribute of an ARFF file;
            if not named, track_id for the official files, else id, track_id or song_id in tables.
        group_column: Column, in any table, or attribute of an ARFF file, of the group (artist,
            site) of which no two examples may stand in two parts of the split artist; if not
            named, artist_id or group in tables (but a column group of numbers beside columns of
            counts is the word's).
        tags: Tags by artist: The Echo Nest's terms, as in the study, or MusicBrainz' tags. The
            tags of an artist without any row in that table are missing, not absent; with
            artist_mbtag that is most artists, so far fewer songs carry a label.
        official: Test songs of the official split: those of musiXmatch, or those of the artists
            in artists_test.txt. Validation songs are taken from train by artist.
        track_files: Take numeric labels from per-track files even if there is a summary file.
        resume_dir: Folder that keeps what was read of per-track files, so that a run that was
            interrupted goes on from there; none if not named.
        text_column: Column of texts of a CSV or TSV; if not named, text, lyrics, abstract, body or
            content.
        label_columns: Columns of a CSV or TSV that are labels. If none is named, all but ids,
            groups and texts; where there are no texts they must be named, or all come from
            --labels: all others are counts.
        tokens: Words of a text: stems as musiXmatch counted them, or words as scikit-learn's
            CountVectorizer finds them.
        most_words: Keep as many words, those of the most texts.
        label_names: Labels of an ARFF file: Mulan's XML file of their names (if not named, the one
            beside the ARFF), or their number as MEKA writes it (-C): of the first attributes, or,
            below 0, of the last.
    """

    kind: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    labels: tuple[Path, ...] = ()
    id_column: str = ""
    group_column: str = ""
    tags: Literal["artist_term", "artist_mbtag"] = "artist_term"
    official: Literal["musixmatch", "artist-lists"] = "musixmatch"
    track_files: bool = False
    resume_dir: Path | None = None
    text_column: str = ""
    label_columns: tuple[str, ...] = ()
    tokens: Literal["stems", "words"] = "stems"
    most_words: int = 5000
    label_names: str = ""

    def __post_init__(self):
        for text in self.kind:
            name, _, kind = text.rpartition("=")
            if not name or kind not in get_args(Kind):
                raise InputError("--kind", repr(text), f"NAME={', NAME='.join(get_args(Kind))}")
            if self.kinds[name] != kind:
                raise InputError("--kind", f"{kind} and {self.kinds[name]} of {name!r}", "one kind")
        if self.most_words < 1:
            raise InputError("--most-words", str(self.most_words), "1 or more")

    @property
    def kinds(self) -> dict[str, Kind]:
        """Kinds of labels, by name, where they are named."""
        named = (text.rpartition("=") for text in self.kind)
        return {name: kind for name, _, kind in named}


#: Suffixes that say of what format a file is, or how it is packed.
SUFFIXES = frozenset(
    (".gz", ".bz2", ".zip", ".txt", ".arff", ".csv", ".tsv", ".svm", ".svmlight", ".libsvm")
)


def data_name(path: Path) -> str:
    """The name of data whose user gives none: the file's, without `SUFFIXES`."""
    name = Path(path.name)
    while name.suffix.lower() in SUFFIXES and name.stem:
        name = Path(name.stem)
    return str(name)


class Format:
    """A way in which examples lie on disk.

    Attributes:
        name: What `--format` calls it.
        holds: What it is, in a few words, for messages.
        options: Fields of `ReadOptions` that it reads, beside `kind`, `labels`, `id_column` and
            `group_column`; any other is refused with it.
        id_column: Column of ids in tables of labels; one of several usual ones if empty.
        label_groups: (file name, ids, groups) of the tables of labels that name groups, for a
            format whose own labels hang on them.
        columns: Names of the columns that `read` found, where `id_column` and `group_column` may
            name one; a name that neither they nor a table of labels has is refused.
    """

    name: ClassVar[str]
    holds: ClassVar[str] = "examples"
    options: ClassVar[tuple[str, ...]] = ()
    id_column: ClassVar[str] = ""
    label_groups: tuple = ()
    columns: Sequence[str] = ()

    @staticmethod
    def check_id(text: str, place) -> bytes:
        """An id of a table of labels as bytes.

        Raises:
            InputError: if it is none.
        """
        from representation_music.data_preprocessing.sources.identifiers import check_any_id

        return check_any_id(text, place)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Whether what lies at `path` is of this format, as far as its name or first lines tell."""
        return False

    def read(self, path: Path, bad_rows: BadRows, options: ReadOptions) -> "SongDataset":
        """The examples at `path`, best made by `SongDataset.from_bags`.

        Nothing behind a format knows of it: label tables, groups, splits and provenance are added
        to what it gives. A split "official" may say which examples are train (0) and test (2).

        Args:
            path: The file or folder.
            bad_rows: Receives the rows that cannot be read.
            options: What the user said.

        Raises:
            InputError: with file, line, what was found and what was expected.
        """
        raise NotImplementedError
