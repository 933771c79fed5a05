"""Many sheets as one file for a printer that prints on both sides, and a page with all their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO

from .document import Document, FormatError
from .pdf import MISSING, typeset
from .printing import Print
from .typst import Sheet, typst_sheet

PART = 100_000
"""So many characters, at least, are set at a time: Typst keeps a few MB in memory for each page that it sets."""
WIDE_TABLE = 7
"""A table of answers with more columns is set on the paper's long side."""


def to_print_file(sheets: Iterable[Sheet], title: str, printed: Print | None = None) -> bytes:
    """The sheets in one PDF file: each begins on an odd page, and its pages count from 1.

    They are read one after the other, and may be made on the way.

    Raises:
        FormatError: as `to_pdf`; and if the typesetter is TeX, which prints one document at a time.
    """
    printed = printed or Print()
    if printed.engine != "typst":
        raise FormatError("many sheets in one file take the engine typst; with tex, print each as a file of its own")
    parts = list(_parts(sheets, printed))
    if len(parts) == 1:
        return typeset(parts[0], title, printed)
    return _joined((typeset(part, title, printed, tagged=False) for part in parts), title)


def answer_page(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], language: str = "en") -> Sheet:
    """A sheet with one table, which is made to fit on a page: all variants' answers at a glance. Only if it has so many
    rows that they could not be read, it runs over pages.

    The cells are Markdown as in a lesson's table, such as ``$0.593$``. Many columns turn the paper on its long side.

    Raises:
        FormatError: if a row has not as many cells as the header.
    """
    for row in rows:
        if len(row) != len(header):
            raise FormatError(f"a row of answers has {len(row)} cells, the header has {len(header)}: {', '.join(row)}")
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    table = "\n".join(f"| {' | '.join(' '.join(cell.split()) for cell in line)} |" for line in lines)
    return Sheet(Document(title, language, table, {}), one_page=True, flipped=len(header) > WIDE_TABLE)


def _parts(sheets: Iterable[Sheet], printed: Print) -> Iterator[list[str]]:
    """The sheets in Typst's language, as many at a time as Typst may set at once."""
    part: list[str] = []
    for number, sheet in enumerate(sheets):
        part.append(typst_sheet(sheet, printed, number, odd=bool(part)))
        if sum(map(len, part)) >= PART:
            yield part
            part = []
    if part:
        yield part


def _joined(files: Iterable[bytes], title: str) -> bytes:
    """The files behind one another, each from an odd page on."""
    try:
        from pypdf import PdfReader, PdfWriter
    except ImportError:
        raise FormatError(MISSING) from None
    writer = PdfWriter()
    for file in files:
        if len(writer.pages) % 2:
            writer.add_blank_page()
        writer.append(PdfReader(BytesIO(file)))
    writer.metadata = {"/Title": title}
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
