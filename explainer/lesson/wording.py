"""Phrases of a lesson's own prose, put in other words by the calculation file; what is not prose is left alone.

Text from the file stands between marks while a lesson is made, so that it can be told from the lesson's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

OPEN, CLOSE = "\x02", "\x03"
"""Around text from the file. Neither can be typed in one: what cannot be seen is refused or taken out on reading."""
_MARKS = re.compile(f"[{OPEN}{CLOSE}]")
_NOT_PROSE = rf"{OPEN}[^{CLOSE}]*{CLOSE}|\$\$.*?\$\$|\$[^$]*\$|\]\([^)\s]*\)|<[^<>]*>|&#?\w+;"
"""Text from the file, displays, formulas, link targets, tags and character references."""

VOWELS = "aeiouAEIOU"
"""Before these stands ``an``."""
Wording = tuple[tuple[str, str], ...]


def own(text: str) -> str:
    """Text from the file, marked."""
    return f"{OPEN}{text}{CLOSE}"


def reworded(text: str, wording: Wording, written: Callable[[str], str] = str) -> str:
    """The text in the file's words, its marks taken out. ``written`` makes a phrase fit for the kind of text."""
    if not wording:
        return _MARKS.sub("", text)
    phrases = {_folded(phrase): written(other) for phrase, other in wording}

    def replaced(found: re.Match[str]) -> str:
        article, phrase = found["article"] or "", found["phrase"]
        if phrase is None:
            return _MARKS.sub("", found[0])
        other = phrases.get(phrase) or phrases[_folded(phrase)]
        if article and (phrase[0] in VOWELS) != (other[:1] in VOWELS):
            article = f"{article[0]} " if other[:1] not in VOWELS else f"{article[0]}n "
        if phrase[0].isupper() and not _begins_large(phrase, wording):
            other = other[:1].upper() + other[1:]
        return article + other

    return _pattern(wording).sub(replaced, text)


def _begins_large(found: str, wording: Wording) -> bool:
    """Whether the phrase is written with a capital in the file, so that its replacement is as typed."""
    return any(phrase == found for phrase, _ in wording)


def _folded(phrase: str) -> str:
    """The phrase with a small first letter."""
    return phrase[:1].lower() + phrase[1:]


@lru_cache(maxsize=8)
def _pattern(wording: Wording) -> re.Pattern[str]:
    """What is not prose, or else a phrase, perhaps with an article before it: whole words, the longest first, first
    letters small or large."""
    phrases = sorted((phrase for phrase, _ in wording), key=len, reverse=True)
    found = "|".join(_either(phrase) for phrase in phrases)
    return re.compile(rf"{_NOT_PROSE}|(?<!\w)(?P<article>[Aa]n? )?(?P<phrase>{found})(?!\w)", re.DOTALL)


def _either(phrase: str) -> str:
    first = re.escape(phrase[0])
    small_or_large = f"[{first.lower()}{first.upper()}]" if phrase[0].isalpha() else first
    return small_or_large + re.escape(phrase[1:])
