"""The step of an element by every formula, inside a kernel of CUDA, against the formula in plain Python."""

import numpy as np
import pytest

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.update import element_names
from optviz.kernels.specialise import fingerprint
from tests.cuda.borrowed import same
from tests.kernels.plain import FORMULAS, constants, numbers, steps

ELEMENT = None  # bound by `specialise`
STARTS, GRADIENTS = (0.75, -1.5, 2.0), (0.5, -0.25, 0.0)


def one_each(x, g, slots, scalars, hyper):
    for i in range(x.size):
        ELEMENT(x, g, slots, i, i, scalars, hyper)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula(name, dtype):
    formula = FORMULAS[name]
    begin = np.linspace(0.5, 1, len(formula.slots))  # levels of which every rule can take the root
    expected = [steps(formula, x, [g], begin.tolist())[0] for x, g in zip(STARTS, GRADIENTS, strict=True)]
    x, g = (backend.put(np.array(values, dtype)) for values in (STARTS, GRADIENTS))
    slots = backend.put(np.tile(begin, (len(STARTS), 1)).T.astype(dtype).reshape(-1, len(STARTS)) if begin.size else
                        np.zeros((1, len(STARTS)), dtype))  # fmt: skip
    label = f"{formula.update.__name__}_{dtype.__name__}"
    kernel = backend.specialise(one_each, label, fingerprint(formula), frame=label, **element_names(formula, dtype))
    given = numbers(formula.scalar_names, dtype), constants(formula, dtype)
    backend.launch(kernel, 1, 1, x, g, slots, *given)
    found = np.vstack([backend.get(x), backend.get(slots)[: begin.size]])
    same(found, np.array(expected).T.astype(dtype))
