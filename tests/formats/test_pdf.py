"""Pages to print."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest

import explainer
from explainer.cli import main
from explainer.formats import pdf as pdf_module
from explainer.formats import print_file
from explainer.formats.blocks import Content, Heading, Text
from explainer.formats.dialect import blocks
from explainer.formats.document import Document, FormatError
from explainer.formats.pdf import to_pdf
from explainer.formats.print_file import answer_page, to_print_file
from explainer.formats.printing import LARGE_PRINT, Print
from explainer.formats.typst import Sheet
from explainer.spec.files import example_names

from .documents import SAMPLE, lesson
from .paper import MM, Page, links, need, need_command, pages

FOOT = re.compile(r"(?:\d+ / \d+)?$")
TOLERANCE = 1.5
"""In points: sides of letters may stick out of their boxes."""


@pytest.fixture(autouse=True)
def _typst() -> None:
    need("typst")


@cache
def printed(name: str, size: float = 11.0, paper: str = "a4") -> tuple[Document, bytes, Print]:
    """A shipped example on paper, and what it was made from."""
    options = Print(paper, size)
    walkthrough = explainer.load(name).walkthrough(text_width=min(38.0, options.text_width))
    document = Document(name, "en", walkthrough.markdown, walkthrough.figures)
    return document, walkthrough.pdf(options), options


def body(page: Page) -> str:
    """The text of a page without its foot."""
    return FOOT.sub("", page.text).rstrip()


def plain(content: Content) -> str:
    """The words of a heading, without formulas and without blanks."""
    return "".join(part.text for part in content if isinstance(part, Text)).replace(" ", "")


def filler(lines: int) -> str:
    """So many one-line paragraphs."""
    return "\n\n".join(f"Line {number}." for number in range(lines))


FORMATS = [
    *((name, 11.0, "a4") for name in example_names()),
    ("mazur", LARGE_PRINT, "letter"),
    ("xor", LARGE_PRINT, "a4"),
]


@pytest.mark.parametrize(("name", "size", "paper"), FORMATS)
class TestEveryExample:
    """What holds on every page of every shipped example, and in large print."""

    def test_every_figure_can_be_read(self, name: str, size: float, paper: str) -> None:
        """Each number of the lesson is in the text of its pages, and no TeX is."""
        document, pdf, _ = printed(name, size, paper)
        text = " ".join(page.text for page in pages(pdf))
        numbers = set(re.findall(r"\d+(?:\.|\{,\})\d{2,}", document.markdown.replace("{,}", ",")))
        assert {number for number in numbers if number not in text} == set()
        assert re.findall(r"\\|\$|mathit|mathrm|cdot|attach|lr\(", text) == []

    def test_nothing_sticks_out(self, name: str, size: float, paper: str) -> None:
        """Every word of every line, formula, table and picture stands within the margins."""
        _, pdf, options = printed(name, size, paper)
        margin = options.margin * MM - TOLERANCE
        outside = [
            (number, word)
            for number, page in enumerate(pages(pdf), 1)
            for word in page.words
            if word.left < margin or word.right > page.width - margin or word.bottom > page.height - 5 * MM
        ]
        assert outside == []

    def test_no_heading_stands_at_the_foot_of_a_page(self, name: str, size: float, paper: str) -> None:
        """Something follows each heading on its page; no page is empty."""
        document, pdf, _ = printed(name, size, paper)
        headings = [plain(block.content) for block in blocks(document.markdown) if isinstance(block, Heading)]
        found = [body(page).replace(" ", "") for page in pages(pdf)]
        assert [text for text in found if len(text) < 40] == []
        assert [text[-40:] for text in found if any(text.endswith(heading) for heading in headings)] == []

    def test_links_lead_to_pages(self, name: str, size: float, paper: str) -> None:
        """As many links as the lesson has, each to a page that there is."""
        document, pdf, _ = printed(name, size, paper)
        count = len(pages(pdf))
        found = links(pdf)
        asked = len(re.findall(r"\]\(#", document.markdown))
        assert len(found) >= asked
        assert all(isinstance(target, int) and 1 <= target <= count for _, target in found)


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    """In other processes, on other days, in other time zones; nothing in the file tells when it was made."""
    made = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        folder = tmp_path / seed
        command = [sys.executable, "-m", "explainer", "walkthrough", "neuron", "--format", "pdf", "-o", str(folder)]
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(Path(explainer.__file__).parent.parent)}
        subprocess.run(command, env=environment, check=True, capture_output=True)
        made.append((folder / "walkthrough.pdf").read_bytes())
    assert made[0] == made[1]
    information = need("pypdf").PdfReader(tmp_path / "1" / "walkthrough.pdf").metadata
    assert set(information) <= {"/Title", "/Creator"}


def test_special_characters_are_shown_as_typed() -> None:
    """Nothing in words, titles, code or tables is markup for Typst."""
    typed = r"#let x = 1; #{x} $y$ *a* _b_ <c> @d [e] \f `g` ~ -- --- ... // /* = + - 1. \"q\" 'r' \u{41} #pagebreak()"
    escaped = re.sub(r"([\\`*_{}\[\]<>()#+.!|$~-])", r"\\\1", typed)
    document = lesson(f"# {escaped}\n\n{escaped}\n\n| {escaped} |\n|---|\n| {escaped} |\n\n- {escaped}", title=typed)
    (page,) = pages(to_pdf(document))
    assert page.text.replace(" ", "").count(typed.replace(" ", "")) == 5
    assert need("pypdf").PdfReader(_file(to_pdf(document))).metadata.title == typed


def _file(pdf: bytes) -> object:
    from io import BytesIO

    return BytesIO(pdf)


def test_letters_of_many_languages_are_shown() -> None:
    """Accents, Greek, Cyrillic and signs come from the fonts that Typst brings."""
    text = "Łódź naïve Ångström größe αβγδ Привет ≤ ≥ → ∂ ✓ ★ ½ “x” … – €"
    (page,) = pages(to_pdf(lesson(text)))
    assert unicodedata.normalize("NFKC", text) in page.text


def test_a_very_long_word_is_broken() -> None:
    """A word without end does not leave the page."""
    word = "w" * 500
    found = pages(to_pdf(lesson(f"# {word}\n\n{word}\n\n| {word} |\n|---|\n| {word} |")))
    assert sum(page.text.count("w") for page in found) == 4 * len(word)
    assert all(each.right <= page.width - 25 * MM + TOLERANCE for page in found for each in page.words)


@pytest.mark.parametrize("lines", range(26, 40))
def test_what_belongs_together_stays_together(lines: int) -> None:
    """A heading, its sentence, its formula and the note on it; a table: wherever the page ends."""
    text = f"{filler(lines)}\n\n## Heading\n\nSentence:\n\n$$\n7654321 = x\n$$\n\n> Remark."
    where = [
        number
        for number, page in enumerate(pages(to_pdf(lesson(text))))
        for word in page.words
        if word.text in ("Heading", "Sentence:", "7654321", "Remark.")
    ]
    assert len(where) == 4
    assert len(set(where)) == 1
    rows = "\n".join(f"| first{row} | second{row} |" for row in range(12))
    table = f"{filler(lines)}\n\n| a | b |\n|---|---|\n{rows}"
    split = [any("first" in word.text for word in page.words) for page in pages(to_pdf(lesson(table)))]
    assert split.count(True) == 1


@pytest.mark.parametrize("lines", range(26, 40))
def test_the_last_line_does_not_stand_alone(lines: int) -> None:
    """What made the sheet is said on the page of the last formula and the room below it."""
    text = f"{filler(lines)}\n\n$$\n7654321 = x\n$$\n\n<!-- room 3 -->\n\n*Made by somebody.*"
    found = [page for page in pages(to_pdf(lesson(text))) if "somebody" in page.text]
    assert ["7654321" in page.text for page in found] == [True]


def test_a_table_that_no_page_holds_repeats_its_header() -> None:
    """It is broken between rows, and each page says what the columns are."""
    rows = "\n".join(f"| {row} | value{row} |" for row in range(120))
    found = pages(to_pdf(lesson(f"| number | result |\n|---|---|\n{rows}")))
    assert len(found) > 2
    assert all("result" in page.text for page in found)
    assert sum(page.text.count("value") for page in found) == 120


def test_a_wide_table_and_a_wide_formula_are_fitted() -> None:
    """What is wider than the line is wrapped or made smaller."""
    cells = " | ".join(f"0.{number:09d}" for number in range(12))
    words = "words that can be wrapped " * 8
    formula = " + ".join(f"w_{{{number}}} \\cdot \\mathit{{out_{{h{number}}}}}" for number in range(16))
    text = f"| {cells} |\n{'|---' * 12}|\n| {cells} |\n\n| {words} | $1.5$ |\n|---|---|\n| a | b |\n\n$$\n{formula}\n$$"
    (page,) = pages(to_pdf(lesson(text)))
    assert all(
        25 * MM - TOLERANCE <= word.left <= word.right <= page.width - 25 * MM + TOLERANCE for word in page.words
    )
    assert page.text.count("0.000000011") == 2


def test_steps_that_are_left_out_are_no_links() -> None:
    """A link to a step that is not there is text; a step that stands twice is led to where it stands first."""
    anchor = '<a id="w5+"></a>\n\n$$\nx\n$$'
    assert links(to_pdf(lesson("[see](#w9)"))) == []
    assert links(to_pdf(lesson(f"{anchor}\n\n<!-- pagebreak -->\n\n{anchor}\n\n[see](#w5+)"))) == [(2, 1)]
    assert links(to_pdf(lesson("[see](https://example.org/a_b?c=1&d)"))) == [(1, "https://example.org/a_b?c=1&d")]


def test_the_sample_is_printed_whole() -> None:
    """All kinds of blocks on three pages: a page break stands in it; its links lead to where the steps stand."""
    made = to_pdf(lesson(SAMPLE))
    first, second, third = pages(made)
    assert "How fast does the error change" in first.text
    assert "slope" in second.text
    assert "Things to remember:" in third.text
    assert set(links(made)) == {(1, 1), (3, 2)}


@pytest.mark.parametrize(("paper", "size"), [("a4", (595.3, 841.9)), ("letter", (612.0, 792.0))])
def test_the_paper(paper: str, size: tuple[float, float]) -> None:
    """ISO 216 and US letter, in points."""
    (page,) = pages(to_pdf(lesson("words"), Print(paper)))
    assert (page.width, page.height) == pytest.approx(size, abs=0.1)


def test_large_print_is_large() -> None:
    """Letters grow with the size of the type."""
    heights = []
    for size in (11.0, 22.0):
        (page,) = pages(to_pdf(lesson("# T\n\nwords"), Print(size=size)))
        heights += [word.bottom - word.top for word in page.words if word.text == "words"]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--paper", "a5"], '"a5" is not a paper'),
        (["--type-size", "3"], "from 8 to 24 points"),
        (["--type-size", "nan"], "from 8 to 24 points"),
        (["--pdf-engine", "texx"], "did you mean tex?"),
    ],
)
def test_what_cannot_be_printed(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that says what is allowed, exit code 2, and no file."""
    assert main(["walkthrough", "neuron", "--format", "pdf", "-o", str(tmp_path / "out"), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_the_typesetter_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, and nothing is written, in other formats neither."""
    monkeypatch.setitem(sys.modules, "typst", None)
    pdf_module._compiler.cache_clear()
    try:
        assert main(["walkthrough", "neuron", "--format", "md,pdf", "-o", str(tmp_path / "out")]) == 2
    finally:
        pdf_module._compiler.cache_clear()
    assert 'pip install "explainer[pdf]"' in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_tex_the_message_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for TeX where there is none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["walkthrough", "neuron", "--format", "pdf", "--pdf-engine", "tex", "-o", str(tmp_path / "out")]) == 2
    assert "needs an installed TeX" in capsys.readouterr().err


def test_an_installed_tex_prints_too() -> None:
    """On the paper and about in the size that is asked for; the same bytes each time."""
    need_command("pdflatex")
    options = Print("letter", LARGE_PRINT, "tex")
    first, second = (to_pdf(lesson(SAMPLE), options) for _ in range(2))
    assert first == second
    assert pages(first)[0].height == pytest.approx(792, abs=0.1)
    assert "0.082167041" in " ".join(page.text for page in pages(first))


# ---------------------------------------------------------------- many sheets


def sheet(name: str, length: int) -> Sheet:
    """A sheet of so many pages, with a link from its last page to its first."""
    inner = "\n\n<!-- pagebreak -->\n\n".join([f'<a id="w5+"></a>\n\n$$\n{name} = 1\n$$', *["more"] * (length - 1)])
    return Sheet(lesson(f"# Sheet {name}\n\n{inner}\n\n[see](#w5+)"), running=f"{name}, code {name}7")


LENGTHS = (1, 2, 3, 1, 4)
STARTS = (1, 3, 5, 9, 11)
"""Each sheet begins on the next odd page."""


@pytest.mark.parametrize("part", [1, 2000, print_file.PART])
def test_each_sheet_begins_on_an_odd_page(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether they are set one by one, a few at a time or all at once; pages count from 1 in each, links stay in it."""
    monkeypatch.setattr(print_file, "PART", part)
    names = "ABCDE"
    made = to_print_file((sheet(name, length) for name, length in zip(names, LENGTHS, strict=True)), "A class")
    found = pages(made)
    titles = {number: page.text[:7] for number, page in enumerate(found, 1) if page.text.startswith("Sheet")}
    assert titles == {start: f"Sheet {name}" for start, name in zip(STARTS, names, strict=True)}
    for start, name, length in zip(STARTS, names, LENGTHS, strict=True):
        for number in range(length):
            foot = f"{name}, code {name}7" + (f" {number + 1} / {length}" if length > 1 else "")
            assert found[start + number - 1].text.endswith(foot)
    assert [page.text for page in (found[1], found[7])] == ["", ""]
    assert links(made) == [(start + length - 1, start) for start, length in zip(STARTS, LENGTHS, strict=True)]
    assert need("pypdf").PdfReader(_file(made)).metadata.title == "A class"


def test_a_print_file_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it is put together from parts."""
    monkeypatch.setattr(print_file, "PART", 1)
    first, second = (to_print_file([sheet("A", 1), sheet("B", 2)], "A class") for _ in range(2))
    assert first == second


def test_the_answers_of_a_class_stand_on_a_page() -> None:
    """Thirty variants with twenty answers each can be read on one page; few columns stand on upright paper."""
    header = ["code", *map(str, range(1, 21))]
    rows = [[f"K{row}", *(f"$0.{row:02d}{column:02d}53$" for column in range(20))] for row in range(30)]
    (page,) = pages(to_print_file([answer_page("Answers", header, rows)], "Answers"))
    assert page.width > page.height
    assert all(f"0.{row:02d}{column:02d}53" in page.text for row in range(30) for column in range(20))
    assert all(word.right <= page.width - 15 * MM + TOLERANCE for word in page.words)
    (page,) = pages(to_print_file([answer_page("Answers", ["code", "1"], [["K", "$0{,}5$"]] * 70)], "Answers"))
    assert page.width < page.height
    assert page.text.count("0,5") == 70
    many = [[f"{row} dE_total/dw{row}", *["$0.123456789$"] * 8] for row in range(43)]
    (page,) = pages(to_print_file([answer_page("Answers", [""] * 9, many)], "Answers"))
    assert page.width < page.height


def test_a_row_of_answers_must_fit_its_header() -> None:
    """Otherwise the message shows the row."""
    with pytest.raises(FormatError, match="2 cells, the header has 3: K7, 1"):
        answer_page("Answers", ["code", "1", "2"], [["K7", "1"]])


def test_a_print_file_takes_typst() -> None:
    """TeX prints one document at a time."""
    with pytest.raises(FormatError, match="take the engine typst"):
        to_print_file([sheet("A", 1)], "A class", Print(engine="tex"))
