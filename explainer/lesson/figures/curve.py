"""Draws a curve on two axes, such as the error against the step; an axis that spans decades is logarithmic."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import ceil, floor, isfinite, log10

from msgspec import Struct
from msgspec.structs import replace

from .drawing import Drawing, Oval, Path, Point, Primitive, Text
from .mathtext import math_width, words_width

_WIDTH = 360.0
_HEIGHT = 210.0
_TICK_SIZE = 8
_LABEL_SIZE = 9
_TOP, _BOTTOM, _RIGHT = 24.0, 38.0, 20.0
_SHOWN_POINTS = 200
_DECADES = 2
"""An axis is logarithmic where its data spans more than that."""
_ZERO = 0.6
"""How far left of the smallest value a zero stands on a logarithmic axis, in decades."""
_FAINT = 15
_PAD = 0.05


class Axis(Struct, frozen=True):
    """Where values go, from 0 to 1, and the ticks: values with their TeX, or without it for the small ones."""

    low: float
    high: float
    logarithmic: bool
    smallest: float
    """The smallest positive value, which a logarithmic axis needs to know where a zero goes."""
    ticks: tuple[tuple[float, str], ...]

    def position(self, value: float) -> float:
        """0 at the low end and 1 at the high end."""
        return (self._scaled(value) - self.low) / (self.high - self.low)

    def value(self, position: float) -> float:
        """The reverse of ``position``, for positive values."""
        scaled = self.low + position * (self.high - self.low)
        return float(10**scaled) if self.logarithmic else scaled

    def _scaled(self, value: float) -> float:
        if not self.logarithmic:
            return value
        return log10(value) if value > 0 else log10(self.smallest) - _ZERO


def curve_drawing(
    points: Sequence[tuple[float, float]],
    *,
    marks: Sequence[tuple[float, float]] = (),
    x_label: str,
    y_label: str,
    mark: str = ".",
) -> Drawing:
    """The curve through the points, which are sorted by x, with dots at the marks. The labels are plain words.

    ``mark`` is the decimal mark in TeX.

    Of many points about 200 are drawn. Points that are not finite are left out.

    Raises:
        ValueError: There is no finite point.
    """
    x_axis = _axis(points[0][0], points[-1][0], _smallest_x(points), pad=0) if points else None
    shown = [point for point in _thinned(points, x_axis) if isfinite(point[1])] if x_axis else []
    if not x_axis or not shown:
        raise ValueError("a curve needs a finite point")
    marks = [mark for mark in marks if isfinite(mark[1])]
    heights = [y for _, y in (*shown, *marks)]
    y_axis = _axis(min(heights), max(heights), min((y for y in heights if y > 0), default=0), pad=_PAD)
    sheet = _Sheet(*(replace(axis, ticks=_marked(axis.ticks, mark)) for axis in (x_axis, y_axis)))
    return Drawing(_WIDTH, _HEIGHT, (*sheet.frame(x_label, y_label), *sheet.curve(shown), *sheet.dots(marks)))


def _marked(ticks: Sequence[tuple[float, str]], mark: str) -> tuple[tuple[float, str], ...]:
    """The ticks with that decimal mark."""
    return tuple((value, tex.replace(".", mark)) for value, tex in ticks)


def _smallest_x(points: Sequence[tuple[float, float]]) -> float:
    first = bisect_left(points, True, key=lambda point: point[0] > 0)
    return points[first][0] if first < len(points) else 0


def _thinned(points: Sequence[tuple[float, float]], axis: Axis) -> Sequence[tuple[float, float]]:
    """The points nearest to evenly spaced places on the axis, the first and the last among them."""
    if len(points) <= _SHOWN_POINTS:
        return points
    targets = (axis.value(number / (_SHOWN_POINTS - 2)) for number in range(_SHOWN_POINTS - 2))
    chosen = {bisect_left(points, target, key=lambda point: point[0]) for target in targets}
    return [points[index] for index in sorted({0, len(points) - 1, *chosen}) if index < len(points)]


def _axis(low: float, high: float, smallest: float, pad: float) -> Axis:
    if low >= 0 and smallest > 0 and high > smallest * 10**_DECADES:
        return _logarithmic_axis(low, high, smallest, pad)
    if low == high:
        low, high, pad = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2, 0
    room = (high - low) * pad
    low, high = low - room, high + room
    return Axis(low, high, False, smallest, tuple(_even_ticks(low, high)))


def _logarithmic_axis(low: float, high: float, smallest: float, pad: float) -> Axis:
    bottom, top = log10(smallest) - (0 if low else _ZERO), log10(high)
    room = (top - bottom) * pad
    zero = () if low else ((0.0, "0"),)
    return Axis(bottom - room, top + room, True, smallest, (*zero, *_decade_ticks(smallest, high)))


def _decade_ticks(low: float, high: float) -> Iterator[tuple[float, str]]:
    first, last = ceil(log10(low) - 1e-9), floor(log10(high) + 1e-9)
    every = ceil((last - first + 1) / 7)
    for exponent in range(first - 1, last + 1):
        if exponent >= first and (exponent - first) % every == 0:
            yield 10.0**exponent, _power_of_ten(exponent)
        if every == 1:
            yield from ((m * 10.0**exponent, "") for m in range(2, 10) if low < m * 10.0**exponent < high)


def _power_of_ten(exponent: int) -> str:
    return _decimal(1, exponent) if -4 <= exponent <= 6 else f"10^{{{exponent}}}"


def _even_ticks(low: float, high: float) -> Iterator[tuple[float, str]]:
    """Four to eight multiples of 1, 2 or 5 times a power of ten."""
    exponent = floor(log10((high - low) / 4))
    factor = next((m for m in (5, 2) if m * 10.0**exponent <= (high - low) / 4), 1)
    step = factor * 10.0**exponent
    for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1):
        yield number * step, _decimal(number * factor, exponent)


def _decimal(digits: int, exponent: int) -> str:
    r"""``digits`` times a power of ten as people write it: ``0.01``, ``10\,000``."""
    sign, size = "-" * (digits < 0), abs(digits)
    if exponent < 0:
        text = f"{size:0{1 - exponent}}"
        return sign + f"{text[:exponent]}.{text[exponent:]}".rstrip("0").rstrip(".")
    whole = f"{size * 10**exponent:,}"
    return sign + (whole.replace(",", r"\,") if len(whole) > 5 else whole.replace(",", ""))


class _Sheet:
    """The rectangle between the axes, and what is drawn in it and around it."""

    def __init__(self, x_axis: Axis, y_axis: Axis) -> None:
        self.x_axis, self.y_axis = x_axis, y_axis
        self.left = 14 + _TICK_SIZE * max((math_width(tex) for _, tex in y_axis.ticks), default=0)
        self.right, self.bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def at(self, x: float, y: float) -> Point:
        """A point of the data on the sheet."""
        return self._x(x), self._y(y)

    def _x(self, value: float) -> float:
        return self.left + self.x_axis.position(value) * (self.right - self.left)

    def _y(self, value: float) -> float:
        return self.bottom - self.y_axis.position(value) * (self.bottom - _TOP)

    def frame(self, x_label: str, y_label: str) -> Iterator[Primitive]:
        """The axes with their ticks and labels."""
        for value, tex in self.x_axis.ticks:
            yield from self._x_tick(self._x(value), tex)
        for value, tex in self.y_axis.ticks:
            yield from self._y_tick(self._y(value), tex)
        yield Path((self.left, _TOP), ((self.left, self.bottom), (self.right, self.bottom)))
        middle = (self.left + self.right) / 2
        yield Text(middle, _HEIGHT - 8, x_label, _LABEL_SIZE, words=True)
        start = max(6, min(self.left, _WIDTH - 6 - words_width(y_label) * _LABEL_SIZE))
        yield Text(start, 14, y_label, _LABEL_SIZE, "start", words=True)

    def _x_tick(self, x: float, tex: str) -> Iterator[Primitive]:
        if tex:
            yield Path((x, _TOP), ((x, self.bottom),), 0.5, _FAINT)
            yield Text(x, self.bottom + 13, tex, _TICK_SIZE)
        yield Path((x, self.bottom), ((x, self.bottom + (4 if tex else 2)),), 0.5)

    def _y_tick(self, y: float, tex: str) -> Iterator[Primitive]:
        if tex:
            yield Path((self.left, y), ((self.right, y),), 0.5, _FAINT)
            yield Text(self.left - 6, y + 0.32 * _TICK_SIZE, tex, _TICK_SIZE, "end")
        yield Path((self.left, y), ((self.left - (4 if tex else 2), y),), 0.5)

    def curve(self, points: Sequence[tuple[float, float]]) -> Iterator[Primitive]:
        """The line through the points."""
        start, *rest = (self.at(x, y) for x, y in points)
        if rest:
            yield Path(start, tuple(rest), 1.2)

    def dots(self, marks: Sequence[tuple[float, float]]) -> Iterator[Primitive]:
        """A dot at every mark."""
        for mark in marks:
            yield Oval(*self.at(*mark), 2.6, 2.6, 1, fill=100)
