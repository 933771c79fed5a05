"""Tables for the TeX of names: what a macro looks like as text, and how wide a character is."""

from __future__ import annotations

from typing import Literal, TypeAlias

Font: TypeAlias = Literal["math", "italic", "upright", "text"]
"""In ``math`` letters are italic and all else upright; ``text`` is upright and keeps its spaces."""

THIN_SPACE = "\u2009"
MINUS = "\u2212"


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


GREEK = _table("""
    alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι kappa:κ lambda:λ mu:μ
    nu:ν xi:ξ omicron:ο pi:π varpi:ϖ rho:ρ varrho:ϱ sigma:σ varsigma:ς tau:τ upsilon:υ phi:ϕ varphi:φ chi:χ psi:ψ
    omega:ω ell:ℓ
""")
"""Italic in a formula."""

UPRIGHT = _table("""
    Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Upsilon:Υ Phi:Φ Psi:Ψ Omega:Ω partial:∂ nabla:∇ infty:∞ sum:∑
    prod:∏ prime:′ star:⋆ ast:∗ dagger:† circ:∘ ldots:… dots:… cdots:⋯ vdots:⋮ lbrace:{ rbrace:} lvert:| rvert:|
    langle:⟨ rangle:⟩ %:% &:& #:# $:$ _:_ {:{ }:}
""")

OPERATORS = _table("""
    times:× cdot:· to:→ rightarrow:→ leftarrow:← mapsto:↦ approx:≈ neq:≠ ne:≠ leq:≤ le:≤ geq:≥ ge:≥ lt:< gt:> pm:± mp:∓
    div:÷ odot:⊙ otimes:⊗ oplus:⊕ in:∈ +:+ =:= <:< >:> /:/
""") | {"-": MINUS}
"""Macros and characters that stand between two operands, with a little space on either side."""

SPACES = dict.fromkeys(",;: >", THIN_SPACE) | {"thinspace": THIN_SPACE, "quad": "\u2003", "!": ""}

ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308"}
"""As combining characters, which follow their letter."""

FONTS: dict[str, Font] = {
    "mathit": "italic",
    "mathnormal": "italic",
    "mathrm": "upright",
    "mathbf": "upright",
    "mathsf": "upright",
    "mathtt": "upright",
    "operatorname": "upright",
    "text": "text",
    "textrm": "text",
    "mbox": "text",
}

LAYOUT_MACROS = {"left", "right", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits"}
"""These leave no trace."""

EM = 0.56
WIDTHS = (
    dict.fromkeys("ijl.,;:'′|!()[]{}/ ", 0.34)
    | dict.fromkeys("mwMWϖ→←↦…⋯", 0.9)
    | dict.fromkeys("ABCDEGHKNOQRUVXYΓΔΘΛΞΠΣΥΦΨΩ+=<>×±∓÷≈≠≤≥⊙⊗⊕∈" + MINUS, 0.76)
    | {"\u2003": 1.0, THIN_SPACE: 0.2}
    | dict.fromkeys(ACCENTS.values(), 0.0)
)
"""Widths relative to the size of the text, EM for all others: rather too wide than too narrow in any serif font."""
