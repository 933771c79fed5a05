"""The keys of the calculation file, as one table: it validates a file and it prints as JSON Schema for editors."""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from ..formulas.functions import ACTIVATIONS
from ..formulas.losses import LOSSES
from ..formulas.names import NAME, tex_fault, with_index
from ..formulas.optimizers import OPTIMIZERS, PERCEPTRON, SCHEDULES, SETTINGS, users_of
from ..formulas.problems import Problems, nearest
from .types import Grid, Literal

UNIT = re.compile(rf"{NAME.pattern}|[0-9]{{1,9}}")
"""A unit may have a plain number for a name, as in textbooks that number all units through."""
ID = re.compile(r"[A-Za-z][A-Za-z0-9_\[\],/:@+#]{0,199}")
"""Of a line of working, such as ``dE_total/dw5``."""
PHRASE = re.compile(r"(?=.*[^\W\d_])[^\x00-\x1f\x7f]{1,200}")
"""Words on one line."""
PLACEHOLDER = re.compile(r"<([^<>]*)>")
WEIGHT_PARTS = ("number", "i", "j", "from", "to", "layer", "row", "column")
UNIT_PARTS = ("unit", "j", "layer", "row")
LAYER_PARTS = ("layer",)
MOST_DIGITS = 40
MOST_PHRASES = 1000
MOST_STEPS = 10_000_000
MOST_SAMPLES = 10_000
MOST_SHOWN = 50
MOST_ON_GRID = 10**12
USUAL_STEP = Decimal("0.01")


class Kind(Protocol):
    """What a value may be."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The value in the form that Spec holds it, or None after noting what is wrong."""

    def schema(self) -> dict[str, Any]:
        """The same in JSON Schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The string."""
        if isinstance(value, str):
            return value
        return problems.add(where, f"expected a text in quotes, found {described(value)}")

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number of at most 40 digits, as typed."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The Literal."""
        literal = as_literal(value)
        if literal is None:
            return problems.add(where, f"expected a number, found {described(value)}", _number_hint(value))
        if not literal.value.is_finite():
            return problems.add(where, f"expected a finite number, found {literal.text}")
        if literal.value and not -400 <= literal.value.adjusted() <= 400:
            return problems.add(where, "a number that is too large or too small", "numbers from 1e-400 to 1e400")
        if len(literal.value.as_tuple().digits) > MOST_DIGITS:
            return problems.add(where, f"a number of more than {MOST_DIGITS} digits")
        return literal

    def schema(self) -> dict[str, Any]:
        """A number."""
        return {"type": "number"}


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds."""

    lowest: int
    highest: int

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The integer."""
        if isinstance(value, int) and not isinstance(value, bool) and self.lowest <= value <= self.highest:
            return value
        allowed = f"a whole number from {self.lowest} to {self.highest}"
        return problems.add(where, f"expected {allowed}, found {described(value)}")

    def schema(self) -> dict[str, Any]:
        """An integer with its bounds."""
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True, slots=True)
class Boolean:
    """true or false."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The boolean."""
        if isinstance(value, bool):
            return value
        return problems.add(where, f"expected true or false, found {described(value)}", "written without quotes")

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The word."""
        if isinstance(value, str) and value in self.options:
            return value
        found = f'"{value}"' if isinstance(value, str) else described(value)
        return problems.add(where, f"{found} is not one of the choices", nearest(str(value), self.options))

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class OneName:
    """The name of a quantity."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The name."""
        if not isinstance(value, str):
            return problems.add(where, f"expected a name in quotes, found {described(value)}")
        return value if check_name(value, where, problems) else None

    def schema(self) -> dict[str, Any]:
        """A patterned string."""
        return {"type": "string", "pattern": f"^(?:{NAME.pattern})$"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name, or its TeX, with placeholders such as ``<i>``."""

    placeholders: tuple[str, ...]
    tex: bool = False
    symbol: bool = False
    """Whether TeX without a placeholder gets an index of its own."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The pattern as typed."""
        if not isinstance(value, str):
            return problems.add(where, f"expected a text in quotes, found {described(value)}")
        unknown = [part for part in PLACEHOLDER.findall(value) if part not in self.placeholders]
        if unknown:
            return problems.add(where, f"`<{unknown[0]}>` is not a placeholder", self._allowed())
        fault = self._fault(value)
        return problems.add(where, fault, self._allowed()) if fault else value

    def _fault(self, pattern: str) -> str:
        """What is wrong with what the pattern makes; empty where nothing is."""
        example = PLACEHOLDER.sub(lambda part: "1" if "[" in pattern[: part.start()] else "h", pattern)
        if self.tex:
            return tex_fault(with_index(example, "h") if self.symbol and example == pattern else example)
        return "" if NAME.fullmatch(example) else f'"{pattern}" does not make a name'

    def _allowed(self) -> str:
        what = "TeX of letters, digits, _ ^ and Greek names" if self.tex else "letters, digits and _"
        return f"{what}, with the placeholders {', '.join(f'<{part}>' for part in self.placeholders)}"

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word or a few, on one line."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The words with single blanks between them."""
        if isinstance(value, str) and PHRASE.fullmatch(value):
            return " ".join(value.split())
        return problems.add(where, f"expected a word or a phrase, found {described(value)}", "up to 200 characters")

    def schema(self) -> dict[str, Any]:
        """A short string."""
        return {"type": "string", "minLength": 1, "maxLength": 200}


@dataclass(frozen=True, slots=True)
class Names:
    """A list of names, or of the names of units."""

    at_least: int = 0
    of_units: bool = False

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The names, each one checked."""
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return problems.add(where, f'expected a list of names such as ["h1", "h2"], found {described(value)}')
        if len(value) < self.at_least:
            return problems.add(where, f"expected at least {self.at_least} name(s), found an empty list")
        check = check_unit_name if self.of_units else check_name
        good = [check(item, where, problems) for item in value]
        return tuple(value) if all(good) else None

    def schema(self) -> dict[str, Any]:
        """An array of strings."""
        pattern = (UNIT if self.of_units else NAME).pattern
        return {
            "type": "array",
            "items": {"type": "string", "pattern": f"^(?:{pattern})$"},
            "minItems": self.at_least,
        }


@dataclass(frozen=True, slots=True)
class List:
    """A list of values of one kind."""

    item: Kind

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The values as a tuple."""
        if not isinstance(value, list):
            return problems.add(where, f"expected a list in square brackets, found {described(value)}")
        before = len(problems.found)
        items = tuple(self.item.read(item, f"{where}[{i}]", problems) for i, item in enumerate(value, 1))
        return items if len(problems.found) == before else None

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class NumberOrList:
    """One number, or a list of numbers."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """A Literal or a tuple of them."""
        if value == []:
            return problems.add(where, "expected a number or a list of numbers, found an empty list")
        return (List(Number()) if isinstance(value, list) else Number()).read(value, where, problems)

    def schema(self) -> dict[str, Any]:
        """Either of the two."""
        return {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}, "minItems": 1}]}


@dataclass(frozen=True, slots=True)
class Numbering:
    """A list of whole numbers from 1."""

    most: int

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The numbers as a tuple."""
        good = isinstance(value, list) and value and len(value) <= self.most
        if good and all(type(item) is int and 1 <= item <= MOST_STEPS for item in value):
            return tuple(value)
        return problems.add(where, f"expected a list of whole numbers from 1, such as [1, 2], found {described(value)}")

    def schema(self) -> dict[str, Any]:
        """An array of positive integers."""
        return {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class Class:
    """The name or the number of an output unit, or a list of them."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The names and numbers as a tuple."""
        items = value if isinstance(value, list) else [value]
        if items and all(type(item) in (str, int) for item in items):
            return tuple(items)
        return problems.add(where, f"expected the name or the number of an output unit, found {described(value)}")

    def schema(self) -> dict[str, Any]:
        """A name, a number, or a list."""
        one = {"type": ["string", "integer"]}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


@dataclass(frozen=True, slots=True)
class Named:
    """A table from names to values of one kind."""

    item: Kind
    key: re.Pattern[str] = NAME
    """What the names are made of."""
    most: int = 1_000_000

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The table, each name and value checked."""
        if not isinstance(value, dict):
            return problems.add(where, f"expected a table [{where}], found {described(value)}")
        if len(value) > self.most:
            return problems.add(where, f"holds {len(value)} entries", f"at most {self.most}")
        before = len(problems.found)
        for name in value:
            _KEY_CHECKS[self.key](name, where, problems)
        table = {name: self.item.read(item, f"{where}.{name}", problems) for name, item in value.items()}
        return table if len(problems.found) == before else None

    def schema(self) -> dict[str, Any]:
        """An object with patterned names."""
        return {
            "type": "object",
            "patternProperties": {f"^(?:{self.key.pattern})$": self.item.schema()},
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class NamedOr:
    """A table from names to values of one kind, in which a few names have kinds of their own."""

    item: Kind
    key: re.Pattern[str]
    special: Mapping[str, Kind]

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The table with the special names read by their own kinds."""
        if not isinstance(value, dict):
            return Named(self.item, self.key).read(value, where, problems)
        special = {
            name: kind.read(value[name], f"{where}.{name}", problems)
            for name, kind in self.special.items()
            if name in value
        }
        rest = {name: item for name, item in value.items() if name not in self.special}
        table = Named(self.item, self.key).read(rest, where, problems)
        return None if table is None or None in special.values() else {**table, **special}

    def schema(self) -> dict[str, Any]:
        """An object with patterned names and the special ones."""
        pattern = f"^(?!(?:{'|'.join(self.special)})$)(?:{self.key.pattern})$"
        return {
            "type": "object",
            "properties": {name: kind.schema() for name, kind in self.special.items()},
            "patternProperties": {pattern: self.item.schema()},
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Varying:
    """Whether a quantity varies, or from which grid."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """A Grid, or the boolean."""
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict):
            hint = "true: around the given value; or for example { from = 0.1, to = 0.9, step = 0.1 }"
            return problems.add(where, f"expected true, false or a grid, found {described(value)}", hint)
        before = len(problems.found)
        values = GRID.read(value, where, problems)
        return _grid(values, where, problems) if len(problems.found) == before else None

    def schema(self) -> dict[str, Any]:
        """A boolean or an object."""
        return {"anyOf": [{"type": "boolean"}, GRID.schema()]}


def _grid(values: Mapping[str, Literal], where: str, problems: Problems) -> Any:
    step = values["step"].value if "step" in values else USUAL_STEP
    lowest, highest = values["from"].value, values["to"].value
    if step <= 0:
        return problems.add(f"{where}.step", f"expected a number above 0, found {step}")
    if lowest >= highest:
        what = "leaves nothing to vary" if lowest == highest else f"{lowest} is above {highest}"
        return problems.add(where, what, "from is the smallest of the numbers, to the largest")
    with decimal.localcontext(decimal.Context(prec=1000)):
        if (highest - lowest) / step >= MOST_ON_GRID:
            return problems.add(where, "has too many numbers", f"at most {MOST_ON_GRID}")
        if (highest - lowest) % step:
            return problems.add(where, f"steps of {step} lead from {lowest} past {highest}", "choose a step that fits")
    return Grid(lowest, highest, step)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: what it may be, what it means, and whether it must be there."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a fixed set of keys."""

    keys: tuple[Key, ...]

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The values of the keys that are there; unknown keys are noted with the nearest valid ones."""
        if not isinstance(value, dict):
            return problems.add(where, f"expected a table, found {described(value)}")
        known = {key.name: key for key in self.keys}
        prefix = f"{where}." if where else ""
        for name in value:
            if name not in known:
                problems.add(f"{prefix}{name}", "unknown key", nearest(str(name), known))
        for key in self.keys:
            if key.required and key.name not in value:
                problems.add(f"{prefix}{key.name}", "is missing", key.meaning)
        return {
            name: known[name].kind.read(item, f"{prefix}{name}", problems)
            for name, item in value.items()
            if name in known
        }

    def schema(self) -> dict[str, Any]:
        """An object with the meaning of each key as its description."""
        return {
            "type": "object",
            "properties": {key.name: {**key.kind.schema(), "description": key.meaning} for key in self.keys},
            "required": [key.name for key in self.keys if key.required],
            "additionalProperties": False,
        }


TARGETS = NamedOr(NumberOrList(), UNIT, {"class": Class()})

LAYER = Table(
    (
        Key(
            "units",
            Names(at_least=1, of_units=True),
            "the names of the layer's units, from top to bottom",
            required=True,
        ),
        Key("activation", Text(), f"a function of the file, or one of: {', '.join(ACTIVATIONS)}; default: identity"),
        Key("parameter", Number(), "that of the activation: the slope of a leaky_relu, the alpha of an elu"),
        Key("weights", List(List(Number())), "a row per unit, a column per input of the layer", required=True),
        Key("bias", NumberOrList(), "one number: one bias for the whole layer; a list: one per unit; absent: none"),
        Key("threshold", NumberOrList(), "in place of bias: it is subtracted from the sum, as some textbooks have it"),
        Key("weight_names", List(Names()), "names of the weights, set out like the weights themselves"),
        Key("bias_name", OneName(), "the name of the one bias of the whole layer"),
        Key("bias_names", Names(), "the names of the biases, one per unit"),
    )
)

TRAINING = Table(
    (
        Key(
            "loss",
            Text(),
            f"with layers a formula or one of: {', '.join(LOSSES)}; otherwise the name of a formula",
        ),
        Key("outputs", Choice(("sum", "mean")), "how the errors of the outputs are put together; default: by the loss"),
        Key("samples", Choice(("mean", "sum")), "how the errors of a step's samples are put together; default: mean"),
        Key("batch", Integer(1, MOST_SAMPLES), "how many samples a step takes; 1: one after another; default: all"),
        Key("order", Numbering(MOST_SAMPLES), "the samples by number, in the order of their turns"),
        Key("upstream", Named(Number()), "in place of a loss: the gradients that arrive at outputs or quantities"),
        Key("optimizer", Text(), f"{PERCEPTRON}, or one of: {', '.join(OPTIMIZERS)}; default: gradient descent"),
        Key("schedule", Text(), f"how the learning rate changes: {', '.join(SCHEDULES)}; default: it does not"),
        *(Key(name, Number(), f"a setting of {', '.join(users_of(name)) or 'every optimizer'}") for name in SETTINGS),
        Key("error_sign", Choice(("gradient", "negative")), "the sign of the error terms; negative: updates are added"),
        Key("learning_rate", Number(), "the size of a step; absent: gradients only, nothing is updated"),
        Key("train_biases", Boolean(), "whether biases are trained; default: true"),
        Key("steps", Integer(1, MOST_STEPS), "how many training steps"),
        Key("show_steps", Numbering(MOST_SHOWN), "the steps that are written out; default: [1]"),
        Key("stop_below", Number(), "training ends as soon as the loss is below"),
        Key(
            "update",
            Choice(("simultaneous", "sequential")),
            "all from the original values, or each as soon as it is known",
        ),
        Key("gradients", Names(), "the quantities whose gradient is wanted; default: every trained parameter"),
    )
)

DISPLAY = Table(
    (
        Key("decimals", Integer(0, 20), "digits shown after the decimal point"),
        Key("significant", Integer(1, 20), "significant digits shown, in place of decimals"),
        Key("carry", Choice(("exact", "rounded")), "what goes into the next line: full precision or the rounded value"),
        Key("rounding", Choice(("half up", "half even", "cut off")), "half up means away from zero"),
        Key(
            "digits",
            Named(Integer(0, 20), ID),
            "quantities, lines or kinds of them (gradients, parameters, errors) that have another number of digits",
        ),
    )
)

NOTATION = Table(
    (
        Key("weights", Pattern(WEIGHT_PARTS), 'names of the weights, such as "w<i><j>"; default: "w<number>"'),
        Key("net", Pattern(UNIT_PARTS), 'names of the net inputs; default: "net_<unit>"'),
        Key("out", Pattern(UNIT_PARTS), 'names of the outputs; default: "out_<unit>"'),
        Key("error", Pattern(UNIT_PARTS), 'names of the error terms; default: "E_<unit>"'),
        Key("target", Pattern(UNIT_PARTS), 'names of the targets; default: "target_<unit>"'),
        Key("bias", Pattern(UNIT_PARTS), 'names of biases of single units; default: "b_<unit>"'),
        Key("shared_bias", Pattern(LAYER_PARTS), 'names of biases of whole layers; default: "b<layer>"'),
        Key("threshold", Pattern(UNIT_PARTS), 'names of thresholds of single units; default: "theta_<unit>"'),
        Key("shared_threshold", Pattern(LAYER_PARTS), 'names of thresholds of whole layers; default: "theta<layer>"'),
        Key("weights_tex", Pattern(WEIGHT_PARTS, tex=True), 'TeX of the weights, such as "w_{<i><j>}"'),
        Key("net_tex", Pattern(UNIT_PARTS, tex=True), "TeX of the net inputs"),
        Key("out_tex", Pattern(UNIT_PARTS, tex=True), "TeX of the outputs"),
        Key("error_tex", Pattern(UNIT_PARTS, tex=True), "TeX of the error terms"),
        Key("target_tex", Pattern(UNIT_PARTS, tex=True), "TeX of the targets"),
        Key("bias_tex", Pattern(UNIT_PARTS, tex=True), "TeX of biases of single units"),
        Key("shared_bias_tex", Pattern(LAYER_PARTS, tex=True), "TeX of biases of whole layers"),
        Key("threshold_tex", Pattern(UNIT_PARTS, tex=True), "TeX of thresholds of single units"),
        Key("shared_threshold_tex", Pattern(LAYER_PARTS, tex=True), "TeX of thresholds of whole layers"),
        Key("loss", OneName(), "the name of the loss; default: E_total, or E where there is one output"),
        Key("first_index", Integer(0, 1), "where numbers, layers, rows and units begin to count; default: 1"),
        Key("error_term", Phrase(), "the word for the gradient at a unit's net input; default: delta"),
        Key("error_term_tex", Pattern(("unit",), tex=True, symbol=True), "its symbol; default: the word itself"),
        Key("new_value", Choice(("+", "'", "(1)")), "the mark of a value after the update"),
        Key("times", Choice(("dot", "cross", "none")), "the sign of multiplication; none: a dot between numbers alone"),
        Key("derivative", Choice(("partial", "d")), "the sign of a derivative: a round or a straight d"),
        Key("decimal", Choice(("point", "comma")), "the decimal mark of the document; files keep the point"),
    )
)
PATTERNS = tuple(key.name for key in NOTATION.keys if isinstance(key.kind, Pattern) and not key.kind.tex)
"""The keys that make names, each with a key for its TeX."""

GRID = Table(
    (
        Key("from", Number(), "the smallest number", required=True),
        Key("to", Number(), "the largest number", required=True),
        Key("step", Number(), "from one number to the next; default: 0.01"),
    )
)
RULES = (
    "no value",
    "saturated unit",
    "dead unit",
    "gradient rounds to 0",
    "same answer twice",
    "answer in sight",
    "ambiguous mistake",
)
"""What numbers of a variant are rejected for; ``handouts/rules.py`` says how."""
VARIANTS = NamedOr(
    Varying(),
    NAME,
    {
        "sizes": List(Numbering(MOST_SHOWN)),
        "allow": List(Choice(RULES)),
    },
)

FILE = Table(
    (
        Key("title", Text(), "the heading of the document"),
        Key("inputs", Named(NumberOrList()), "the network's inputs: a number, or a list with one for each sample"),
        Key("targets", TARGETS, "a target for each output unit, by the unit's name; or class = the right unit"),
        Key("layers", List(LAYER), "the layers, from the first hidden one to the output"),
        Key("given", Named(NumberOrList()), "quantities that stay as they are: a number, or one for each sample"),
        Key("parameters", Named(Number()), "quantities that may be trained"),
        Key("functions", Named(Text()), "functions of x by their formulas, for use in formulas and as activations"),
        Key("formulas", Named(Text()), "named formulas in order; each may use what stands above it"),
        Key("training", TRAINING, "what is differentiated, and how parameters are updated"),
        Key("display", DISPLAY, "how numbers are shown and carried"),
        Key("notation", NOTATION, "how things are named and written"),
        Key("tex", Named(Text(), UNIT), "how a name is typeset, in TeX: that of a quantity or of a unit"),
        Key("wording", Named(Phrase(), PHRASE, MOST_PHRASES), "phrases of the lesson and what stands in their place"),
        Key("variants", VARIANTS, "what differs from student to student, and the grids that numbers are drawn from"),
        Key("style", Text(), "a file of notation, display, tex and wording that several calculations share"),
    )
)

STYLE = Table(tuple(key for key in FILE.keys if key.name in ("notation", "display", "tex", "wording")))
"""A house-style file."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the calculation file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "explainer calculation file",
        **FILE.schema(),
    }


def check_name(name: str, where: str, problems: Problems) -> bool:
    """Note a problem if ``name`` cannot be the name of a quantity."""
    if NAME.fullmatch(name) and name not in ("if", "else"):
        return True
    hint = "letters, digits and _ , beginning with a letter; then perhaps indices: W[1,2]"
    if any(mark in name for mark in "{}\\^$") or not name.isascii():
        hint += '; how it is typeset belongs into [tex], for example w1 = "w_{1}"'
    problems.add(where, f"`{name}` is not a name", hint)
    return False


def check_unit_name(name: str, where: str, problems: Problems) -> bool:
    """Note a problem if ``name`` cannot be the name of a unit: that of a quantity, or a plain number."""
    return bool(UNIT.fullmatch(name) and name.isdecimal()) or check_name(name, where, problems)


def _check_id(name: str, where: str, problems: Problems) -> None:
    if not ID.fullmatch(name):
        problems.add(where, f"`{name}` is not the name of a quantity or a line", 'such as E_total or "dE_total/dw5"')


def _check_phrase(name: str, where: str, problems: Problems) -> None:
    if not PHRASE.fullmatch(name):
        problems.add(where, f'"{name}" is not a word or a phrase', "up to 200 characters, a letter among them")


_KEY_CHECKS: Mapping[re.Pattern[str], Callable[[str, str, Problems], object]] = {
    NAME: check_name,
    UNIT: check_unit_name,
    ID: _check_id,
    PHRASE: _check_phrase,
}


def as_literal(value: Any) -> Literal | None:
    """A number from TOML or Python as a Literal, or None if it is not a number."""
    if isinstance(value, Literal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        text = repr(float(value)) if isinstance(value, float) else str(value).lower()
    except ValueError:  # a whole number of thousands of digits
        return Literal("a number of thousands of digits", Decimal("Infinity"))
    return Literal(text, Decimal(text))


def described(value: Any) -> str:
    """A value of a file in a few words, for messages."""
    literal = as_literal(value)
    if literal is not None:
        return literal.text if len(literal.text) <= 30 else f"{literal.text[:27]}…"
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'the text "{value[:30]}{"…" if len(value) > 30 else ""}"'
        case list():
            return f"a list of {len(value)}"
        case Mapping():
            return "a table"
    return f"a {type(value).__name__}"


def _number_hint(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d+,\d+\s*", value):
        return f"write a decimal point and no quotes: {value.strip().replace(',', '.')}"
    return "numbers are written without quotes, with a decimal point" if isinstance(value, str) else ""
