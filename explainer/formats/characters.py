"""Text for LaTeX: its special characters escaped, and characters that its fonts lack written as commands."""

from __future__ import annotations

import re
import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "`": r"\textasciigrave{}",
    "\u00a0": "~",
    "\u00ad": r"\-",
    "\u2009": r"\,",
    "\u202f": r"\,",
    "\u200b": r"\hspace{0pt}",
}

MATHEMATICAL_TABLE = """
    α alpha  β beta  γ gamma  δ delta  ε varepsilon  ζ zeta  η eta  θ theta  ι iota  κ kappa  λ lambda  μ mu
    ν nu  ξ xi  π pi  ρ rho  σ sigma  τ tau  υ upsilon  φ varphi  χ chi  ψ psi  ω omega  Γ Gamma  Δ Delta
    Θ Theta  Λ Lambda  Ξ Xi  Π Pi  Σ Sigma  Υ Upsilon  Φ Phi  Ψ Psi  Ω Omega  ϵ epsilon  ϑ vartheta  ϕ phi
    ς varsigma  ← leftarrow  → rightarrow  ↔ leftrightarrow  ↑ uparrow  ↓ downarrow  ⇐ Leftarrow  ⇒ Rightarrow
    ⇔ Leftrightarrow  ↦ mapsto  ≈ approx  ≠ neq  ≤ leq  ≥ geq  ≡ equiv  ∼ sim  ∝ propto  ≪ ll  ≫ gg  ± pm
    ∓ mp  × times  ÷ div  ⋅ cdot  ∘ circ  ∙ bullet  ⊕ oplus  ⊗ otimes  ⊙ odot  ∂ partial  ∇ nabla  ∑ sum
    ∏ prod  ∫ int  ∞ infty  ∈ in  ∉ notin  ⊂ subset  ⊆ subseteq  ∪ cup  ∩ cap  ∅ emptyset  ∀ forall  ∃ exists
    ∧ wedge  ∨ vee  … ldots  ⋯ cdots  ✓ checkmark  ★ bigstar  □ square  ■ blacksquare  ▲ blacktriangle
    ▼ blacktriangledown  ● bullet  ○ circ
"""
_WORDS = MATHEMATICAL_TABLE.split()
MATHEMATICAL = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""The name of the TeX command for each mathematical character."""

MINUS = {"\u2212": "-"}
SCRIPTS = {
    **{chr(0x2080 + digit): rf"\textsubscript{{{digit}}}" for digit in range(10)},
    **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", (rf"\textsuperscript{{{sign}}}" for sign in "0123456789+-"), strict=True)),
    **dict(zip("₊₋", (rf"\textsubscript{{{sign}}}" for sign in "+-"), strict=True)),
}

ENSURED = {sign: rf"\ensuremath{{{tex}}}" for sign, tex in MINUS.items()} | {
    sign: rf"\ensuremath{{\{name}}}" for sign, name in MATHEMATICAL.items()
}
IN_DRAWING = str.maketrans(SCRIPTS | ENSURED)
IN_TEXT = str.maketrans(SPECIAL) | IN_DRAWING
IN_BOOKMARK = str.maketrans(SPECIAL | {"\u2009": " ", "\u202f": " ", "\u200b": ""})
FORMULA_ONLY = {"½": r"\tfrac{1}{2}", "¼": r"\tfrac{1}{4}", "¾": r"\tfrac{3}{4}", "·": r"\cdot ", "°": r"^{\circ}"}
IN_FORMULA = str.maketrans(MINUS | FORMULA_ONLY | {sign: rf"\{name} " for sign, name in MATHEMATICAL.items()})
IN_CODE = IN_TEXT | str.maketrans({"'": r"\textquotesingle{}"})
LIGATURE = re.compile(r"([-<>,'])(?=\1)|([?!])(?=\\textasciigrave)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
CODE_BREAK = re.compile(r"(?<=[/,.:+*=])(?=\w)")
LONG_CODE = 20

SHOWN_BY_LATEX = frozenset(
    chr(code)
    for first, last in ((0, 0x137), (0x139, 0x148), (0x14A, 0x165), (0x168, 0x17E), (0x1CD, 0x1D4), (0x218, 0x21B))
    for code in range(first, last + 1)
) - set("ĦħĿŀ") | set("ẞ‐‑‒–—―‖‘’‚“”„†‡•‰‱‹›※‽⁄℃№℗℠™Ω℧℮◦◯♪⟨⟩ﬀﬁﬂﬃﬄ€₩₫ƒ")
"""What pdfLaTeX shows in the fonts that the preamble loads (its files t1enc.dfu and ts1enc.dfu)."""


def escaped(text: str) -> str:
    """The text so that LaTeX shows it as typed."""
    return LIGATURE.sub(r"\1\2{}", _clean(text).translate(IN_TEXT))


def escaped_for_bookmark(text: str) -> str:
    """The text for the bookmarks of a PDF file, whose readers know all characters."""
    return _clean(text).translate(IN_BOOKMARK)


def escaped_code(text: str) -> str:
    """The text for a typewriter font: straight quotes stay straight, and a long one may be broken."""
    broken = CODE_BREAK.split(_clean(text)) if len(text) > LONG_CODE else [_clean(text)]
    return r"\allowbreak ".join(part.translate(IN_CODE) for part in broken)


def formula_characters(tex: str) -> str:
    """The TeX of a formula with commands for the mathematical characters typed in it."""
    return tex if tex.isascii() else tex.translate(IN_FORMULA)


def drawing_characters(tex: str) -> str:
    """The TeX of a drawing with commands for the mathematical characters typed in it, in formulas or outside."""
    return tex if tex.isascii() else tex.translate(IN_DRAWING)


def not_shown_by_latex(tex: str) -> list[str]:
    """The characters for which pdfLaTeX needs help, in order."""
    return [] if tex.isascii() else sorted(set(tex) - SHOWN_BY_LATEX)


def is_east_asian(character: str) -> bool:
    """Whether it is among the Chinese and Japanese characters for which pdfLaTeX may have fonts."""
    return any(
        first <= ord(character) <= last for first, last in ((0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xFF00, 0xFFFF))
    )


def _clean(text: str) -> str:
    return text if text.isascii() and text.isprintable() else CONTROL.sub("", unicodedata.normalize("NFC", text))
