"""Sets a report: draws its figures, writes its data, and has Typst make the PDF of a text."""

import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from representation_music.plots.report.data import report_data
from representation_music.plots.report.figures import draw_figures
from representation_music.plots.report.records import Evidence
from representation_music.utils.console import visible
from representation_music.utils.errors import InputError
from representation_music.utils.files import without_nan

SOURCES = Path(__file__).parent
#: The text of any studies.
RESULTS_TEXT = SOURCES / "results.typ"
#: Seconds since 1970 that the file says it was made at: the same records give the same bytes.
TIMESTAMP = 0


@dataclass(frozen=True)
class Report:
    """A PDF that was set, and how many sentences of its text the records contradict."""

    pdf: bytes
    no_longer_holding: int


def typeset(evidence: Evidence, text: Path = RESULTS_TEXT) -> Report:
    """Sets a text, which reads the records by the macros of `records.typ` and `tables.typ`.

    Bibliographies (`*.bib`) beside the text may be used.

    Raises:
        InputError: if the text does not fit the records, a record is damaged, or there is no Typst.
    """
    typst = _typst()
    if not text.is_file():
        raise InputError(text, "no file", "a text in Typst")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in (*SOURCES.glob("*.typ"), *text.parent.glob("*.bib")):
            shutil.copy(source, folder)
        main = folder / "main.typ"
        shutil.copy(text, main)
        figures = draw_figures(evidence.studies, folder)
        data = _verbatim(without_nan(report_data(evidence, figures)))
        # Names of files may hold what is no text.
        content = json.dumps(data, indent=1, ensure_ascii=False).encode("utf-8", "replace")
        (folder / "data.json").write_bytes(content)
        fonts = [_matplotlib_fonts()]
        compiler = typst.Compiler(main, root=folder, font_paths=fonts, ignore_system_fonts=True)
        try:
            pdf = compiler.compile(timestamp=TIMESTAMP)
            marked = json.loads(compiler.query("<no-longer-holds>"))
        except typst.TypstError as error:
            lines = re.findall(rf"{main.name}:(\d+)", error.diagnostic)
            place = f"{text}:{lines[-1]}" if lines else text
            raise InputError(place, str(error), "a text that fits the records") from error
    return Report(pdf, len(marked))


def _verbatim(value):
    """The same data, with what would not be seen as escapes."""
    if isinstance(value, dict):
        return {name: _verbatim(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_verbatim(each) for each in value]
    return visible(value) if isinstance(value, str) else value


def _typst():
    try:
        import typst
    except ImportError as error:
        raise InputError(
            "typst",
            "that it is not installed",
            "the package that sets PDF files",
            "Install it: pip install 'typst>=0.14'",
        ) from error
    return typst


def _matplotlib_fonts() -> Path:
    """The folder of DejaVu, which the figures' letters are of."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"
