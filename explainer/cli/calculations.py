"""The commands that show a calculation: as a document, line by line, in training, checked; and what lists there are."""

from __future__ import annotations

import argparse
from pathlib import Path

from .shared import FORMATS, formats_in, loaded


def walkthrough(options: argparse.Namespace) -> int:
    """Write the document in every format that is asked for."""
    from ..files import LatexOptions, Print, document_files, write_files

    formats = formats_in(options.format, FORMATS)
    printed = Print(options.paper, options.type_size, options.pdf_engine)
    calculation = loaded(options)
    latex = LatexOptions(options.fragment, options.section_level, options.label_prefix, options.text_width)
    files = document_files(calculation, formats, options.detail, latex, printed)
    folder = Path(options.folder) if options.folder else Path("output") / calculation.spec.name
    for path in write_files(folder, files):
        if path.suffix != ".svg":
            print(path)
    return 0


def step(options: argparse.Namespace) -> int:
    """Print one line of working."""
    print(loaded(options).one_line(options.id))
    return 0


def train(options: argparse.Namespace) -> int:
    """Print how the error falls, and write it where asked."""
    from ..files import training_csv, training_table, write_files

    calculation = loaded(options)
    if options.csv:
        path = Path(options.csv)
        write_files(path.parent, {path.name: training_csv(calculation, options.steps)})
    print(training_table(calculation, options.steps))
    return 0


def verify(options: argparse.Namespace) -> int:
    """Print every gradient beside its finite difference; 1 where one disagrees."""
    from ..numbers.differences import every_gradient
    from ..numbers.kinks import any_kink
    from ..numbers.rounding import significant

    calculation = loaded(options)
    kinks = any_kink(calculation.evaluation)
    compared = wrong = 0
    for found in every_gradient(calculation.evaluation):
        compared += 1
        wrong += not found.agrees
        apart = "at a kink" if kinks else "DO NOT AGREE"
        verdict = f"{found.digits} digits agree" if found.agrees else apart
        print(
            f"{found.name:24} {significant(found.gradient, 12):>20} {significant(found.difference, 12):>20}  {verdict}"
        )
    if not compared:
        print("nothing to compare: this calculation has no gradients of given numbers")
        return 0
    if calculation.spec.training.update == "sequential":
        print("gradients are those formed from the original values")
    print(f"{compared - wrong} of {compared} gradients agree with finite differences")
    if wrong and kinks:
        print("the calculation stands on a kink: there is no one slope there, and what is taken is a convention")
    return 1 if wrong and not kinks else 0


def formulas(options: argparse.Namespace) -> int:
    """Print the file as a list of formulas."""
    from ..formulas_file import formulas_file

    print(formulas_file(loaded(options)), end="")
    return 0


def examples(options: argparse.Namespace) -> int:
    """Print the shipped examples, or copy them."""
    from ..spec.files import example_names, example_source, parse

    if options.copy:
        from ..files import write_files
        from ..formulas.problems import ExplainerError

        texts = {f"{name}.toml": example_source(name).content.decode() for name in example_names()}
        there = [name for name in texts if (Path(options.copy) / name).exists()]
        if there:
            raise ExplainerError(f"{options.copy}: {', '.join(there)} is there already; choose another folder")
        for path in write_files(Path(options.copy), texts):
            print(path)
        return 0
    for name in example_names():
        print(f"{name:12} {parse(example_source(name))['title']}")
    return 0


def schema(options: argparse.Namespace) -> int:
    """Print a JSON Schema."""
    import json

    from ..formats.trace import trace_schema
    from ..spec.schema import json_schema

    print(json.dumps(trace_schema() if options.steps else json_schema(), indent=2))
    return 0
