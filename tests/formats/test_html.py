"""The HTML page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from explainer.formats.document import FormatError
from explainer.formats.html import to_html

from .documents import SAMPLE, lesson

VOID = {"meta", "hr", "br", "wbr", "mspace", "circle"}


class Page(HTMLParser):
    """Collects the elements of a page, and checks that each is closed in its place."""

    def __init__(self, html: str) -> None:
        """Reads the page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Checks that it closes what was opened last."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element that closes itself."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Notes the words outside of style sheets."""
        if "style" not in self.open:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of this name."""
        return [attributes for name, attributes in self.elements if name == tag]


def body(markdown: str) -> str:
    """What stands in the main part of the page."""
    return to_html(lesson(markdown)).split("<main>\n")[1].split("\n</main>")[0]


HOSTILE = "100% a_b $x$ {{ y }} {% z %} <script>alert(1)</script> & é 网络 \\"


def test_the_title_is_shown_as_typed() -> None:
    """No character of a title is markup."""
    page = Page(to_html(lesson("words", title=HOSTILE)))
    assert HOSTILE in page.text
    assert not page.all("script")


def test_the_page_tells_its_language() -> None:
    """Screen readers and browsers learn the language."""
    assert Page(to_html(lesson("Wörter", language="de"))).all("html") == [{"lang": "de"}]


def test_every_element_of_the_sample_is_closed() -> None:
    """The page is well formed."""
    page = Page(to_html(lesson(SAMPLE)))
    assert page.open == []


def test_the_page_needs_nothing_else() -> None:
    """No script, no style sheet, image or font from elsewhere."""
    html = to_html(lesson(SAMPLE))
    page = Page(html)
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(tag for tag, _ in page.elements)
    assert not any("src" in attributes for _, attributes in page.elements)
    assert "url(" not in html
    assert "@import" not in html


def test_links_lead_to_steps_of_the_page() -> None:
    """Each link within the page is the encoded id of exactly one element."""
    page = Page(to_html(lesson(SAMPLE)))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    links = [unquote(str(attributes["href"]).removeprefix("#")) for attributes in page.all("a") if "href" in attributes]
    assert set(links) == {"net_h1", "w5+", "dE_total/dw5"}
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)


def test_a_link_to_a_step_left_out_is_text() -> None:
    """Where a handout leaves a step out, the words that led there stay."""
    assert body("see [the step](#w9)") == "<p>see the step</p>"


def test_a_link_to_the_web_is_a_link() -> None:
    """Addresses outside are kept and escaped."""
    assert body("[x](https://example.org/?a=1&b=2)") == '<p><a href="https://example.org/?a=1&amp;b=2">x</a></p>'


def test_a_link_that_would_run_code_is_text() -> None:
    """Only harmless addresses become links."""
    assert "<a" not in body("[x](javascript:alert)")


def test_a_display_carries_its_id() -> None:
    """The link's target is the display, in a box that scrolls by itself."""
    html = body('<a id="w&quot;5"></a>\n\n$$\nx\n$$')
    assert html == '<div class="display" id="w&quot;5"><math display="block"><mi>x</mi></math></div>'


def test_rows_of_a_derivation() -> None:
    r"""``\cr`` ends a row."""
    assert body("$$\n\\begin{aligned} a &= b \\cr &= c \\end{aligned}\n$$").count("<mtr>") == 2


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial E_{\mathrm{total}}}{\partial \mathit{out_{o1}}}",
        r"\left\lbrace x : \lvert x \rvert \lt 1 \right\rbrace",
        r"\underbrace{0{,}5}_{\text{größe}} \cdot 7 \times 10^{-5}\thinspace^{\dagger}",
        r"\max(0, x) + \tanh x - \ln x + \sqrt{2} + \sum_{k=1}^{2} \tfrac{1}{2} \quad \boxed{\phantom{0.5}}",
        r"\mathrm{relu}(x) = \begin{cases} x & \text{if } x \gt 0 \cr 0 & \text{otherwise} \end{cases}",
        r"w_{5}^{+}, E_{\mathrm{total}}^{(1)}, \hat{m}, \beta_{1}^{t}, \delta \to \epsilon, 100 \% , 5%",
    ],
)
def test_the_mathematics_of_lessons_can_be_shown(tex: str) -> None:
    """Everything that lessons write is known to the converter."""
    html = body(f"$$\n{tex}\n$$")
    assert "<math" in html
    assert "merror" not in html


def test_an_unknown_command_is_reported() -> None:
    """A formula that cannot be shown is named, with the reason."""
    with pytest.raises(FormatError, match=r"a formula cannot be shown in HTML: \\blorp"):
        body(r"$\blorp x$")


def test_a_long_formula_in_a_line_can_be_broken() -> None:
    """Browsers break no formula, so it is cut after its relations, but not inside a group."""
    html = body(
        r"$\mathit{out_{o1}} \left( 1 - \mathit{out_{o1}} \right) = 0.751365070 \cdot 0.248634930 = 0.186815602$"
    )
    pieces = html.split("<wbr>")
    assert [re.sub("<.*?>", "", piece)[-1] for piece in pieces] == ["=", "=", "2"]


def test_a_formula_is_not_broken_within_a_command() -> None:
    r"""``\lbrace`` begins like ``\lt`` and ``\le``, and stays whole."""
    tex = r"w_{1} \to \mathit{net_{h1}} \to \mathit{out_{h1}} \to \lbrace \mathit{net_{o1}}, b \rbrace \to E"
    assert body(f"${tex}$").count("<wbr>") == 1


def test_a_short_formula_stays_whole() -> None:
    """What fits a phone is one piece."""
    assert "<wbr>" not in body(r"$\eta = 0.5 \cdot 2$")


def test_a_table() -> None:
    """Headers have a scope, columns their alignment."""
    html = body("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<th scope="col">a</th><th scope="col" class="right">b</th>' in html
    assert '<td>1</td><td class="right">2</td>' in html


def test_a_table_without_headers() -> None:
    """Empty headers are left out."""
    assert "<th" not in body("| | |\n|---|---|\n| 1 | 2 |")


def test_a_figure_is_inlined_with_its_description() -> None:
    """The drawing stands in the page, and is described for those who do not see it."""
    html = body('![A "net" & more](network.svg)')
    assert html.startswith('<figure role="img" aria-label="A &quot;net&quot; &amp; more"><svg ')


def test_an_unknown_figure_is_reported() -> None:
    """A figure that was not made is named, with those that were."""
    with pytest.raises(FormatError, match=r'"other.svg", but the figures of this document are: network.svg'):
        body("![x](other.svg)")


def test_blocks_of_every_kind() -> None:
    """Notes, details, lists, rules and page breaks have their elements."""
    details = "<details>\n<summary>s</summary>\n\n3. a\n4. b\n\n</details>"
    text = f"> n\n\n{details}\n\n---\n\n<!-- pagebreak -->\n\n`c<d`\\\n**e** *f*"
    assert body(text).splitlines() == [
        '<aside class="note" role="note">',
        "<p>n</p>",
        "</aside>",
        "<details>",
        "<summary>s</summary>",
        '<ol start="3">',
        "<li>a</li>",
        "<li>b</li>",
        "</ol>",
        "</details>",
        "<hr>",
        '<hr class="page-break">',
        "<p><code>c&lt;d</code><br>",
        "<strong>e</strong> <em>f</em></p>",
    ]
