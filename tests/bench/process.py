"""a. The whole process ``explainer walkthrough`` against the import of the two libraries that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from explainer.cli.shared import DEFAULT_FORMATS

from .clock import Child, ChildFailedError, explainer, in_turn, median_ratio, python, times
from .networks import article, toml
from .report import Row, verdict

IMPORTS = "import sympy, jinja2"
MOST = 1.35
FORMATS = {"--format md": "md", "all formats": ",".join(DEFAULT_FORMATS)}


def measure(rounds: int) -> Iterator[Row]:
    """Markdown alone and all formats, in turn with the bare imports."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "article.toml"
        file.write_text(toml(article(steps=1)), encoding="utf-8")
        works: dict[str, Callable[[], Child]] = {}
        for label, formats in FORMATS.items():
            work = partial(explainer, "walkthrough", str(file), "--format", formats, "-o", str(file.parent))
            try:
                work()
            except ChildFailedError as error:
                yield Row(f"explainer walkthrough, {label}", f"failed: {error}")
            else:
                works[label] = work
        imports, *runs = in_turn([partial(python, "-c", IMPORTS), *works.values()], rounds)
    yield Row(f'python -c "{IMPORTS}"', times(imports).ms)
    for label, children in zip(works, runs, strict=True):
        ratio = median_ratio(children, imports)
        yield Row(
            what=f"explainer walkthrough, {label}",
            figure=times(children).ms,
            against="the imports",
            ratio=f"{ratio:.2f}",
            target=f"at most {MOST}",
            verdict=verdict(ratio <= MOST),
        )
