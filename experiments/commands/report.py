"""`repmusic report STUDY...`: a PDF of studies' figures, tables and verdicts, or of a text."""

from pathlib import Path
from typing import Annotated

import tyro

from representation_music.plots.report.records import read_evidence
from representation_music.plots.studies.results import place_of
from representation_music.utils.console import say
from representation_music.utils.errors import InputError
from representation_music.utils.files import atomic_path, require_writable


def report(
    studies: tyro.conf.Positional[tuple[Path, ...]],
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("report.pdf"),
    runs: Path = Path("runs"),
    text: Path | None = None,
) -> int:
    """Set a PDF of studies: figures, tables and verdicts, without discussion.

    Args:
        studies: Studies' folders, or their names below `--runs`; results.json files; or folders of
            studies or of records. What `repmusic describe` and `repmusic relatedness` wrote there
            is set as well.
        output: The PDF file to write.
        runs: Folder of studies, where names are given.
        text: A text of your own in Typst, such as plots/report/report.typ, in place of the plain
            one: it prints numbers and verdicts of the records by macros.

    Returns:
        0, or 1 if a sentence of the text no longer holds; the PDF marks it in the margin.
    """
    from representation_music.plots.report.typeset import RESULTS_TEXT, typeset

    if not studies:
        raise InputError("STUDY", "nothing", "studies' folders", "`repmusic study` makes them.")
    require_writable(output.parent, "--output")
    evidence = read_evidence(*(place_of(study, runs) for study in studies))
    made = typeset(evidence, text or RESULTS_TEXT)
    with atomic_path(output) as temporary:
        temporary.write_bytes(made.pdf)
    say(f"{output}: {len(evidence.studies)} studies")
    if made.no_longer_holding:
        say(f"{text}: sentences no longer hold: {made.no_longer_holding}, marked in the margin")
    return 1 if made.no_longer_holding else 0
