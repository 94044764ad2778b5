"""Sets reports and reads them back, for their tests."""

import json
import shutil
from pathlib import Path

import pypdfium2

from representation_music.plots.report import typeset as typesetting
from representation_music.plots.report.figures import FLAT_LINE, Figures
from representation_music.plots.report.records import read_evidence
from representation_music.plots.report.typeset import RESULTS_TEXT, SOURCES, Report, typeset

RECORDS = SOURCES / "records"
TEXT = SOURCES / "report.typ"
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50"/>'


def blank_figures(monkeypatch) -> None:
    """Reports get blank figures, for tests of what is written."""

    def draw(studies, folder: Path) -> Figures:
        (folder / "figures").mkdir()
        for name in ("blank", "architectures"):
            (folder / "figures" / f"{name}.svg").write_text(BLANK)
        blank = "figures/blank.svg"
        kinds = {r.name: (r.content["figure"], "forest-column", FLAT_LINE) for r in studies}
        named = {name: dict.fromkeys(of_study, blank) for name, of_study in kinds.items()}
        return Figures(named, blank)

    monkeypatch.setattr(typesetting, "draw_figures", draw)


def set_from(*places: Path, text: Path = RESULTS_TEXT) -> Report:
    return typeset(read_evidence(*places), text)


def copy_records(folder: Path) -> Path:
    """The committed records, to be altered."""
    copied = folder / "records"
    shutil.copytree(RECORDS, copied)
    return copied


def alter(path: Path, change) -> None:
    """Makes `change` to a record."""
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def text_of(pdf: bytes) -> str:
    """The report's words as they are read, without hyphens and breaks of lines."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    # pypdfium2 tells a hyphen that only breaks a word as U+FFFE.
    return " ".join(text.replace("\ufffe\r\n", "").replace("\ufffe", "").split())


def pages_of(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def attached_to(pdf: bytes | Path) -> dict:
    """The data that a report carries."""
    attachment = pypdfium2.PdfDocument(pdf).get_attachment(0)
    return json.loads(bytes(attachment.get_data()))
