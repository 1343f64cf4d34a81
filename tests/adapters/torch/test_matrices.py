"""Rules for matrices by torch's own operations, for half precision and other devices, move as they do in NumPy's."""

import numpy as np
import pytest

from optviz.optimizers import REGISTRY

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")

MATRICES = [rule.name for rule in REGISTRY if rule.module.startswith("optviz.") and rule.kind == "matrices"]
SHAPES = ((4, 3), (2, 1, 3), (5,), ())  # of which no side is so much shorter that axes are rounding's


def walked(name, dtype=torch.float64, steps=6, **numbers):
    generator = torch.Generator().manual_seed(0)
    params = [
        torch.nn.Parameter(torch.randn(shape, dtype=torch.float64, generator=generator).to(dtype)) for shape in SHAPES
    ]
    optimizer = ot.optimizer(name, params, **numbers)
    for k in range(steps):
        for x in params:
            x.grad = torch.randn(x.shape, dtype=torch.float64, generator=generator).to(dtype)
        optimizer.param_groups[0]["lr"] = 0.01 / (1 + k)
        optimizer.step()
    return params, optimizer


def far(found, expected):
    pairs = [(x.detach().double(), y.detach().double()) for x, y in zip(found, expected, strict=True)]
    return max(float((x - y).abs().max() / y.abs().max()) for x, y in pairs)


@pytest.mark.parametrize("name", MATRICES)
def test_by_torchs_operations_as_by_numpys(name, monkeypatch):
    expected, _ = walked(name)
    monkeypatch.setattr("optviz.torch.held.KERNELS", {})  # as on a device
    found, _ = walked(name)
    assert far(found, expected) < 1e-11


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_follows_the_formula(name, dtype):
    half, optimizer = walked(name, dtype, steps=3)
    assert far(half, walked(name, steps=3)[0]) < 0.05
    assert all(x.dtype == dtype for x in half)
    states = [
        one
        for state in optimizer.state.values()
        for key, one in state.items()
        if isinstance(one, torch.Tensor) and key != "step"
    ]
    assert all(one.dtype == dtype and bool(one.isfinite().all()) for one in states)


@pytest.mark.parametrize("name", MATRICES)
def test_no_numbers_stay_none(name, monkeypatch):
    monkeypatch.setattr("optviz.torch.held.KERNELS", {})
    x = torch.nn.Parameter(torch.ones(3, 2))
    optimizer = ot.optimizer(name, [x])
    for _ in range(3):
        x.grad = torch.full_like(x, torch.nan)
        optimizer.step()
    assert bool(x.isnan().all())


@pytest.mark.parametrize("shape", [(3, 0), (0, 0), (2, 0, 3), (0,)])
@pytest.mark.parametrize("name", MATRICES)
def test_matrices_without_elements(name, shape):
    for dtype in (torch.float32, torch.bfloat16):
        x = torch.nn.Parameter(torch.ones(shape, dtype=dtype))
        optimizer = ot.optimizer(name, [x])
        x.grad = torch.ones_like(x)
        optimizer.step()
        assert x.shape == shape


def test_arrays_of_numpys_without_elements_may_have_any_strides():
    ot.Adam([torch.nn.Parameter(torch.tensor(np.ones((0, 3))))])
