"""Adafactor and Muon with torch's own arguments, its numbers, its checkpoints, and its errors."""

import copy
import inspect
import math
import pickle

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError
from tests.adapters.torch.files import through_a_file

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")

PLAIN, STACKS, MATRICES = (
    ((4, 3), (5,), (), (6, 2)),
    ((4, 3), (5,), (), (2, 3, 4, 5), (2, 1, 3)),
    ((4, 3), (3, 7), (5, 5)),
)
OPTIONS = {  # those of torch's own tests, and more
    "Adafactor": [
        {},
        {"weight_decay": 0.1, "lr": 0.01},
        {"weight_decay": 0.1, "maximize": True},
        {"beta2_decay": -1.0},
        {"beta2_decay": 0.0},
        {"d": 1.5},
        {"eps": (0.5, 2.0)},
        {"eps": (None, 0.5), "lr": torch.tensor(0.1, dtype=torch.float64)},
    ],
    "Muon": [
        {},
        {"lr": 0.01},
        {"lr": torch.tensor(0.001, dtype=torch.float64)},
        {"weight_decay": 0.2},
        {"momentum": 0.8},
        {"momentum": 0.8, "nesterov": False},
        {"ns_steps": 6},
        {"ns_coefficients": (3.4, -4.7, 2.0)},
        {"eps": 100.0},
        {"adjust_lr_fn": "match_rms_adamw"},
        {"adjust_lr_fn": "original"},
    ],
}
CASES = [(name, options) for name, several in OPTIONS.items() for options in several]


def parameters(name, dtype=torch.float64, shapes=None):
    generator = torch.Generator().manual_seed(0)
    shapes = shapes or (MATRICES if name == "Muon" else STACKS)
    return [torch.nn.Parameter(torch.randn(shape, dtype=dtype, generator=generator)) for shape in shapes]


def walked(params, optimizer, steps, first=0):
    """Gradients whose scale changes, the first of zeros."""
    for step in range(first, first + steps):
        generator = torch.Generator().manual_seed(step)
        for parameter in params:
            gradient = torch.randn(parameter.shape, dtype=torch.float64, generator=generator) * 10.0 ** (step % 5 - 3)
            parameter.grad = (gradient * (step > 0)).to(parameter.dtype)
        optimizer.step()
    return params


@pytest.fixture(autouse=True)
def exact(monkeypatch):
    """torch's Muon without its rounding to bfloat16."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    return monkeypatch


def far(ours, theirs):
    return max(float((x - y).detach().abs().max() / y.detach().abs().max()) for x, y in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("shapes", [PLAIN, STACKS])
@pytest.mark.parametrize(("name", "options"), CASES)
def test_every_set_of_options_moves_as_in_torch(name, options, shapes):
    """Matrices by kernels, and what has more axes by torch's operations."""
    shapes = MATRICES if name == "Muon" else shapes
    ours, theirs = parameters(name, shapes=shapes), parameters(name, shapes=shapes)
    walked(ours, getattr(ot, name)(ours, **options), 20)
    walked(theirs, getattr(torch.optim, name)(theirs, **options), 20)
    assert far(ours, theirs) < 1e-12


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_adafactors_eps_is_that_of_each_dtype(dtype, tolerance):
    ours, theirs = parameters("Adafactor", dtype), parameters("Adafactor", dtype)
    walked(ours, ot.Adafactor(ours), 10)
    walked(theirs, torch.optim.Adafactor(theirs), 10)
    assert far(ours, theirs) < tolerance
    mixed = [*parameters("Adafactor", dtype), *parameters("Adafactor", torch.float64)]
    walked(mixed, ot.Adafactor(mixed), 10)
    assert far(mixed[: len(ours)], theirs) < tolerance


def test_muon_is_as_near_as_torchs_rounding_lets_it_be(exact):
    exact.undo()
    ours, theirs = parameters("Muon", torch.float32), parameters("Muon", torch.float32)
    walked(ours, ot.Muon(ours, lr=0.01), 10)
    walked(theirs, torch.optim.Muon(theirs, lr=0.01), 10)
    assert far(ours, theirs) < 0.01


@pytest.mark.parametrize("name", OPTIONS)
def test_arguments_are_torchs(name):
    ours, theirs = (inspect.signature(getattr(module, name)).parameters for module in (ot, torch.optim))
    assert [*ours] == [*theirs]
    assert [one.default for one in ours.values()][1:] == [one.default for one in theirs.values()][1:]


@pytest.mark.parametrize(("name", "options"), [case for case in CASES if case[1]])
def test_checkpoints_go_both_ways(name, options):
    for first, second in ((torch.optim, ot), (ot, torch.optim), (ot, ot)):
        whole, parts = parameters(name), parameters(name)
        walked(whole, getattr(torch.optim, name)(whole, **options), 10)
        before = getattr(first, name)(parts, **options)
        walked(parts, before, 5)
        after = getattr(second, name)(parts)
        after.load_state_dict(through_a_file(before.state_dict()))
        walked(parts, after, 5, first=5)
        assert far(parts, whole) < 1e-12


@pytest.mark.parametrize("name", OPTIONS)
def test_copies_and_pickles_go_on_alike(name):
    params = parameters(name)
    optimizer = getattr(ot, name)(params)
    walked(params, optimizer, 3)
    whole = walked(*copy.deepcopy((params, optimizer)), 3, first=3)
    assert all(map(torch.equal, walked(*pickle.loads(pickle.dumps((params, optimizer))), 3, first=3), whole))
    assert all(map(torch.equal, walked(params, optimizer, 3, first=3), whole))


def test_states_are_torchs():
    for name in OPTIONS:
        shapes = []
        for module in (ot, torch.optim):
            params = parameters(name)
            optimizer = getattr(module, name)(params)
            walked(params, optimizer, 1)
            held = [{key: tuple(one.shape) for key, one in optimizer.state[x].items()} for x in params]
            shapes.append([{key: shape for key, shape in one.items() if key != "step"} for one in held])
        assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Adafactor", {"eps": (-1e-30, 1e-3)}),
        ("Adafactor", {"eps": (None, -1.0)}),
        ("Adafactor", {"d": 0.0}),
        ("Adafactor", {"d": 0.5}),
        ("Adafactor", {"beta2_decay": math.nan}),
        ("Adafactor", {"beta2_decay": 0.8}),
        ("Adafactor", {"lr": torch.tensor([0.1, 0.1])}),
        ("Adafactor", {"weight_decay": -1}),
        ("Muon", {"adjust_lr_fn": "arbitrary"}),
        ("Muon", {"momentum": -1.0}),
        ("Muon", {"lr": -0.1}),
    ],
)
def test_what_torch_refuses_is_refused_by_an_error_of_its_type(name, options):
    for module in (ot, torch.optim):
        with pytest.raises(ValueError):
            getattr(module, name)(parameters(name), **options)


@pytest.mark.parametrize("name", OPTIONS)
def test_complex_parameters(name):
    with pytest.raises(RuntimeError, match="complex128, and .* moves real numbers"):
        getattr(ot, name)(parameters(name, torch.complex128, MATRICES))


def test_pairs_and_coefficients_of_another_type():
    with pytest.raises(TypeError, match="eps is 0.1"):
        ot.Adafactor(parameters("Adafactor"), eps=0.1)
    with pytest.raises(TypeError, match="beta2_decay is 'x'"):
        ot.Adafactor(parameters("Adafactor"), beta2_decay="x")
    with pytest.raises(TypeError, match="ns_coefficients is"):
        ot.Muon(parameters("Muon"), ns_coefficients=(1.0, 2.0))


@pytest.mark.parametrize("pair", [(None, None), (1e-30, None), (1e-30,), (1e-30, "x"), 0.1, "ab"])
def test_adafactors_eps_is_a_pair_whose_second_is_a_number(pair):
    with pytest.raises(UsageTypeError, match="adafactor: eps is"):
        ot.Adafactor(parameters("Adafactor"), eps=pair)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"eps": (-1, 1e-3)}, r"eps is \(-1, 0.001\)"), ({"eps": (1e-30, -1)}, r"eps is \(1e-30, -1\)")]
    + [({"beta2_decay": nan}, f"beta2_decay is {nan}") for nan in (math.nan, math.inf)],
)
def test_errors_name_what_was_given(given, words):
    with pytest.raises(UsageError, match=f"adafactor: {words}"):
        ot.Adafactor(parameters("Adafactor"), **given)


def test_arrays_of_numpy_are_numbers():
    for name, given in [("Muon", {"ns_coefficients": (3.4, -4.7, 2.0)}), ("Adafactor", {"eps": (0.5, 2.0)})]:
        params, others = parameters(name), parameters(name)
        walked(params, getattr(ot, name)(params, **{key: np.array(value) for key, value in given.items()}), 3)
        walked(others, getattr(ot, name)(others, **given), 3)
        assert all(map(torch.equal, params, others))


def test_torchs_muon_moves_matrices_alone():
    with pytest.raises(ValueError, match=r"shape \(5,\), and torch's Muon moves matrices"):
        ot.Muon(parameters("Muon", shapes=PLAIN))
    params = parameters("Muon", shapes=PLAIN)
    before = [x.detach().clone() for x in params]
    walked(params, ot.optimizer("muon", params, lr=0.1), 2)
    assert not any(map(torch.equal, params, before))


def test_groups_and_schedulers():
    for name in OPTIONS:
        ends = []
        for module in (ot, torch.optim):
            params = parameters(name)
            second = {"eps": (0.1, 0.2), "beta2_decay": -0.5} if name == "Adafactor" else {"ns_steps": 3, "eps": 1.0}
            groups = [{"params": params[:1], "weight_decay": 0.1}, {"params": params[1:], "lr": 0.05} | second]
            optimizer = getattr(module, name)(groups, lr=0.1)
            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
            for step in range(8):
                walked(params, optimizer, 1, first=step)
                scheduler.step()
            ends.append(params)
        assert far(*ends) < 1e-12
