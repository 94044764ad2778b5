"""The name of data whose user gives none: the file's, without suffixes of how it is packed."""

from pathlib import Path

#: Suffixes that say of what format a file is, or how it is packed.
SUFFIXES = frozenset(
    (".gz", ".bz2", ".zip", ".txt", ".arff", ".csv", ".tsv", ".svm", ".svmlight", ".libsvm")
)


def data_name(path: Path) -> str:
    """The file's name without such suffixes."""
    name = Path(path.name)
    while name.suffix.lower() in SUFFIXES and name.stem:
        name = Path(name.stem)
    return str(name)
