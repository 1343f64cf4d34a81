"""The names of a network's parameters: ``conv.weight``, ``conv.bias``, ``dense1.weight``, ..."""

import math
from fnmatch import fnmatchcase
from itertools import pairwise

from optviz.networks._network import WINDOW, Plan

WEIGHT, BIAS = "weight", "bias"
FIRST, LAST = "first", "last"  # what the first and the last layer with parameters are called too


def parameter_ranges(plan: Plan) -> dict[str, range]:
    """The parameters of each layer by name, as their places in the flat parameter vector, in this order."""
    ranges, at = {}, 0
    for name, shape in parameter_shapes(plan).items():
        ranges[name] = range(at, at + math.prod(shape))
        at = ranges[name].stop
    return ranges


def parameter_shapes(plan: Plan) -> dict[str, tuple[int, ...]]:
    """The shape of each array of parameters by name: weights are inputs × outputs, a filter's inputs its pixels."""
    sizes = {"conv": (WINDOW * WINDOW, plan.filters)} if plan.filters else {}
    sizes |= {f"dense{number}": pair for number, pair in enumerate(pairwise(plan.sizes), 1)}
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, (inputs, outputs) in sizes.items():
        shapes |= {f"{layer}.{WEIGHT}": (inputs, outputs), f"{layer}.{BIAS}": (outputs,)}
    return shapes


def named(plan: Plan, pattern: str) -> list[str]:
    """The names that a pattern with ``*`` and ``?`` chooses: by a name, a layer, ``first``, ``last`` or a kind.

    A name has two parts, ``dense1.weight``; a pattern stands for the whole or for one of them.
    """
    names = list(parameter_ranges(plan))
    layers = [name.partition(".")[0] for name in names]
    chosen = []
    for name, layer in zip(names, layers, strict=True):
        kind = name.partition(".")[2]
        spoken = [layer, *[FIRST] * (layer == layers[0]), *[LAST] * (layer == layers[-1])]
        if any(fnmatchcase(each, pattern) for each in (kind, *spoken, *(f"{one}.{kind}" for one in spoken))):
            chosen.append(name)
    return chosen
