"""Variant codes: they lead back with the secret, and to nothing without it."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.formulas.problems import ExplainerError
from explainer.handouts.codes import ALPHABET, CARRIES, MOST_SEED, Variant, code, read_code, secret_in

SECRET, OTHER = b"1" * 32, b"2" * 32
FILE = "0123456789ab"
VARIANTS = st.builds(
    Variant, st.integers(0, MOST_SEED), st.integers(0, 2**40 - 1), st.integers(0, 3), st.sampled_from(CARRIES)
)


@given(VARIANTS)
def test_a_code_leads_back(variant: Variant) -> None:
    """Whatever the variant, also where the code is typed small, with other letters for digits and without dashes."""
    written = code(variant, SECRET, FILE)
    assert read_code(written, SECRET, FILE) == variant
    typed = written.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_code(typed, SECRET, FILE) == variant


@given(VARIANTS)
def test_another_secret_or_file_reads_nothing(variant: Variant) -> None:
    """A code that does not belong is refused; 24 bits of check let one in 16 million pass."""
    written = code(variant, SECRET, FILE)
    for secret, file in ((OTHER, FILE), (SECRET, "0123456789ac")):
        with pytest.raises(ExplainerError, match="does not belong to this file and this secret"):
            read_code(written, secret, file)


def test_neighbours_have_nothing_in_common() -> None:
    """Of 100 bits, two codes of neighbouring numbers share half by chance: 50 with a deviation of 5, so 20 to 80."""
    codes = [code(Variant(7, number), SECRET, FILE).replace("-", "") for number in range(300)]
    bits = [int("".join(f"{ALPHABET.index(letter):05b}" for letter in text), 2) for text in codes]
    assert all(20 < (one ^ other).bit_count() < 80 for one, other in pairwise(bits))
    assert len(set(codes)) == 300


@pytest.mark.parametrize("text", ["", "ABC", "ABCDE-FGHJK-MNPQR-STVWU", "x" * 10_000, "ABCDE-FGHJK-MNPQR-STVW\x00"])
def test_what_is_no_code(text: str) -> None:
    """U is not a letter of codes."""
    with pytest.raises(ExplainerError, match=r"is not a variant code"):
        read_code(text, SECRET, FILE)


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    """For its owner alone to read; no two are alike."""
    path = tmp_path / "deep" / "secret.txt"
    made = secret_in(path, make=True)
    assert secret_in(path, make=True) == made == secret_in(path, make=False)
    assert secret_in(tmp_path / "other.txt", make=True) != made
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"explainer secret 1\n12\n", b"\xff\xfe", b"x" * 10_000])
def test_a_broken_secret(content: bytes, tmp_path: Path) -> None:
    """It is not written over: the sheets that were made with it would be lost."""
    path = tmp_path / "secret.txt"
    path.write_bytes(content)
    with pytest.raises(ExplainerError, match="--secret"):
        secret_in(path, make=True)
    assert path.read_bytes() == content
