"""Ids as people write them: ``w5_new``, ``w5'``, ``dE/dw5``, ``δ_o1`` and ``net_{h1}`` mean steps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ..calculus.derive import Derivation
from ..calculus.graph import Role, descendants
from ..calculus.marks import marked, parsed
from ..formulas.names import GREEK
from ..spec.values import MOST_STEPS

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

_RATE = re.compile(r"d([^/]+)/d([^/:]+)")
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
        self.base = derivation.single
        self.loss = self.base.graph.loss
        self._squeezed = _squeezed_names(self.base)
        self._units = _unit_names(self.base)

    @property
    def known(self) -> list[str]:
        """Every id that is written out."""
        return [*self.derivation.step, *(source.name for source in self.derivation.graph.sources)]

    def find(self, text: str) -> str:
        """The id that a text means, with ``@k`` for a later state; empty where there is none or more than one."""
        if len(text) > LONGEST_NAME:
            return ""
        text = text.strip()
        if found := self.derivation.find(text):
            return found
        name, state, sample = parsed(tidy(text))
        base = self._known(name) or self._rewritten(name)
        if not base or state > MOST_STEPS:
            return ""
        own, more, _ = parsed(base)
        return self._marked(own, state + more, sample)

    def _marked(self, name: str, state: int, sample: int) -> str:
        """The id with its marks, if such a line is written out or can be."""
        found = self.derivation.find(marked(name, state, sample)) or self.derivation.find(
            marked(name, state, sample, kept=True)
        )
        if found or state < 2 or not self._changes(name):
            return found
        columns, samples = self.base.graph.columns, self.base.graph.samples
        if sample > (samples if columns else 0):
            return ""
        return marked(name, state, sample)

    def _changes(self, name: str) -> bool:
        """Whether a line has another value in each state of training."""
        step = self.base.step
        quantity = self.base.graph.quantity.get(name)
        on_the_way = quantity is not None and quantity.role is Role.ON_THE_WAY
        return bool(self.base.graph.trained) and (
            f"{name}+" in step or f"{name}@1" in step or on_the_way or (name in step and quantity is None)
        )

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
        """An id of one step for one sample."""
        if found := self.base.find(name) or self._units.get(name, "") or self._of_one_error(name):
            return found
        near = self._squeezed.get(squeezed(name), ()) or self._squeezed.get(squeezed(name).lower(), ())
        return near[0] if len(near) == 1 else ""

    def _of_one_error(self, name: str) -> str:
        """``dE_o1/dout_o1`` where out_o1 enters no other error: the gradient of the whole is the same."""
        found = _RATE.fullmatch(name)
        graph = self.base.graph
        if not found or found[1] not in graph.error_terms or found[2] not in self.base.gradient:
            return ""
        reached = descendants(graph, [found[2]]) & set(graph.error_terms)
        return self.base.gradient[found[2]] if reached == {found[1]} else ""


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
    text = re.sub(r"\^(?=\{?\+)", "", text)
    return _DROPPED.sub("", text).replace("(d", "d").replace(")/d", "/d")


def squeezed(name: str) -> str:
    """The name without the marks that people leave out."""
    return re.sub(r"[_(){}\[\]\s,]", "", name)


def _unit_names(derivation: Derivation) -> Mapping[str, str]:
    """The usual names of what belongs to a unit, whatever the file calls it."""
    gradient = derivation.gradient
    found: dict[str, str] = {}
    for block in derivation.graph.blocks:
        for unit in block.units:
            found |= {f"net_{unit.name}": unit.net, f"out_{unit.name}": unit.out}
            if unit.net in gradient:
                found |= {
                    f"delta_{unit.name}": gradient[unit.net],
                    f"d{derivation.graph.loss}/dnet_{unit.name}": gradient[unit.net],
                }
    return found


def _squeezed_names(derivation: Derivation) -> Mapping[str, tuple[str, ...]]:
    """Squeezed name → the ids that it may mean, in either case of letters and in lower case alone."""
    found: dict[str, list[str]] = {}
    names = [*derivation.step, *derivation.graph.quantity]
    names += [f"d{derivation.graph.loss}/d{name}" for name in derivation.gradient]
    for name in names:
        id = derivation.find(name)
        for key in dict.fromkeys((squeezed(name), squeezed(name).lower())):
            if id and id not in found.setdefault(key, []):
                found[key].append(id)
    return {key: tuple(ids) for key, ids in found.items()}
