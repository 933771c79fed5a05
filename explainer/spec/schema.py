"""The keys of the calculation file, as one table: it validates a file and it prints as JSON Schema for editors."""

from __future__ import annotations

from typing import Any

from ..formulas.functions import ACTIVATIONS
from ..formulas.losses import LOSSES
from ..formulas.names import NAME
from ..formulas.optimizers import OPTIMIZERS, PERCEPTRON, SCHEDULES, SETTING_BOUNDS, SETTINGS, users_of
from .grids import Varying
from .values import (
    MOST_STEPS,
    Boolean,
    Choice,
    Class,
    Integer,
    Key,
    List,
    Number,
    Numbering,
    NumberOrList,
    Table,
    Text,
)
from .words import ID, PHRASE, UNIT, Named, NamedOr, Names, OneName, Pattern, Phrase, Tex

WEIGHT_PARTS = ("number", "i", "j", "from", "to", "layer", "row", "column")
UNIT_PARTS = ("unit", "j", "layer", "row")
LAYER_PARTS = ("layer",)
MOST_PHRASES = 1000
MOST_SAMPLES = 10_000
MOST_SHOWN = 50

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
        Key("optimizer", Choice((*OPTIMIZERS, PERCEPTRON)), "how parameters are updated; default: gradient descent"),
        Key("schedule", Choice(tuple(SCHEDULES)), "how the learning rate changes; default: it does not"),
        *(
            Key(
                name,
                Number(**SETTING_BOUNDS.get(name, {})),
                f"a setting of {', '.join(users_of(name)) or 'every optimizer'}",
            )
            for name in SETTINGS
        ),
        Key("decayed", Names(1), "the parameters that l2 and weight_decay act on; default: all weights, no biases"),
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
        Key("tex", Named(Tex(), UNIT), "how a name is typeset, in TeX: that of a quantity or of a unit"),
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
