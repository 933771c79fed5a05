"""The tables of optimizers, learning-rate schedules and treatments of the gradient: each a few formulas.

In a formula ``w`` is the parameter, ``g`` its gradient (after clipping and penalty), ``rate`` the learning rate that
applies, ``t`` the number of the step (from 1); a state stands under its own name for the value before the step and
with ``_new`` for the value after it. Whatever else a line finds is named by the row.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class Optimizer(Struct, frozen=True):
    """One row. ``lines`` pairs what is found (a state, a quantity on the way, at last ``w``) with its formula."""

    name: str
    lines: tuple[tuple[str, str], ...]
    states: tuple[str, ...] = ()
    """What is kept from step to step for each parameter; 0 at the start."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Keys of the file with their usual values."""
    uphill: bool = False
    """Whether its steps go along the gradient."""
    scaled: bool = False
    """Whether a step is divided by the size of the gradients, so that the first one hardly hangs on it."""


class Schedule(Struct, frozen=True):
    """One row: how the learning rate changes from step to step. A setting of no value must be given."""

    name: str
    rate: str
    settings: Mapping[str, str] = field(default_factory=dict)


PERCEPTRON = "perceptron rule"
"""The optimizer that uses no gradient: Rosenblatt, "The perceptron", 1958."""

_MOMENTS = (("m", "beta1*m + (1 - beta1)*g"), ("v", "beta2*v + (1 - beta2)*g**2"))
_CORRECTED = (("mhat", "m_new/(1 - beta1**t)"), ("vhat", "v_new/(1 - beta2**t)"))
_ADAM = {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"}

OPTIMIZERS: dict[str, Optimizer] = {
    row.name: row
    for row in (
        Optimizer("gradient descent", (("w", "w - rate*g"),)),
        Optimizer("gradient ascent", (("w", "w + rate*g"),), uphill=True),
        Optimizer(  # Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", 1986
            "momentum",
            (("v", "momentum*v - rate*g"), ("w", "w + v_new")),
            ("v",),
            {"momentum": "0.9"},
        ),
        Optimizer(  # the form of torch.optim.SGD
            "pytorch momentum",
            (("v", "momentum*v + g"), ("w", "w - rate*v_new")),
            ("v",),
            {"momentum": "0.9"},
        ),
        Optimizer(  # Sutskever et al., "On the importance of initialization and momentum", 2013, as in torch.optim.SGD
            "nesterov",
            (("v", "momentum*v + g"), ("w", "w - rate*(g + momentum*v_new)")),
            ("v",),
            {"momentum": "0.9"},
        ),
        Optimizer(  # Duchi, Hazan, Singer, "Adaptive subgradient methods", 2011
            "adagrad",
            (("s", "s + g**2"), ("w", "w - rate*g/(sqrt(s_new) + epsilon)")),
            ("s",),
            {"epsilon": "1e-10"},
            scaled=True,
        ),
        Optimizer(  # Tieleman, Hinton, "Neural networks for machine learning", lecture 6e, 2012
            "rmsprop",
            (("s", "rho*s + (1 - rho)*g**2"), ("w", "w - rate*g/(sqrt(s_new) + epsilon)")),
            ("s",),
            {"rho": "0.9", "epsilon": "1e-8"},
            scaled=True,
        ),
        Optimizer(  # Zeiler, "ADADELTA: an adaptive learning rate method", 2012, algorithm 1
            "adadelta",
            (
                ("s", "rho*s + (1 - rho)*g**2"),
                ("d", "sqrt(u + epsilon)/sqrt(s_new + epsilon)*g"),
                ("u", "rho*u + (1 - rho)*d**2"),
                ("w", "w - rate*d"),
            ),
            ("s", "u"),
            {"rho": "0.95", "epsilon": "1e-6"},
            scaled=True,
        ),
        Optimizer(  # Kingma, Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1
            "adam",
            (*_MOMENTS, *_CORRECTED, ("w", "w - rate*mhat/(sqrt(vhat) + epsilon)")),
            ("m", "v"),
            _ADAM,
            scaled=True,
        ),
        Optimizer(  # Loshchilov, Hutter, "Decoupled weight decay regularization", 2019, algorithm 2
            "adamw",
            (*_MOMENTS, *_CORRECTED, ("w", "w - rate*mhat/(sqrt(vhat) + epsilon)")),
            ("m", "v"),
            {**_ADAM, "weight_decay": "0.01"},
            scaled=True,
        ),
    )
}

SCHEDULES: dict[str, Schedule] = {
    row.name: row
    for row in (
        Schedule("step", "learning_rate*gamma**floor((t - 1)/period)", {"gamma": "0.1", "period": ""}),
        Schedule("exponential", "learning_rate*gamma**(t - 1)", {"gamma": ""}),
        Schedule(  # Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5
            "cosine",
            "lowest_rate + (learning_rate - lowest_rate)/2*(1 + cos(pi()*(t - 1)/period))",
            {"lowest_rate": "0", "period": ""},
        ),
    )
}

WEIGHT_DECAY = " - rate*weight_decay*w"
"""Goes behind the formula of ``w``: the weights shrink apart from any gradient."""

GRADIENT_TREATMENTS: Mapping[str, str] = {
    "clip_value": "min(clip_value, max(-clip_value, g))",
    "clip_norm": "scale*g",
    "l2": "g + l2*w",
}
"""What is done to a gradient before the optimizer gets it, by the key of the file that asks for it, in this order."""

SCALE = "1 if norm <= clip_norm else clip_norm/norm"
"""For clipping by norm: what every gradient is multiplied with. ``norm`` is the length of the whole gradient."""

SETTINGS: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *(key for row in OPTIMIZERS.values() for key in row.settings),
            *(key for row in SCHEDULES.values() for key in row.settings),
            *GRADIENT_TREATMENTS,
            "weight_decay",
        ]
    )
)
"""Every number that the ``[training]`` of a file may set beside the learning rate."""
SETTING_BOUNDS: Mapping[str, Mapping[str, int]] = {
    **{key: {"at_least": 0, "below": 1} for key in ("momentum", "rho", "beta1", "beta2")},
    **{key: {"above": 0} for key in ("epsilon", "period", "clip_value", "clip_norm", "gamma")},
    **{key: {"at_least": 0} for key in ("weight_decay", "l2", "lowest_rate")},
}
"""What numbers a setting may be. Averages whose share is 1 or more run away."""
SETTING_TEX: Mapping[str, str] = {
    "momentum": r"\mu",
    "rho": r"\rho",
    "epsilon": r"\epsilon",
    "beta1": r"\beta_{1}",
    "beta2": r"\beta_{2}",
    "gamma": r"\gamma",
    "period": "T",
    "lowest_rate": r"\eta_{min}",
    "weight_decay": r"\lambda",
    "l2": r"\lambda_{2}",
    "clip_value": "C",
    "clip_norm": "c",
}
LETTERS: Mapping[str, tuple[str, str]] = {
    "m": ("m", "M"),
    "v": ("v", "V"),
    "s": ("s", "S"),
    "u": ("u", "U"),
    "d": ("d", "D"),
    "t": ("t", "k"),
    "g": ("g", "G"),
    "scale": (r"\kappa", r"\chi"),
}
"""The TeX letter of what an update keeps or finds on the way (``g`` is the gradient), and the one in its place where a
quantity of the file has it."""
MARKED_LETTERS: Mapping[str, tuple[str, str]] = {
    "mhat": (r"\hat", "m"),
    "vhat": (r"\hat", "v"),
    "clip_value": (r"\bar", "g"),
    "clip_norm": (r"\tilde", "g"),
    "l2": (r"\hat", "g"),
}
"""Quantities whose letter is another one with a mark."""


def users_of(setting: str) -> list[str]:
    """The optimizers and schedules that have a setting of that name."""
    optimizers = [row.name for row in OPTIMIZERS.values() if setting in row.settings]
    return optimizers + [row.name for row in SCHEDULES.values() if setting in row.settings]
