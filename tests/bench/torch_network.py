"""The article's network in PyTorch, as its tutorials write it; on one thread and in double precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any


def trainer(layers: Sequence[tuple[Sequence[Sequence[float]], float]], rate: float) -> Callable[..., list[float]]:
    """A function of inputs, targets and a number of steps that trains anew and gives the outputs and the error.

    Raises:
        ImportError: where PyTorch is not installed.
    """
    torch: Any = import_module("torch")
    torch.set_num_threads(1)

    def trained(inputs: Sequence[float], targets: Sequence[float], steps: int) -> list[float]:
        model = torch.nn.Sequential(*(module for layer in layers for module in _modules(torch, *layer)))
        optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=rate)
        x, y = (torch.tensor(values, dtype=torch.float64) for values in (inputs, targets))
        for _ in range(steps):
            optimizer.zero_grad()
            loss = 0.5 * ((y - model(x)) ** 2).sum()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            outputs = model(x)
            return [*outputs.tolist(), (0.5 * ((y - outputs) ** 2).sum()).item()]

    return trained


def _modules(torch: Any, weights: Sequence[Sequence[float]], bias: float) -> tuple[Any, Any]:
    linear = torch.nn.Linear(len(weights[0]), len(weights), dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
        linear.bias.fill_(bias)
    linear.bias.requires_grad_(False)
    return linear, torch.nn.Sigmoid()
