"""Variants: drawn by a hash from grids, equally hard, the same on every machine."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

import explainer
from explainer.calculation import calculation
from explainer.formulas.problems import ExplainerError
from explainer.handouts import rules
from explainer.handouts.drawing import place
from explainer.handouts.grids import around, grids
from explainer.handouts.variants import Variations
from explainer.spec.files import example_names
from explainer.spec.types import Literal
from tests.bench.networks import article


def varied(source: Any, seed: int = 7) -> Variations:
    """The variants of a calculation."""
    return Variations(explainer.load(source), calculation, seed)


def neuron(**variants: Any) -> dict[str, Any]:
    """One logistic unit with two inputs, and what varies in it."""
    return {
        "title": "One unit",
        "inputs": {"x1": 0.5, "x2": -0.4},
        "targets": {"y": 0.9},
        "layers": [{"units": ["y"], "activation": "logistic", "weights": [[0.3, 0.7]], "bias": 0.2}],
        "training": {"learning_rate": 0.5},
        "variants": variants,
    }


def test_a_draw_is_the_hash_that_it_says() -> None:
    """The place is SHA-256 of scheme, seed, number, name and attempt, on a line each, taken modulo the count."""
    digest = sha256(b"explainer variants 1\n7\n3\nw5\n0").hexdigest()
    assert place(41, 7, 3, "w5", 0) == int(digest, 16) % 41


def test_draws_are_spread_evenly() -> None:
    """Each of ten places comes up about a thousand times in ten thousand; 6 standard deviations are 180."""
    counts = [0] * 10
    for number in range(10_000):
        counts[place(10, 1, number, "w1", 0)] += 1
    assert all(abs(count - 1000) < 180 for count in counts)


def test_the_same_seed_gives_the_same_numbers() -> None:
    """Whatever was drawn before, a variant depends on its seed and number alone."""
    first, again = varied("mazur"), varied("mazur")
    for number in (5, 2, 9):
        first.variant(number)
    assert first.variant(3).evaluation.texts == again.variant(3).evaluation.texts
    assert varied("mazur", 8).variant(3).evaluation.texts != again.variant(3).evaluation.texts


def test_what_does_not_vary_stays() -> None:
    """The table says what varies: a quantity by its name goes before its kind, and what is not named stays."""
    variant = varied(neuron(inputs=True, x2=False, w2={"from": 1.5, "to": 2.5, "step": 0.5})).variant(1)
    texts = {name: literal.text for name, literal in variant.evaluation.sources.items()}
    assert (texts["x2"], texts["w1"], texts["target_y"]) == ("-0.4", "0.3", "0.9")
    assert texts["w2"] in ("1.5", "2.0", "2.5")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0.15", ("0.01", "0.40", "0.01")),
        ("-0.5", ("-0.75", "-0.25", "0.01")),
        ("0.99", ("0.50", "0.99", "0.01")),
        ("3", ("2", "4", "1")),
        ("12", ("6", "18", "1")),
        ("0", None),
        ("1.0", None),
        ("0.005", None),
    ],
)
def test_the_usual_grid(given: str, expected: tuple[str, str, str] | None) -> None:
    """A quarter, or half the value, to either side; never across -1, 0 or 1; as many decimals as people write."""
    grid = around(Literal(given, Decimal(given)))
    assert (grid and (grid.lowest, grid.highest, grid.step)) == (expected and tuple(map(Decimal, expected)))


@pytest.mark.parametrize(("given", "step"), [("0.2", "0.1"), ("-0.5", "0.1"), ("0.25", "0.01"), ("3", "1")])
def test_the_usual_grid_says_no_more_than_results_can(given: str, step: str) -> None:
    """With one decimal shown, a value that has one is drawn with one; a value that says more keeps its two."""
    grid = around(Literal(given, Decimal(given)), 1)
    assert grid is not None
    assert grid.step == Decimal(step)


@pytest.mark.parametrize("name", example_names())
def test_every_shipped_example_has_variants(name: str) -> None:
    """Two variants of each, of other numbers than given, and every number on its grid."""
    base = explainer.load(name)
    pool = grids(base.spec, base.evaluation)
    for number in (1, 2):
        sources = varied(name).variant(number).evaluation.sources
        assert {n: sources[n].text for n in pool} != {n: base.evaluation.sources[n].text for n in pool}
        for source, grid in pool.items():
            assert grid.lowest <= sources[source].value <= grid.highest
            assert (sources[source].value - grid.lowest) % grid.step == 0


def test_every_variant_is_as_hard_as_every_other() -> None:
    """Judged anew, from the values: no saturated unit, no vanishing gradient, no answer twice or among the givens."""
    pool = varied(article(steps=1))
    for number in range(1, 40):
        evaluation = pool.variant(number).evaluation
        texts = [evaluation.texts[step.id] for step in rules.asked(evaluation.derivation)]
        assert len(set(texts)) == len(texts)
        assert not {Decimal(text) for text in texts} & {literal.value for literal in evaluation.sources.values()}
        for unit in ("h1", "h2", "o1", "o2"):
            assert Decimal("0.02") < evaluation.values[f"out_{unit}"] < Decimal("0.98")
        assert all(
            evaluation.texts[id] not in ("0",) and "e" not in evaluation.texts[id] for id in texts_of(evaluation)
        )


def texts_of(evaluation: Any) -> list[str]:
    """The lines that complete a gradient."""
    return [id for id in evaluation.derivation.gradient.values() if id in evaluation.texts]


def test_a_grid_that_cannot_be_satisfied_says_which_rule_fails() -> None:
    """Net inputs near 20 saturate the unit in every draw."""
    table = neuron(x1={"from": 40, "to": 50, "step": 1})
    with pytest.raises(ExplainerError, match=r'the rule "saturated unit" rejected 400 of them.*\n.*allow'):
        varied(table).variant(1)
    table["variants"]["allow"] = ["saturated unit", "gradient rounds to 0", "answer in sight", "ambiguous mistake"]
    assert varied(table).variant(1)


def test_mistakes_that_look_alike_are_drawn_again() -> None:
    """Where both inputs are 0.5, whoever takes one for the other is not found out; so the other input is always 0.6."""
    grid = {"from": 0.5, "to": 0.6, "step": 0.1}
    several = ["same answer twice", "answer in sight"]
    with_rule = varied(neuron(x2=grid, weights=True, allow=several))
    assert {with_rule.variant(number).evaluation.sources["x2"].text for number in range(1, 12)} == {"0.6"}
    without = varied(neuron(x2=grid, weights=True, allow=[*several, "ambiguous mistake"]))
    assert {without.variant(number).evaluation.sources["x2"].text for number in range(1, 12)} == {"0.5", "0.6"}


def test_no_two_mistakes_at_a_delta_look_alike() -> None:
    """Worked out here from the article's formulas: the slope left out, the slope at net, the sign of the error."""
    pool = varied(article(steps=1))
    for number in range(1, 20):
        texts = pool.variant(number).evaluation.texts
        out, target = (Decimal(texts[name]) for name in ("out_o1", "target_o1"))
        net = Decimal(texts["net_o1"])
        figures = [
            (out - target) * out * (1 - out),
            out - target,
            (out - target) * net * (1 - net),
            (target - out) * out * (1 - out),
        ]
        assert len({round(figure, 8) for figure in figures}) == len(figures)


def test_layers_of_other_sizes() -> None:
    """The hidden layer has two or three units; both come up, and both have all their lines."""
    table = {**article(steps=1), "variants": {"sizes": [[2, 3]]}}
    pool = varied(table)
    units = {len(pool.variant(number).derivation.graph.blocks[0].units) for number in range(1, 9)}
    assert units == {2, 3}
    three = next(v for n in range(1, 9) if len((v := pool.variant(n)).derivation.graph.blocks[0].units) == 3)
    assert {"out_h3", "dE_total/dw12"} <= set(three.evaluation.texts)


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({"w9": True}, "variants.w9: is not a quantity with a given number"),
        ({"inputs": {"from": 0.5, "to": 0.5}}, "variants.inputs: leaves nothing to vary"),
        ({"inputs": {"from": 0.5, "to": 0.1}}, "variants.inputs: 0.5 is above 0.1"),
        ({"inputs": {"from": 0, "to": 1, "step": 0.3}}, "steps of 0.3 lead from 0 past 1"),
        ({"inputs": {"from": 0, "to": 1, "step": 0}}, "variants.inputs.step: expected a number above 0"),
        ({"inputs": {"from": 0, "to": 1e20}}, "variants.inputs: has too many numbers"),
        ({"inputs": "all"}, "expected true, false or a grid"),
        ({"inputs": {"from": 0.5}}, "variants.inputs.to: is missing"),
        ({"sizes": [[2]]}, "variants.sizes: expected 0 lists, found 1"),
        ({"allow": ["dead units"]}, "did you mean dead unit"),
    ],
)
def test_bad_tables(variants: dict[str, Any], message: str) -> None:
    """Told when the file is read."""
    with pytest.raises(ExplainerError) as found:
        explainer.load(neuron(**variants))
    assert message in str(found.value)


def test_nothing_varies() -> None:
    """A calculation of zeros and ones needs a grid."""
    table = {"given": {"a": 1, "b": 0}, "formulas": {"c": "a + b"}}
    with pytest.raises(ExplainerError, match="nothing varies"):
        varied(table).variant(1)
