"""Writes a Drawing as a self-contained SVG document: no scripts, no fonts and nothing else from outside."""

from __future__ import annotations

from functools import lru_cache

from .drawing import BLACK, Box, Drawing, Oval, Path, Primitive, Text, coordinate
from .mathtext import Run, math_runs

_FONTS = "'Times New Roman',Times,'Liberation Serif','Nimbus Roman','Noto Serif',serif"
_NOT_IN_XML = dict.fromkeys(code for code in range(32) if code not in (9, 10, 13))
_ESCAPES = {**_NOT_IN_XML, ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}


def svg(drawing: Drawing, title: str, description: str) -> str:
    """The drawing as SVG text, on white so that it reads in dark mode and in print alike."""
    top, width, height = coordinate(drawing.top), coordinate(drawing.width), coordinate(drawing.height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}pt" height="{height}pt" '
            f'viewBox="0 {top} {width} {height}" font-family="{_FONTS}" text-anchor="middle" stroke-linejoin="round">',
            f"<title>{_escaped(title)}</title>",
            f"<desc>{_escaped(description)}</desc>",
            f'<rect y="{top}" width="{width}" height="{height}" rx="4" fill="#fff"/>',
            *map(_element, drawing.primitives),
            "</svg>",
            "",
        ]
    )


def _element(primitive: Primitive) -> str:
    match primitive:
        case Text():
            return _text(primitive)
        case Path():
            return _path(primitive)
        case Oval():
            return _oval(primitive)
        case Box():
            return _box(primitive)


def _path(path: Path) -> str:
    parts = "".join(f"{'LC'[len(part) > 2]}{' '.join(map(coordinate, part))}" for part in path.parts)
    start = f"{coordinate(path.start[0])} {coordinate(path.start[1])}"
    return f'<path d="M{start}{parts}{"" if path.fill is None else "Z"}"{_paint(path)}/>'


def _oval(oval: Oval) -> str:
    centre = f'cx="{coordinate(oval.x)}" cy="{coordinate(oval.y)}"'
    return f'<ellipse {centre} rx="{coordinate(oval.x_radius)}" ry="{coordinate(oval.y_radius)}"{_paint(oval)}/>'


def _box(box: Box) -> str:
    corner = f' rx="{coordinate(box.corner)}"' if box.corner else ""
    return (
        f'<rect x="{coordinate(box.x - box.half_width)}" y="{coordinate(box.y - box.half_height)}" '
        f'width="{coordinate(2 * box.half_width)}" height="{coordinate(2 * box.half_height)}"{corner}{_paint(box)}/>'
    )


def _text(text: Text) -> str:
    anchor = "" if text.anchor == "middle" else f' text-anchor="{text.anchor}"'
    ink = "" if text.ink == BLACK else f' fill="{_grey(text.ink)}"'
    content = _escaped(text.content) if text.words else _math(text.content, text.size)
    return (
        f'<text x="{coordinate(text.x)}" y="{coordinate(text.y)}" font-size="{text.size}"{anchor}{ink}'
        f"{_turn(text.angle, text.x, text.y)}>{content}</text>"
    )


@lru_cache(maxsize=4096)
def _math(tex: str, size: int) -> str:
    """Runs one after the other. Each says how far it stands above or below the one before, so the line comes back."""
    runs = math_runs(tex)
    rises = [0.0, *(run.rise for run in runs)]
    return "".join(_run(run, size, (before - run.rise) * size) for before, run in zip(rises, runs, strict=False))


def _run(run: Run, size: int, shift: float) -> str:
    attributes = (
        (' font-style="italic"' if run.italic else "")
        + (f' font-size="{coordinate(run.scale * size)}"' if run.scale != 1 else "")
        + (f' dy="{coordinate(shift)}"' if coordinate(shift) != "0" else "")
    )
    text = _escaped(run.text)
    return f"<tspan{attributes}>{text}</tspan>" if attributes else text


def _turn(angle: float, x: float, y: float) -> str:
    turn = coordinate(angle)
    return "" if turn == "0" else f' transform="rotate({turn} {coordinate(x)} {coordinate(y)})"'


def _paint(shape: Path | Oval | Box) -> str:
    fill = ' fill="none"' if shape.fill is None else f' fill="{_grey(shape.fill)}"'
    return f'{fill} stroke="{_grey(shape.ink)}" stroke-width="{coordinate(shape.width)}"' if shape.width else fill


@lru_cache(maxsize=101)
def _grey(ink: int) -> str:
    """A percentage of black as a colour."""
    return f"#{(255 * (100 - ink) + 50) // 100:02x}" + f"{(255 * (100 - ink) + 50) // 100:02x}" * 2


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
