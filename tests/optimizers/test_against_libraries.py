"""Every formula that torch, Keras, optax or a collection for torch has, against that library's own code.

200 steps in float64, on a quadratic that never comes to rest and on gradients whose scale jumps by six orders of
magnitude. The libraries are optional: where one is not installed its tests are skipped.
"""

import math

import numpy as np
import pytest

from optviz.optimizers import DIGITS
from tests.optimizers.driving import START
from tests.optimizers.peers import difference, library, pairs

# Where a library's own rounding forbids 1e-12: optax takes MADGRAD's root of the step in float32; pytorch_optimizer
# divides a difference that is 0 but for rounding by 1e-4, and its LaProp adds 1e-15 to every average.
TOLERANCE = {("madgrad", "optax"): 1e-6, ("msvag", "pytorch_optimizer"): 1e-10, ("laprop", "pytorch_optimizer"): 1e-7}
# It rounds AdaBound's bounds and AdaPNM's two averages in another order, which shows where gradients jump.
TOLERANCE |= {("adabound", "pytorch_optimizer"): 1e-9, ("adapnm", "pytorch_optimizer"): 1e-9}
# Keras takes means in float32 on torch's tensors; pytorch_optimizer keeps D-Adaptation's sums in it, and scales MARS's
# eps.
TOLERANCE |= {("adafactor", "keras"): 1e-6, ("dadapt_sgd", "pytorch_optimizer"): 1e-6}
TOLERANCE |= {("mars_adamw", "pytorch_optimizer"): 1e-6}
FAST = [pair for pair in pairs() if pair[2] == "torch"]
SLOW = [pair for pair in pairs() if pair[2] != "torch"]  # these libraries take seconds to import


def compare(name, variant, peer):
    try:
        library(peer)
    except ImportError:
        pytest.skip(f"could not import {peer!r}")
    far, compared = difference(name, variant, peer)
    assert compared >= 2
    assert far < TOLERANCE.get((name, peer), 1e-12)
    # What a passport says; another version or processor may round one digit otherwise.
    assert digits(far) >= DIGITS[name][variant][peer] - 1


def digits(far):
    """To how many digits two paths agree."""
    return 16 if far == 0 else min(16, math.floor(-math.log10(far)))


@pytest.mark.parametrize(("name", "variant", "peer"), FAST)
def test_torch(name, variant, peer):
    compare(name, variant, peer)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # 2026-11: Keras 3.15 reading tensors
@pytest.mark.parametrize(("name", "variant", "peer"), SLOW)
def test_other_libraries(name, variant, peer):
    compare(name, variant, peer)


def test_passports_tell_of_every_comparison():
    told = {(name, variant, peer) for name, of in DIGITS.items() for variant in of for peer in of[variant]}
    assert told == {*pairs()}


@pytest.mark.slow
def test_optax_makes_no_step_while_adagrads_sum_is_zero():
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    with jax.enable_x64(True):
        optimizer = optax.adagrad(0.1, initial_accumulator_value=0, eps=0)
        x = jax.numpy.asarray(START)
        change, _ = optimizer.update(0 * x, optimizer.init(x), x)
        assert np.array_equal(np.asarray(change), 0 * START)


def measured():
    """The text of ``optviz/optimizers/_digits.py``: ``python -m tests.optimizers.test_against_libraries`` writes it."""
    found: dict = {}
    for name, variant, peer in pairs():
        far, compared = difference(name, variant, peer)
        print(f"{name:20} {variant:12} {peer:18} {compared:3} settings  {far:.1e}", flush=True)
        found.setdefault(name, {}).setdefault(variant, {})[peer] = digits(far)
    lines = [f"    {name!r}: {found[name]!r},".replace("'", '"') for name in sorted(found)]  # for ruff to break
    head = '"""To how many digits each formula agrees with whose code, written by `tests.optimizers`."""\n\n'
    return head + "DIGITS: dict[str, dict[str, dict[str, int]]] = {\n" + "\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    from pathlib import Path

    library("torch")
    text = measured()
    Path("optviz/optimizers/_digits.py").write_text(text, "utf-8")
