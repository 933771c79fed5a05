"""Simulated students who make mistakes: a network worked out line by line in plain decimals, rounded at each line.

This is an independent calculation: it shares nothing with the checker or with the evaluator but the names of the lines.
A mistake is made at one place (or, where a person would, at every line alike) and carried on as a person carries it on.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import explainer
from explainer.calculus.graph import Unit

from .honest import Hand

ONE, TWO = Decimal(1), Decimal(2)


def _exp(x: Decimal) -> Decimal:
    return x.exp()


def _logistic(x: Decimal) -> Decimal:
    return ONE / (ONE + (-x).exp())


def _tanh(x: Decimal) -> Decimal:
    return ONE - TWO / (ONE + (TWO * x).exp())


ACTIVATION: dict[str, tuple[Callable[[Decimal], Decimal], Callable[[Decimal], Decimal]]] = {
    "logistic": (_logistic, lambda y: y * (ONE - y)),
    "tanh": (_tanh, lambda y: ONE - y * y),
    "identity": (lambda x: x, lambda y: ONE),
}
"""The function, and its derivative in terms of its own output."""


@dataclass(frozen=True)
class Slip:
    """A mistake by the name of its row in the table, and the line at which it is made."""

    name: str
    line: str


class Impossible(Exception):
    """The mistake cannot be made on that line, or changes nothing there."""


@dataclass
class Student:
    """Works a network out; ``figures`` is the sheet, ``carried`` what goes on from each line."""

    calculation: explainer.Calculation
    hand: Hand
    slips: tuple[Slip, ...] = ()
    figures: dict[str, str] = field(default_factory=dict)
    carried: dict[str, Decimal] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        spec = self.calculation.spec
        self.layers = [block.units for block in self.calculation.listing.blocks]
        self.kinds = [layer.activation for layer in spec.layers]
        self.loss = spec.training.loss
        self.names = self.calculation.derivation
        self.rate = spec.training.learning_rate
        self.v: dict[str, Decimal] = {
            name: literal.value for name, literal in self.calculation.evaluation.sources.items()
        }

    # ------------------------------------------------------------ one line

    def slip(self, line: str, *names: str) -> str:
        """The name of the mistake that is made on this line, if it is one of these."""
        for slip in self.slips:
            if slip.line == line and slip.name in names:
                self.made.append(slip.name)
                return slip.name
        return ""

    def write(self, line: str, value: Decimal) -> Decimal:
        """Put the figure on the sheet, with a slip of the pen or of the keys where one is due."""
        before = self.order[-1] if self.order else ""
        if self.slip(line, "decimal point"):
            value = value.scaleb(-1)
        if self.slip(line, "line above copied"):
            if not before:
                raise Impossible
            value = self.v[before]
        text = self.hand.text(value)
        kept = self.hand.kept(value)
        if self.slip(line, "digits swapped"):
            text = _swapped(text)
            kept = Decimal(text)
        if self.slip(line, "sign lost"):
            text, kept = str(-Decimal(text)), -kept
        self.figures[line] = text
        self.order.append(line)
        self.v[line] = kept
        return kept

    # ------------------------------------------------------------ forward

    def work(self) -> dict[str, str]:
        """The whole sheet.

        Raises:
            Impossible: where a mistake could not be made.
        """
        with decimal.localcontext(decimal.Context(prec=40)):
            self._forward(self.v, "")
            self._errors("")
            self._backward()
            self._updates()
            if self.rate is not None:
                self._again()
        if sorted(self.made) != sorted(slip.name for slip in self.slips):
            raise Impossible
        return self.figures

    def _forward(self, parameters: dict[str, Decimal], state: str) -> None:
        for depth, units in enumerate(self.layers):
            for place, unit in enumerate(units):
                self._unit(depth, place, unit, parameters, state)

    def _unit(self, depth: int, place: int, unit: Unit, parameters: dict[str, Decimal], state: str) -> None:
        line = (unit.net if self.kinds[depth] != "identity" else unit.out) + state
        if state and line not in self.names.step:
            return
        weights = [parameters[name] for name in unit.weights]
        inputs = [self.v[name + state if name + state in self.v else name] for name in unit.inputs]
        made = self.slip(
            line,
            "bias left out",
            "another unit's weights",
            "transposed weights",
            "net for out",
            "wrong given",
            "term left out",
        )
        if made == "another unit's weights":
            others = [other for other in self.layers[depth] if other is not unit]
            if not others:
                raise Impossible
            weights = [parameters[name] for name in others[0].weights]
        if made == "transposed weights":
            if len(unit.weights) != len(self.layers[depth]) or len(unit.weights) < 2:
                raise Impossible
            weights = [parameters[other.weights[place]] for other in self.layers[depth]]
        if made == "net for out":
            inputs = [
                self.v[self.net_of(name) + state if self.net_of(name) + state in self.v else self.net_of(name)]
                for name in unit.inputs[:1]
            ] + inputs[1:]
        if made == "wrong given":
            if depth or len(inputs) < 2:
                raise Impossible
            inputs = [inputs[1], *inputs[1:]]
        products = [w * x for w, x in zip(weights, inputs, strict=True)]
        if made == "term left out":
            if len(products) < 2:
                raise Impossible
            products = products[:-1]
        total = sum(products, Decimal(0))
        if unit.bias and made != "bias left out":
            total += parameters[unit.bias]
        elif made == "bias left out" and not unit.bias:
            raise Impossible
        net = self.write(line, total)
        if self.kinds[depth] != "identity":
            self._activate(depth, unit, net, state)

    def _activate(self, depth: int, unit: Unit, net: Decimal, state: str) -> None:
        line, kind = unit.out + state, self.kinds[depth]
        made = self.slip(line, "sign of the exponent", "brackets missing", "exponential left out")
        value = ACTIVATION[kind][0](net)
        if made and kind != "logistic":
            raise Impossible
        if made == "sign of the exponent":
            value = _logistic(-net)
        if made == "brackets missing":
            value = ONE / ONE + _exp(-net)
        self.write(line, value)

    def net_of(self, name: str) -> str:
        """The net input of a unit, by its output."""
        for depth, units in enumerate(self.layers):
            for unit in units:
                if unit.out == name and self.kinds[depth] != "identity":
                    return unit.net
        raise Impossible

    # ------------------------------------------------------------ the error

    def _errors(self, state: str) -> None:
        outputs = self.layers[-1]
        terms = []
        single = len(outputs) == 1
        for place, unit in enumerate(outputs):
            line = (self.names.graph.loss if single else f"E_{unit.name}") + state
            if state and line not in self.names.step:
                terms.append(self.v[line.removesuffix(state)])
                continue
            terms.append(self._error(line, place, unit, state))
        if not single:
            self._total(terms, state)

    def _error(self, line: str, place: int, unit: Unit, state: str) -> Decimal:
        made = self.slip(
            line, "half left out", "minus under the square", "net for out", "square left out", "wrong target"
        )
        out = self.v[unit.out + state]
        if made == "net for out":
            out = self.v[self.net_of(unit.out) + state]
        target = self.v[f"target_{unit.name}"]
        if made == "wrong target":
            if len(self.layers[-1]) < 2:
                raise Impossible
            target = self.v[f"target_{self.layers[-1][place - 1].name}"]
        difference = target - out
        value = difference * difference
        if made == "square left out":
            value = difference
        if made == "minus under the square":
            if difference > 0:
                raise Impossible
            value = -value
        if self.loss == "half squared error" and made != "half left out":
            value /= 2
        elif made == "half left out" and self.loss != "half squared error":
            raise Impossible
        return self.write(line, value)

    def _total(self, terms: list[Decimal], state: str) -> None:
        line = self.names.graph.loss + state
        made = self.slip(line, "mean for sum", "sum for mean", "path left out")
        mean = self.loss.startswith("mean")
        if made == "path left out":
            terms = terms[1:]
        if (made == "mean for sum" and mean) or (made == "sum for mean" and not mean):
            raise Impossible
        value = sum(terms, Decimal(0))
        if mean != (made in ("mean for sum", "sum for mean")):
            value /= len(self.layers[-1])
        self.write(line, value)

    # ------------------------------------------------------------ backward

    def _backward(self) -> None:
        gradient = self.names.gradient
        for depth in reversed(range(len(self.layers))):
            units = self.layers[depth]
            if not any(unit.out in gradient for unit in units):
                return
            for place, unit in enumerate(units):
                if depth == len(self.layers) - 1:
                    self._error_slope(gradient[unit.out], place, unit)
                else:
                    self.shares(gradient[unit.out], depth, unit)
            for unit in units:
                if self.kinds[depth] != "identity" and unit.net in gradient:
                    self._delta(depth, unit)
            for unit in units:
                self._weight_gradients(unit)
            self._bias_gradient(units)

    def _error_slope(self, line: str, place: int, unit: Unit) -> None:
        made = self.slip(line, "sign of the error", "two not cancelled", "net for out", "wrong target", "two left out")
        out = self.v[unit.out]
        if made == "net for out":
            out = self.v[self.net_of(unit.out)]
        target = self.v[f"target_{unit.name}"]
        if made == "wrong target":
            if len(self.layers[-1]) < 2:
                raise Impossible
            target = self.v[f"target_{self.layers[-1][place - 1].name}"]
        value = -(target - out)
        half = self.loss == "half squared error"
        if made == "sign of the error":
            value = -value
        if (made == "two not cancelled" and not half) or (made == "two left out" and half):
            raise Impossible
        if half == (made == "two not cancelled") and made != "two left out":
            value *= 2
        if self.loss.startswith("mean"):
            value /= len(self.layers[-1])
        self.write(line, value)

    def _delta(self, depth: int, unit: Unit) -> None:
        slope_line, line = f"d{unit.out}/d{unit.net}", self.names.gradient[unit.net]
        made = self.slip(slope_line, "slope at net")
        at = self.v[unit.net] if made else self.v[unit.out]
        slope = self.write(slope_line, ACTIVATION[self.kinds[depth]][1](at))
        made = self.slip(line, "slope left out", "another quantity")
        arriving = self.v[self.names.gradient[unit.out]]
        if made == "another quantity":
            others = [
                other
                for other in self.layers[depth]
                if other is not unit and f"d{other.out}/d{other.net}" in self.figures
            ]
            if not others:
                raise Impossible
            slope = self.v[f"d{others[0].out}/d{others[0].net}"]
        self.write(line, arriving if made == "slope left out" else arriving * slope)

    def delta_of(self, unit: Unit) -> Decimal:
        """The gradient of a unit's net input, or of its output where it has no activation."""
        return self.v[self.names.gradient[unit.net if unit.net in self.names.gradient else unit.out]]

    def _weight_gradients(self, unit: Unit) -> None:
        for weight, name in zip(unit.weights, unit.inputs, strict=True):
            line = self.names.gradient.get(weight)
            if line is None:
                continue
            made = self.slip(line, "net for out", "wrong input", "input left out", "e for ten")
            x = self.v[name]
            if made == "net for out":
                x = self.v[self.net_of(name)]
            if made == "wrong input":
                others = [other for other in unit.inputs if other != name]
                if not others:
                    raise Impossible
                x = self.v[others[0]]
            if made == "input left out":
                x = ONE
            delta = self.delta_of(unit)
            if made == "e for ten":
                delta = _e_for_ten(delta)
            self.write(line, delta * x)

    def _bias_gradient(self, units: tuple[Unit, ...]) -> None:
        for bias in dict.fromkeys(unit.bias for unit in units if unit.bias in self.names.gradient):
            users = [unit for unit in units if unit.bias == bias]
            line = self.names.gradient[bias]
            shares = self.names.shares.get(bias, (line,))
            for unit, share in zip(users, shares, strict=True):
                self.write(share, self.delta_of(unit))
            if len(users) > 1:
                made = self.slip(line, "path left out")
                values = [self.v[share] for share in shares]
                self.write(line, sum(values[1:] if made else values, Decimal(0)))

    def shares(self, line: str, depth: int, unit: Unit) -> None:
        """What arrives at a hidden unit, by way of each unit of the next layer."""
        place = self.layers[depth].index(unit)
        users = self.layers[depth + 1]
        ids = self.names.shares.get(unit.out, (line,))
        for number, (user, share) in enumerate(zip(users, ids, strict=True)):
            made = self.slip(share, "transposed weights", "updated weight", "another weight", "weight left out")
            weight = self.v[user.weights[place]]
            if made == "transposed weights":
                if len(users) != len(self.layers[depth]) or place == number:
                    raise Impossible
                weight = self.v[users[place].weights[number]]
            if made == "another weight":
                if len(user.weights) < 2:
                    raise Impossible
                weight = self.v[user.weights[place - 1]]
            if made == "updated weight":
                name = user.weights[place]
                if f"{name}+" not in self.names.step:
                    raise Impossible
                weight = self.hand.kept(self.v[name] - self.v["learning_rate"] * self.v[self.names.gradient[name]])
            if made == "weight left out":
                weight = ONE
            self.write(share, self.delta_of(user) * weight)
        if len(users) > 1:
            made = self.slip(line, "path left out", "mean for sum")
            values = [self.v[share] for share in ids]
            total = sum(values[1:] if made == "path left out" else values, Decimal(0))
            self.write(line, total / len(values) if made == "mean for sum" else total)

    # ------------------------------------------------------------ updates

    def _updates(self) -> None:
        for name in self.names.graph.trained:
            line, gradient = f"{name}+", self.names.gradient.get(name)
            if line not in self.names.step or gradient is None:
                continue
            made = self.slip(
                line, "gradient added", "rate left out", "rate twice", "another gradient", "another weight", "e for ten"
            )
            change, rate, start = self.v[gradient], self.v["learning_rate"], self.v[name]
            trained = list(self.names.graph.trained)
            other = trained[trained.index(name) - 1] if trained.index(name) else trained[min(1, len(trained) - 1)]
            if made == "another gradient":
                if other == name:
                    raise Impossible
                change = self.v[self.names.gradient[other]]
            if made == "another weight":
                if other == name or name[0] != other[0]:
                    raise Impossible
                start = self.v[other]
            if made == "e for ten":
                change = _e_for_ten(change)
            if made == "rate left out":
                rate = ONE
            if made == "rate twice":
                rate *= rate
            step = rate * change
            self.write(line, start + step if made == "gradient added" else start - step)

    def _again(self) -> None:
        new = {name: self.v.get(f"{name}+", value) for name, value in list(self.v.items())}
        self._forward(new, "@1")
        self._errors("@1")


def _swapped(text: str) -> str:
    """The text with its last two digits that differ and stand side by side changed about."""
    mantissa, mark, exponent = text.partition("e")
    for place in range(len(mantissa) - 2, 0, -1):
        pair = mantissa[place : place + 2]
        if (
            pair.isdigit()
            and pair[0] != pair[1]
            and Decimal(mantissa[:place] + "0" if mantissa[:place] not in ("-", "") else 1) is not None
        ):
            return mantissa[:place] + pair[::-1] + mantissa[place + 2 :] + mark + exponent
    raise Impossible


def _e_for_ten(value: Decimal) -> Decimal:
    """4.386e-4 keyed in as 4.386 e^-4."""
    if not value or -2 < value.adjusted() < 3:
        raise Impossible
    power = value.adjusted()
    return value.scaleb(-power) * _exp(Decimal(power))


SAME: dict[str, set[str]] = {
    "sign lost": {"sign of the error", "minus under the square", "gradient added"},
    "minus under the square": {"sign lost"},
    "sign of the error": {"sign lost"},
    "wrong input": {"wrong given", "another quantity", "net for out"},
    "another gradient": {"another quantity", "line above copied"},
    "net for out": {"slope at net"},
}
"""What a mistake is called where it is the same by algebra, or the same thing on another kind of line."""


def means(name: str) -> set[str]:
    """The names of the table under which a mistake of a student may be told."""
    return {name} | SAME.get(name, set())


def lines_of(calculation: explainer.Calculation) -> list[str]:
    """The ids of the lines that such a student writes."""
    student: Any = Student(calculation, Hand(decimal.ROUND_HALF_UP, False, 12))
    return list(student.work())


NAMES = (
    "decimal point", "digits swapped", "sign lost", "line above copied",
    "bias left out", "another unit's weights", "transposed weights", "net for out", "wrong given", "term left out",
    "sign of the exponent", "brackets missing",
    "half left out", "minus under the square", "square left out", "wrong target", "mean for sum", "sum for mean", "path left out",
    "sign of the error", "two not cancelled", "two left out",
    "slope at net", "slope left out", "another quantity", "wrong input", "input left out", "e for ten",
    "updated weight", "another weight", "weight left out",
    "gradient added", "rate left out", "rate twice", "another gradient",
)  # fmt: skip
"""The mistakes that such a student can make."""


def slipping(
    calculation: explainer.Calculation, hand: Hand, name: str, random: Random, tries: int = 400
) -> Student | None:
    """A student who makes that mistake somewhere, or None where there is no place for it."""
    lines = lines_of(calculation)
    random.shuffle(lines)
    for line in lines[:tries]:
        student = Student(calculation, hand, (Slip(name, line),))
        try:
            student.work()
        except Impossible:
            continue
        return student
    return None
