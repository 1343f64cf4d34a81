"""Kernels made from templates: one for each formula, found again and never mistaken."""

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.specialise import fingerprint, specialise
from optviz.kernels.tile_parts import evaluate_address, move_address
from optviz.kernels.update import array_function, array_kernel
from optviz.optimizers import Formula, configure


def template(x):
    return x + OFFSET  # noqa: F821 - bound by specialise


def test_the_same_kernel_for_the_same_formula_and_another_for_every_other():
    adam, sgd = configure("adam").formula, configure("sgd").formula
    rosenbrock, sphere = FUNCTIONS["rosenbrock"], FUNCTIONS["sphere"]
    kernels = [
        array_kernel(adam, np.float32),
        array_kernel(adam, np.float64),
        array_kernel(sgd, np.float64),
    ]
    parts = [
        *(move_address(formula, 2, np.float64, own) for formula in (adam, sgd) for own in (False, True)),
        *(evaluate_address(function, np.float64) for function in (rosenbrock, sphere)),
    ]
    assert len(set(parts)) == len(parts)
    assert len(set(kernels)) == len(kernels) == len({kernel.py_func.__name__ for kernel in kernels})
    assert array_kernel(adam, np.float32) is kernels[0]
    assert move_address(adam, 2, np.float64, False) == parts[0]


def test_names_are_bound_and_the_template_is_left_alone():
    kernel = specialise(template, "three", "0", OFFSET=3.0)
    assert kernel(1.0) == 4.0
    assert specialise(template, "four", "0", OFFSET=4.0)(1.0) == 5.0
    assert kernel.py_func.__name__ == "template__three__0"
    with pytest.raises(NameError):
        template(1.0)


def test_threads_share_one_kernel():
    with ThreadPoolExecutor(8) as pool:
        kernels = list(pool.map(lambda _: specialise(template, "shared", "0", OFFSET=1.0), range(64)))
    assert len(set(kernels)) == 1


TEXT = "GAIN = {gain}\nOTHER = 1\n\ndef nudge(x, g, lr):\n    return x - GAIN * lr * g{more}\n"


def nudge(folder, monkeypatch, **parts):
    """The update of a module that has just been written, imported anew."""
    (folder / "nudging.py").write_text(TEXT.format(**parts))
    monkeypatch.syspath_prepend(folder)
    sys.modules.pop("nudging", None)
    importlib.invalidate_caches()
    return importlib.import_module("nudging").nudge


def test_an_edited_formula_or_constant_gives_a_new_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # within one second a stale .pyc would pass for the source
    results, prints = [], set()
    for parts in ({"gain": 1, "more": ""}, {"gain": 1, "more": " + 5"}, {"gain": 2.5, "more": ""}):
        formula = Formula(nudge(tmp_path, monkeypatch, **parts), None, (), (), ("lr",))
        x = np.array([10.0])
        array_function(formula, np.float64)(x, np.array([1.0]), (), (), (np.float64(2.0),))
        results.append(x[0])
        prints.add(fingerprint(formula.update))
    assert results == [8.0, 13.0, 5.0]
    assert len(prints) == 3


def test_the_fingerprint_covers_constants_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    formula = nudge(tmp_path, monkeypatch, gain=1, more="")
    before = fingerprint.__wrapped__(formula)
    formula.__globals__["OTHER"] = 2
    assert fingerprint.__wrapped__(formula) == before
    formula.__globals__["GAIN"] = 2
    assert fingerprint.__wrapped__(formula) != before
    assert len(before) == 12


@pytest.mark.slow
def test_functions_that_a_formula_calls_are_compiled_along(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    results, prints = [], set()
    for gain in (2, 3):
        more = f" + helper(x)\n\ndef helper(x):\n    return {gain} * x"
        formula = Formula(nudge(tmp_path, monkeypatch, gain=1, more=more), None, (), (), ("lr",))
        x = np.array([10.0], np.float32)
        array_function(formula, np.float32)(x, np.ones(1, np.float32), (), (), (np.float32(1.0),))
        results.append(x[0])
        prints.add(fingerprint(formula.update))
    assert results == [29.0, 39.0]
    assert len(prints) == 2


def test_a_constant_that_has_no_text_is_never_found_again(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    formula = nudge(tmp_path, monkeypatch, gain="[1, 2]", more="")
    assert fingerprint.__wrapped__(formula) != fingerprint.__wrapped__(formula)
