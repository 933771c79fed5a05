"""Ids as people write them: ``w5_new``, ``w5'``, ``dE/dw5``, ``δ_o1`` and ``net_{h1}`` mean steps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ..calculus.derive import Derivation
from ..formulas.names import GREEK

_GREEK_LETTERS = {
    unicodedata.lookup(f"GREEK {size} LETTER {spoken}"): name
    for size, spoken, name in (
        (size, spoken, name.capitalize() if size == "CAPITAL" else name)
        for size in ("SMALL", "CAPITAL")
        for name in sorted(GREEK)
        if name.islower() and not name.startswith("var")
        for spoken in ["LAMDA" if name == "lambda" else name.upper()]
    )
}
_SIGNS = {"∂": "d", "−": "-", "′": "'", "’": "'", "ʹ": "'", "⁺": "+", "＋": "+", "†": "+", "÷": "/", "∕": "/", "⁄": "/"}
_LETTERS = str.maketrans(_GREEK_LETTERS | _SIGNS)
_DROPPED = re.compile(r"[\s$\\{}`]")
_FRACTION = re.compile(r"^\\frac\{(.*?)\}\{(.*)\}$")

LONGEST_NAME = 120

REWRITINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^new[_ ]?(.+)$", re.I), r"\1+"),
    (
        re.compile(r"^(.+?)(?:_?(?:new|neu|updated|next)|\^?\(?\+\)?|\^?'|\^?\*|\(new\)|\(1\)|\^\(1\)|\[1\])$", re.I),
        r"\1+",
    ),
    (re.compile(r"^(.+?)(?:_?(?:old|alt)|\(0\)|\[0\])$", re.I), r"\1"),
    (re.compile(r"^d?e(?:rror)?(?:_?(?:total|tot))?/d(.+)$", re.I), r"dLOSS/d\1"),
    (re.compile(r"^(?:d?l(?:oss)?|d?c(?:ost)?|d?j)/d(.+)$", re.I), r"dLOSS/d\1"),
    (re.compile(r"^(?:grad(?:ient)?|g)[_(]?(.+?)\)?$", re.I), r"dLOSS/d\1"),
    (re.compile(r"^d([^/]+)$"), r"dLOSS/d\1"),
    (re.compile(r"^delta[_(]?(.+?)\)?$"), r"dLOSS/dnet_\1"),
    (re.compile(r"^(?:net|z|a_in)_?(.+)$", re.I), r"net_\1"),
    (re.compile(r"^(?:out|o|a|y|h)[_(]?(.+?)\)?$", re.I), r"out_\1"),
    (re.compile(r"^e(?:rror|tot|total)?(?:_?(?:total|tot|sum))?(@\d+|\+)?$", re.I), r"LOSS\1"),
    (re.compile(r"^(?:loss|cost|error|j|l|c)(@\d+|\+)?$", re.I), r"LOSS\1"),
    (re.compile(r"^(?:eta|lr|rate|alpha)$", re.I), "learning_rate"),
)
"""Ways of writing, tried in order, each on its own and after the others."""


class Names:
    """What people may call the lines of one calculation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.loss = derivation.graph.loss
        self._squeezed = _squeezed_names(derivation)

    def find(self, text: str) -> str:
        """The id that a text means, with ``@k`` for a later state; empty where there is none or more than one."""
        if len(text) > LONGEST_NAME:
            return ""
        text = text.strip()
        if found := self._known(text):
            return found
        written = tidy(text)
        return self._known(written) or self._rewritten(written)

    def _rewritten(self, written: str, depth: int = 2) -> str:
        for pattern, way in REWRITINGS:
            if pattern.match(written):
                other = pattern.sub(way, written).replace("LOSS", self.loss or "E_total")
                if found := self._known(other) or (
                    self._rewritten(other, depth - 1) if depth and other != written else ""
                ):
                    return found
        return ""

    def _known(self, name: str) -> str:
        if found := self.derivation.find(name) or self._later(name):
            return found
        near = self._squeezed.get(squeezed(name), ()) or self._squeezed.get(squeezed(name).lower(), ())
        return near[0] if len(near) == 1 else ""

    def _later(self, name: str) -> str:
        """``w5@2`` and ``E_total@10000``, where the quantity is there and something is trained."""
        base, _, state = name.partition("@")
        if not (state.isascii() and state.isdecimal() and len(state) <= 8 and self.derivation.graph.trained):
            return ""
        quantity = self._quantity(base)
        if int(state) < 2 or not quantity:
            return self.derivation.find(f"{quantity}@{int(state)}") if quantity else ""
        return f"{quantity}@{int(state)}"

    def _quantity(self, base: str) -> str:
        if base in self.derivation.graph.quantity:
            return base
        near = [id for id in self._squeezed.get(squeezed(base), ()) if id in self.derivation.graph.quantity]
        return near[0] if len(near) == 1 else ""


def tidy(text: str) -> str:
    """The text with Greek letters spelled out, subscripts on the line, and no TeX around it."""
    text = text.translate(_LETTERS)
    text = unicodedata.normalize("NFKC", text).translate(_LETTERS)
    text = re.sub(
        r"\\(?:partial|mathrm|mathit)(?![a-z])|\\(?=delta|[a-z]+_)", lambda m: "d" if "partial" in m[0] else "", text
    )
    found = _FRACTION.match(re.sub(r"[\s$]", "", text))
    if found:
        text = f"{found[1]}/{found[2]}"
    return _DROPPED.sub("", text).replace("(d", "d").replace(")/d", "/d")


def squeezed(name: str) -> str:
    """The name without the marks that people leave out."""
    return re.sub(r"[_(){}\[\]\s,]", "", name)


def _squeezed_names(derivation: Derivation) -> Mapping[str, tuple[str, ...]]:
    """Squeezed name → the ids that it may mean, in either case of letters and in lower case alone."""
    found: dict[str, list[str]] = {}
    names = [*derivation.step, *derivation.graph.quantity]
    names += [f"d{derivation.graph.loss}/d{name}" for name in derivation.gradient]
    for name in names:
        id = derivation.find(name)
        for key in dict.fromkeys((squeezed(name), squeezed(name).lower())):
            if id not in found.setdefault(key, []):
                found[key].append(id)
    return {key: tuple(ids) for key, ids in found.items()}
