"""Ids as people write them."""

from __future__ import annotations

import pytest

import explainer
from explainer.checking.names import Names

ALIASES = [
    ("w5_new", "w5+"),
    ("w5'", "w5+"),
    ("w5′", "w5+"),
    ("new w5", "w5+"),
    ("w₅⁺", "w5+"),
    ("w5 (new)", "w5+"),
    ("w_5^+", "w5+"),
    ("w5@1", "w5+"),
    ("w5@2", "w5@2"),
    ("dE/dw5", "dE_total/dw5"),
    ("∂E/∂w5", "dE_total/dw5"),
    ("∂E_total/∂w_5", "dE_total/dw5"),
    ("grad_w5", "dE_total/dw5"),
    ("dw5", "dE_total/dw5"),
    (r"\frac{\partial E_{total}}{\partial w_5}", "dE_total/dw5"),
    ("dE_total/dnet_o1", "dE_o1/dnet_o1"),
    ("δ_o1", "dE_o1/dnet_o1"),
    ("delta_o1", "dE_o1/dnet_o1"),
    ("δ_{o1}", "dE_o1/dnet_o1"),
    ("delta_h1", "dE_total/dnet_h1"),
    ("net_{h1}", "net_h1"),
    ("neth1", "net_h1"),
    ("NET_H1", "net_h1"),
    ("out h1", "out_h1"),
    ("E", "E_total"),
    ("Etotal@10000", "E_total@10000"),
    ("E_total@0", "E_total"),
    ("η", "learning_rate"),
]


@pytest.fixture(scope="module")
def names() -> Names:
    """The names of the article's calculation."""
    return Names(explainer.load("mazur").derivation)


@pytest.mark.parametrize(("written", "id"), ALIASES)
def test_a_name_is_understood(written: str, id: str, names: Names) -> None:
    """Primes, words, Greek letters, TeX and subscripts."""
    assert names.find(written) == id


def test_every_id_means_itself(names: Names) -> None:
    """What stands in steps.json needs no interpretation."""
    assert [id for id in names.derivation.step if names.find(id) != id] == []


@pytest.mark.parametrize("written", ["w55", "", "nonsense", "dE/dq", "w5@x", "w5@-1", "@", "d/d", "δ_q7", "w" * 500])
def test_what_means_nothing_is_not_guessed(written: str, names: Names) -> None:
    """A name that could be no line is none."""
    assert names.find(written) == ""


def test_a_calculation_with_an_own_delta_keeps_it() -> None:
    """A quantity of that very name goes before the usual meaning."""
    table = {
        "given": {"x": 1},
        "parameters": {"w": 2},
        "formulas": {"delta_o1": "w*x", "E": "delta_o1**2"},
        "training": {"loss": "E"},
    }
    assert Names(explainer.load(table).derivation).find("δ_o1") == "delta_o1"
