"""Many sheets as one file for a printer that prints on both sides, and a page with all their answers."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Sequence
from io import BytesIO

from .document import Document, FormatError
from .pdf import MISSING, forget, typeset
from .printing import Print
from .typst import CELL_GAP, DIGIT, HEADING, ROW, Sheet, typst_sheet

PART = 100_000
"""So many characters, at least, are set at a time: Typst keeps a few MB in memory for each page that it sets."""
TABLE = 4
"""So much more it keeps of a page that is one table."""
SIDES = (46.0, 69.0)
"""The short and the long side of a page with nothing but a table, in em."""


class PrintFile:
    """Many sheets in one PDF file: each begins on an odd page, and its pages count from 1.

    They are set a few at a time, as they come, so that neither they nor what Typst remembers of them pile up. Only a
    file that is set at once is tagged for readers aloud.

    Raises:
        FormatError: as `to_pdf`; and if the typesetter is TeX, which prints one document at a time.
    """

    def __init__(self, title: str, printed: Print | None = None) -> None:
        self.title, self.printed = title, printed or Print()
        if self.printed.engine != "typst":
            raise FormatError(
                "many sheets in one file take the engine typst; with tex, print each as a file of its own"
            )
        self._count = 0
        self._part: list[str] = []
        self._weight = 0
        self._files: deque[bytes] = deque()

    def add(self, sheet: Sheet) -> None:
        """Put a sheet behind the others."""
        if self._weight >= PART:
            self._set_part()
        self._part.append(typst_sheet(sheet, self.printed, self._count, odd=bool(self._part)))
        self._weight += len(self._part[-1]) * (TABLE if sheet.one_page else 1)
        self._count += 1

    def content(self) -> bytes:
        """The file; the sheets are let go of."""
        if not self._files:
            return typeset(self._part, self.title, self.printed)
        self._set_part()
        joined = _joined((self._files.popleft() for _ in range(len(self._files))), self.title)
        gc.collect()  # pypdf's objects know each other, and are many
        return joined

    def _set_part(self) -> None:
        self._files.append(typeset(self._part, self.title, self.printed, tagged=False))
        forget()
        self._part, self._weight = [], 0


def to_print_file(sheets: Iterable[Sheet], title: str, printed: Print | None = None) -> bytes:
    """The sheets in one file; they are read one after the other, and may be made on the way.

    Raises:
        FormatError: as `PrintFile`.
    """
    file = PrintFile(title, printed)
    for sheet in sheets:
        file.add(sheet)
    return file.content()


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
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return Sheet(Document(title, language, table, {}), one_page=True, flipped=lies_better(widths, len(rows)))


def lies_better(widths: Sequence[int], rows: int) -> bool:
    """Whether a table is larger on paper that lies on its long side."""
    across, down = DIGIT * sum(widths) + CELL_GAP * len(widths), ROW * rows + HEADING
    short, long = SIDES
    return min(long / across, short / down) > min(short / across, long / down)


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
