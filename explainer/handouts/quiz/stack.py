"""STACK questions in Moodle XML (fields of STACK 4.11): one question for a variant, with errors carried forward.

A potential response tree asks whether the figure is the answer; whether it follows from the student's own figures
above, for which every line in between is worked out anew; and whether a named mistake gives it, from these figures too.
An input that was left empty stands for the right figure in the lines below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from markupsafe import Markup

from ...checking.intervals import enclosing_formula
from ...checking.scales import FLOATS, Interval
from ...formulas.expression import Expression
from ...formulas.shape import FunctionTable
from ..play import last_unit
from .markup import cdata, element
from .maxima import maxima
from .moodle import Moodle, category, document, head
from .pages import BEHIND, page, question_name, with_fields
from .question import Blank, Quiz, Tolerance, Variant, play_text
from .wrong import feedback

VERSION = "2026010500"
"""Of STACK 4.11.1, whose fields these are."""
MOST_WRONG = 6
"""So many mistakes are looked for in a tree: each node is a call to Maxima."""
SLACK = Decimal("1.000001")
"""STACK compares machine numbers, and its absolute test leaves the border out."""
LEAST_PLAY = Decimal("1e-12")
OPTIONS: Mapping[str, str] = {
    "questionsimplify": "1",
    "assumepositive": "0",
    "assumereal": "0",
    "multiplicationsign": "dot",
    "sqrtsign": "1",
    "complexno": "i",
    "inversetrig": "cos-1",
    "logicsymbol": "lang",
    "matrixparens": "[",
    "isbroken": "0",
}
INPUT: Mapping[str, str] = {
    "boxsize": "15",
    "strictsyntax": "1",
    "insertstars": "0",
    "syntaxhint": "",
    "syntaxattribute": "0",
    "forbidwords": "",
    "allowwords": "",
    "forbidfloat": "0",
    "requirelowestterms": "0",
    "checkanswertype": "0",
    "mustverify": "0",
    "showvalidation": "0",
    "options": "allowempty",
}
MEANT = (("{@", "&#123;@"), ("{#", "&#123;#"), ("[[", "&#91;["))
"""What STACK would read as a command in a text."""


class Stack(Moodle):
    """How a STACK question's HTML is written."""

    def typed_mark(self, mark: str) -> str:
        """The one that the question is set to; the other is refused, and only once an answer is handed in."""
        return mark


def stack_xml(quiz: Quiz) -> str:
    """The quiz as one file: a question for each variant."""
    return document(_questions(quiz))


def _questions(quiz: Quiz) -> Iterator[str]:
    yield category(quiz)
    for variant in quiz.variants:
        yield element("question", *_Question(quiz, variant).content(), type="stack")


class _Question:
    """One variant."""

    def __init__(self, quiz: Quiz, variant: Variant) -> None:
        self.quiz, self.variant = quiz, variant
        self.evaluation = variant.calculation.evaluation
        self.derivation = variant.calculation.derivation
        self.number = {blank.id: number for number, blank in enumerate(variant.blanks, 1)}
        self.given = {quantity.name: f"g{n}" for n, quantity in enumerate(self.derivation.graph.sources, 1)}
        self.line = {step.id: f"x{n}" for n, step in enumerate(self.derivation.steps, 1)}
        self.place = {step.id: n for n, step in enumerate(self.derivation.steps)}

    def content(self) -> Iterator[str]:
        quiz, variant = self.quiz, self.variant
        made = page(quiz, variant, variant.parts, Stack(), restate=False)
        for meant, harmless in MEANT:
            made = made.replace(meant, harmless)
        places = {id: f"[[input:ans{n}]]" for id, n in self.number.items()}
        told = {f"{BEHIND}{id}": f" [[validation:ans{n}]] [[feedback:prt{n}]]" for id, n in self.number.items()}
        made = with_fields(made, places | told)
        name = question_name(quiz, variant, None)
        yield from head(quiz, name, made)
        yield element("defaultgrade", str(sum(blank.points for blank in variant.blanks)))
        yield element("penalty", "0")
        yield element("hidden", "0")
        yield element("stackversion", element("text", VERSION))
        yield element("questionvariables", element("text", cdata("\n".join(self.variables()))))
        yield _html("specificfeedback", "")
        note = f"{quiz.name} (variant {variant.number})" if variant.number else quiz.name
        yield _html("questionnote", Markup("{}").format(note))
        yield _html("questiondescription", "")
        yield from (element(key, value) for key, value in OPTIONS.items())
        comma = variant.calculation.spec.notation.decimal == "comma"
        yield element("decimals", "," if comma else ".")
        yield element("scientificnotation", "*10")
        yield element("variantsselectionseed")
        yield from (_html(key, "") for key in ("prtcorrect", "prtpartiallycorrect", "prtincorrect"))
        yield from map(_input, self.number.values())
        yield from map(self.tree, variant.blanks)
        yield self.test()

    def variables(self) -> Iterator[str]:
        """The given numbers, and the key."""
        yield from (f"{name}:{self.evaluation.texts[id]};" for id, name in self.given.items())
        yield from (f"k{number}:{self.variant.blanks[number - 1].text};" for number in self.number.values())

    # one tree

    def tree(self, blank: Blank) -> str:
        number = self.number[blank.id]
        nodes = list(self.nodes(blank))
        last = len(nodes) - 1
        return element(
            "prt",
            element("name", f"prt{number}"),
            element("value", str(blank.points)),
            element("autosimplify", "1"),
            element("feedbackstyle", "1"),
            element("feedbackvariables", element("text", cdata("\n".join(self.own(blank))))),
            *(_node(number, place, node, place == last) for place, node in enumerate(nodes)),
        )

    def nodes(self, blank: Blank) -> Iterator[tuple[str, Tolerance, str, str]]:
        """What the figure is compared with, how closely, the score, and what is said if it is that."""
        yield f"k{self.number[blank.id]}", blank.tolerance, "1", feedback("right")
        step = self.derivation.step[blank.id]
        play = Tolerance(self.play(step.shape.formula, step.uses, blank.id))
        if self.depends(blank.id):
            closeness = blank.tolerance if blank.tolerance.relative else play
            yield self.line[blank.id], closeness, "1", feedback("follows")
        for place, wrong in enumerate(blank.wrong[:MOST_WRONG], 1):
            yield (
                f"m{place}",
                Tolerance(self.play(wrong.formula, wrong.uses, blank.id, wrong.unit)),
                "0",
                wrong.feedback,
            )

    def own(self, blank: Blank) -> Iterator[str]:
        """Every line that leads up to this one, from the student's own figures; and the mistakes."""
        number, done = self.number[blank.id], dict[str, str]()
        yield f"%stack_prt_stop_p:if is(ans{number}=EMPTYANSWER) then true else false;"
        yield from self.worked_out(blank.id, blank.id, done)
        for place, wrong in enumerate(blank.wrong[:MOST_WRONG], 1):
            for used in wrong.uses:
                yield from self.worked_out(used, blank.id, done)
            yield f"m{place}:{maxima(wrong.formula, [done[used] for used in wrong.uses], self.functions)};"

    def worked_out(self, id: str, asked: str, done: dict[str, str]) -> Iterator[str]:
        """The Maxima lines that give a quantity; ``done`` keeps the name of each."""
        if id in done:
            return
        if id in self.given:
            done[id] = self.given[id]
            return
        name = done[id] = self.line[id]
        if id in self.number and id != asked:
            number = self.number[id]
            own = f"if is(ans{number}=EMPTYANSWER) then k{number} else ans{number}"
            yield f"{name}:{own if self.place[id] < self.place[asked] else f'k{number}'};"
            return
        step = self.derivation.step[id]
        for used in step.uses:
            yield from self.worked_out(used, asked, done)
        yield f"{name}:{maxima(step.shape.formula, [done[used] for used in step.uses], self.functions)};"

    @property
    def functions(self) -> FunctionTable:
        """Those of the calculation."""
        return self.derivation.graph.functions

    def depends(self, id: str) -> bool:
        """Whether any other blank leads up to a line."""
        step = self.derivation.step.get(id)
        return step is not None and any(used in self.number or self.depends(used) for used in step.uses)

    def play(self, formula: Expression, uses: Sequence[str], asked: str, least: Decimal = Decimal(0)) -> Decimal:
        """How far a figure may lie from what a formula gives from the student's own figures, which are rounded."""
        low, high = self.enclosure(formula, uses, asked)
        unit = max(self.unit(asked), least)
        return unit + Decimal(repr((high - low) / 2)) if high - low < 1 else unit

    def enclosure(self, formula: Expression, uses: Sequence[str], asked: str) -> Interval:
        """What a formula may give where the blanks above are rounded."""
        box = [self.window(used, asked) for used in uses]
        found: Interval = enclosing_formula(formula, self.functions, FLOATS)(box)
        return found

    def window(self, id: str, asked: str) -> Interval:
        """What a quantity may be in the lines below it."""
        value = float(self.evaluation.values[id])
        step = self.derivation.step.get(id)
        if id in self.number:
            half = float(self.unit(id)) / 2
            return value - half, value + half
        return (value, value) if step is None else self.enclosure(step.shape.formula, step.uses, asked)

    def unit(self, id: str) -> Decimal:
        """One unit of the last digit of an answer; nothing for a whole number, which stands there in full."""
        text = self.evaluation.texts[id]
        return last_unit(text) if "." in text or "e" in text else Decimal(0)

    def test(self) -> str:
        """A test for the teacher to run once it is imported: the key earns all points."""
        inputs = (
            element("testinput", element("name", f"ans{n}"), element("value", f"k{n}")) for n in self.number.values()
        )
        expected = (
            element(
                "expected",
                element("name", f"prt{n}"),
                element("expectedscore", "1"),
                element("expectedpenalty", "0"),
                element("expectedanswernote", f"prt{n}-1-T"),
            )
            for n in self.number.values()
        )
        return element("qtest", element("testcase", "1"), element("description"), *inputs, *expected)


def _html(name: str, text: str) -> str:
    return element(name, element("text", cdata(text)), format="html")


def _input(number: int) -> str:
    fields = {"name": f"ans{number}", "type": "numerical", "tans": f"k{number}", **INPUT}
    return element("input", *(element(key, value) for key, value in fields.items()))


def _node(number: int, place: int, node: tuple[str, Tolerance, str, str], last: bool) -> str:
    """A node whose false branch leads to the next one."""
    compared, play, score, told = node
    size = max(play.size * SLACK, LEAST_PLAY)
    return element(
        "node",
        element("name", str(place)),
        element("description"),
        element("answertest", "NumRelative" if play.relative else "NumAbsolute"),
        element("sans", f"ans{number}"),
        element("tans", compared),
        element("testoptions", play_text(size)),
        element("quiet", "0"),
        *_branch("true", number, place, score, -1, told),
        *_branch("false", number, place, "0", -1 if last else place + 1, feedback("other") if last else ""),
    )


def _branch(branch: str, number: int, place: int, score: str, following: int, told: str) -> Iterator[str]:
    yield element(f"{branch}scoremode", "=")
    yield element(f"{branch}score", score)
    yield element(f"{branch}penalty")
    yield element(f"{branch}nextnode", str(following))
    yield element(f"{branch}answernote", f"prt{number}-{place + 1}-{branch[0].upper()}")
    yield element(f"{branch}feedback", element("text", cdata(told)), format="html")
