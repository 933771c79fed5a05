"""The names of a network's quantities, and their TeX, by the patterns of a Notation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate

from ..formulas.names import NAME, default_tex, index_tex, tex_fault
from ..formulas.problems import Problems
from ..spec.types import Notation, Spec
from ..spec.words import PLACEHOLDER

Values = Mapping[str, object]
MARKED = re.compile(r"(?<=[^_])(?=<)")
"""Where a placeholder that stays in a name is set off, so that what it stands for becomes an index."""


class Naming:
    """The names of the units of a network and of what belongs to them, by layer and row, both counted from 0.

    Units are numbered through: the inputs first, then layer by layer. ``tex`` holds the TeX of names that are not set
    in the usual way.
    """

    def __init__(self, spec: Spec) -> None:
        self.notation, self.layers, self.own = spec.notation, spec.layers, spec.tex
        self.tex: dict[str, str] = {}
        self._first = spec.notation.first_index
        self._columns = (tuple(spec.inputs), *(layer.units for layer in spec.layers))
        self._starts = tuple(accumulate(map(len, self._columns), initial=self._first))
        counts = (sum(map(len, layer.weights)) for layer in spec.layers)
        self._weights_before = tuple(accumulate(counts, initial=self._first))
        self._tex_patterns = dict(spec.notation.tex)

    @property
    def units(self) -> frozenset[str]:
        """The names of all units."""
        return frozenset(unit for layer in self.layers for unit in layer.units)

    def unit_tex(self, unit: str) -> str:
        """A unit by itself."""
        return self.own.get(unit) or default_tex(unit)

    def unit_index(self, unit: str) -> str:
        """A unit or an input as the index of another symbol."""
        return self.own.get(unit) or index_tex(unit)

    def weights(self, layer: int, row: int) -> tuple[str, ...]:
        """The names of the weights of a unit, one per input."""
        if self.layers[layer].weight_names:
            return self.layers[layer].weight_names[row]
        if self.own or "weights" in self._tex_patterns:
            return tuple(self._named("weights", values) for values in self._weight_values(layer, row))
        template = _template(self.notation.weights)
        return tuple([template % values for values in self._weight_values(layer, row)])

    def _weight_values(self, layer: int, row: int) -> Iterator[Values]:
        sources, unit = self._columns[layer], self._columns[layer + 1][row]
        number = self._weights_before[layer] + row * len(sources)
        fixed = {"j": self._starts[layer + 1] + row, "to": unit, "layer": layer + self._first, "row": row + self._first}
        for column, source in enumerate(sources):
            yield {
                **fixed,
                "number": number + column,
                "i": self._starts[layer] + column,
                "from": source,
                "column": column + self._first,
            }

    def bias(self, layer: int, row: int) -> str:
        """The name of a unit's bias, which it may share with its layer."""
        names, shared = self.layers[layer].bias_names, not isinstance(self.layers[layer].bias, tuple)
        if names:
            return names[0 if shared else row]
        kind = "threshold" if self.layers[layer].thresholds else "bias"
        if shared:
            return self._named(f"shared_{kind}", {"layer": layer + self._first})
        return self.of_unit(kind, layer, row)

    def of_unit(self, pattern: str, layer: int, row: int) -> str:
        """The name of a unit's ``net``, ``out``, ``error`` or ``target``."""
        numbers = {"j": self._starts[layer + 1] + row, "layer": layer + self._first, "row": row + self._first}
        return self._named(pattern, {"unit": self._columns[layer + 1][row], **numbers})

    def _named(self, pattern: str, values: Values) -> str:
        """A name by its pattern; its TeX is kept where it is not the usual one."""
        text: str = getattr(self.notation, pattern)
        name = _template(text) % values
        if pattern in self._tex_patterns:
            self.tex[name] = self._by_pattern(self._tex_patterns[pattern], values)
        elif any(values.get(key) in self.own for key in ("unit", "from", "to")):
            self.tex[name] = self._with_own_units(text, values)
        return name

    def _by_pattern(self, pattern: str, values: Values) -> str:
        """The TeX pattern filled in; an index of several signs gets the braces it needs."""

        def fill(part: re.Match[str]) -> str:
            value = values[part[1]]
            tex = self.unit_index(value) if isinstance(value, str) else str(value)
            return f"{{{tex}}}" if pattern[: part.start()].endswith(("_", "^")) else tex

        return PLACEHOLDER.sub(fill, pattern)

    def _with_own_units(self, pattern: str, values: Values) -> str:
        """The usual TeX of a name, but for the units in it that have a TeX of their own."""
        own = {f"<{key}>": self.own[str(value)] for key, value in values.items() if value in self.own}
        kept = {**values, **{mark[1:-1]: mark for mark in own}}
        return default_tex(MARKED.sub("_", _template(pattern) % kept), own)

    def check(self, names: Sequence[str], problems: Problems) -> None:
        """Note generated names that are none, and names that two quantities have."""
        seen: set[str] = set()
        for name in names:
            if not NAME.fullmatch(name):
                problems.add(f"notation: `{name}`", f"is not a name: {self._meaning(name)}", "letters, digits and _")
            elif name in seen:
                problems.add(name, "is used twice", self._clash(name))
            seen.add(name)

    def check_tex(self, problems: Problems) -> None:
        """Note TeX that a pattern and the units' own TeX make together, and that is none."""
        for name, tex in self.tex.items():
            if fault := tex_fault(tex):
                problems.add(f"the TeX of {name}", f"`{tex}` {fault}", "see [notation] and the unit's TeX in [tex]")

    def _clash(self, name: str) -> str:
        twice = [f"{source} to {unit}" for source, unit, other in self._all_weights() if other == name]
        if len(twice) > 1:
            hint = 'a sign between the numbers keeps names apart: weights = "w<i>_<j>"'
            return f"it is the weight from {' and that from '.join(twice[:3])}; {hint}"
        return "the file and the network's own names (w1, net_h1, …) must differ"

    def _meaning(self, name: str) -> str:
        weights = [
            f"the weight from {source} to {unit}" for source, unit, other in self._all_weights() if other == name
        ]
        return weights[0] if weights else "it is made by a pattern of [notation]"

    def _all_weights(self) -> Iterator[tuple[str, str, str]]:
        """Where each weight comes from, where it leads to, and its name."""
        for place, layer in enumerate(self.layers):
            for row, unit in enumerate(layer.units):
                yield from ((s, unit, w) for s, w in zip(self._columns[place], self.weights(place, row), strict=True))


@lru_cache(maxsize=256)
def _template(pattern: str) -> str:
    """A pattern as a template for ``%``."""
    return PLACEHOLDER.sub(r"%(\1)s", pattern)


@lru_cache(maxsize=64)
def symbol_tex(notation: Notation, pattern: str) -> str:
    """The symbol that a pattern gives, without its index: ``net`` of ``net_<unit>``, or "" for none."""
    tex = dict(notation.tex).get(pattern)
    if tex is not None:
        return re.sub(r"[_^](?:\{[^{}]*<[^<>]*>[^{}]*\}|<[^<>]*>)|<[^<>]*>", "", tex)
    stem = PLACEHOLDER.split(getattr(notation, pattern))[0].rstrip("_[")
    return default_tex(stem) if stem else ""
