"""``optviz new``: a file to begin a test function or an optimizer of one's own with, and its test."""

import importlib.util
import keyword
from pathlib import Path

from optviz.cli import _print
from optviz.cli._groups import command, option
from optviz.cli._output import Output
from optviz.cli._read import choice, completion
from optviz.errors import UsageError
from optviz.units import registry

KINDS = ("function", "optimizer")

FUNCTION = '''"""A test function for optviz. Draw it: optviz animate {name}.py:{name}"""

from math import cos, pi

from optviz.functions import function


@function(
    title="{title}",
    family="many minima",
    # The line below the title of pictures; what is typed here is not computed.
    formula="f(x, y) = x² + y² + 1 − cos 2πx",
    bounds=((-3.0, 3.0), (-3.0, 3.0)),
    # Where an animation begins, and how many steps tell its story.
    start=(-2.3, 2.0),
    steps=200,
    # Every global minimizer inside the bounds, with all digits, and the value there; further minima to be marked.
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    local_minimizers=[(0.9510511496004238, 0.0), (-0.9510511496004238, 0.0)],
    hazards="wells at period 1 along x",
    reference="",
    # gradient=... only if yours is faster or more exact: without it the gradient is derived from the value below.
)
def {name}(x, y):
    """What one sees, and what it teaches.

    Plain Python on numbers: arithmetic, functions of math, if and else, loops over range. It is compiled for the
    processor and for GPUs, and derived twice for gradient and Hessian: optviz show "{name}" --source, once it is part
    of a package that names it under the entry point optviz.functions.
    """
    return x**2 + y**2 + 1 - cos(2 * pi * x)
'''

FUNCTION_TEST = '''"""What is listed of {name} is true."""

import pytest

from optviz.runs.points.lowest import lowest
from {name} import {name}


@pytest.mark.parametrize("point", {name}.minimizers)
def test_minimizers_have_the_minimum_and_no_slope(point):
    assert {name}.value(*point) == pytest.approx({name}.minimum, abs=1e-12)
    assert {name}.gradient(*point) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_a_search_finds_nothing_lower():
    assert lowest({name}).minimum >= {name}.minimum - 1e-9


def test_the_gradient_is_that_of_the_value():
    (x, y), step = {name}.start, 1e-6
    along_x = ({name}.value(x + step, y) - {name}.value(x - step, y)) / (2 * step)
    along_y = ({name}.value(x, y + step) - {name}.value(x, y - step)) / (2 * step)
    assert {name}.gradient(x, y) == pytest.approx((along_x, along_y), rel=1e-6, abs=1e-6)
'''

OPTIMIZER = '''"""An optimizer for optviz. Race it: optviz animate rosenbrock --optimizers adam,{name}.py:{name}"""

from optviz.optimizers import optimizer


@optimizer(
    title="{title}",
    year=2026,
    reference="",
    # The update on one line, for tables.
    equation="m ← beta m + (1 − beta) g,  x ← x − lr m",
    defaults={{"paper": {{"lr": 0.01, "beta": 0.9}}}},
)
def {name}(x, g, m, lr, beta):
    """What it does, and what for.

    For one number of many: the iterate x, its gradient g, state slots (m; they begin at 0), hyperparameters. Return the
    next iterate, then the next state. Plain Python on numbers: it is compiled for the processor and for GPUs, and runs
    in every command, in training, and on arrays: optviz.optimizer("{name}").
    """
    m = beta * m + (1 - beta) * g
    return x - lr * m, m
'''

OPTIMIZER_TEST = '''"""{title} does what its paper says."""

import numpy as np
import pytest

import optviz
from {name} import {name}


def slowly(points, gradient, steps, lr, beta):
    """The rule once more, as in the paper, on arrays."""
    x, m = np.array(points, float), np.zeros(2)
    for _ in range(steps):
        g = np.array(gradient(*x))
        m = beta * m + (1 - beta) * g
        x = x - lr * m
    return x


def test_it_is_the_rule_of_the_paper():
    function = optviz.functions.REGISTRY["rosenbrock"]
    run = optviz.minimize(function, {name}, steps=50, lr=1e-3, beta=0.9)
    expected = slowly(function.start, function.gradient, 50, 1e-3, 0.9)
    np.testing.assert_allclose(run.points[-1], expected, rtol=1e-10)


def test_it_arrives_on_a_bowl():
    assert optviz.minimize("sphere", {name}, steps=500, lr=0.1).values[-1] == pytest.approx(0.0, abs=1e-6)


def test_without_a_gradient_nothing_moves():
    run = optviz.minimize("sphere", {name}, start=(0.0, 0.0), steps=5)
    assert (run.points == 0).all()
'''

TEXTS = {"function": (FUNCTION, FUNCTION_TEST), "optimizer": (OPTIMIZER, OPTIMIZER_TEST)}


@command(
    "A file to begin a function or an optimizer of your own with.",
    """
    A test function with its test: writes gully.py and test_gully.py
        new function gully
    An optimizer with its test
        new optimizer brisk
    """,
    "quiet",
)
def new(
    output: Output,
    what: str = option("KIND", "function or optimizer.", ..., complete=completion(lambda: KINDS), argument=True),
    called: str = option("NAME", "What it is called: letters, digits and _.", ..., argument=True),
) -> None:
    """Write a commented file with a test function or an optimizer, which works as it stands, and its test.

    The files go to the folder that you are in; files that are there are never replaced. Commands take what is in such a
    file by its place: optviz animate canyon.py:canyon, optviz animate sphere --optimizers adam,brisk.py:brisk

    Prints the paths of the files, one a line; and on standard error what to type next.
    """
    kind, name = choice(KINDS, "KIND", what), called
    known = registry(f"{kind}s")
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name) or name.startswith("_"):
        raise UsageError(f"NAME: '{name}' is no name", "Give letters, digits and _, a letter first: my_valley")
    if importlib.util.find_spec(name) is not None and not Path(f"{name}.py").exists():
        raise UsageError(f"NAME: there is the module '{name}', which a file {name}.py would hide", "Give another name.")
    if name in known:
        raise UsageError(f"NAME: there is the {kind} '{known[name].name}'", "Give yours another name.")
    files = [Path(f"{name}.py"), Path(f"test_{name}.py")]
    for file in files:
        if file.exists():
            raise UsageError(f"{file} is there already", "Give another name, or go to another folder.")
    from optviz.files import replacing

    title = name[:1].upper() + name[1:].replace("_", " ")
    for file, text in zip(files, TEXTS[kind], strict=True):
        with replacing(file) as stream:
            stream.write(text.format(name=name, title=title).encode())
    for file in files:
        _print.path(file)
    subject = f"{name}.py:{name}" if kind == "function" else f"rosenbrock --optimizers adam,{name}.py:{name}"
    output.note(f"optviz animate {subject}")
    output.note(f"pytest {files[1]}")
