"""A network as tutorials write it in plain Python: an object per neuron, a method per factor of the chain rule.

Written for the benchmark, to be compared with. Weights are updated together, from the original values; biases stay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


class Neuron:
    """One unit: its weights and the bias of its layer, and what it saw and gave last."""

    def __init__(self, weights: Sequence[float], bias: float) -> None:
        """A neuron that has seen nothing yet."""
        self.weights = list(weights)
        self.bias = bias
        self.inputs: list[float] = []
        self.output = 0.0

    def calculate_output(self, inputs: list[float]) -> float:
        """The output for these inputs, which are kept for the backward pass."""
        self.inputs = inputs
        self.output = self.squash(self.total_net_input())
        return self.output

    def total_net_input(self) -> float:
        """The weighted sum of the inputs, and the bias."""
        total = 0.0
        for i in range(len(self.inputs)):
            total += self.inputs[i] * self.weights[i]
        return total + self.bias

    def squash(self, total_net_input: float) -> float:
        """The logistic function."""
        return 1 / (1 + math.exp(-total_net_input))

    def error(self, target: float) -> float:
        """Half the squared difference."""
        return 0.5 * (target - self.output) ** 2

    def delta(self, target: float) -> float:
        """The error's derivative with respect to the net input."""
        return self.error_by_output(target) * self.output_by_net_input()

    def error_by_output(self, target: float) -> float:
        """The error's derivative with respect to the output."""
        return -(target - self.output)

    def output_by_net_input(self) -> float:
        """The output's derivative with respect to the net input."""
        return self.output * (1 - self.output)

    def net_input_by_weight(self, index: int) -> float:
        """The net input's derivative with respect to a weight."""
        return self.inputs[index]


class Layer:
    """Neurons that take the same inputs."""

    def __init__(self, weights: Sequence[Sequence[float]], bias: float) -> None:
        """A neuron per row of weights, with one bias for all."""
        self.neurons = [Neuron(row, bias) for row in weights]

    def feed_forward(self, inputs: list[float]) -> list[float]:
        """The outputs of all neurons."""
        outputs = []
        for neuron in self.neurons:
            outputs.append(neuron.calculate_output(inputs))
        return outputs


class Network:
    """A hidden layer and an output layer."""

    def __init__(self, hidden_layer: Layer, output_layer: Layer, learning_rate: float) -> None:
        """The two layers, and the size of a step."""
        self.hidden_layer = hidden_layer
        self.output_layer = output_layer
        self.learning_rate = learning_rate

    def feed_forward(self, inputs: list[float]) -> list[float]:
        """The network's outputs."""
        return self.output_layer.feed_forward(self.hidden_layer.feed_forward(inputs))

    def train(self, inputs: list[float], targets: list[float]) -> None:
        """One step of gradient descent on one sample."""
        self.feed_forward(inputs)

        output_deltas = [0.0] * len(self.output_layer.neurons)
        for o in range(len(self.output_layer.neurons)):
            output_deltas[o] = self.output_layer.neurons[o].delta(targets[o])

        hidden_deltas = [0.0] * len(self.hidden_layer.neurons)
        for h in range(len(self.hidden_layer.neurons)):
            error_by_output = 0.0
            for o in range(len(self.output_layer.neurons)):
                error_by_output += output_deltas[o] * self.output_layer.neurons[o].weights[h]
            hidden_deltas[h] = error_by_output * self.hidden_layer.neurons[h].output_by_net_input()

        for o in range(len(self.output_layer.neurons)):
            for w in range(len(self.output_layer.neurons[o].weights)):
                gradient = output_deltas[o] * self.output_layer.neurons[o].net_input_by_weight(w)
                self.output_layer.neurons[o].weights[w] -= self.learning_rate * gradient

        for h in range(len(self.hidden_layer.neurons)):
            for w in range(len(self.hidden_layer.neurons[h].weights)):
                gradient = hidden_deltas[h] * self.hidden_layer.neurons[h].net_input_by_weight(w)
                self.hidden_layer.neurons[h].weights[w] -= self.learning_rate * gradient

    def total_error(self, inputs: list[float], targets: list[float]) -> float:
        """The sum of the outputs' errors."""
        self.feed_forward(inputs)
        total = 0.0
        for o in range(len(targets)):
            total += self.output_layer.neurons[o].error(targets[o])
        return total
