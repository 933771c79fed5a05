"""An Outline under other names: that of one step for one sample becomes that of the first step and its first sample."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from msgspec.structs import replace

from ..calculus.derive import Derivation
from ..calculus.graph import Unit
from .outline import Layer, Outline, Stage, Story, outline

Rename = Callable[[str], str]


@lru_cache(maxsize=8)
def told_outline(derivation: Derivation) -> Outline:
    """The Outline of what a lesson tells in full; made once per structure."""
    found = outline(derivation.single)
    return outline_under(found, lambda id: derivation.first.get(id, id)) if derivation.first else found


@lru_cache(maxsize=8)
def owners(derivation: Derivation) -> dict[str, Unit]:
    """The unit that each net input and output belongs to."""
    units = [unit for block in derivation.graph.blocks for unit in block.units]
    return {name: unit for unit in units for name in (unit.net, unit.out)}


def outline_under(outline: Outline, name: Rename) -> Outline:
    """The outline with every id renamed."""
    return replace(
        outline,
        layers=tuple(_layer(layer, name) for layer in outline.layers),
        forward=_all(outline.forward, name),
        errors=_all(outline.errors, name),
        stages=tuple(_stage(stage, name) for stage in outline.stages),
        biases=_all(outline.biases, name),
        bias_steps=_all(outline.bias_steps, name),
        inputs=_all(outline.inputs, name),
        input_steps=_all(outline.input_steps, name),
        updates=_all(outline.updates, name),
        again=_all(outline.again, name),
    )


def _all(ids: Iterable[str], name: Rename) -> tuple[str, ...]:
    return tuple(map(name, ids))


def _layer(layer: Layer, name: Rename) -> Layer:
    return replace(layer, units=tuple(unit.under(name) for unit in layer.units), steps=_all(layer.steps, name))


def _stage(stage: Stage, name: Rename) -> Stage:
    return replace(
        stage,
        layer=_layer(stage.layer, name) if stage.layer else None,
        story=_story(stage.story, name) if stage.story else None,
        told=frozenset(map(name, stage.told)),
        before=_all(stage.before, name),
        rest=_all(stage.rest, name),
        steps=_all(stage.steps, name),
    )


def _story(story: Story, name: Rename) -> Story:
    return replace(
        story,
        parameter=name(story.parameter),
        unit=story.unit.under(name) if story.unit else None,
        factors=_all(story.factors, name),
        shares=_all(story.shares, name),
        products=_all(story.products, name),
        delta=name(story.delta) if story.delta else "",
        gradient=name(story.gradient),
        update=name(story.update) if story.update else "",
        path=tuple(_all(stage, name) for stage in story.path),
    )
