"""Every printed digit is right: texts against interval arithmetic (flint.arb) and exact fractions.

The oracle below shares nothing with the explainer's evaluator but the expression trees: it walks them in balls of at
least 400 bits, which hold the true value for certain, and beside them in fractions as long as a value is rational.
It rounds by integer arithmetic of its own. ``test_the_steps_are_those_of_backpropagation`` then leaves the trees too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from random import Random
from time import perf_counter
from typing import Any

import flint
import pytest
from msgspec.structs import replace

import explainer
from explainer.calculus.derive import Step
from explainer.formulas.expression import Call, Cases, Expression, Negative, Number, Power, Product, Quotient, Slot, Sum
from explainer.formulas.shape import FunctionTable
from explainer.numbers import evaluate as evaluating
from explainer.numbers.evaluate import Evaluation, evaluate
from explainer.spec.types import Display
from tests.networks import MODES, PLAIN, SATURATED, Style, calculations, display, network, number

PRECISIONS = (400, 1600, 6400)
"""Bits; the next where the ball is too wide to decide a text. What 6,400 bits leave open is a tie, or a zero."""
MOST_BITS = 20_000
"""Fractions and exponents beyond this are not written out."""
CONTRACT_DIGITS = 60
"""The design's contract: what is undecided at 60 digits counts as a tie. So 1 - 1e-80, cut off, may show as 1."""


# the oracle: values


class Undecided(Exception):
    """The ball is too wide to tell which text it means."""


class Found:
    """A value: a ball that holds it and, where it is known exactly, the fraction that it is."""

    __slots__ = ("ball", "finite", "fraction")

    def __init__(self, ball: flint.arb, fraction: Fraction | None = None, finite: bool = False) -> None:
        self.ball = ball
        self.fraction = fraction if fraction is not None and bits(fraction) < MOST_BITS else None
        self.finite = finite and self.fraction is not None
        """Whether the value, and every value on the way to it, is a decimal of at most 50 digits."""


def bits(fraction: Fraction) -> int:
    """How large a fraction is to store."""
    return fraction.numerator.bit_length() + fraction.denominator.bit_length()


def from_text(text: str) -> Found:
    """A number as typed or printed."""
    near = abs(Decimal(text).adjusted()) < 1000
    return Found(flint.arb(text), Fraction(text) if near else None, near)


def is_short(fraction: Fraction) -> bool:
    """Whether a fraction is a decimal of at most 50 digits."""
    rest = fraction.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return False
    digits = fraction
    while digits.denominator != 1:
        digits *= 10
    return len(str(abs(digits.numerator)).rstrip("0")) <= 50


def combined(ball: flint.arb, parts: Iterable[Found], fraction: Fraction | None) -> Found:
    """The result of an operation on ``parts``."""
    return Found(ball, fraction, fraction is not None and all(part.finite for part in parts) and is_short(fraction))


def value(expression: Expression, slots: list[Found], functions: FunctionTable) -> Found:
    """The value of an expression, by a walk of its own."""

    def of(part: Expression) -> Found:
        return value(part, slots, functions)

    match expression:
        case Number(text):
            return from_text(text)
        case Slot(index):
            return slots[index]
        case Negative(operand):
            found = of(operand)
            return combined(-found.ball, [found], None if found.fraction is None else -found.fraction)
        case Sum(operands) | Product(operands):
            parts = [of(operand) for operand in operands]
            adds = isinstance(expression, Sum)
            total = parts[0]
            for part in parts[1:]:
                both = None not in (total.fraction, part.fraction)
                ball = total.ball + part.ball if adds else total.ball * part.ball
                fraction = (
                    (total.fraction + part.fraction if adds else total.fraction * part.fraction) if both else None
                )
                total = combined(ball, (total, part), fraction)
            return total
        case Quotient(upper, lower):
            over, under = of(upper), of(lower)
            fraction = over.fraction / under.fraction if over.fraction is not None and under.fraction else None
            return combined(over.ball / under.ball, (over, under), fraction)
        case Power(base, exponent):
            return power(of(base), of(exponent))
        case Cases(left, sign, right, then, otherwise):
            sides = of(left), of(right)
            chosen = of(then if holds(sign, *sides) else otherwise)
            return Found(chosen.ball, chosen.fraction, chosen.finite and all(side.finite for side in sides))
        case Call(function, arguments):
            return applied(function, [of(argument) for argument in arguments], functions)
    raise TypeError(expression)


def power(base: Found, exponent: Found) -> Found:
    """A power; whole exponents by multiplication, which a negative base allows."""
    whole = exponent.fraction is not None and exponent.fraction.denominator == 1
    if whole and abs(exponent.fraction) < 2000:
        number = int(exponent.fraction)
        ball = raised(base.ball, number) if number >= 0 else 1 / raised(base.ball, -number)
        rational = (
            base.fraction is not None
            and bits(base.fraction) * abs(number) < MOST_BITS
            and (number >= 0 or base.fraction)
        )
        return combined(ball, (base, exponent), base.fraction**number if rational else None)
    return Found(base.ball**exponent.ball)


def raised(ball: flint.arb, exponent: int) -> flint.arb:
    """A whole power by squaring; arb's own is undefined where the ball holds 0."""
    if exponent < 2:
        return ball if exponent else flint.arb(1)
    half = raised(ball, exponent // 2)
    return half * half * ball if exponent % 2 else half * half


def holds(sign: str, left: Found, right: Found) -> bool:
    """Whether a comparison is true; what the last precision leaves open is equal."""
    if left.fraction is not None and right.fraction is not None:
        order = (left.fraction > right.fraction) - (left.fraction < right.fraction)
    else:
        order = bool(left.ball > right.ball) - bool(left.ball < right.ball)
        if not order and flint.ctx.prec < PRECISIONS[-1]:
            raise Undecided
    return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[sign]


ELEMENTARY: dict[str, Callable[[flint.arb], flint.arb]] = {
    "log10": lambda x: x.log() / flint.arb(10).log(),
    "normal_cdf": lambda x: (-x / flint.arb(2).sqrt()).erfc() / 2,
    "normal_pdf": lambda x: (-x * x / 2).exp() / (2 * flint.arb.pi()).sqrt(),
}
"""The elementary functions that arb has under no name of their own."""


def applied(function: str, arguments: list[Found], functions: FunctionTable) -> Found:
    """A function of the table: arb's own where it is elementary, else the formula of its row."""
    if not functions.rows[function].elementary:
        return value(functions.formula(function), arguments, functions)
    if function == "pi":
        return Found(flint.arb.pi())
    if function == "floor":
        return floored(arguments[0])
    if function == "sqrt" and arguments[0].fraction is None and arguments[0].ball.contains(0):
        if flint.ctx.prec < PRECISIONS[-1]:
            raise Undecided  # part of the ball has no root
        return Found(flint.arb(0))
    return Found(
        ELEMENTARY[function](arguments[0].ball) if function in ELEMENTARY else getattr(arguments[0].ball, function)()
    )


def floored(found: Found) -> Found:
    """The whole number below; what the last precision leaves open is a whole number itself."""
    if found.fraction is not None:
        below = found.fraction.numerator // found.fraction.denominator
        return combined(flint.arb(below), [found], Fraction(below))
    low, high = (found.ball.lower().floor(), found.ball.upper().floor())
    if low != high and flint.ctx.prec < PRECISIONS[-1]:
        raise Undecided
    return Found(high)


# the oracle: texts


def rounded(numerator: int, denominator: int, places: int, mode: str) -> int:
    """A positive number in units of 10**-places, by whole numbers alone."""
    numerator, denominator = numerator * 10 ** max(places, 0), denominator * 10 ** max(-places, 0)
    units, rest = divmod(numerator, denominator)
    if mode == "cut off" or 2 * rest < denominator:
        return units
    return units + 1 if 2 * rest > denominator or mode == "half up" else units + units % 2


def leading(numerator: int, denominator: int) -> int:
    """The exponent of ten of the first digit of a positive number."""
    exponent = math.floor((numerator.bit_length() - denominator.bit_length()) * math.log10(2)) - 1
    while numerator * 10 ** max(0, -exponent - 1) >= denominator * 10 ** max(0, exponent + 1):
        exponent += 1
    return exponent


def placed(units: int, places: int) -> str:
    """Units of 10**-places as a plain decimal."""
    if places <= 0:
        return str(units * 10**-places)
    digits = str(units).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def text_of(numerator: int, denominator: int, contract: Display, exact: bool) -> str:
    """The text of a number under the contract that the documentation of ``rounding.shown`` states."""
    if not numerator:
        return "0"
    sign, numerator = ("-", -numerator) if numerator < 0 else ("", numerator)
    first = leading(numerator, denominator)
    if exact and numerator % denominator == 0 and first < (contract.significant or 15):
        return f"{sign}{numerator // denominator}"
    if contract.significant is None:
        units = rounded(numerator, denominator, contract.decimals, contract.rounding)
        if first < 15 and units:
            return sign + placed(units, contract.decimals)
        return (
            sign + scientific(numerator, denominator, 3 if first < 15 else contract.decimals + 1, contract.rounding)[0]
        )
    text, exponent, units = scientific(numerator, denominator, contract.significant, contract.rounding)
    if -5 < exponent < contract.significant:
        return sign + placed(units, contract.significant - 1 - exponent)
    return sign + text


def scientific(numerator: int, denominator: int, digits: int, mode: str) -> tuple[str, int, int]:
    """``1.23e-12``, its exponent and its digits as a whole number."""
    exponent = leading(numerator, denominator)
    units = rounded(numerator, denominator, digits - 1 - exponent, mode)
    if units == 10**digits:
        units, exponent = units // 10, exponent + 1
    return f"{placed(units, digits - 1)}e{exponent}", exponent, units


def allowed(found: Found, contract: Display, exact: bool, last: bool) -> tuple[str, ...]:
    """The text of a value; and a second one where it is no decimal and a tie only in its first 60 digits.

    Raises:
        Undecided: where the ball allows two texts, unless it is the ``last`` precision: then the value is the tie.
    """
    if found.fraction is not None:
        return (text_of(found.fraction.numerator, found.fraction.denominator, contract, exact),)
    if not found.ball.is_finite():
        raise Undecided
    if abs(magnitude := found.ball.mid().abs_upper().man_exp()[1]) > MOST_BITS:
        return (distant(found.ball, contract, int(magnitude)),)
    ends = [ratio(found.ball.lower()), ratio(found.ball.upper())]
    texts = [text_of(*end, contract, exact) for end in ends]
    if texts[0] == texts[1]:
        return texts[0], text_of(*to_digits(*ends[0], CONTRACT_DIGITS), contract, exact)
    if not last:
        raise Undecided
    simplest = shortest_decimal(*(Fraction(*end) for end in ends))
    return (text_of(simplest.numerator, simplest.denominator, contract, exact),)


def distant(ball: flint.arb, contract: Display, magnitude: int) -> str:
    """The text of a value such as 1e-1000000, which stands in scientific form: brought near 1, and its exponent put back."""
    shift = round(magnitude * math.log10(2))
    near = ball * flint.arb(10) ** -shift
    digits = contract.significant or (3 if magnitude < 0 else contract.decimals + 1)
    texts = set()
    for numerator, denominator in (ratio(near.lower()), ratio(near.upper())):
        text, exponent, _ = scientific(abs(numerator), denominator, digits, contract.rounding)
        texts.add(f"{'-' if numerator < 0 else ''}{text.split('e')[0]}e{exponent + shift}")
    if len(texts) > 1:
        raise Undecided
    return texts.pop()


def to_digits(numerator: int, denominator: int, digits: int) -> tuple[int, int]:
    """The nearest number of so many digits."""
    sign, numerator = (-1, -numerator) if numerator < 0 else (1, numerator)
    places = digits - 1 - leading(numerator, denominator)
    units = sign * rounded(numerator, denominator, places, "half even")
    return units * 10 ** max(0, -places), 10 ** max(0, places)


def ratio(ball: flint.arb) -> tuple[int, int]:
    """An exact ball as numerator and denominator."""
    mantissa, exponent = map(int, ball.man_exp())
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def shortest_decimal(low: Fraction, high: Fraction) -> Fraction:
    """The decimal of fewest digits between two numbers."""
    if low <= 0 <= high:
        return Fraction(0)
    places = 0
    while math.ceil(low * 10**places) > high * 10**places:
        places += 1
    return Fraction(math.ceil(low * 10**places), 10**places)


# the oracle: whole calculations


def wrong_texts(evaluation: Evaluation) -> list[str]:
    """The lines whose text is not what the oracle says; empty when every digit is right."""
    for bits in PRECISIONS:
        flint.ctx.prec = bits
        try:
            return _wrong_texts(evaluation, last=bits == PRECISIONS[-1])
        except Undecided:
            continue
    raise AssertionError("a value is not finite")


def _wrong_texts(evaluation: Evaluation, last: bool) -> list[str]:
    contract, functions = evaluation.display, evaluation.derivation.graph.functions
    found = {name: from_text(literal.text) for name, literal in evaluation.sources.items()}
    wrong = []
    for step in evaluation.derivation.steps:
        text = evaluation.texts[step.id]
        if repeats(step):
            found[step.id], right = repeated(step, found, evaluation.texts)
        else:
            here = found[step.id] = value(step.shape.formula, [found[used] for used in step.uses], functions)
            here.finite = here.finite and all(found[used].finite for used in step.uses)
            if here.finite and step.id not in evaluation.exact:
                wrong.append(f"{step.id} is exact and not known to be so")
            right = allowed(here, contract, step.id in evaluation.exact, last)
            if contract.carry == "rounded":
                found[step.id] = Found(flint.arb(text), from_text(text).fraction, here.finite)
        if text not in right:
            wrong.append(f"{step.id} = {text}, not {right[0]}")
    return wrong


def repeats(step: Step) -> bool:
    """Whether a line only repeats a number: dnet/dw = out."""
    return step.kind == "local derivative" and isinstance(step.shape.formula, Slot | Number)


def repeated(step: Step, found: Mapping[str, Found], texts: Mapping[str, str]) -> tuple[Found, tuple[str]]:
    """The value and the text that such a line repeats."""
    if isinstance(step.shape.formula, Number):
        return from_text(step.shape.formula.text), (step.shape.formula.text,)
    return found[step.uses[0]], (texts[step.uses[0]],)


def recomputed(evaluation: Evaluation) -> dict[str, str]:
    """What each line gives from the figures printed in it, where that is another number than the one printed."""
    flint.ctx.prec = PRECISIONS[1]
    texts, functions = evaluation.texts, evaluation.derivation.graph.functions
    different = {}
    for step in evaluation.derivation.steps:
        if not repeats(step):
            here = value(step.shape.formula, [from_text(texts[used]) for used in step.uses], functions)
            if here.ball.is_finite():
                gives = allowed(here, evaluation.display, False, last=True)
                if Decimal(texts[step.id]) not in map(Decimal, gives):
                    different[step.id] = gives[0]
    return different


def contract(random: Random, carry: str) -> Display:
    """A random rounding contract."""
    table = display(random, carry)
    return Display(table.get("decimals"), table.get("significant"), table["carry"], table["rounding"])


def figures(evaluation: Evaluation) -> int:
    """How many figures there are to check."""
    return len(evaluation.derivation.steps)


def check(tables: Iterable[Mapping[str, Any]], carry: str, seed: int, contracts: int) -> int:
    """Check every text of every calculation under several contracts and other numbers; how many texts that were."""
    count, random = 0, Random(seed)
    for table in tables:
        first = explainer.load({**table, "display": {}})
        for _ in range(contracts):
            evaluation = evaluate(first.derivation, first.evaluation.sources, contract(random, carry))
            assert wrong_texts(evaluation) == [], (dict(table), evaluation.display)
            count += figures(evaluation)
    return count


# over random calculations


def test_every_printed_digit_is_right() -> None:
    """With full precision carried, not one of some 30,000 figures has a wrong digit."""
    assert check(calculations(150, seed=1), "exact", seed=2, contracts=2) > 20_000


def test_every_printed_digit_is_right_when_rounded_values_are_carried() -> None:
    """With rounded values carried, every line is what its printed inputs give."""
    assert check(calculations(30, seed=3), "rounded", seed=4, contracts=2) > 3_000


def test_other_numbers_in_the_same_calculation_are_as_right() -> None:
    """``with_values`` puts in numbers that the derivation has not seen, and every digit is right again."""
    count, random = 0, Random(5)
    for table in calculations(
        24,
        seed=6,
        style=Style(activations=("identity", "logistic", "tanh", "softmax"), optimizers=("gradient descent",)),
    ):
        calculation = explainer.load(table)
        if "layers" in table:
            for _ in range(3):
                values = {name: number(random, plain=True) for name in calculation.evaluation.sources}
                evaluation = calculation.with_values(values).evaluation
                assert wrong_texts(evaluation) == []
                count += figures(evaluation)
    assert count > 2_000


@pytest.mark.parametrize("decimals", [0, 3, 9, 16, 20])
@pytest.mark.parametrize("zeros", [3, 8, 12, 20, 30, 45])
def test_digits_lost_by_cancellation_are_found_again(zeros: int, decimals: int) -> None:
    """However large what is added and taken away again; machine floats notice where they cannot."""
    formulas = {
        "large": f"exp(x) * 1e{zeros}",
        "kept": "(large + log(x)) - large",
        "square": "kept * kept",
        "slope": f"(sqrt(large*large + x) - large) * 1e{zeros}",
        "tie": f"(large + 0.5e-{decimals}) - large",
    }
    table = {"parameters": {"x": Decimal("1.7")}, "formulas": formulas, "display": {"decimals": decimals}}
    assert wrong_texts(explainer.load(table).evaluation) == []


@pytest.mark.parametrize(
    ("formula", "decimals", "at_once"),
    [
        ("x / 3", 9, True),
        ("x / 3", 20, True),
        ("(x/3 + 1e6) - 1e6", 9, True),
        ("(x/3 + 1e14) - 1e14", 9, False),
        ("exp(1000*x)", 9, False),
        ("1e5 * x/3", 20, False),
    ],
)
def test_precision_is_raised_where_floats_do_not_vouch_for_it(
    formula: str, decimals: int, at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pass does where errors do not grow; where they do, where floats end, or for many digits, two must agree."""
    passes: list[int] = []
    run = evaluating.run

    def counted(*arguments: Any, **named: Any) -> Any:
        passes.append(arguments[3].digits)
        return run(*arguments, **named)

    monkeypatch.setattr(evaluating, "run", counted)
    table = {"parameters": {"x": Decimal("1.7")}, "formulas": {"y": formula}, "display": {"decimals": decimals}}
    explainer.load(table)
    assert (len(passes) == 1) is at_once


def test_saturated_units_keep_their_digits() -> None:
    """A logistic unit with a net input of hundreds has a slope of 1e-100 or less, and those digits are printed right."""
    names, losses = ("logistic", "tanh", "identity"), ("half squared error", "squared error")
    style = Style(SATURATED, names, losses=losses, most_layers=2, most_units=3, **PLAIN)
    count = 0
    for seed in range(40):
        evaluation = explainer.load(network(Random(f"saturated {seed}"), style)).evaluation
        assert wrong_texts(evaluation) == [], seed
        count += figures(evaluation)
    assert count > 1_000


def test_lines_that_do_not_recompute_are_found() -> None:
    """``recomputed`` names each line that differs from what its printed inputs give, with what they give; and no other."""
    found = 0
    for table in calculations(60, seed=7):
        evaluation = explainer.load({**table, "display": {**table["display"], "carry": "exact"}}).evaluation
        assert {id: Decimal(text) for id, text in evaluation.recomputed.items()} == {
            id: Decimal(text) for id, text in recomputed(evaluation).items()
        }
        found += len(evaluation.recomputed)
    assert found > 300


def test_every_line_recomputes_when_rounded_values_are_carried() -> None:
    """Under ``carry = "rounded"`` no line differs from what its printed inputs give."""
    for table in calculations(12, seed=8):
        evaluation = explainer.load({**table, "display": {**table["display"], "carry": "rounded"}}).evaluation
        assert recomputed(evaluation) == {}
        assert evaluation.recomputed == {}


def test_carrying_rounded_values_needs_no_more_digits() -> None:
    """A printed figure is an exact number, so evaluation takes about as long as with full precision carried."""
    calculation = explainer.load("mazur")
    seconds = {carry: min(_seconds(calculation, carry) for _ in range(3)) for carry in ("exact", "rounded")}
    assert seconds["rounded"] < 20 * seconds["exact"]


def _seconds(calculation: explainer.Calculation, carry: str) -> float:
    contract = Display(decimals=9, carry=carry)
    start = perf_counter()
    evaluate(calculation.derivation, calculation.evaluation.sources, contract)
    return perf_counter() - start


def test_the_oracle_notices_one_wrong_digit() -> None:
    """A text that is off by one in its last place does not pass."""
    evaluation = explainer.load("mazur").evaluation
    doctored = replace(evaluation, texts={**evaluation.texts, "dE_o2/dout_h1": "-0.019049119"})
    assert wrong_texts(evaluation) == []
    assert wrong_texts(doctored) == ["dE_o2/dout_h1 = -0.019049119, not -0.019049118"]


def test_the_steps_are_those_of_backpropagation() -> None:
    """Forward and backward pass by the textbook's matrix formulas, in balls, agree with the texts of the same names."""
    count, style = 0, Style(activations=("identity", "logistic", "tanh"), losses=("half squared error",), **PLAIN)
    for seed in range(150):
        table = network(Random(f"textbook {seed}"), style)
        table["training"] = {"loss": "half squared error", "learning_rate": Decimal("0.5")}
        table["display"] = {"decimals": seed % 13, "rounding": MODES[seed % 3]}
        calculation = explainer.load(table)
        for name, ball in textbook(table).items():
            line = calculation[name]
            both = (allowed(Found(ball), calculation.evaluation.display, exact, last=True) for exact in (False, True))
            assert line.text in chain(*both), (seed, name)
            count += 1
    assert count > 2_000


SLOPES = {
    "identity": lambda out: flint.arb(1),
    "logistic": lambda out: out * (1 - out),
    "tanh": lambda out: 1 - out * out,
}
ACTIVATED = {
    "identity": lambda net: net,
    "logistic": lambda net: 1 / (1 + (-net).exp()),
    "tanh": lambda net: net.tanh(),
}


def textbook(table: Mapping[str, Any]) -> dict[str, flint.arb]:
    """Outputs, deltas, gradients and new weights of a network with half squared errors (Bishop 2006, section 5.3)."""
    flint.ctx.prec = PRECISIONS[0]
    rate = flint.arb(str(table["training"]["learning_rate"]))
    signals = [[flint.arb(str(number)) for number in table["inputs"].values()]]
    rows = [[[flint.arb(str(number)) for number in row] for row in layer["weights"]] for layer in table["layers"]]
    for layer, weights in zip(table["layers"], rows, strict=True):
        bias = layer.get("bias", 0)
        own = [flint.arb(str(number)) for number in (bias if isinstance(bias, list) else [bias] * len(weights))]
        nets = [
            sum((w * x for w, x in zip(row, signals[-1], strict=True)), b) for row, b in zip(weights, own, strict=True)
        ]
        signals.append([ACTIVATED[layer["activation"]](net) for net in nets])
    upstream = [
        out - flint.arb(str(target)) for out, target in zip(signals[-1], table["targets"].values(), strict=True)
    ]
    found = {"E" if len(upstream) == 1 else "E_total": sum((error * error for error in upstream), flint.arb(0)) / 2}
    loss = next(iter(found))
    names = iter(f"w{n}" for n in range(1, 1 + sum(len(layer) * len(layer[0]) for layer in rows)))
    numbered = [[[next(names) for _ in row] for row in weights] for weights in rows]
    for place in reversed(range(len(rows))):
        layer, outs = table["layers"][place], signals[place + 1]
        deltas = [slope * SLOPES[layer["activation"]](out) for slope, out in zip(upstream, outs, strict=True)]
        for unit, delta, weights, called in zip(layer["units"], deltas, rows[place], numbered[place], strict=True):
            found[f"out_{unit}"] = outs[layer["units"].index(unit)]
            for weight, name, signal in zip(weights, called, signals[place], strict=True):
                found[f"d{loss}/d{name}"] = delta * signal
                found[f"{name}+"] = weight - rate * delta * signal
        if isinstance(layer.get("bias"), Decimal):
            found[f"d{loss}/db{place + 1}"] = sum(deltas, flint.arb(0))
        upstream = [
            sum((d * row[i] for d, row in zip(deltas, rows[place], strict=True)), flint.arb(0))
            for i in range(len(signals[place]))
        ]
    return found


# ties


def texts(formula: str, **contract: Any) -> str:
    """The text of one formula without names."""
    return explainer.load({"given": {"one": 1}, "formulas": {"y": formula}, "display": contract})["y"].text


@pytest.mark.parametrize(
    ("mode", "positive", "negative"),
    [("half up", "0.13", "-0.13"), ("half even", "0.12", "-0.12"), ("cut off", "0.12", "-0.12")],
)
def test_an_exact_half_goes_where_the_mode_says(mode: str, positive: str, negative: str) -> None:
    """0.5 · 0.25 is 0.125: away from zero, to the even digit, or cut off; the sign changes nothing but the sign."""
    assert texts("0.5*0.25", decimals=2, rounding=mode) == positive
    assert texts("-0.5*0.25", decimals=2, rounding=mode) == negative


@pytest.mark.parametrize(("mode", "text"), [("half up", "0.38"), ("half even", "0.38"), ("cut off", "0.37")])
def test_a_half_after_an_odd_digit_goes_up_to_the_even_one(mode: str, text: str) -> None:
    """1.5 · 0.25 is 0.375, and 8 is the even neighbour."""
    assert texts("1.5*0.25", decimals=2, rounding=mode) == text


@pytest.mark.parametrize(
    "formula", ["1/3*3*0.125", "1/7*0.875", "0.125*sqrt(2)*sqrt(2)/2", "exp(log(0.125))", "(1/3 + 2/3)*0.125"]
)
@pytest.mark.parametrize(("mode", "text"), [("half up", "0.13"), ("half even", "0.12"), ("cut off", "0.12")])
def test_a_value_that_is_a_half_in_truth_is_one_here(formula: str, mode: str, text: str) -> None:
    """A tie that evaluation reaches through endless decimals is rounded as the tie that it is."""
    assert texts(formula, decimals=2, rounding=mode) == text
    assert texts(f"-({formula})", decimals=2, rounding=mode) == f"-{text}"


def test_a_value_just_below_a_half_goes_down() -> None:
    """0.125 - 1e-30 is no tie."""
    assert texts("0.125 - 1e-30", decimals=2, rounding="half up") == "0.12"


@pytest.mark.parametrize("thirds", ["x/7*z", "x*(z/7)"])
def test_a_tie_in_the_printed_figures_recomputes(thirds: str) -> None:
    """5 / 7 · 0.119 is 0.085 exactly, so the printed 0.09 follows from the printed figures."""
    table = {"given": {"x": 5, "z": 0.119}, "formulas": {"y": thirds}, "display": {"decimals": 2}}
    calculation = explainer.load(table)
    assert calculation["y"].text == "0.09"
    assert calculation.evaluation.recomputed == {}


@pytest.mark.parametrize(
    ("formula", "x", "mode", "text"),
    [
        ("log(1 + exp(x))", -100, "half up", "3.72e-44"),
        ("1 - logistic(x)", 100, "half up", "3.72e-44"),
        ("x/3 + x/3 - 2*x/3", 0.5, "half up", "0"),
        ("0.1587 - exp(x)", -80, "cut off", "0.158699"),
    ],
)
def test_a_line_that_follows_from_its_inputs_is_not_marked(formula: str, x: float, mode: str, text: str) -> None:
    """The one input is exact as printed, so the line recomputes, also where a calculator of 30 digits gives up."""
    calculation = explainer.load({"given": {"x": x}, "formulas": {"y": formula}, "display": {"rounding": mode}})
    assert calculation["y"].text == text
    assert calculation.evaluation.recomputed == {}


@pytest.mark.parametrize(("mode", "text"), [("half up", "1.3e5"), ("half even", "1.2e5"), ("cut off", "1.2e5")])
def test_a_tie_among_significant_digits(mode: str, text: str) -> None:
    """125,000 to two significant digits is a tie too."""
    assert texts("500*250", significant=2, rounding=mode) == text


# zeros and whole numbers


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("carry", ["exact", "rounded"])
def test_a_small_negative_value_never_shows_as_minus_zero(mode: str, carry: str) -> None:
    """-0.001 at two decimals is -1.00e-3."""
    assert texts("-0.01*0.1", decimals=2, rounding=mode, carry=carry) == "-1.00e-3"


@pytest.mark.parametrize(
    "formula",
    ["0*(-2)", "-0.0", "0.5 - 0.5", "-(0.25 - 0.5*0.5)", "exp(2) - exp(2)", "1/3 + 1/3 - 2/3", "sqrt(2)**2 - 2"],
)
def test_a_zero_shows_as_0(formula: str) -> None:
    """A value that is zero in truth shows as 0, without sign or decimals, however it came about."""
    assert texts(formula, decimals=4) == "0"
    assert texts(formula, significant=4) == "0"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("1 - logistic(200)", "1.38e-87"),  # exp(-200), since 1 - logistic(x) = logistic(-x)
        ("exp(-200)", "1.38e-87"),
        ("1 - tanh(100)**2", "5.54e-87"),  # 4 exp(-200)
        ("1 - logistic(1000)", "5.08e-435"),
        ("log(1 + exp(-100))", "3.72e-44"),  # exp(-100)
        ("log(1 + exp(-3000))", "1.31e-1303"),
        ("(1 + 1e-60) - 1", "1.00e-60"),
        ("1e-300*1e-300", "1.00e-600"),
    ],
)
def test_a_nonzero_value_never_shows_as_0(formula: str, text: str) -> None:
    """A value of any smallness shows with three digits, even where it is left over from a subtraction."""
    assert texts(formula, decimals=6) == text


def test_a_saturated_unit_has_a_slope() -> None:
    """The slope of a logistic at 200 is exp(-200) to 87 digits: small, and not 0."""
    table = {"parameters": {"x": 200}, "formulas": {"y": "logistic(x)"}, "training": {"loss": "y"}}
    assert explainer.load(table)["dy/dx"].text == "1.38e-87"


@pytest.mark.parametrize(
    ("formula", "text"), [("0.5*4", "2"), ("-1.5*2", "-3"), ("sqrt(9)", "3"), ("10/4*2", "5"), ("2**10", "1024")]
)
def test_an_exact_whole_number_shows_without_decimals(formula: str, text: str) -> None:
    """Nothing was rounded, and the text says so."""
    assert texts(formula, decimals=6) == text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("log(1 - logistic(100))", "-100.000000"),
        ("1/(1 - logistic(80))", "5.540622e34"),
        ("sqrt(1 - tanh(50))", "2.73e-22"),
    ],
)
def test_a_value_exists_though_few_digits_do_not_show_it(formula: str, text: str) -> None:
    """At thirty digits 1 - logistic(100) is 0 and has no logarithm; in truth it is exp(-100) and has one."""
    assert texts(formula, decimals=6) == text


def test_a_rounded_whole_number_shows_its_decimals() -> None:
    """logistic(40) is not 1, and its text does not claim it."""
    assert texts("logistic(40)", decimals=6) == "1.000000"


@pytest.mark.parametrize(
    ("formula", "digits", "text"),
    [
        ("9.996*1", 3, "10.0"),
        ("0.9996*1", 3, "1.00"),
        ("999.96*1", 4, "1000"),
        ("99.96*1", 3, "100"),
        ("9.996e-5*1", 3, "0.000100"),
    ],
)
def test_a_carry_past_the_first_digit_keeps_the_count_of_digits(formula: str, digits: int, text: str) -> None:
    """9.996 to three significant digits is 10.0, not 10.00."""
    assert texts(formula, significant=digits) == text
