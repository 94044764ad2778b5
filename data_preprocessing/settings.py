"""The settings of `repmusic preprocess`: which examples, labels and splits a file holds."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

import tyro

from representation_music.data_preprocessing.sources.format import Format, ReadOptions
from representation_music.utils.errors import InputError


@dataclass(frozen=True)
class PreprocessSettings(ReadOptions):
    """Which examples, labels and splits the songs file holds.

    Args:
        format: What lies at PATH: official (a folder of MSD's and musiXmatch's files), musixmatch
            (their text layout with ids of any form), arff (of Mulan or MEKA), svmlight (with
            several labels), table (a CSV or TSV with texts or counts), or one that
            REPMUSIC_PLUGINS adds (see CONTRIBUTING.md). If not named, the one that the name or the
            first lines of PATH tell.
        unit: COLUMN=UNIT of a regression label, such as year=years; may be repeated.
        group_equal_inputs: Examples of equal words are one group, so that the same page twice does
            not stand in two parts of the split artist; of the other splits it may.
        noun: What the examples are called, in the plural, such as pages; if not named, what the
            format calls them.
        name: What tables and figures call the data; if not named, as the file.
        licence: Under what terms the data may be used; if not named, the first line of a file
            LICENCE.txt beside them, which `repmusic download` writes.
        exclude: Files of songs to leave out: ids, one per line (below a first line "# ids only"
            also those that begin with # or %), or MSD's own lists of mismatches
            (sid_mismatches.txt) and of duplicates (msd_duplicates.txt; of each group the first
            song stays).
        require: Keep only songs that carry all these labels, such as: year "pop rock".
        protocol: "paper" keeps songs with every label of the 2016 study and makes its random
            split: 25,000/6,000/25,000 songs, or as many in these proportions. "all" keeps every
            song with a bag of words and marks what is missing as missing.
        splits: Splits to make: no known group (artist) in two parts; the official one; random.
        proportions: Train, validation and test songs. The study's 25:6:25 gave as many songs to
            the test as to training; with few labels, training needs more of them.
        seed: Seed of the splits.
        skip_bad_rows: Leave out rows that cannot be read, and list them, instead of stopping.
    """

    format: str = ""
    unit: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    group_equal_inputs: bool = False
    noun: str = ""
    name: str = ""
    licence: str = ""
    exclude: tuple[Path, ...] = ()
    require: tuple[str, ...] = ()
    protocol: Literal["all", "paper"] = "all"
    splits: tuple[Literal["artist", "official", "random"], ...] = ("artist", "official", "random")
    proportions: tuple[float, float, float] = (60.0, 15.0, 25.0)
    seed: int = 0
    skip_bad_rows: bool = False

    def __post_init__(self):
        super().__post_init__()
        if not all(0 < share < float("inf") for share in self.proportions):
            expected = "a positive share each of train, validation and test songs"
            raise InputError("--proportions", f"{self.proportions}", expected)

    def require_fit(self, form: Format) -> None:
        """Refuses an option that the format does not read.

        Raises:
            InputError: naming the flag.
        """
        of_every_format = ("kind", "labels", "id_column", "group_column")
        for option in fields(ReadOptions):
            given = getattr(self, option.name) != option.default
            if given and option.name not in (*of_every_format, *form.options):
                flag = "--" + option.name.replace("_", "-")
                raise InputError(f"{flag} with the format {form.name}", "both", "one of the two")

    def as_provenance(self) -> dict:
        """Settings that decide the content, with files by name only."""
        settings = asdict(self) | {"labels": [path.name for path in self.labels]}
        settings["exclude"] = [path.name for path in self.exclude]
        settings["label_names"] = Path(self.label_names).name
        del settings["resume_dir"]
        return settings
