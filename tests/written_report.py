"""Reads the report, and what it is set from, for its tests."""

import json
import re
from pathlib import Path

import pypdfium2

from representation_music.plots.report.content import content_of
from representation_music.plots.report.make_report import SOURCES
from representation_music.plots.report.records import read_evidence

RECORDS = SOURCES / "records"


def content(folder: Path) -> dict:
    return content_of(read_evidence(folder), {})


def changed(folder: Path, name: str, change) -> dict:
    """The content after `change` was made to one record."""
    path = folder / f"{name}.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    return content(folder)


def text_of(pdf: bytes) -> str:
    """The text of all pages in one line, without the hyphens of broken words."""
    pages = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_bounded() for page in pages)
    return re.sub(r"\s+", " ", re.sub("[\u00ad\u0002\ufffe]\\s*", "", text))


def attached_to(pdf: bytes | Path) -> dict:
    """The data that a report carries."""
    attachment = pypdfium2.PdfDocument(pdf).get_attachment(0)
    assert attachment.get_name() == "data.json"
    return json.loads(bytes(attachment.get_data()))


def strings(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if value else []
    return [text for each in values if not isinstance(each, bool) for text in strings(each)]
