"""What is read from a lesson."""

from __future__ import annotations

import pytest

from explainer.formats import dialect
from explainer.formats.blocks import (
    Anchor,
    DetailsEnd,
    DetailsStart,
    Display,
    Heading,
    Listing,
    Math,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Room,
    StepLink,
    Summary,
    Table,
    Text,
)
from explainer.formats.dialect import blocks, math_in, step_address, steps_in

from .documents import SAMPLE
from .survival import survives_commonmark


def read(markdown: str) -> list[object]:
    """All blocks of the text."""
    return list(blocks(markdown))


def words(markdown: str) -> str:
    """The text of a lesson that is one paragraph of nothing but words."""
    (paragraph,) = blocks(markdown)
    assert isinstance(paragraph, Paragraph)
    assert all(isinstance(part, Text) for part in paragraph.content)
    return "".join(part.text for part in paragraph.content if isinstance(part, Text))


def test_an_anchor_names_the_display_that_follows() -> None:
    """A step's anchor belongs to its display, with the entities of its id resolved."""
    assert read('<a id="a&amp;b"></a>\n\n$$\nx\n$$') == [Display("x", ("a&b",))]


def test_several_anchors_name_one_display() -> None:
    """Two anchors in a row both lead to the display."""
    assert read('<a id="p"></a>\n\n<a id="q"></a>\n\n$$\nx\n$$') == [Display("x", ("p", "q"))]


def test_an_anchor_before_words_stands_alone() -> None:
    """An anchor that no display follows is a block of its own."""
    assert read('<a id="p"></a>\n\nwords') == [Anchor("p"), Paragraph((Text("words"),))]


@pytest.mark.parametrize("text", ["<!-- room 0 -->", "<!-- room 100 -->", "<!-- room -->", "<!-- room 3px -->"])
def test_room_to_work(text: str) -> None:
    """From 1 to 99 lines; anything else is no more than the comment's text."""
    assert read("<!-- room 12 -->") == [Room(12)]
    assert not any(isinstance(block, Room) for block in read(text))


def test_a_display_may_stand_right_under_its_sentence() -> None:
    """No blank line is needed before ``$$``."""
    assert read("so\n$$\nx\n$$") == [Paragraph((Text("so"),)), Display("x")]


def test_a_display_may_stand_in_a_note() -> None:
    """A blockquote holds displays with their anchors."""
    assert read('> <a id="p"></a>\n>\n> $$\n> x\n> $$') == [Note((Display("x", ("p",)),))]


def test_structure_lines() -> None:
    """The closed set of HTML lines is read, and the summary's mathematics with it."""
    text = "<details>\n<summary>Why $x$?</summary>\n\n<!-- pagebreak -->\n\n</details>"
    summary = Summary((Text("Why "), Math("x"), Text("?")))
    assert read(text) == [DetailsStart(), summary, PageBreak(), DetailsEnd()]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '<a href="x">', "<b>bold</b>", "<!-- note -->", '<a id="x" onclick="y"></a>']
)
def test_other_html_is_text(text: str) -> None:
    """Whatever is not in the closed set is shown as typed."""
    assert words(text) == text


def test_escaped_signs_are_text() -> None:
    """Markdown's escapes and entities are resolved, and mean nothing more."""
    assert words(r"\$5\$ \*a\* \<b\> &lt;c&gt; \{\{ x \}\} 100\%") == "$5$ *a* <b> <c> {{ x }} 100%"


def test_prices_are_no_mathematics() -> None:
    """A dollar sign before a space or after one opens and closes nothing."""
    assert words("from 5$ to 6$ and 7 $ more") == "from 5$ to 6$ and 7 $ more"


def test_a_table_keeps_alignments_links_and_mathematics() -> None:
    """Each cell is read like a line of text."""
    text = '| a | b | c |\n|---|--:|:-:|\n| <a id="w5+"></a>$x$ | [y](#w5+) | z |'
    rows = (((Anchor("w5+"), Math("x")), (StepLink("w5+", (Text("y"),)),), (Text("z"),)),)
    assert read(text) == [Table(("", "right", "center"), ((Text("a"),), (Text("b"),), (Text("c"),)), rows)]


def test_a_link_names_its_step() -> None:
    """A percent-encoded address is the id of a step."""
    assert read("[x](#dE/dw%5F5)") == [Paragraph((StepLink("dE/dw_5", (Text("x"),)),))]


@pytest.mark.parametrize("step", ["dE_total/dw5", "w5+", "dE_total/db1:net_h1", "E_total@1", "w5#2", "größe", "权重"])
def test_an_address_leads_back_to_its_step(step: str) -> None:
    """The address that is written for a step is read as the same step."""
    assert read(f"[x]({step_address(step)})") == [Paragraph((StepLink(step, (Text("x"),)),))]


def test_lists() -> None:
    """A list knows where it starts, and whether its items stand close."""
    tight, loose = read("3. a\n4. b\n\nend\n\n- a\n\n- b")[::2]
    assert isinstance(tight, Listing)
    assert isinstance(loose, Listing)
    assert (tight.start, tight.tight, len(tight.items)) == (3, True, 2)
    assert (loose.start, loose.tight, len(loose.items)) == (None, False, 2)


def test_a_nested_list_stays_inside_its_item() -> None:
    """A looser list inside an item does not loosen the outer one."""
    (outer,) = read("- a\n  1. b\n\n  2. c\n- d")
    assert isinstance(outer, Listing)
    assert outer.tight
    assert len(outer.items) == 2
    assert isinstance(outer.items[0][1], Listing)


def test_a_picture_alone_is_a_block() -> None:
    """An image alone in its paragraph is a figure."""
    assert read("![A network](network.svg)") == [Picture("network.svg", "A network")]


def test_the_sample_is_read_whole() -> None:
    """Every step of the sample lesson is found, most with their displays."""
    found = read(SAMPLE)
    displayed = {step for block in found if isinstance(block, Display) for step in block.steps}
    assert steps_in(SAMPLE) - displayed == {"net_h2"}
    assert isinstance(found[0], Heading)


def test_a_long_lesson_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the text is cut makes no difference to what is read."""
    text = SAMPLE * 3
    whole = read(text)
    for piece in (1, 50, 777):
        monkeypatch.setattr(dialect, "PIECE", piece)
        assert read(text) == whole


def test_formulas_in_order() -> None:
    """All formulas are found, wherever they stand."""
    text = "# $a$\n\nb $b$ and *$c$*\n\n$$\nd \\cr\ne\n$$\n\n| $f$ |\n|---|\n| $g$ |\n\n> $h$\n\n- $i$"
    assert math_in(text) == ["a", "b", "c", "d \\cr\ne", "f", "g", "h", "i"]


def test_formulas_of_the_sample_survive() -> None:
    """Every formula of the sample comes through CommonMark unchanged."""
    assert [formula for formula in math_in(SAMPLE) if not survives_commonmark(formula, "\n" in formula)] == []


@pytest.mark.parametrize(
    ("formula", "display"),
    [(r"\{x\}", False), (r"a \\ b", True), ("a\n=\nb", True), ("a*b*c", False), ("a\n+ b", True), ("a <b> c", False)],
)
def test_formulas_that_do_not_survive(formula: str, display: bool) -> None:
    """What a Markdown parser would change is noticed."""
    assert not survives_commonmark(formula, display)
