"""Variant codes: what a sheet was drawn from, shuffled with the teacher's secret. Without it a code reveals nothing.

A code is a permutation of 100 bits, a Feistel network of eight rounds whose round function is HMAC-SHA256 under the
secret (Luby and Rackoff 1988, SIAM Journal on Computing 17, 373-386): who has no secret cannot tell it from chance.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from ..formulas.problems import ExplainerError
from .drawing import SCHEME

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter is taken for a digit, or for another letter."""
MISTAKEN = str.maketrans("OIL", "011")
LETTERS, GROUP = 20, 5
HALF = 50
ROUNDS = 8
CARRIES = ("", "exact", "rounded")
SIZES = (("seed", 32), ("number", 40), ("stage", 2), ("carry", 2))
CHECK = 24
"""Bits that are 0 before they are shuffled: they are not in a code that was made with another secret or file."""
MOST_SEED = 2**32 - 1
HEADER = "explainer secret 1"


class Variant(Struct, frozen=True):
    """What a sheet was drawn from."""

    seed: int
    number: int
    stage: int = 0
    """Its place in a sequence of faded examples, counted from 1; 0 where there is none."""
    carry: str = ""
    """The rounding contract that was asked for; empty: that of the file."""

    @property
    def label(self) -> int | str:
        """What its numbers are drawn for."""
        return f"{self.number}, {self.stage} of a sequence" if self.stage else self.number


def code(variant: Variant, secret: bytes, fingerprint: str) -> str:
    """The code of a variant of the file with that fingerprint."""
    bits = 0
    for value, (_, size) in zip(_values(variant), SIZES, strict=True):
        bits = bits << size | value
    bits <<= CHECK
    left, right = bits >> HALF, bits & (1 << HALF) - 1
    for number in range(ROUNDS):
        left, right = right, left ^ _round(secret, fingerprint, number, right)
    bits = left << HALF | right
    letters = "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LETTERS)))
    return "-".join(letters[i : i + GROUP] for i in range(0, LETTERS, GROUP))


def read_code(text: str, secret: bytes, fingerprint: str) -> Variant:
    """The variant that a code stands for.

    Raises:
        ExplainerError: for what is no code, or one that was made with another secret or for another file.
    """
    letters = re.sub(r"[\s-]", "", text).upper().translate(MISTAKEN)
    if len(letters) != LETTERS or not set(letters) <= set(ALPHABET):
        raise ExplainerError(f"--code: `{text[:60]}` is not a variant code\n    four groups of five letters and digits")
    bits = 0
    for letter in letters:
        bits = bits << 5 | ALPHABET.index(letter)
    left, right = bits >> HALF, bits & (1 << HALF) - 1
    for number in reversed(range(ROUNDS)):
        left, right = right ^ _round(secret, fingerprint, number, left), left
    return _variant(left << HALF | right, text)


def _variant(bits: int, text: str) -> Variant:
    found: dict[str, int] = {}
    check, bits = bits & (1 << CHECK) - 1, bits >> CHECK
    for name, size in reversed(SIZES):
        found[name], bits = bits & (1 << size) - 1, bits >> size
    if check or found["carry"] >= len(CARRIES):
        hint = "a letter may be misread; or the sheet was made with another secret, or from another state of the file"
        raise ExplainerError(f"--code: {text[:60]} does not belong to this file and this secret\n    {hint}")
    return Variant(found["seed"], found["number"], found["stage"], CARRIES[found["carry"]])


def _values(variant: Variant) -> tuple[int, int, int, int]:
    return variant.seed, variant.number, variant.stage, CARRIES.index(variant.carry)


def _round(secret: bytes, fingerprint: str, number: int, half: int) -> int:
    message = f"{SCHEME}\n{fingerprint}\n{number}\n{half}".encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256"), "big") & (1 << HALF) - 1


# ---------------------------------------------------------------- the secret


def secret_in(path: Path, make: bool) -> bytes:
    """The secret kept in a file; ``make`` one where there is no file yet, for its owner alone to read.

    Raises:
        ExplainerError: where the file holds no secret, or cannot be read or made.
    """
    try:
        if make and not path.exists():
            _make(path)
        lines = path.read_text("ascii").split("\n") if path.stat().st_size < 1000 else []
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a file of this program"
        raise ExplainerError(f"--secret: {path}: cannot be read ({reason})") from None
    if len(lines) < 2 or lines[0] != HEADER or not re.fullmatch("[0-9a-f]{64}", lines[1]):
        raise ExplainerError(f"--secret: {path}: does not hold a secret\n    it is made when sheets are made first")
    return bytes.fromhex(lines[1])


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{HEADER}\n{secrets.token_hex(32)}\n")


def mark_of(secret: bytes) -> str:
    """Tells one secret from another, and nothing else about it."""
    return sha256(b"mark\n" + secret).hexdigest()[:12]
