"""What a calculation file says, validated: the Spec and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal as OneOf

from ..formulas.expression import Expression
from ..formulas.shape import FunctionTable


@dataclass(frozen=True, slots=True)
class Literal:
    """A number as typed: ``0.10`` stays ``0.10``."""

    text: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Layer:
    """Units that take all outputs of the layer before. ``weights`` has a row per unit and a column per input."""

    units: tuple[str, ...]
    activation: str
    weights: tuple[tuple[Literal, ...], ...]
    bias: Literal | tuple[Literal, ...] | None
    """One number: one bias for the whole layer; a tuple: one per unit."""
    parameter: Literal | None = None
    """That of the activation, such as the slope of a leaky relu; None: its usual value."""
    weight_names: tuple[tuple[str, ...], ...] = ()
    """In place of the names by the pattern of the Notation: a row per unit; empty: none are given."""
    bias_names: tuple[str, ...] = ()
    """One for the whole layer or one per unit, as ``bias``; empty: none are given."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A named formula of the file."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Training:
    """What is differentiated and how parameters are updated."""

    loss: str = ""
    """The name of a loss of the table (with layers) or of a formula; empty: nothing is differentiated."""
    learning_rate: Literal | None = None
    """None: gradients only, no update."""
    train_biases: bool = True
    steps: int = 1
    update: OneOf["simultaneous", "sequential"] = "simultaneous"
    gradients: tuple[str, ...] = ()
    """The quantities whose gradient is wanted; empty: every trained parameter."""


@dataclass(frozen=True, slots=True)
class Display:
    """The rounding contract of a document. ``decimals`` or ``significant`` digits are shown, never both."""

    decimals: int | None = 6
    significant: int | None = None
    carry: OneOf["exact", "rounded"] = "exact"
    rounding: OneOf["half up", "half even", "cut off"] = "half up"
    digits: tuple[tuple[str, int], ...] = ()
    """Exceptions: a name, an id or a kind of quantity, and how many decimals or significant digits it has."""


@dataclass(frozen=True, slots=True)
class Notation:
    """How a document names and writes things. The first seven are patterns of names, with placeholders in ``< >``."""

    weights: str = "w<number>"
    net: str = "net_<unit>"
    out: str = "out_<unit>"
    error: str = "E_<unit>"
    target: str = "target_<unit>"
    bias: str = "b_<unit>"
    shared_bias: str = "b<layer>"
    loss: str = ""
    """The name of the loss; empty: E_total, or E where there is one output."""
    tex: tuple[tuple[str, str], ...] = ()
    """Patterns of TeX by the name of the pattern that they belong to, such as ``("weights", "w_{<i><j>}")``."""
    first_index: int = 1
    error_term: str = "delta"
    """The word for the gradient at a unit's net input."""
    error_term_tex: str = ""
    """Its symbol; empty: made from the word."""
    new_value: OneOf["+", "'", "(1)"] = "+"
    times: OneOf["dot", "cross", "none"] = "dot"
    derivative: OneOf["partial", "d"] = "partial"
    decimal: OneOf["point", "comma"] = "point"


@dataclass(frozen=True, slots=True)
class Spec:
    """A calculation file, validated. With ``layers``, ``formulas`` and ``parameters`` are empty, and the reverse."""

    name: str
    title: str
    inputs: Mapping[str, Literal]
    targets: Mapping[str, Literal]
    layers: tuple[Layer, ...]
    parameters: Mapping[str, Literal]
    formulas: tuple[Formula, ...]
    training: Training
    display: Display
    tex: Mapping[str, str]
    fingerprint: str
    """The first 12 hexadecimal digits of the SHA-256 of the file."""
    functions: FunctionTable = field(repr=False)
    notation: Notation = Notation()
    wording: tuple[tuple[str, str], ...] = ()
    """Phrases of the lesson's own prose and what stands in their place."""
    borrowed: frozenset[str] = frozenset()
    """Names of which only the style file speaks: not every calculation that shares it need have them."""
