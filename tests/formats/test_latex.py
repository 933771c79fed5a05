"""The LaTeX document and the part for a book."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.formats.characters import MATHEMATICAL, SCRIPTS, SHOWN_BY_LATEX
from explainer.formats.document import FormatError
from explainer.formats.latex import target_name, to_latex

from .compiling import available, compiled, complaints
from .documents import SAMPLE, lesson


def body(markdown: str) -> str:
    """The LaTeX of the text without any preamble."""
    return to_latex(lesson(markdown), fragment=True).split("\n\n", 1)[1].strip()


def faults(markdown: str, title: str = "A lesson") -> list[str]:
    """What pdfLaTeX has to complain about in the document."""
    return complaints(compiled(to_latex(lesson(markdown, title)), runs=3))


def test_the_sample_compiles_without_a_complaint() -> None:
    """No error, no undefined reference, no line too long, no warning."""
    assert faults(SAMPLE) == []


def test_any_title_compiles() -> None:
    """A title may hold every character that is special to LaTeX, and others."""
    assert faults("words", title=r"100% a_b $x$ {{ y }} #1 & <script> ~ ^ \end{document} é ½ δ → − “x” 网络 🙂") == []


def test_special_characters_are_shown_as_typed() -> None:
    """Each is escaped; no pair of signs becomes another sign."""
    text = r"\# \$ % & \_ \{ \} ~ ^ \\ \`\` -- --- << ,, ''"
    shown = (
        r"\# \$ \% \& \_ \{ \} \textasciitilde{} \textasciicircum{} \textbackslash{} \textasciigrave{}\textasciigrave{}"
    )
    assert body(text) == shown + r" -{}- -{}-{}- <{}< ,{}, '{}'"


def test_special_characters_compile() -> None:
    """Words, code, links and tables of special characters do no harm."""
    signs = r"\# \$ % & \_ \{ \} ~ ^ \\ \` -- < > \| \" ' [x] \*"
    code = r"`# $ % & _ { } ~ ^ \ -- < > ' [ *`"
    table = f"| [x] | \\* |\n|---|---|\n| [x] | {signs} |\n| \\* | {code} |"
    links = r"[%\_](https://example.org/a_b%20c#d&e~f) <https://example.org/a_b%20c#d&e>"
    text = "\n\n".join([f"## {signs}", signs, code, table, links, f"- [x] {signs}\n- \\* {code}", f"> {signs}"])
    assert faults(text) == []


def test_characters_of_many_languages_compile() -> None:
    """Accents, Greek letters and mathematical signs are shown; for what the fonts lack there is a sign too."""
    known = "".join(sorted(c for c in SHOWN_BY_LATEX if c.isalpha() and ord(c) > 126 and not 0xFB00 <= ord(c) < 0xFB10))
    signs = "".join([*MATHEMATICAL, *SCRIPTS])
    text = " ".join([*known, *signs, "Ж", "中文", "日本", "한국", "🙂", "e\u0301", "\u00a0\u2009\u200b"])
    assert faults(f"## {text}\n\n{text}\n\n$\\text{{größe}} + δ − ½ → 中$\n\n`größe δ 中`") == []


def test_characters_of_many_languages_compile_with_other_engines() -> None:
    """LuaLaTeX reads the same file, and finds other fonts for what its own lack."""
    if not available("luaotfload-main.lua"):
        pytest.skip("LuaLaTeX has no fonts here: luaotfload is not installed")
    tex = to_latex(lesson("Größe, Ж, 中文, $\\text{größe}_{1}$", title="中文"))
    log = compiled(tex, engine="lualatex", runs=1)
    assert not re.search("^!", log, re.MULTILINE)


def test_help_for_characters_stands_only_where_it_is_needed() -> None:
    """A text in the Latin script has no trace of it."""
    assert "CJK" not in to_latex(lesson("Größe δ"))
    assert "CJK" in to_latex(lesson("中"))


def test_rows_end_as_people_write_them() -> None:
    r"""``\cr`` becomes ``\\``, and words become signs, but only whole commands."""
    tex = "\\begin{aligned} a &\\lt b \\cr\n&\\gt \\cramped [c] \\cr [d] \\end{aligned} 5%"
    shown = "\\begin{aligned} a &< b \\\\\n&> \\cramped [c] \\\\{} [d] \\end{aligned} 5\\%"
    assert body(f"$$\n{tex}\n$$") == f"\\[\n{shown}\n\\]"


def test_a_display_belongs_to_its_sentence() -> None:
    """No empty line, and so no new paragraph, before a display; one after it."""
    assert body("so\n\n$$\nx\n$$\n\n$$\ny\n$$\n\nthus") == "so\n\\[\nx\n\\]\n\\[\ny\n\\]\n\nthus"


def test_links_between_steps() -> None:
    """A step is a target with a safe name, and a link leads there."""
    text = '<a id="E_total@1"></a>\n\n$$\nx\n$$\n\n[see](#E_total@1)'
    assert body(text) == "\\[\n\\hypertarget{E-total-40.1}{}\nx\n\\]\n\n\\hyperlink{E-total-40.1}{see}"


def test_a_link_to_a_step_left_out_is_text() -> None:
    """No reference is ever undefined."""
    assert body("[see](#w9)") == "see"


def test_names_of_targets_have_the_prefix() -> None:
    """Two lessons in one book do not meet."""
    tex = to_latex(lesson('<a id="w5+"></a>\n\n$$\nx\n$$\n\n[y](#w5+)'), fragment=True, label_prefix="net:")
    assert re.findall(r"\\hyper\w+\{(.*?)\}", tex) == ["net:w5-2B.", "net:w5-2B."]


IDS = st.text("aD2.-_+/:@#ö\u4e2d", max_size=8)


@given(IDS, IDS)
def test_names_of_targets_differ_where_ids_differ(one: str, other: str) -> None:
    """The name tells the id, in characters that are safe everywhere."""
    assert (target_name(one) == target_name(other)) == (one == other)
    assert re.fullmatch(r"[A-Za-z0-9/.-]*", target_name(one))


def test_headings_of_an_article() -> None:
    """The lesson's title is the article's, and the next level is a section."""
    tex = to_latex(lesson("# T $w_{5}$\n\n## A\n\n### B\n\n#### C", title="plain"))
    assert r"\title{T \texorpdfstring{$w_{5}$}{w\_5}}" in tex
    assert "pdftitle={plain}" in tex
    assert re.findall(r"\\(\w*section)\{(\w)\}", tex) == [("section", "A"), ("subsection", "B"), ("subsubsection", "C")]


@pytest.mark.parametrize(
    ("level", "commands"),
    [
        ("chapter", ["chapter", "section", "subsection", "subsubsection"]),
        ("section", ["section", "subsection", "subsubsection", "paragraph"]),
        ("subsection", ["subsection", "subsubsection", "paragraph", "subparagraph"]),
    ],
)
def test_headings_of_a_part(level: str, commands: list[str]) -> None:
    """A part begins at the level that the author asks for."""
    tex = to_latex(lesson("# X\n\n## X\n\n### X\n\n#### X"), fragment=True, section_level=level)
    assert re.findall(r"\\(\w+)\{X\}", tex) == commands


def test_a_part_compiles_in_a_book_with_the_packages_that_it_names() -> None:
    """Two parts stand in one book with nothing else in its preamble."""
    text = SAMPLE.replace(", 100\\% by hand", "")  # a book's running heads have room for a short title
    parts = {
        f"{name}.tex": to_latex(lesson(text), fragment=True, section_level="chapter", label_prefix=f"{name}:")
        for name in ("one", "two")
    }
    needed = re.findall(r"^% {3}(\\\w+.*)$", parts["one.tex"], re.MULTILINE)
    preamble = "\n".join([r"\documentclass{book}\usepackage[T1]{fontenc}\usepackage{lmodern}", *needed])
    book = preamble + "\n\\begin{document}\\input{one}\\input{two}\\end{document}"
    assert complaints(compiled(book, files=parts)) == []


def test_an_unknown_level_is_reported() -> None:
    """The message says what is allowed."""
    with pytest.raises(FormatError, match="it can be chapter, section, subsection"):
        to_latex(lesson("x"), section_level="part")


def test_an_unusable_prefix_is_reported() -> None:
    """A prefix that would break the names is refused."""
    with pytest.raises(FormatError, match=r'the label prefix is "a_b\{"'):
        to_latex(lesson("x"), label_prefix="a_b{")


def test_a_wide_display_fits_the_line() -> None:
    """A display that is too wide is scaled, even inside a note."""
    sum_of_products = " + ".join(rf"0.1234 \cdot \mathit{{out_{{h{k}}}}}" for k in range(12))
    assert faults(f"$$\n{sum_of_products}\n$$\n\n> note\n>\n> $$\n> {sum_of_products}\n> $$") == []


@pytest.mark.parametrize("rows", [3, 90])
@pytest.mark.parametrize("columns", [4, 9, 20])
def test_tables_fit_the_line(rows: int, columns: int) -> None:
    """Tables wide and long, of numbers and prose, stay on the page."""
    prose = "a sentence that explains at some length what has been found here, and why it is so"
    row = "| " + " | ".join(["$-0.123456789$"] * (columns - 1)) + f" | {prose} |\n"
    head = "| " + " | ".join(["head"] * columns) + " |\n" + "|--:" * (columns - 1) + "|---|\n"
    assert faults(head + row * rows) == []


def test_a_short_table_is_one_tabular() -> None:
    """Booktabs rules, and columns aligned as in the lesson."""
    lines = body("| a | b |\n|:-:|--:|\n| 1 | 2 |").splitlines()
    rows = [r"\toprule", r"a & b \\", r"\midrule", r"1 & 2 \\", r"\bottomrule"]
    assert lines[2:-2] == [r"\begin{tabular}{@{}cr@{}}", *rows, r"\end{tabular}"]


def test_a_long_table_repeats_its_header() -> None:
    """A table of more rows than a page is a longtable."""
    tex = body("| a |\n|---|\n" + "| 1 |\n" * 60)
    assert r"\endhead" in tex
    assert tex.count(r"1 \\") == 60


def test_long_words_in_code_and_addresses_can_be_broken() -> None:
    """Ids in a row and long addresses do not stick out of the line."""
    ids = ", ".join(["`dE_total/dout_o1*dout_o1/dnet_o1*dnet_o1/dw5`"] * 9)
    assert faults(f"{ids}\n\nsee <https://example.org/{'path/' * 30}>") == []


def test_details_are_a_paragraph_with_a_heading() -> None:
    """Paper folds nothing away."""
    assert r"\paragraph*{Why?}" in body("<details>\n<summary>Why?</summary>\n\nSo.\n\n</details>")


def test_a_figure_is_centred_and_described() -> None:
    """The drawing stands in the source, with its description as a comment."""
    tex = body("![A network](network.svg)")
    assert tex.startswith("\\begin{center}\n% A network\n")
    assert r"\node[circle, draw] {\ensuremath{\delta}};" in tex


def test_packages_are_loaded_only_if_needed() -> None:
    """A lesson without tables and figures loads nothing for them."""
    assert not {"tikz", "booktabs", "longtable"} & set(re.findall(r"\\usepackage\{(\w+)\}", to_latex(lesson("words"))))


def test_verbatim_lines_compile() -> None:
    """Lines of code are shown as typed, and wrap where they are too long."""
    assert faults("```\nfor x in y:\n\n    [x] % \\end{verbatim} " + "word " * 60 + "\n```") == []


def test_another_language_compiles_whether_or_not_it_is_installed() -> None:
    """Hyphenation for a language is used where it is there."""
    tex = to_latex(lesson('Die "Größe" des Gewichts: $w_{5}$', language="de"))
    assert complaints(compiled(tex)) == []
