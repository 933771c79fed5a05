"""What a calculation file says, validated: the Spec and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal as OneOf

from msgspec import Struct, field

from ..formulas.expression import Expression
from ..formulas.shape import FunctionTable


class Literal(Struct, frozen=True):
    """A number as typed: ``0.10`` stays ``0.10``."""

    text: str
    value: Decimal


Column = Literal | tuple[Literal, ...]
"""One number, or one for each sample."""


class Layer(Struct, frozen=True):
    """Units that take all outputs of the layer before. ``weights`` has a row per unit and a column per input."""

    units: tuple[str, ...]
    activation: str
    weights: tuple[tuple[Literal, ...], ...]
    bias: Literal | tuple[Literal, ...] | None
    """One number: one bias for the whole layer; a tuple: one per unit."""
    parameter: Literal | None = None
    """That of the activation, such as the slope of a leaky relu; None: its usual value."""
    thresholds: bool = False
    """Whether the biases are thresholds, which are subtracted."""
    weight_names: tuple[tuple[str, ...], ...] = ()
    """In place of the names by the pattern of the Notation: a row per unit; empty: none are given."""
    bias_names: tuple[str, ...] = ()
    """One for the whole layer or one per unit, as ``bias``; empty: none are given."""


class Formula(Struct, frozen=True):
    """A named formula of the file."""

    name: str
    expression: Expression


class Training(Struct, frozen=True):
    """What is differentiated and how parameters are updated."""

    loss: str = ""
    """The name of a loss of the table (with layers) or of a formula; empty: nothing is differentiated."""
    loss_formula: Expression | None = None
    """With layers: the formula that the file gives as its loss."""
    outputs: OneOf["", "sum", "mean"] = ""
    """How the errors of the outputs are put together; empty: as the loss has it."""
    samples: OneOf["sum", "mean"] = "mean"
    """How the errors of the samples of a step are put together."""
    batch: int = 0
    """How many samples a step takes; 0: all of them."""
    order: tuple[int, ...] = ()
    """The numbers of the samples in the order of their turns; empty: as they stand."""
    learning_rate: Literal | None = None
    """None: gradients only, no update."""
    train_biases: bool = True
    optimizer: str = "gradient descent"
    schedule: str = ""
    settings: Mapping[str, Literal] = field(default_factory=dict)
    """Every setting that the optimizer, the schedule and the treatment of the gradient use."""
    decayed: tuple[str, ...] = ()
    """The parameters that an l2 penalty and weight decay act on; empty: all weights, no biases."""
    error_sign: OneOf["gradient", "negative"] = "gradient"
    """Negative: every line of the backward pass has the opposite sign, so that updates are added."""
    upstream: Mapping[str, Literal] = field(default_factory=dict)
    """In place of a loss: the gradients that arrive at these quantities."""
    steps: int = 1
    show_steps: tuple[int, ...] = (1,)
    """The numbers of the steps that are written out."""
    stop_below: Literal | None = None
    """Training ends when the loss is below."""
    update: OneOf["simultaneous", "sequential"] = "simultaneous"
    gradients: tuple[str, ...] = ()
    """The quantities whose gradient is wanted; empty: every trained parameter."""


class Display(Struct, frozen=True):
    """The rounding contract of a document. ``decimals`` or ``significant`` digits are shown, never both."""

    decimals: int | None = 6
    significant: int | None = None
    carry: OneOf["exact", "rounded"] = "exact"
    rounding: OneOf["half up", "half even", "cut off"] = "half up"
    digits: tuple[tuple[str, int], ...] = ()
    """Exceptions: a name, an id or a kind of quantity, and how many decimals or significant digits it has."""


class Notation(Struct, frozen=True):
    """How a document names and writes things. The first nine are patterns of names, with placeholders in ``< >``."""

    weights: str = "w<number>"
    net: str = "net_<unit>"
    out: str = "out_<unit>"
    error: str = "E_<unit>"
    target: str = "target_<unit>"
    bias: str = "b_<unit>"
    shared_bias: str = "b<layer>"
    threshold: str = "theta_<unit>"
    shared_threshold: str = "theta<layer>"
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


class Grid(Struct, frozen=True):
    """The numbers from ``lowest`` to ``highest`` in equal steps, both included."""

    lowest: Decimal
    highest: Decimal
    step: Decimal

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return int((self.highest - self.lowest) / self.step) + 1

    def __getitem__(self, place: int) -> Decimal:
        """The number at a place, counted from 0, with as many decimals as the grid has."""
        return self.lowest + place * self.step


class Variants(Struct, frozen=True):
    """What differs from student to student."""

    vary: Mapping[str, Grid | bool]
    """A quantity or a kind of quantities → the grid it is drawn from; True: one around the given value; False: none."""
    sizes: tuple[tuple[int, ...], ...] = ()
    """For each hidden layer, how many units it may have; empty: as given."""
    allow: frozenset[str] = frozenset()
    """Rules by which no numbers are rejected."""


class Spec(Struct, frozen=True):
    """A calculation file, validated. With ``layers``, ``formulas`` and ``parameters`` are empty, and the reverse."""

    name: str
    label: str
    """The file as it was asked for, for messages."""
    title: str
    inputs: Mapping[str, Column]
    targets: Mapping[str, Column]
    classes: tuple[str, ...]
    """The output unit of the right class, for each sample; empty where targets are numbers."""
    samples: int
    layers: tuple[Layer, ...]
    parameters: Mapping[str, Literal]
    formulas: tuple[Formula, ...]
    training: Training
    display: Display
    tex: Mapping[str, str]
    fingerprint: str
    """The first 12 hexadecimal digits of the SHA-256 of the file."""
    functions: FunctionTable
    notation: Notation = Notation()
    wording: tuple[tuple[str, str], ...] = ()
    """Phrases of the lesson's own prose and what stands in their place."""
    borrowed: frozenset[str] = frozenset()
    """Names of which only the style file speaks: not every calculation that shares it need have them."""
    variants: Variants | None = None
    """None: the file does not say what may vary."""
