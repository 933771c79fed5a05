"""A QTI 2.1 package (IMS Question and Test Interoperability, Information Model, Final 2012): an item for each part.

Items stand in a test that takes one variant of each part. A figure is compared by ``equal``, its tolerance absolute
or in percent of the answer; formulas are MathML.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from html import unescape

from markupsafe import Markup

from ...formats.html import mathml
from .markup import element, legal, shortened, xml_text
from .pages import page, part_name, picture_words, question_name, with_fields
from .question import Blank, Part, Quiz, Tolerance, Variant, play_text
from .wrong import feedback

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
MANIFEST = "http://www.imsglobal.org/xsd/imscp_v1p1"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
MATH = "http://www.w3.org/1998/Math/MathML"
LOCATION = f"{QTI} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"
MANIFEST_LOCATION = f"{MANIFEST} http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
PICTURE = "network.svg"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the package, so that the same quiz has the same bytes."""
SLACK = Decimal("1.000001")
"""Platforms compare machine numbers: a figure on the border of the tolerance must not fall outside."""
FIELD_LENGTH = "16"
ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;")
"""Names of characters that HTML knows and XML does not."""
NEWER = re.compile(r'(<mtable\b[^>]*?) scriptlevel="[^"]*"')
"""What MathML 2, which QTI 2.1 takes, does not know yet."""


class Xhtml:
    """How the body of an item writes formulas and pictures."""

    def math(self, tex: str) -> Markup:
        """As MathML."""
        return Markup(_math(tex))

    def picture(self) -> Markup:
        """A file of the package."""
        return Markup('<p><img src="{}" alt="{}"/></p>').format(PICTURE, picture_words())

    def typed_mark(self, mark: str) -> str:
        """A point."""
        return "point" if mark == "comma" else ""


@cache
def _math(tex: str) -> str:
    made = legal(ENTITY.sub(lambda found: unescape(found[0]), mathml(tex, display=False)))
    return re.sub(r"^<math[^>]*>", f'<math xmlns="{MATH}">', NEWER.sub(r"\1", made))


def qti_package(quiz: Quiz) -> bytes:
    """The package as a zip file."""
    items = [(_item_id(variant, part), variant, part) for pool in quiz.pools.values() for variant, part in pool]
    files = {"imsmanifest.xml": _manifest(quiz, [id for id, _, _ in items]), "test.xml": _test(quiz)}
    files |= {f"{id}.xml": _item(quiz, id, variant, part) for id, variant, part in items}
    if quiz.picture:
        files[PICTURE] = quiz.picture
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as package:
        for name, text in files.items():
            package.writestr(zipfile.ZipInfo(name, EARLIEST), text.encode())
    return packed.getvalue()


def _item_id(variant: Variant, part: Part) -> str:
    return f"part{part.number:02}-variant{variant.number:03}"


# ---------------------------------------------------------------- the manifest and the test


def _manifest(quiz: Quiz, items: list[str]) -> str:
    pictures = [element("file", href=PICTURE)] if quiz.picture else []
    resources = [
        element(
            "resource",
            element("file", href=f"{id}.xml"),
            *pictures,
            identifier=id,
            type="imsqti_item_xmlv2p1",
            href=f"{id}.xml",
        )
        for id in items
    ]
    test = element(
        "resource",
        element("file", href="test.xml"),
        *(element("dependency", identifierref=id) for id in items),
        identifier="test",
        type="imsqti_test_xmlv2p1",
        href="test.xml",
    )
    about = element("metadata", element("schema", "QTIv2.1 Package"), element("schemaversion", "1.0.0"))
    return DECLARATION + element(
        "manifest",
        about,
        element("organizations"),
        element("resources", test, *resources),
        xmlns=MANIFEST,
        xmlns_xsi=INSTANCE,
        identifier=f"explainer-{quiz.fingerprint}-{abs(quiz.seed)}",
        xsi_schemaLocation=MANIFEST_LOCATION,
    )


def _test(quiz: Quiz) -> str:
    sections = [
        element(
            "assessmentSection",
            element("selection", select="1"),
            *(element("assessmentItemRef", identifier=_item_id(v, p), href=f"{_item_id(v, p)}.xml") for v, p in pool),
            identifier=f"part{number:02}",
            title=part_name(quiz, pool[0][1]),
            visible="true",
        )
        for number, pool in quiz.pools.items()
    ]
    part = element("testPart", *sections, identifier="parts", navigationMode="linear", submissionMode="individual")
    return DECLARATION + element(
        "assessmentTest",
        part,
        xmlns=QTI,
        xmlns_xsi=INSTANCE,
        xsi_schemaLocation=LOCATION,
        identifier=f"explainer-{quiz.fingerprint}",
        title=shortened(quiz.title, 200),
    )


# ---------------------------------------------------------------- an item


def _item(quiz: Quiz, id: str, variant: Variant, part: Part) -> str:
    numbered = list(enumerate(part.blanks, 1))
    body = page(quiz, variant, [part], Xhtml(), restate=True)
    body = with_fields(body, {blank.id: _field(number) for number, blank in numbered})
    return DECLARATION + element(
        "assessmentItem",
        *(_response(number, blank) for number, blank in numbered),
        _outcome("SCORE", "float", "0"),
        _outcome("MAXSCORE", "float", str(sum(blank.points for blank in part.blanks))),
        *(_outcome(f"FEEDBACK_{number}", "identifier", "NONE") for number, _ in numbered),
        element("itemBody", body),
        element("responseProcessing", *(_processing(number, blank) for number, blank in numbered)),
        *(told for number, blank in numbered for told in _told(number, blank)),
        xmlns=QTI,
        xmlns_xsi=INSTANCE,
        xsi_schemaLocation=LOCATION,
        identifier=id,
        title=shortened(question_name(quiz, variant, part), 200),
        adaptive="false",
        timeDependent="false",
    )


def _field(number: int) -> str:
    return element("textEntryInteraction", responseIdentifier=f"RESPONSE_{number}", expectedLength=FIELD_LENGTH)


def _response(number: int, blank: Blank) -> str:
    return element(
        "responseDeclaration",
        element("correctResponse", element("value", blank.text)),
        identifier=f"RESPONSE_{number}",
        cardinality="single",
        baseType="float",
    )


def _outcome(name: str, kind: str, value: str) -> str:
    default = element("defaultValue", element("value", value))
    return element("outcomeDeclaration", default, identifier=name, cardinality="single", baseType=kind)


def _processing(number: int, blank: Blank) -> str:
    """No figure; the answer, for the points; each wrong figure, for what is said of it; any other."""
    right = [_equal(number, text, blank.tolerance) for text in blank.right]
    points = element("baseValue", str(blank.points), baseType="float")
    score = element("setOutcomeValue", element("sum", _variable("SCORE"), points), identifier="SCORE")
    wrong = [
        element("responseElseIf", _equal(number, wrong.text, Tolerance(wrong.unit)), _say(number, f"WRONG_{place}"))
        for place, wrong in enumerate(blank.wrong, 1)
    ]
    return element(
        "responseCondition",
        element("responseIf", element("isNull", _variable(f"RESPONSE_{number}")), _say(number, "NONE")),
        element("responseElseIf", element("or", *right), score, _say(number, "RIGHT")),
        *wrong,
        element("responseElse", _say(number, "OTHER")),
    )


def _equal(number: int, text: str, play: Tolerance) -> str:
    compared = (_variable(f"RESPONSE_{number}"), element("baseValue", text, baseType="float"))
    if not play.size:
        return element("equal", *compared, toleranceMode="exact")
    size = play.size.scaleb(2) if play.relative else play.size
    mode = "relative" if play.relative else "absolute"
    return element("equal", *compared, toleranceMode=mode, tolerance=" ".join([play_text(size * SLACK)] * 2))


def _variable(name: str) -> str:
    return element("variable", identifier=name)


def _say(number: int, what: str) -> str:
    return element(
        "setOutcomeValue", element("baseValue", what, baseType="identifier"), identifier=f"FEEDBACK_{number}"
    )


def _told(number: int, blank: Blank) -> Iterator[str]:
    """What is said after each outcome."""
    told = {"RIGHT": feedback("right")}
    told |= {f"WRONG_{place}": wrong.feedback for place, wrong in enumerate(blank.wrong, 1)}
    told["OTHER"] = feedback("other")
    for what, html in told.items():
        yield element(
            "modalFeedback",
            html,
            outcomeIdentifier=f"FEEDBACK_{number}",
            showHide="show",
            identifier=what,
            title=shortened(xml_text(blank.id), 60),
        )
