"""Every rule once more, slow and obvious, in NumPy, from its paper or its library's documentation.

Nothing here is updated in place and nothing is shared with the formulas: an average is written out as the weighted sum
over all gradients so far, a sum as a sum, a momentum as the difference of two iterates. Each function takes the
gradient as ``gradient(x, t)`` with t from 1 and returns the iterates, start first: (steps + 1, n) float64.
"""

import numpy as np

REFERENCE = {}


def bowl(x, t):
    """The value of the plainest bowl, for rules that take the value: it need not go with the gradients."""
    return float(np.sum(x**2))


def curvature(t: int) -> float:
    """The second derivative in each coordinate, as they are told; it is not always positive."""
    return 1.5 + 2 * float(np.sin(1.3 * t))


def reference(rule, *variants, reports=False):
    """Decorator: the reference of a rule's variants; with `reports` it returns the reported points."""

    def add(function):
        function.reports = reports
        for variant in variants:
            REFERENCE[rule, variant] = function
        return function

    return add


def average(history, decay):
    """The exponential average from 0, uncorrected: (1 - decay) times the sum of decay^age times each entry."""
    return (1 - decay) * discounted(history, decay)


def discounted(history, decay):
    ages = np.arange(len(history) - 1, -1, -1.0)
    return np.tensordot(decay**ages, np.array(history), axes=1)


def walk(gradient, start, steps, following):
    """Iterate ``following(t, x, g)``: the next iterate from all iterates and all gradients so far."""
    x, g = [np.array(start)], []
    for t in range(1, steps + 1):
        g.append(gradient(x[-1], t))
        x.append(following(t, x, g))
    return np.array(x)
