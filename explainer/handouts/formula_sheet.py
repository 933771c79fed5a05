"""The general formulas behind a calculation, in TeX: the functions of its layers, its error, its update."""

from __future__ import annotations

from collections.abc import Iterator

from ..calculus.naming import symbol_tex
from ..formulas.expression import Call, Expression, Number, Output, Slot, replace
from ..formulas.losses import LOSSES
from ..formulas.names import default_tex
from ..formulas.optimizers import GRADIENT_TREATMENTS, OPTIMIZERS, SCALE, SCHEDULES, WEIGHT_DECAY
from ..formulas.reader import read_formula
from ..lesson.notation import slotted
from ..lesson.outline import Layer
from ..lesson.structure import Structure
from ..lesson.typeset import raised

ARGUMENT, VALUE, SLOPE = "x", "f(x)", "f'(x)"
RATE_NOW = r"\eta"
"""The learning rate of a step."""
TOGETHER = {
    "softmax": [
        r"OUT_{k} = \frac{e^{NET_{k}}}{\sum_{j} e^{NET_{j}}}",
        r"OUT_{k} \cdot (1 - OUT_{k})",
        r"-OUT_{j} \cdot OUT_{k}",
    ],
    "log_softmax": [
        r"OUT_{k} = NET_{k} - \ln \sum_{j} e^{NET_{j}}",
        r"1 - e^{OUT_{k}}",
        r"-e^{OUT_{j}}",
    ],
}
"""The value of an output, its slope with its own net input, and that with another's."""
IDENTITY = "identity"
"""What a layer without an activation has."""
OF_RIGHT_CLASS = "c"
"""The index of the output of the right class."""


def activation(page: Structure, layer: Layer) -> list[str]:
    """What the function of a layer gives, and its slope; of outputs that share their inputs, with the own and with
    another one."""
    functions, name = page.graph.functions, layer.activation or IDENTITY
    if layer.together:
        out, net = _symbol(page, "out"), _symbol(page, "net")
        return [tex.replace("OUT", out).replace("NET", net) for tex in TOGETHER[name]]
    row, own = functions.rows[name], page.spec.layers[layer.number - 1].parameter
    others: list[Expression] = [Number(own.text)] if own else [Number(text) for text in row.defaults]
    places = [Slot(0), *others]

    def put_in(formula: Expression) -> Expression:
        output = Slot(1)
        return replace(
            formula,
            lambda leaf: places[leaf.index] if isinstance(leaf, Slot) else output if isinstance(leaf, Output) else leaf,
        )

    value, slope = Call(name, tuple(places)), put_in(functions.derivative(name, 0))
    return [
        f"{VALUE} = {_tex(page, value, [ARGUMENT, VALUE])}",
        f"{SLOPE} = {_tex(page, slope, [ARGUMENT, VALUE])}",
    ]


def error(page: Structure) -> str:
    """What one output contributes to the error, or the whole error where a class is wanted; empty where the loss has no
    formula of its own."""
    training = page.spec.training
    row = LOSSES.get(training.loss)
    if row is None or training.loss_formula is not None:
        return ""
    out, net = _symbol(page, "out"), _symbol(page, "net")
    if row.joint:
        return rf"\ln \sum_{{k}} e^{{{net}_{{k}}}} - {net}_{{{OF_RIGHT_CLASS}}}"
    names = {"out": out, "target": _symbol(page, "target"), "right": f"{out}_{{{OF_RIGHT_CLASS}}}"}
    own = (row.of_class or row.of_others) if page.spec.classes else row.term
    return _named(page, own or row.term or row.of_others, names)


def update(page: Structure) -> list[str]:
    """The formulas by which a parameter w with the gradient g gets its new value, in order."""
    training = page.spec.training
    row, letter = OPTIMIZERS.get(training.optimizer), {"w": "w", **page.graph.update.letter}
    if row is None:
        return []
    names = {name: page.typeset.name(name) for name in ("learning_rate", *training.settings)}
    names |= {name: letter[name] for name in ("w", "g", "t", "scale")} | {"rate": names["learning_rate"]}
    lines = list(_before(page, names))
    for found, formula in row.lines:
        decay = WEIGHT_DECAY if found == "w" and "weight_decay" in training.settings else ""
        tex = _named(page, formula + decay, names)
        kept = found in row.states
        new = raised(letter[found], page.notation, 1, 0) if kept or found == "w" else letter[found]
        names[f"{found}_new" if kept else found] = new
        lines.append(f"{new} = {tex}")
        names.setdefault(found, letter[found])
    return lines


def _before(page: Structure, names: dict[str, str]) -> Iterator[str]:
    """What is done to the learning rate and to the gradient first."""
    training, letter = page.spec.training, page.graph.update.letter
    if training.schedule:
        yield f"{RATE_NOW} = {_named(page, SCHEDULES[training.schedule].rate, names)}"
        names["rate"] = RATE_NOW
    if "clip_norm" in training.settings:
        norm = rf"\lVert {letter['g']}\rVert"
        yield f"{names['scale']} = {_named(page, SCALE, {**names, 'norm': norm})}"
    for key, formula in GRADIENT_TREATMENTS.items():
        if key in training.settings:
            yield f"{letter[key]} = {_named(page, formula, names)}"
            names["g"] = letter[key]


def _symbol(page: Structure, kind: str) -> str:
    return symbol_tex(page.notation, kind) or default_tex(kind)


def _named(page: Structure, formula: str, names: dict[str, str]) -> str:
    """A formula of a table, with TeX for its names."""
    functions = page.graph.functions
    shape, used = functions.shape_of(read_formula(formula, functions.rows))
    return _tex(page, shape.formula, [names.get(name) or page.graph.update.letter.get(name, name) for name in used])


def _tex(page: Structure, formula: Expression, names: list[str]) -> str:
    functions, notation = page.graph.functions, page.notation
    shape = functions.shape(formula, len(names))
    tall = frozenset(i for i, name in enumerate(names) if r"\frac" in name)
    made = slotted(shape, functions, notation.times, notation.decimal, tall)
    return "".join(term.tex for term in made.symbols(names))
