"""Figures: layout, the two writers, the TeX of names and the training curve."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
from itertools import combinations, product
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from explainer.lesson.figures import Edge, Figure, Unit, columns_by_depth, curve_drawing, layered_drawing
from explainer.lesson.figures.drawing import Drawing, Oval, Path, Text, coordinate
from explainer.lesson.figures.graph import abridged
from explainer.lesson.figures.labels import overlap
from explainer.lesson.figures.layout import LABELLED_EDGES, Layout, arrange
from explainer.lesson.figures.mathtext import math_runs
from explainer.lesson.figures.places import MAX_WIDTH

SVG = "{http://www.w3.org/2000/svg}"
Network = tuple[list[list[Unit]], list[Edge]]


def dense(*sizes: int, value: str = "0.15", bias: bool = False) -> Network:
    """A network in which every unit takes all of the column before, with a bias unit per layer if wanted."""
    columns = [[Unit(f"{layer}.{row}", f"u_{{{row + 1}}}") for row in range(size)] for layer, size in enumerate(sizes)]
    edges: list[Edge] = []
    for layer in range(len(sizes) - 1):
        for target, source in product(columns[layer + 1], columns[layer]):
            edges.append(Edge(source.id, target.id, f"w_{{{len(edges) + 1}}}", value))
    if bias:
        for layer in range(len(sizes) - 1):
            edges += [Edge(f"b{layer}", target.id, f"b_{{{layer + 1}}}", value) for target in columns[layer + 1][:1]]
            edges += [Edge(f"b{layer}", target.id, f"b_{{{layer + 1}}}") for target in columns[layer + 1][1:]]
        for layer in range(len(sizes) - 1):
            columns[layer] = [*columns[layer], Unit(f"b{layer}", "1", shape="bias")]
    return columns, edges


def layout_of(network: Network) -> Layout:
    """The layout of a network, for its measures."""
    columns, edges = network
    return arrange(abridged(columns, ()), tuple(edges))


def drawing_of(network: Network) -> Drawing:
    """The picture of a network."""
    columns, edges = network
    return layered_drawing(columns, edges)


def texts(drawing: Drawing) -> list[str]:
    """What is written in a picture, in the order of drawing."""
    return [primitive.content for primitive in drawing.primitives if isinstance(primitive, Text)]


def figure(drawing: Drawing) -> Figure:
    """The picture with a title and a description."""
    return Figure("network", "A network", "Two inputs, two outputs.", lambda: drawing)


def svg_text(tex: str) -> str:
    """The text that SVG shows for a formula."""
    return "".join(run.text for run in math_runs(tex))


EVERYDAY_SHAPES = [(2, 2, 2), (1, 1, 1), (3, 3, 3, 1), (2, 5, 2), (1, 4, 1), (5, 5), (3, 5, 3), (5, 6)]
SHAPES = (
    EVERYDAY_SHAPES
    + [sizes for columns in (2, 3, 4, 5, 6) for sizes in product(range(1, 7 if columns < 4 else 4), repeat=columns)][
        ::5
    ]
)


@pytest.mark.parametrize("value", ["0.15", "-0.149780716", r"1.23 \times 10^{-5}"])
@pytest.mark.parametrize("bias", [False, True])
def test_labels_never_overlap(value: str, bias: bool) -> None:
    """No label touches another label or a unit, whatever the shape of the network and the length of its numbers."""
    for sizes in SHAPES:
        layout = layout_of(dense(*sizes, value=value, bias=bias))
        labels = [label.block for label in layout.labels.values()]
        units = [block for place in layout.places.values() for block in place.blocks()]
        assert not any(overlap(a, b) for a, b in combinations(labels + units, 2)), sizes


def test_up_to_thirty_weights_show_names_and_values() -> None:
    """Every edge carries its name and its value; biases come on top."""
    for sizes in SHAPES:
        if len(dense(*sizes)[1]) <= LABELLED_EDGES:
            network = dense(*sizes, bias=True)
            shown = " ".join(texts(drawing_of(network)))
            assert all(edge.tex in shown for edge in network[1]), sizes
            assert shown.count("0.15") == sum(edge.value != "" for edge in network[1]), sizes


def test_many_weights_show_units_only() -> None:
    """Above about 30 weights the edges are drawn without labels."""
    network = dense(2, 4, 4, 4, 2)
    assert len(network[1]) > LABELLED_EDGES
    assert not layout_of(network).labels
    assert len(layout_of(network).routes) == len(network[1])


def test_long_columns_are_cut_with_an_ellipsis() -> None:
    """Of 50 units the first three and the last are drawn, with three dots between them."""
    drawing = drawing_of(dense(50, 50, 50))
    assert texts(drawing) == ["u_{1}", "u_{2}", "u_{3}", "u_{50}"] * 3
    assert sum(isinstance(p, Oval) and p.x_radius < 2 for p in drawing.primitives) == 9


def test_many_columns_are_cut_with_an_ellipsis() -> None:
    """Of 100 layers the first three and the last two are drawn, and no bias unit is left dangling."""
    layout = layout_of(dense(*[2] * 100, bias=True))
    assert {int(unit.split(".")[0]) for unit in layout.places if "." in unit} == {0, 1, 2, 98, 99}
    assert [unit for unit in layout.places if unit.startswith("b")] == ["b0", "b1", "b98"]
    assert len(layout.dots) == 1


def test_lit_units_survive_the_ellipsis() -> None:
    """A path through the middle of a long column stays visible."""
    columns, edges = dense(20, 1)
    edges[10] = replace(edges[10], lit=True)
    assert "u_{11}" in texts(layered_drawing(columns, edges))


@pytest.mark.parametrize("sizes", [(2, 2, 2), (5, 5), (3, 3, 3, 3, 3, 3), (50, 50, 50), (1,) * 8, (2,) * 100])
def test_a_picture_fits_the_page(sizes: tuple[int, ...]) -> None:
    """No picture is wider than 150 mm."""
    assert drawing_of(dense(*sizes, bias=True)).width <= MAX_WIDTH <= 150 / 25.4 * 72.27


def test_everything_lies_on_the_sheet() -> None:
    """Units and labels stay within the borders of the picture."""
    for sizes in SHAPES:
        layout = layout_of(dense(*sizes, bias=True))
        blocks = [block for place in layout.places.values() for block in place.blocks()]
        corners = [c for block in blocks + [label.block for label in layout.labels.values()] for c in block.corners()]
        assert all(0 <= x <= layout.width and layout.top <= y <= layout.top + layout.height for x, y in corners)


def test_the_path_reads_without_colour() -> None:
    """Lit edges and units are at least three times as thick as the others."""
    columns, edges = dense(2, 2, 2)
    edges[0] = replace(edges[0], lit=True)
    strokes = [p for p in layered_drawing(columns, edges).primitives if isinstance(p, Path | Oval) and p.width]
    widths = sorted({p.width for p in strokes})
    assert len(widths) == 2
    assert widths[1] >= 3 * widths[0]
    assert sum(isinstance(p, Path) and p.width == widths[1] for p in strokes) == 1
    assert sum(isinstance(p, Oval) and p.width == widths[1] for p in strokes) == 2


def test_a_path_does_not_move_the_network() -> None:
    """The same network stands in the same place whichever path is lit."""
    columns, edges = dense(2, 2, 2)
    lit = [replace(edge, lit=edge.source == "0.0") for edge in edges]

    def positions(drawing: Drawing) -> set[tuple[float, float]]:
        return {(p.x, p.y) for p in drawing.primitives if isinstance(p, Text)}

    assert positions(layered_drawing(columns, edges)) == positions(layered_drawing(columns, lit))


def test_an_edge_past_a_column_avoids_its_units() -> None:
    """An edge that skips a column whose units are in its way runs around them, and keeps its label."""
    columns = [[Unit("a", "a")], [Unit("b", "b")], [Unit("c", "c")]]
    edges = (Edge("a", "b"), Edge("b", "c"), Edge("a", "c", "w", "0.5"))
    layout = layout_of((columns, list(edges)))
    middle = layout.places["b"]
    assert len(layout.routes[2].parts) == 3
    assert layout.labels[2].block.y < middle.y - middle.y_radius


def test_an_edge_past_a_column_is_straight_where_the_way_is_free() -> None:
    """Without a label and with nothing in its way a skipping edge is a straight line."""
    columns = [[Unit("a", "a"), Unit("z", "z")], [Unit("b", "b")], [Unit("c", "c"), Unit("d", "d")]]
    layout = layout_of((columns, [Edge("a", "c")]))
    assert len(layout.routes[0].parts) == 1


def test_edges_may_run_backwards_and_within_a_column() -> None:
    """An edge ends at its target, wherever that stands."""
    columns = [[Unit("a", "a"), Unit("b", "b")], [Unit("c", "c")]]
    layout = layout_of((columns, [Edge("c", "a"), Edge("a", "b")]))
    a, b = layout.places["a"], layout.places["b"]
    assert layout.routes[0].end == pytest.approx(a.border(layout.places["c"].x, layout.places["c"].y))
    assert layout.routes[1].end == pytest.approx((b.x + b.x_radius, b.y))


@pytest.mark.parametrize("edge", [Edge("a", "nowhere"), Edge("a", "a")])
def test_an_edge_joins_two_units(edge: Edge) -> None:
    """An edge to an unknown unit or to its own source is an error that names both ends."""
    with pytest.raises(ValueError, match=f"'{edge.source}' and '{edge.target}'"):
        layered_drawing([[Unit("a", "a")]], [edge])


def test_columns_by_depth_put_inputs_next_to_their_consumer() -> None:
    """A unit stands right of all it uses; one that uses nothing stands just before the first that uses it."""
    units = [Unit(name, name) for name in ("x", "w", "dot", "v", "f")]
    edges = [Edge("x", "dot"), Edge("w", "dot"), Edge("dot", "f"), Edge("v", "f"), Edge("x", "f")]
    columns = [[unit.id for unit in column] for column in columns_by_depth(units, edges)]
    assert columns == [["x", "w"], ["dot", "v"], ["f"]]


def test_value_above_and_note_below() -> None:
    """The value stands above its unit, the note (a target or a gradient) below."""
    unit = Unit("f", "f", value="0.73", note="1.00")
    heights = {p.content: p.y for p in layered_drawing([[unit]], []).primitives if isinstance(p, Text)}
    assert heights["0.73"] < heights["f"] < heights["1.00"]


def test_svg_is_well_formed_and_says_what_it_shows() -> None:
    """The SVG parses, has the role of an image, a title and a description, and needs nothing from outside."""
    text = figure(drawing_of(dense(2, 2, 2, bias=True))).svg()
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert [root[0].tag, root[0].text] == [f"{SVG}title", "A network"]
    assert [root[1].tag, root[1].text] == [f"{SVG}desc", "Two inputs, two outputs."]
    assert not re.search(r"<script|href|url\(|<style", text)


def test_svg_has_a_white_ground() -> None:
    """A white rectangle as large as the picture lies beneath everything, for dark pages."""
    drawing = drawing_of(dense(2, 2))
    ground = ElementTree.fromstring(figure(drawing).svg())[2]
    assert ground.attrib["fill"] == "#fff"
    assert ground.attrib["width"] == coordinate(drawing.width)


def test_special_characters_are_escaped() -> None:
    """Words and names may hold the special characters of XML and TeX."""
    drawing = curve_drawing([(0, 1), (1, 2)], x_label='a < b & "c" 50%_#', y_label="y")
    shown = Figure("curve", "1 < 2", "a & b", lambda: drawing)
    assert any(element.text == 'a < b & "c" 50%_#' for element in ElementTree.fromstring(shown.svg()).iter())
    assert r"a \textless{} b \& " in shown.tikz()
    assert r"50\%\_\#" in shown.tikz()
    ElementTree.fromstring(figure(layered_drawing([[Unit("a", r"a < b \& c")]], [])).svg())


def test_both_writers_use_the_same_coordinates() -> None:
    """Every circle and every text stands at the same point in SVG and in TikZ."""
    drawing = drawing_of(dense(2, 3, 2, bias=True))
    root, tikz = ElementTree.fromstring(figure(drawing).svg()), figure(drawing).tikz()
    circles = [(e.attrib["cx"], e.attrib["cy"]) for e in root.iter(f"{SVG}ellipse")]
    labels = [(e.attrib["x"], e.attrib["y"]) for e in root.iter(f"{SVG}text")]
    assert circles == re.findall(r"\(([-\d.]+),([-\d.]+)\) ellipse", tikz)
    assert labels == re.findall(r"at \(([-\d.]+),([-\d.]+)\)", tikz)
    assert len(circles) == 7


def test_tikz_takes_names_as_they_are() -> None:
    """A name stands between dollar signs, with the minus of mathematics."""
    tikz = figure(layered_drawing([[Unit("h", r"\mathit{net_{h1}}", value="-3.00")]], [])).tikz()
    assert r"$\mathit{net_{h1}}$" in tikz
    assert "$-3.00$" in tikz
    assert tikz.startswith(r"\begin{tikzpicture}")


def test_output_is_the_same_in_every_process() -> None:
    """The same input gives the same bytes, whatever the seed of Python's hashes."""
    program = (
        "from explainer.lesson.figures import *;"
        "us = [[Unit(f'{c}{r}', 'u') for r in range(3)] for c in range(3)];"
        "es = [Edge(a.id, b.id, 'w', '0.5', a.id == '00') for c in (0, 1) for a in us[c] for b in us[c + 1]];"
        "print(Figure('n', 't', 'd', lambda: layered_drawing(us, es, lit_units={'21', '22', '11'})).svg())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (1.005001, "1.01"), (-0.001, "0"), (0.5, "0.5"), (100.0, "100"), (-2.5, "-2.5")]
)
def test_coordinates_are_short(value: float, text: str) -> None:
    """Two decimals at most, no trailing zeros and no negative zero."""
    assert coordinate(value) == text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("w_{5}", "w5"),
        ("w_5", "w5"),
        ("w_{5}^{+}", "w5+"),
        (r"\mathit{net_{h1}}", "neth1"),
        (r"E_{\mathrm{total}}", "Etotal"),
        (r"\theta_{3}", "θ3"),
        (r"\delta_{o1}", "δo1"),
        (r"\hat{y}", "y\u0302"),
        (r"\unknown_1", "unknown1"),
        (r"\text{two words}", "two words"),
        ("0.15", "0.15"),
        ("-3.00", "\u22123.00"),
        (r"1.23 \times 10^{-5}", "1.23\u2009×\u200910\u22125"),
        (r"w_1 = -0.5", "w1\u2009=\u2009\u22120.5"),
        (r"10\,000", "10\u2009000"),
        (r"\frac{1}{2}", "1/2"),
        ("x'", "x′"),
        ("a_{", "a"),
    ],
)
def test_names_become_text(tex: str, text: str) -> None:
    """The TeX of a name or a number reads as people would write it."""
    assert svg_text(tex) == text


def test_scripts_are_smaller_and_shifted() -> None:
    """A subscript is lower, a superscript higher, and both are smaller; letters are italic, digits are not."""
    base, below, above = math_runs("w_{5}^{+}")
    assert (base.italic, below.italic) == (True, False)
    assert below.rise < base.rise < above.rise
    assert below.scale == above.scale < base.scale


def test_the_line_comes_back_after_a_script() -> None:
    """In SVG what follows a subscript stands on the line again."""
    text = figure(layered_drawing([[Unit("a", "a_{1}b")]], [])).svg()
    shifts = [float(shift) for shift in re.findall(r'dy="([-\d.]+)"', text)]
    assert len(shifts) == 2
    assert sum(shifts) == pytest.approx(0)


def training(steps: int) -> list[tuple[float, float]]:
    """An error that falls as training errors do."""
    return [(step, 0.3 / (1 + step / 20) ** 1.5) for step in range(steps + 1)]


def curve_of(points: list[tuple[float, float]], **options: list[tuple[float, float]]) -> Drawing:
    """The curve of an error over steps."""
    return curve_drawing(points, x_label="step", y_label="error", **options)


def line_of(drawing: Drawing) -> Path:
    """The curve itself: the path with the most parts."""
    return max((p for p in drawing.primitives if isinstance(p, Path)), key=lambda path: len(path.parts))


def test_a_long_training_has_decades_on_its_axes() -> None:
    """Steps from 0 to 10,000 stand at 0, 1, 10, 100 and so on; the error has decades too."""
    shown = texts(curve_of(training(10_000)))
    assert shown[:6] == ["0", "1", "10", "100", "1000", r"10\,000"]
    assert {"0.1", "0.01", "0.001", "0.0001"} <= set(shown)


def test_a_short_training_has_even_axes() -> None:
    """Data within two decades gets evenly spaced round numbers."""
    assert texts(curve_of(training(50)))[:6] == ["0", "10", "20", "30", "40", "50"]


def test_far_powers_of_ten_are_written_as_powers() -> None:
    """Below 0.0001 a tick shows a power of ten."""
    assert "10^{-8}" in texts(curve_of([(1, 1.0), (2, 1e-10)]))


def test_a_long_curve_is_drawn_with_few_points() -> None:
    """Of 10,001 points about 200 are drawn, from the first to the last, spread evenly over the logarithmic axis."""
    points = training(10_000)
    drawing = curve_of(points, marks=[points[0], points[-1]])
    line = line_of(drawing)
    xs = [line.start[0], *(part[0] for part in line.parts)]
    assert 80 < len(xs) <= 200
    assert xs == sorted(xs)
    assert [(p.x, p.y) for p in drawing.primitives if isinstance(p, Oval)] == [line.start, line.parts[-1]]


def test_marks_are_dots_on_the_curve() -> None:
    """Each listed point gets a dot, which lies on the line."""
    points = training(50)
    drawing = curve_of(points, marks=[points[0], points[10]])
    dots = [(p.x, p.y) for p in drawing.primitives if isinstance(p, Oval)]
    line = line_of(drawing)
    assert dots == [line.start, line.parts[9]]


@pytest.mark.parametrize(
    "points", [[(0, 0.5)], [(0, 0.5), (10, 0.5)], [(0, 0.0), (1, 0.0)], [(0, 1.0), (1, float("nan"))]]
)
def test_flat_and_single_points_are_drawn(points: list[tuple[float, float]]) -> None:
    """A single point, a flat line and a training that diverges make a picture, with coordinates on the sheet."""
    drawing = curve_of(points)
    assert "nan" not in figure(drawing).svg()
    assert all(0 <= p.x <= drawing.width for p in drawing.primitives if isinstance(p, Text))


def test_a_curve_needs_a_point() -> None:
    """Without any finite point there is nothing to draw."""
    with pytest.raises(ValueError, match="finite point"):
        curve_of([(0, float("inf"))])


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
def test_tikz_compiles(tmp_path: pathlib.Path) -> None:
    """All kinds of pictures compile under pdflatex with TikZ alone, without overfull boxes."""
    pictures = [
        drawing_of(dense(2, 2, 2, bias=True)),
        drawing_of(dense(3, 3, 3, 3, 3, 3)),
        drawing_of(dense(50, 50, 50)),
        layered_drawing([[Unit("a", r"\hat{y}")], [Unit("b", "b")], [Unit("c", "c")]], [Edge("a", "c", "w", "0.5")]),
        curve_of(training(10_000), marks=training(10)),
    ]
    body = "\n\n".join(rf"\noindent {figure(picture).tikz()}" for picture in pictures)
    source = (
        r"\documentclass[a4paper]{article}\usepackage{tikz}\textwidth=150mm"
        rf"\begin{{document}}{body}\end{{document}}"
    )
    (tmp_path / "figures.tex").write_text(source, encoding="utf-8")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "figures.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout
