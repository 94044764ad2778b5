"""`make report`: sets `report.pdf` from the records of studies, without training anything."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from representation_music.plots.report.content import content_of
from representation_music.plots.report.figures import draw_all, save_figures, told_of
from representation_music.plots.report.records import Evidence, read_evidence
from representation_music.utils.command_line import run_command
from representation_music.utils.files import atomic_path

SOURCES = Path(__file__).parent
#: Seconds since 1970 that the file says it was made at: the same records give the same bytes.
TIMESTAMP = 0


def make_report(records: Path = SOURCES / "records", output: Path = Path("report.pdf")) -> None:
    """Set the report from the records in a folder.

    Args:
        records: Folder of records (`*.json`), or of studies with their `results.json`; files of
            `repmusic describe` among them fill the section on data.
        output: The PDF file to write.
    """
    evidence = read_evidence(records)
    with atomic_path(output) as temporary:
        temporary.write_bytes(typeset(evidence))
    for path in evidence.left_out:
        print(f"{path}: left out, the report has no place for this study")
    print(f"{output}: {len(evidence.records)} records of studies from {records}")


def typeset(evidence: Evidence) -> bytes:
    """The report as a PDF file."""
    import matplotlib
    import typst

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in (*SOURCES.glob("*.typ"), *SOURCES.glob("*.bib")):
            shutil.copy(source, folder)
        drawn = draw_all(evidence)
        save_figures(drawn, folder)
        content = content_of(evidence, told_of(drawn))
        (folder / "data.json").write_text(
            json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8"
        )
        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        return typst.compile(
            folder / "report.typ",
            root=folder,
            font_paths=[fonts],
            ignore_system_fonts=True,
            timestamp=TIMESTAMP,
        )


if __name__ == "__main__":
    sys.exit(run_command(make_report))
