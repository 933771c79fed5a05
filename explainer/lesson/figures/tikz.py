r"""Writes a Drawing as a ``tikzpicture``, which needs ``\usepackage{tikz}`` and no TikZ library."""

from __future__ import annotations

from .drawing import BLACK, Anchor, Box, Drawing, Oval, Path, Primitive, Text, coordinate

_ANCHORS: dict[Anchor, str] = {"start": "base west", "middle": "base", "end": "base east"}
_ESCAPES = {ord(character): f"\\{character}" for character in "%&#_${}"} | {
    ord("\\"): r"\textbackslash{}",
    ord("~"): r"\textasciitilde{}",
    ord("^"): r"\textasciicircum{}",
    ord("<"): r"\textless{}",
    ord(">"): r"\textgreater{}",
}


def tikz(drawing: Drawing) -> str:
    """The drawing as TeX text: coordinates in points, y downwards, as in the Drawing."""
    corners = _point(0, drawing.top), _point(drawing.width, drawing.top + drawing.height)
    return "\n".join(
        [
            r"\begin{tikzpicture}[x=1pt,y=-1pt,line join=round,every node/.style={inner sep=0pt,outer sep=0pt}]",
            rf"\useasboundingbox {corners[0]} rectangle {corners[1]};",
            *map(_command, drawing.primitives),
            r"\end{tikzpicture}",
            "",
        ]
    )


def _command(primitive: Primitive) -> str:
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
    parts = "".join(_part(part) for part in path.parts)
    closing = "" if path.fill is None else " -- cycle"
    return rf"\path{_paint(path)} {_point(*path.start)}{parts}{closing};"


def _part(part: tuple[float, ...]) -> str:
    if len(part) == 2:
        return f" -- {_point(*part)}"
    first, second, end = (_point(*part[i : i + 2]) for i in (0, 2, 4))
    return f" .. controls {first} and {second} .. {end}"


def _oval(oval: Oval) -> str:
    radii = f"[x radius={coordinate(oval.x_radius)},y radius={coordinate(oval.y_radius)}]"
    return rf"\path{_paint(oval)} {_point(oval.x, oval.y)} ellipse {radii};"


def _box(box: Box) -> str:
    corner = f",rounded corners={coordinate(box.corner)}pt" if box.corner else ""
    low = _point(box.x - box.half_width, box.y - box.half_height)
    high = _point(box.x + box.half_width, box.y + box.half_height)
    return rf"\path{_paint(box, corner)} {low} rectangle {high};"


def _text(text: Text) -> str:
    content = text.content.translate(_ESCAPES) if text.words else f"${text.content}$"
    ink = "" if text.ink == BLACK else f",text={_grey(text.ink)}"
    turn = coordinate(-text.angle)  # TikZ turns against the clock
    rotate = "" if turn == "0" else f",rotate={turn}"
    font = rf"\fontsize{{{text.size}}}{{{text.size}}}\selectfont"
    return rf"\node[anchor={_ANCHORS[text.anchor]}{ink}{rotate}] at {_point(text.x, text.y)} {{{font} {content}}};"


def _paint(shape: Path | Oval | Box, options: str = "") -> str:
    fill = "" if shape.fill is None else f",fill={_grey(shape.fill)}"
    draw = f",draw={_grey(shape.ink)},line width={coordinate(shape.width)}pt" if shape.width else ""
    return f"[{(draw + fill + options)[1:]}]"


def _grey(ink: int) -> str:
    return f"black!{ink}"


def _point(x: float, y: float) -> str:
    return f"({coordinate(x)},{coordinate(y)})"
