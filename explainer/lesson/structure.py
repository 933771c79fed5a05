"""What a lesson can say without numbers of samples, of several steps and of updates."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from ..calculus.derive import Kind
from ..calculus.graph import Role, Unit
from ..calculus.marks import marked, parsed, plain
from ..formulas.optimizers import OPTIMIZERS
from .outline import Layer, Stage, Story
from .symbols import Symbols
from .text import Plain
from .turns import WrittenStep, for_sample, written_steps
from .typeset import sample_mark, state_mark


@dataclass(slots=True, kw_only=True)
class Structure(Symbols):
    """A calculation with all its steps and samples, without its numbers."""

    passages: dict[Hashable, Markup] = field(default_factory=dict)
    """The texts that hold for all numbers, by their place in the templates and their keys."""

    @property
    def alone(self) -> Structure:
        """What writes these texts."""
        return self

    # samples

    @property
    def sample(self) -> int:
        """The sample whose calculation is told in full; 0 where there is but one."""
        return self.derivation.turns[0].samples[0] if self.derivation.turns[0].samples else 0

    @property
    def written(self) -> Sequence[WrittenStep]:
        """The training steps that are written out."""
        return written_steps(self.derivation)

    def all_samples(self) -> list[int]:
        """The numbers of all samples; none where there is but one."""
        graph = self.derivation.single.graph
        return list(range(1, graph.samples + 1)) if graph.columns else []

    def columns(self, *roles: str) -> list[str]:
        """The names of what is given for each sample, without marks."""
        graph = self.derivation.single.graph
        return [name for name in graph.columns if graph.quantity[name].role in roles]

    def plain(self, text: str) -> Plain:
        """A text of the file."""
        return Plain(text)

    def samples_of(self, step: WrittenStep) -> list[int]:
        """The samples that a step uses; none where there is but one."""
        return [own.sample for own in step.passes if own.sample]

    def sample_mark(self, sample: int) -> Markup:
        """What stands above what belongs to a sample."""
        return self.math(sample_mark(self.notation, sample))

    def state_mark(self, state: int) -> Markup:
        """What stands above a value after so many updates."""
        return self.math(state_mark(self.notation, state))

    def class_of(self, sample: int) -> str:
        """The right class of a sample."""
        classes = self.spec.classes
        return classes[sample - 1] if len(classes) > 1 else classes[0]

    def target_of(self, unit: Unit, sample: int = 0) -> str:
        """The quantity that an output should be."""
        name = plain(unit.target)
        return marked(name, 0, sample or self.sample) if name in self.derivation.single.graph.columns else name

    def deltas_of(self, layer: Layer) -> list[str]:
        """The gradients at the net inputs of a layer, as far as they are found."""
        return [self.derivation.gradient[unit.net] for unit in layer.units if unit.net in self.derivation.gradient]

    def splits_first(self, stage: Stage) -> bool:
        """Whether the way to the loss splits in a stage, and in none before it."""
        splits = [bool(other.story and other.story.shares) for other in self.outline.stages[: stage.place + 1]]
        return splits[-1] and not any(splits[:-1])

    def tells_first(self, stage: Stage) -> bool:
        """Whether no story has been told before that of a stage."""
        return not any(other.story for other in self.outline.stages[: stage.place])

    def has_shortcuts(self, story: Story) -> bool:
        """Whether a way from a story's parameter to the loss leaves out a stage of the path that is shown."""
        level = {plain(name): number for number, stage in enumerate(story.path) for name in stage}
        consumers = self.derivation.single.graph.consumers
        ways = ((level[name], level.get(user)) for name in level for user in consumers.get(name, ()))
        return any(to is not None and to > at + 1 for at, to in ways)

    def sample_rows(self, step: WrittenStep) -> list[str]:
        """What a table of samples shows, as the lines of the first one: forward, the errors, deltas and gradients."""
        first = step.passes[0]
        deltas, wanted = set(self.typeset.delta), set(self.derivation.single.graph.wanted)
        found = [id for id in first.backward if id in deltas or self._completes(id, wanted)]
        return [*first.forward, *first.errors, *found]

    @property
    def left_out(self) -> frozenset[str]:
        """The lines that tables of samples leave out."""
        several = [step for step in self.written if len(step.passes) > 1 and self.detail != "full"]
        in_tables = [(step, own) for step in several for own in step.passes if own is not self.written[0].passes[0]]
        shown = {step.number: self.sample_rows(step) for step in several}
        return frozenset(
            id
            for step, own in in_tables
            for id in set(own.backward).difference(self.for_sample(shown[step.number], own.sample))
        )

    def weights_among(self, ids: Iterable[str]) -> list[str]:
        """Those lines that complete the gradient of a weight."""
        steps = (self.derivation.step[id] for id in ids)
        return [s.id for s in steps if self.derivation.gradient.get(s.by) == s.id and self.role(s.by) == "parameter"]

    def sums_among(self, ids: Iterable[str]) -> list[str]:
        """Those lines that add up shares."""
        return [id for id in ids if self.derivation.step[id].kind is Kind.SUM]

    def in_order(self, ids: Iterable[str]) -> list[str]:
        """The same lines in the order in which they are worked out."""
        wanted = set(ids)
        return [step.id for step in self.derivation.steps if step.id in wanted]

    def _completes(self, id: str, wanted: set[str]) -> bool:
        name = plain(self.derivation.step[id].by)
        return name in wanted and self.derivation.single.gradient[name] == plain(id)

    def unmarked(self, id: str) -> Markup:
        """The symbol of a line without the mark of its sample."""
        return self.math(self.typeset.unmarked(id))

    def for_sample(self, ids: Iterable[str], sample: int) -> list[str]:
        """The same lines for another sample."""
        return for_sample(ids, sample)

    def in_columns(self, ids: Sequence[str], samples: Sequence[int], several: int = 5) -> list[list[int]]:
        """The samples in groups whose columns fit beside each other."""
        return [list(samples[i : i + several]) for i in range(0, len(samples), several)]

    def new_values(self, ids: Iterable[str]) -> list[str]:
        """Those lines of an update that give a parameter its new value."""
        trained = frozenset(self.derivation.single.graph.trained)
        return [id for id in ids if plain(id) in trained]

    def updated_parameters(self, ids: Iterable[str]) -> list[str]:
        """The parameters that lines of an update change."""
        return [plain(id) for id in self.new_values(ids)]

    def update_kinds(self, ids: Iterable[str]) -> list[str]:
        """What is found on the way to new values, in the order of the lines: ``m``, ``v``, ``mhat``, …"""
        names = {name: parameter for parameter in self.updated_parameters(ids) for name in [f"_{parameter}"]}
        kinds = [plain(id).removesuffix(suffix) for id in ids for suffix in names if plain(id).endswith(suffix)]
        return list(dict.fromkeys(kinds))

    def on_the_way(self, kind: str, parameter: str, ids: Iterable[str]) -> str:
        """The line that finds a quantity on the way for a parameter; empty where there is none."""
        return next((id for id in ids if plain(id) == f"{kind}_{plain(parameter)}"), "")

    @property
    def kept(self) -> list[str]:
        """What the update has kept from step to step, as it stands before the first step that is written out."""
        before = self.written[0].number - 1
        states = (q.name for q in self.graph.sources if q.role is Role.STATE)
        return [name for name in states if parsed(name).state == before]

    def letter(self, kind: str) -> Markup:
        """The symbol of a quantity on the way without its parameter."""
        return self.math(self.derivation.single.graph.update.letter[kind])

    def shared_lines(self, ids: Iterable[str]) -> list[str]:
        """Those lines of an update that serve all parameters."""
        update = self.derivation.single.graph.update
        shared = {line.found.removesuffix("+") for line in (*update.first, *update.common)}
        return [id for id in ids if plain(id) in shared]

    def after_step(self, id: str) -> str:
        """A quantity after one more update."""
        name, state, sample = parsed(id)
        return marked(name, state + 1, sample)

    def state_id(self, name: str, state: int) -> str:
        """A quantity after so many updates."""
        quantity, _, sample = parsed(name)
        return marked(quantity, state, sample)

    def of_parameter(self, name: str, ids: Iterable[str]) -> list[str]:
        """Those lines of an update that belong to one parameter."""
        own = {line.found.removesuffix("+") for line in self.derivation.single.graph.update.own[plain(name)]}
        return [id for id in ids if plain(id) in own]

    @property
    def update_is_plain(self) -> bool:
        """Whether a parameter is updated as soon as its gradient for one sample is known, in one line."""
        return self.one_line_updates and len(self.derivation.turns[0].samples) <= 1

    @property
    def one_line_updates(self) -> bool:
        """Whether an update is one line for each parameter, and no more."""
        update = self.derivation.single.graph.update
        return not (update.first or update.common or any(len(lines) > 1 for lines in update.own.values()))

    def biases_of(self, layer: Layer) -> list[str]:
        """The biases of a layer, a shared one once."""
        return list(dict.fromkeys(unit.bias for unit in layer.units if unit.bias))

    def thresholds(self, layer: Layer) -> bool:
        """Whether the biases of a layer are thresholds, which are subtracted."""
        return self.spec.layers[layer.number - 1].thresholds

    @property
    def first_step(self) -> str:
        """What the first step of a training is: ``along the gradient``; ``of its own size``, where it is divided by
        the size of the gradient; or ``something else``, where a penalty, decay or clipping has a say."""
        training = self.spec.training
        if {"l2", "weight_decay", "clip_value", "clip_norm"} & training.settings.keys():
            return "something else"
        row = OPTIMIZERS.get(training.optimizer)
        return "of its own size" if row and row.scaled else "along the gradient"

    @property
    def some_thresholds(self) -> bool:
        """Whether some biases of the network are thresholds."""
        return any(layer.thresholds for layer in self.spec.layers if layer.bias is not None)

    @property
    def all_biased(self) -> bool:
        """Whether every unit has a bias."""
        return all(layer.bias is not None for layer in self.spec.layers)

    @property
    def all_thresholds(self) -> bool:
        """Whether every bias of the network is a threshold."""
        return all(layer.thresholds for layer in self.spec.layers if layer.bias is not None)
