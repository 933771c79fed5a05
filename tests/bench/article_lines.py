"""The bare lines of the article's training step, for handcalcs: it reads them from this file's text."""

# ruff: noqa: N806, F841  (E_total is the article's name; handcalcs shows a line because it stands there)
# mypy: disable-error-code=no-untyped-def
from math import exp


def training_step(i1, i2, w1, w2, w3, w4, w5, w6, w7, w8, b1, b2, t1, t2, eta):
    """Forward pass, error, backward pass and updates, with the same lines as the explainer's document has."""
    net_h1 = w1 * i1 + w2 * i2 + b1
    out_h1 = 1 / (1 + exp(-net_h1))
    net_h2 = w3 * i1 + w4 * i2 + b1
    out_h2 = 1 / (1 + exp(-net_h2))
    net_o1 = w5 * out_h1 + w6 * out_h2 + b2
    out_o1 = 1 / (1 + exp(-net_o1))
    net_o2 = w7 * out_h1 + w8 * out_h2 + b2
    out_o2 = 1 / (1 + exp(-net_o2))
    E_o1 = 1 / 2 * (t1 - out_o1) ** 2
    E_o2 = 1 / 2 * (t2 - out_o2) ** 2
    E_total = E_o1 + E_o2
    d_out_o1 = -(t1 - out_o1)
    d_act_o1 = out_o1 * (1 - out_o1)
    delta_o1 = d_out_o1 * d_act_o1
    d_out_o2 = -(t2 - out_o2)
    d_act_o2 = out_o2 * (1 - out_o2)
    delta_o2 = d_out_o2 * d_act_o2
    d_w5 = delta_o1 * out_h1
    d_w6 = delta_o1 * out_h2
    d_w7 = delta_o2 * out_h1
    d_w8 = delta_o2 * out_h2
    d_o1_h1 = delta_o1 * w5
    d_o2_h1 = delta_o2 * w7
    d_out_h1 = d_o1_h1 + d_o2_h1
    d_o1_h2 = delta_o1 * w6
    d_o2_h2 = delta_o2 * w8
    d_out_h2 = d_o1_h2 + d_o2_h2
    d_act_h1 = out_h1 * (1 - out_h1)
    delta_h1 = d_out_h1 * d_act_h1
    d_act_h2 = out_h2 * (1 - out_h2)
    delta_h2 = d_out_h2 * d_act_h2
    d_w1 = delta_h1 * i1
    d_w2 = delta_h1 * i2
    d_w3 = delta_h2 * i1
    d_w4 = delta_h2 * i2
    new_w1 = w1 - eta * d_w1
    new_w2 = w2 - eta * d_w2
    new_w3 = w3 - eta * d_w3
    new_w4 = w4 - eta * d_w4
    new_w5 = w5 - eta * d_w5
    new_w6 = w6 - eta * d_w6
    new_w7 = w7 - eta * d_w7
    new_w8 = w8 - eta * d_w8
    return new_w5
