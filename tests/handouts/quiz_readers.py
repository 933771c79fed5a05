"""Readers of quiz files that know nothing of the writers: Moodle's documented cloze grammar, QTI's response rules,
and the part of Maxima that STACK questions are written in."""

from __future__ import annotations

import html
import io
import math
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree as ET


@dataclass(frozen=True)
class Answer:
    """One alternative of a field: the figure (``*``: any), its tolerance, percent of the points, what is said."""

    figure: str
    tolerance: Decimal
    fraction: int
    feedback: str


@dataclass(frozen=True)
class Field:
    """A field of a cloze text, or a numerical question."""

    points: int
    answers: tuple[Answer, ...]

    def mark(self, figure: str) -> Answer | None:
        """The first alternative whose window holds the figure, as Moodle's documentation of both types has it."""
        value = Decimal(figure)
        for answer in self.answers:
            if answer.figure == "*" or abs(value - Decimal(answer.figure)) <= answer.tolerance:
                return answer
        return None


def cloze_fields(text: str) -> list[Field]:
    """Every ``{points:NUMERICAL:…}`` of a text; letter by letter, by Moodle's page on embedded answers."""
    found, place = [], 0
    while (start := re.compile(r"\{(\d*):(NUMERICAL|NM):").search(text, place)) is not None:
        body, place = _until_brace(text, start.end())
        found.append(Field(int(start[1] or 1), tuple(map(_alternative, _split(body, "~")))))
    return found


def _until_brace(text: str, place: int) -> tuple[str, int]:
    begin = place
    while text[place] != "}" or text[place - 1] == "\\":
        place += 1
    return text[begin:place], place + 1


def _split(text: str, mark: str, most: int = -1) -> list[str]:
    """Split where the mark is neither escaped nor part of a reference such as ``&#35;``."""
    parts, last = list[str](), 0
    for place, letter in enumerate(text):
        if letter == mark and text[place - 1] not in "\\&" and len(parts) != most:
            parts.append(text[last:place])
            last = place + 1
    return [*parts, text[last:]]


def _alternative(text: str) -> Answer:
    figure, _, told = (*_split(text, "#", 1), "")[0], "", (*_split(text, "#", 1), "")[1]
    fraction = 100 if figure.startswith("=") else 0
    number, _, tolerance = figure.lstrip("=").partition(":")
    return Answer(number, Decimal(tolerance or 0), fraction, html.unescape(told))


@dataclass(frozen=True)
class MoodleQuestion:
    """A question of a Moodle file, with its category."""

    category: str
    kind: str
    name: str
    text: str
    fields: tuple[Field, ...]
    files: dict[str, str]


def moodle_questions(xml: str) -> list[MoodleQuestion]:
    """The questions of a file, in order."""
    found, category = [], ""
    for question in ET.fromstring(xml.encode()).findall("question"):
        kind = question.attrib["type"]
        if kind == "category":
            category = question.findtext("category/text") or ""
            continue
        text = question.findtext("questiontext/text") or ""
        fields = tuple(cloze_fields(text)) if kind == "cloze" else (_numerical(question),)
        files = {file.attrib["name"]: file.text or "" for file in question.findall("questiontext/file")}
        found.append(MoodleQuestion(category, kind, question.findtext("name/text") or "", text, fields, files))
    return found


def _numerical(question: ET.Element) -> Field:
    answers = tuple(
        Answer(
            answer.findtext("text") or "",
            Decimal(answer.findtext("tolerance") or 0),
            int(answer.attrib["fraction"]),
            answer.findtext("feedback/text") or "",
        )
        for answer in question.findall("answer")
    )
    return Field(int(question.findtext("defaultgrade") or 1), answers)


# ---------------------------------------------------------------- QTI

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


def qti_files(package: bytes) -> dict[str, bytes]:
    """The files of a package."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def qti_outcome(item: ET.Element, responses: dict[str, str]) -> dict[str, str | float]:
    """The outcome variables of an item after response processing, in machine numbers as platforms have them."""
    outcome: dict[str, str | float] = {
        declared.attrib["identifier"]: declared.findtext(f"{QTI}defaultValue/{QTI}value") or ""
        for declared in item.findall(f"{QTI}outcomeDeclaration")
    }
    outcome["SCORE"] = float(outcome["SCORE"])
    for condition in item.findall(f"{QTI}responseProcessing/{QTI}responseCondition"):
        for branch in condition:
            test, actions = (branch[0], branch[1:]) if branch.tag != f"{QTI}responseElse" else (None, list(branch))
            if test is None or _holds(test, responses):
                for action in actions:
                    outcome[action.attrib["identifier"]] = _value(action[0], outcome)
                break
    return outcome


def _holds(test: ET.Element, responses: dict[str, str]) -> bool:
    kind = test.tag.removeprefix(QTI)
    if kind == "or":
        return any(_holds(part, responses) for part in test)
    given = responses.get(test.find(f"{QTI}variable").attrib["identifier"])  # type: ignore[union-attr]
    if kind == "isNull":
        return given is None
    assert kind == "equal"
    if given is None:
        return False
    value, answer = float(given), float(test.findtext(f"{QTI}baseValue") or "")
    sizes = [float(size) for size in test.attrib.get("tolerance", "0 0").split()]
    if test.attrib["toleranceMode"] == "relative":
        sizes = [abs(answer) * size / 100 for size in sizes]
    return answer - sizes[0] <= value <= answer + sizes[1]


def _value(expression: ET.Element, outcome: dict[str, str | float]) -> str | float:
    if expression.tag == f"{QTI}sum":
        return sum(float(_value(part, outcome)) for part in expression)
    if expression.tag == f"{QTI}variable":
        return outcome[expression.attrib["identifier"]]
    text = expression.text or ""
    return float(text) if expression.attrib["baseType"] == "float" else text


# ---------------------------------------------------------------- STACK


@dataclass(frozen=True)
class Reached:
    """The node at which a tree ends, its score and what is said."""

    node: int
    score: float
    feedback: str


class StackQuestion:
    """A STACK question, whose Maxima is read as Python: every operation in it stands in brackets."""

    def __init__(self, question: ET.Element) -> None:
        self.question = question
        self.variables = self._statements(question.findtext("questionvariables/text") or "", {})

    def marks(self, answers: dict[int, float]) -> dict[int, Reached | None]:
        """Every tree for some answers by number; None where a tree does not start."""
        return {int((t.findtext("name") or "")[3:]): self._tree(t, answers) for t in self.question.findall("prt")}

    def _tree(self, tree: ET.Element, answers: dict[int, float]) -> Reached | None:
        number = int((tree.findtext("name") or "")[3:])
        inputs = [int((entry.findtext("name") or "")[3:]) for entry in self.question.findall("input")]
        names: dict[str, object] = {f"ans{n}": answers.get(n, "EMPTY") for n in inputs}
        found = self._statements(tree.findtext("feedbackvariables/text") or "", {**self.variables, **names})
        if found["stop"]:
            return None
        nodes, place = tree.findall("node"), 0
        while True:
            node = nodes[place]
            branch = "true" if self._passes(node, answers[number], found) else "false"
            following = int(node.findtext(f"{branch}nextnode") or "")
            if following < 0:
                told = node.findtext(f"{branch}feedback/text") or ""
                return Reached(place, float(node.findtext(f"{branch}score") or ""), told)
            place = following

    def _passes(self, node: ET.Element, answer: float, found: dict[str, object]) -> bool:
        expected, size = float(str(found[node.findtext("tans") or ""])), float(node.findtext("testoptions") or "")
        if node.findtext("answertest") == "NumRelative":
            return abs(answer - expected) <= size * abs(expected)
        assert node.findtext("answertest") == "NumAbsolute"
        return abs(answer - expected) < size

    def _statements(self, text: str, known: dict[str, object]) -> dict[str, object]:
        names = {**known, "EMPTYANSWER": "EMPTY", "true": True, "false": False}
        functions = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh, "sin": math.sin}
        for line in text.splitlines():
            name, _, formula = line.rstrip(";").partition(":")
            python = formula.replace("^", "**").replace("%pi", "math.pi").replace("ans", "ans")
            python = re.sub(r"is\((ans\d+)=EMPTYANSWER\)", r'(\1 == "EMPTY")', python)
            python = re.sub(r"\(if (?:is)?(.*?) then ", r"(if \1 then ", python)
            choice = re.fullmatch(r"if (.*?) then (.*?) else (.*)", python)
            python = f"({choice[2]}) if {choice[1]} else ({choice[3]})" if choice else python
            names[name.replace("%stack_prt_stop_p", "stop")] = eval(python, {"__builtins__": {}, **functions, **names})
        return names
