r"""Moodle XML: cloze questions, and numerical ones where a page asks for one number.

Cloze text is read by Moodle with regular expressions (``question/type/multianswer/questiontype.php``): a field is
``{points:NUMERICAL:=answer:tolerance#feedback~wrong:tolerance#feedback~*#feedback}``, and the first answer whose window
holds the figure counts. Both types know absolute tolerances only ("nominal").
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from decimal import Decimal
from html import escape

from markupsafe import Markup

from .markup import cdata, element, shortened
from .pages import page, part_name, picture_words, question_name, tex_in_html, with_fields
from .question import Blank, Part, Quiz, Variant, play_text
from .wrong import feedback

PICTURE = "network.svg"
FIELD = re.compile(r"\{(?=#|\d*:)")
"""What could be read as a field of a cloze text, or as the place of one."""
SPECIAL = str.maketrans({sign: f"&#{ord(sign)};" for sign in "\\~{}#"})
"""What ends a feedback, or is left out, in a cloze field. Moodle decodes references in a feedback once."""
LONGEST_NAME = 200
MOST_KEPT = 14
"""So many significant digits of a number Moodle keeps."""
RULE = re.compile("_{5,}")
BOX = "__________"
"""Where a numerical question has its box: Moodle takes five or more underscores for its place."""
PENALTY = "0.3333333"


class Moodle:
    """How Moodle's HTML writes formulas and pictures."""

    def math(self, tex: str) -> Markup:
        """For MathJax."""
        return tex_in_html(tex)

    def picture(self) -> Markup:
        """A file that comes with the question."""
        return Markup('<p><img src="@@PLUGINFILE@@/{}" alt="{}"/></p>').format(PICTURE, picture_words())

    def typed_mark(self, mark: str) -> str:
        """A point, which Moodle takes in every language; a comma only in languages that write one."""
        return "point" if mark == "comma" else ""


def moodle_xml(quiz: Quiz) -> str:
    """The quiz as one file, a category for each pool of variants."""
    return document(_questions(quiz))


def document(questions: Iterator[str]) -> str:
    """A file of questions."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", *questions, "</quiz>", ""])


def _questions(quiz: Quiz) -> Iterator[str]:
    for pool in quiz.pools.values():
        yield category(quiz, part_name(quiz, pool[0][1]))
        for variant, part in pool:
            yield _question(quiz, variant, part)


def category(quiz: Quiz, name: str = "") -> str:
    """What says into which category the questions that follow belong; a slash within a name is doubled."""
    names = [shortened(quiz.title, LONGEST_NAME), *([name] if name else [])]
    path = "/".join(["$course$", "top", *(name.replace("/", "//") for name in names)])
    return element("question", element("category", element("text", cdata(path))), type="category")


def _question(quiz: Quiz, variant: Variant, part: Part) -> str:
    single = len(part.blanks) == 1
    made = harmless(page(quiz, variant, [part], Moodle(), restate=True))
    made = with_fields(made, {blank.id: BOX if single else cloze_field(blank) for blank in part.blanks})
    content = [*head(quiz, question_name(quiz, variant, part), made)]
    if single:
        blank = part.blanks[0]
        content += [element("defaultgrade", str(blank.points)), element("penalty", PENALTY), element("hidden", "0")]
        content += [*_answers(blank), *(element(name, value) for name, value in UNITS)]
    else:
        content += [element("penalty", PENALTY), element("hidden", "0")]
    return element("question", *content, type="numerical" if single else "cloze")


def head(quiz: Quiz, name: str, made: str) -> Iterator[str]:
    """Name and text of a question, with its picture."""
    files = [_file(quiz.picture)] if quiz.picture else []
    yield element("name", element("text", cdata(shortened(name, LONGEST_NAME))))
    yield element("questiontext", element("text", cdata(made)), *files, format="html")
    yield element("generalfeedback", element("text"), format="html")


def _file(svg: str) -> str:
    return element("file", base64.b64encode(svg.encode()).decode(), name=PICTURE, path="/", encoding="base64")


def harmless(made: str) -> str:
    """The HTML of a question without what Moodle would take for a field, a box or the place of a file."""
    made = RULE.sub(lambda found: "&#95;" * len(found[0]), made)
    kept = made.replace(f"@@PLUGINFILE@@/{PICTURE}", "\x01")
    return FIELD.sub("&#123;", kept).replace("@@", "&#64;&#64;").replace("\x01", f"@@PLUGINFILE@@/{PICTURE}")


# ---------------------------------------------------------------- numerical

UNITS = (("unitgradingtype", "0"), ("unitpenalty", "0.1000000"), ("showunits", "3"), ("unitsleft", "0"))
"""No units."""


def _answers(blank: Blank) -> Iterator[str]:
    for text in blank.right:
        yield _answer(text, _play(text, blank.tolerance.absolute(blank.answer)), 100, feedback("right"))
    for wrong in blank.wrong:
        yield _answer(wrong.text, _play(wrong.text, wrong.unit), 0, wrong.feedback)
    yield _answer("*", Decimal(0), 0, feedback("other"))


def _play(text: str, play: Decimal) -> Decimal:
    """By how much a figure may differ from one that Moodle keeps, which rounds what has more digits than that."""
    figure = Decimal(text)
    lost = Decimal(5).scaleb(figure.adjusted() - MOST_KEPT)
    return play + lost if len(figure.as_tuple().digits) > MOST_KEPT else play


def _answer(text: str, tolerance: Decimal, fraction: int, told: str) -> str:
    return element(
        "answer",
        element("text", text),
        element("feedback", element("text", cdata(told)), format="html"),
        element("tolerance", play_text(tolerance)),
        fraction=str(fraction),
        format="moodle_auto_format",
    )


# ---------------------------------------------------------------- cloze


def cloze_field(blank: Blank) -> str:
    """A field with its answers, in the order in which Moodle asks them."""
    play = blank.tolerance.absolute(blank.answer)
    answers = [f"={text}:{play_text(_play(text, play))}#{_told(feedback('right'))}" for text in blank.right]
    answers += [
        f"{wrong.text}:{play_text(_play(wrong.text, wrong.unit))}#{_told(wrong.feedback)}" for wrong in blank.wrong
    ]
    answers.append(f"*#{_told(feedback('other'))}")
    return f"{{{blank.points}:NUMERICAL:{'~'.join(answers)}}}"


def _told(html: str) -> str:
    """A feedback that comes out of Moodle's cloze reader as it went in."""
    return escape(html, quote=False).translate(SPECIAL)
