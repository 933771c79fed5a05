"""How parameters are updated: the optimizer's formulas for every parameter, as lines over named quantities.

In a line's expression ``gradient of w5`` stands for the line that completes that gradient, and ``w5+`` for the value of
``w5`` after the update; all other names are those of quantities.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct, field

from ..formulas.expression import Expression, Name, Negative, Number, Power, Product, Quotient, Sum, replace
from ..formulas.functions import FUNCTIONS
from ..formulas.optimizers import (
    GRADIENT_TREATMENTS,
    LETTERS,
    MARKED_LETTERS,
    OPTIMIZERS,
    SCALE,
    SCHEDULES,
    SETTING_TEX,
    WEIGHT_DECAY,
    Optimizer,
)
from ..formulas.reader import read_formula
from ..spec.types import Literal, Training

LEARNING_RATE = "learning_rate"
COUNT = "step_number"
"""The state that counts the steps, for formulas that change from step to step."""
RATE, NORM, SCALING = "rate", "gradient_norm", "gradient_scale"
GRADIENT_OF = "gradient of "
ZERO = Literal("0", Decimal(0))


class Correction(Struct, frozen=True):
    """The perceptron rule for one parameter: the error times the input that it multiplies (none for a bias)."""

    errors: tuple[str, ...]
    """Several for a bias that units share: their sum."""
    source: str
    negative: bool = False
    """For a threshold, which is subtracted."""


class Line(Struct, frozen=True):
    """One formula of an update; ``found`` is a quantity on the way, or with ``+`` the new value of one that is kept."""

    found: str
    expression: Expression
    tex: str = ""
    """Of a quantity on the way."""


class Update(Struct, frozen=True):
    """All lines of an update: those of all parameters together, and those of each."""

    first: tuple[Line, ...] = ()
    """Before any gradient is needed: the number of the step, the learning rate that applies."""
    common: tuple[Line, ...] = ()
    """Made of all gradients together: the length of the gradient."""
    own: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    """Parameter → its lines, the last of which gives its new value."""
    states: tuple[tuple[str, str], ...] = ()
    """What is kept from step to step besides the parameters, with its TeX; 0 at the start."""
    letter: Mapping[str, str] = field(default_factory=dict)
    """The TeX letter of each kind of quantity that it keeps or finds on the way."""


def gradient_of(name: str) -> str:
    """How a line's expression speaks of a parameter's gradient."""
    return f"{GRADIENT_OF}{name}"


def settings_of(training: Training) -> Iterator[tuple[str, Literal, str]]:
    """The learning rate and every other setting in use: name, value, TeX."""
    if training.learning_rate is not None:
        yield LEARNING_RATE, training.learning_rate, r"\eta" if not training.schedule else r"\eta_{0}"
    for name, value in training.settings.items():
        yield name, value, SETTING_TEX[name]


def update_of(
    training: Training,
    trained: Mapping[str, str],
    weights: Sequence[str],
    corrections: Mapping[str, Correction],
    taken: Collection[str],
) -> Update:
    """The update of the trained parameters (name → TeX); only ``weights`` among them are penalized or decay. ``taken``
    is the TeX of all quantities, which no letter of the update's own may have."""
    if not trained:
        return Update()
    if corrections:
        return Update(own={name: (_corrected(name, corrections[name]),) for name in trained})
    return _Planner(training, trained, frozenset(weights), letters(taken)).update()


def _corrected(name: str, by: Correction) -> Line:
    errors = tuple(map(Name, by.errors))
    error = errors[0] if len(errors) == 1 else Sum(errors)
    change: Expression = Product((Name(LEARNING_RATE), error, *([Name(by.source)] if by.source else [])))
    return Line(f"{name}+", Sum((Name(name), Negative(change) if by.negative else change)))


def names_of_update(training: Training, trained: Sequence[str]) -> Iterator[str]:
    """Every name that an update brings besides those of the parameters."""
    if not trained or training.optimizer not in OPTIMIZERS:
        return
    optimizer = OPTIMIZERS[training.optimizer]
    brings = {
        COUNT: bool(training.schedule) or _counts(optimizer),
        RATE: bool(training.schedule),
        NORM: "clip_norm" in training.settings,
        SCALING: "clip_norm" in training.settings,
    }
    yield from (name for name, there in brings.items() if there)
    yield from (f"{kind}_{name}" for name in trained for kind in _kinds(training, optimizer))


def letters(taken: Collection[str]) -> dict[str, str]:
    """The TeX letter of everything that an update keeps or finds on the way; ``taken`` are those of the quantities."""
    plain = {kind: other if usual in taken else usual for kind, (usual, other) in LETTERS.items()}
    return {**plain, **{kind: f"{mark} {plain[base]}" for kind, (mark, base) in MARKED_LETTERS.items()}}


def letters_in_use(training: Training, taken: Collection[str]) -> Iterator[str]:
    """Those of them that the update of a training needs."""
    if training.optimizer not in OPTIMIZERS:
        return
    optimizer, known = OPTIMIZERS[training.optimizer], letters(taken)
    yield from (known[kind] for kind in _kinds(training, optimizer))
    if training.schedule or _counts(optimizer):
        yield known["t"]
    if "clip_norm" in training.settings:
        yield from (known["scale"], known["g"])


def _kinds(training: Training, optimizer: Optimizer) -> Sequence[str]:
    """What an update keeps or finds on the way for each parameter."""
    treated = (key for key in GRADIENT_TREATMENTS if key in training.settings)
    return list(dict.fromkeys([*optimizer.states, *(found for found, _ in optimizer.lines if found != "w"), *treated]))


class _Planner:
    """Puts the rows of the tables together for one training."""

    def __init__(
        self, training: Training, trained: Mapping[str, str], weights: frozenset[str], letter: Mapping[str, str]
    ) -> None:
        self.training, self.trained, self.weights, self.letter = training, trained, weights, letter
        self.optimizer = OPTIMIZERS[training.optimizer]
        self.counts = bool(training.schedule) or _counts(self.optimizer)
        self.before_norm = "clip_value" if {"clip_value", "clip_norm"} <= training.settings.keys() else ""
        """The treatment that comes before the length of the whole gradient is found."""

    def update(self) -> Update:
        states = [(COUNT, self.letter["t"])] if self.counts else []
        states += [
            (f"{state}_{name}", _subscripted(self.letter[state], tex))
            for name, tex in self.trained.items()
            for state in self.optimizer.states
        ]
        own = {name: tuple(self.own(name)) for name in self.trained}
        return Update(tuple(self.first()), tuple(self.common()), own, tuple(states), self.letter)

    def first(self) -> Iterator[Line]:
        if self.counts:
            yield Line(f"{COUNT}+", Sum((Name(COUNT), Number("1"))))
        if self.training.schedule:
            rate = SCHEDULES[self.training.schedule].rate
            yield Line(RATE, _read(rate, {"t": Name(f"{COUNT}+")}), r"\eta")

    def common(self) -> Iterator[Line]:
        if "clip_norm" in self.training.settings:
            if self.before_norm:
                yield from (self.treated(self.before_norm, name, self.gradient(name)) for name in self.trained)
            squares = tuple(Power(self.entering_norm(name), Number("2")) for name in self.trained)
            inner = squares[0] if len(squares) == 1 else Sum(squares)
            yield Line(NORM, _root(inner), rf"\lVert {self.letter['g']}\rVert")
            yield Line(SCALING, _read(SCALE, {"norm": Name(NORM)}), self.letter["scale"])

    def entering_norm(self, name: str) -> Expression:
        """The gradient as it enters the length of the whole: clipped by value already where that is asked for."""
        return Name(f"{self.before_norm}_{name}") if self.before_norm else self.gradient(name)

    def treated(self, key: str, name: str, gradient: Expression) -> Line:
        """The line that treats a parameter's gradient as a key of the file asks for."""
        known = {"g": gradient, "w": Name(name), "scale": Name(SCALING)}
        tex = _subscripted(self.letter[key], self.trained[name])
        return Line(f"{key}_{name}", _tidied(_read(GRADIENT_TREATMENTS[key], known)), tex)

    def gradient(self, name: str) -> Expression:
        """The gradient of the loss; where the lines of the backward pass have the opposite sign, the same turned."""
        found = Name(gradient_of(name))
        return Negative(found) if self.training.error_sign == "negative" else found

    def own(self, name: str) -> Iterator[Line]:
        tex = self.trained[name]
        gradient = self.gradient(name)
        for key in GRADIENT_TREATMENTS:
            if key in self.training.settings and (key != "l2" or name in self.weights):
                if key != self.before_norm:
                    yield self.treated(key, name, gradient)
                gradient = Name(f"{key}_{name}")
        yield from self.optimizer_lines(name, tex, gradient)

    def optimizer_lines(self, name: str, tex: str, gradient: Expression) -> Iterator[Line]:
        known: dict[str, Expression] = {
            "g": gradient,
            "w": Name(name),
            "t": Name(f"{COUNT}+"),
            "rate": Name(RATE if self.training.schedule else LEARNING_RATE),
        }
        for state in self.optimizer.states:
            known[state], known[f"{state}_new"] = Name(f"{state}_{name}"), Name(f"{state}_{name}+")
        for found, text in self.optimizer.lines:
            if found == "w":
                decay = "weight_decay" in self.training.settings and name in self.weights
                text += WEIGHT_DECAY if decay else ""
                yield Line(f"{name}+", _tidied(_read(text, known)))
            elif found in self.optimizer.states:
                yield Line(f"{found}_{name}+", _tidied(_read(text, known)))
            else:
                known[found] = Name(f"{found}_{name}")
                yield Line(f"{found}_{name}", _tidied(_read(text, known)), _subscripted(self.letter[found], tex))


def _counts(optimizer: Optimizer) -> bool:
    """Whether a formula of the optimizer speaks of the number of the step."""
    return any("t" in _words(text) for _, text in optimizer.lines)


def _subscripted(letter: str, tex: str) -> str:
    return f"{letter}_{{{tex}}}"


def _root(inner: Expression) -> Expression:
    from ..formulas.expression import Call

    return Call("sqrt", (inner,))


def _read(text: str, known: Mapping[str, Expression]) -> Expression:
    expression = read_formula(text, FUNCTIONS)
    return replace(expression, lambda leaf: known.get(leaf.name, leaf) if isinstance(leaf, Name) else leaf)


def _words(text: str) -> set[str]:
    from ..formulas.expression import names_in

    return set(names_in(read_formula(text, FUNCTIONS)))


def _tidied(expression: Expression) -> Expression:
    """The expression without the double signs that a turned gradient brings: w - rate (-g) is w + rate g."""
    match expression:
        case Sum(terms):
            return Sum(tuple(map(_tidied, terms)))
        case Power(base, exponent) if isinstance(base, Negative) and exponent == Number("2"):
            return Power(base.operand, exponent)
        case Product(factors):
            tidy = [_tidied(factor) for factor in factors]
            signs = sum(isinstance(factor, Negative) for factor in tidy)
            if not signs:
                return Product(tuple(tidy))
            plain = Product(tuple(factor.operand if isinstance(factor, Negative) else factor for factor in tidy))
            return Negative(plain) if signs % 2 else plain
        case Quotient(numerator, denominator):
            upper = _tidied(numerator)
            turned = isinstance(upper, Negative)
            quotient = Quotient(upper.operand if isinstance(upper, Negative) else upper, denominator)
            return Negative(quotient) if turned else quotient
        case Negative(operand):
            inner = _tidied(operand)
            return inner.operand if isinstance(inner, Negative) else Negative(inner)
    return expression
