"""Every rule as a class of torch's: it moves as our optimizers for arrays do, and as torch's own where torch has it."""

import copy
import inspect
import pickle
import warnings

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError
from optviz.optimizers import REGISTRY, class_name, configure, refusal
from optviz.runs.arrays.optimizer import Optimizer
from optviz.wrappers import REGISTRY as WRAPPERS
from tests.adapters.torch.files import through_a_file
from tests.optimizers.test_torch_options import CASES

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")

OURS = [rule for rule in REGISTRY if rule.module.startswith("optviz.") and not refusal(rule, "arrays")]
SHAPES = ((4, 3), (5,), ())
OWN = sorted({name for name, _ in CASES})  # classes that torch has too


def parameters(dtype=torch.float32, shapes=SHAPES, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.nn.Parameter(torch.randn(shape, dtype=dtype, generator=generator)) for shape in shapes]


def give(params, step):
    """Gradients of a step, anew."""
    generator = torch.Generator().manual_seed(100 + step)
    for parameter in params:
        parameter.grad = torch.randn(parameter.shape, dtype=parameter.dtype, generator=generator)


def walked(params, optimizer, steps, first=0):
    for step in range(first, first + steps):
        give(params, step)
        optimizer.step()
    return params


def far(ours, theirs):
    """The largest difference, relative to each tensor's largest element."""
    pairs = [(x.detach().cpu(), y.detach().cpu()) for x, y in zip(ours, theirs, strict=True)]
    return max(float((x - y).abs().max() / y.abs().max()) for x, y in pairs)


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", [rule.name for rule in OURS])
def test_every_class_moves_as_arrays_do(name):
    """The same bits, by kernels that are given addresses."""
    setting = configure(name, variant="torch" if "torch" in REGISTRY[name].variants else None)
    cls = getattr(ot, class_name(REGISTRY[name]))
    params, opt = parameters(shapes=SHAPES[:1] if name == "muon" else SHAPES), Optimizer(setting.resolved())
    arrays = [x.detach().numpy().copy() for x in params]
    numbers = {key: value for key, value in opt.hyperparameters.items() if key in inspect.signature(cls).parameters}
    betas = [opt.hyperparameters[key] for key in sorted(opt.hyperparameters) if key in ("beta1", "beta2", "beta3")]
    if "betas" in inspect.signature(cls).parameters:
        numbers["betas"] = tuple(betas)
    if name in ("adafactor", "muon"):  # whose arguments are torch's and defaults too
        numbers = {"eps": (opt.hyperparameters["eps"], 1e-3)} if name == "adafactor" else {}
    optimizer, state = cls(params, **numbers), opt.init(arrays)
    for step in range(4):
        give(params, step)
        slopes = [x.grad.numpy().copy() for x in params]
        value = {"value": 0.5} if setting.formula.takes_value else {}
        if setting.formula.probe:
            with opt.look(arrays, slopes, state):
                pass

            def closure(step=step, params=params):
                give(params, step)
                return torch.tensor(0.5)

            optimizer.step(closure)
        else:
            optimizer.step(**value)
        opt.step(arrays, slopes, state, **value)
    for x, array in zip(params, arrays, strict=True):
        assert np.array_equal(x.detach().numpy(), array, equal_nan=True)
    assert optimizer.state[params[0]]["step"] == 4
    assert class_name(REGISTRY[name]) in repr(optimizer)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_every_set_of_options_moves_as_in_torch(name, options, monkeypatch):
    monkeypatch.setattr(torch, "get_default_dtype", lambda: torch.float64)  # of what ASGD and NAdam keep
    ours, theirs = parameters(torch.float64), parameters(torch.float64)
    walked(theirs, getattr(torch.optim, name)(theirs, **options), 20)
    walked(ours, getattr(ot, name)(ours, **options), 20)
    assert far(ours, theirs) < (1e-8 if name in ("ASGD", "NAdam") else 1e-12)  # whose scalars torch keeps in float32


@pytest.mark.parametrize("name", OWN)
def test_arguments_are_torchs(name):
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (ot, torch.optim))
    assert [*ours.parameters] == [*theirs.parameters]
    assert [one.default for one in ours.parameters.values()][1:] == [one.default for one in theirs.parameters.values()][
        1:
    ]
    with pytest.raises(TypeError, match="unexpected keyword"):
        getattr(ot, name)(parameters(), rate=0.1)


# ---------------------------------------------------------------------------------------------------------------------
# Checkpoints


@pytest.mark.parametrize(("name", "options"), [case for case in CASES if case[1]])
def test_checkpoints_go_both_ways(name, options):
    for first, second in ((torch.optim, ot), (ot, torch.optim), (ot, ot)):
        whole, parts = parameters(torch.float64), parameters(torch.float64)
        walked(whole, getattr(torch.optim, name)(whole, **options), 10)
        before = getattr(first, name)(parts, **options)
        walked(parts, before, 5)
        after = getattr(second, name)(parts)
        after.load_state_dict(through_a_file(before.state_dict()))
        walked(parts, after, 5, first=5)
        assert far(parts, whole) < 1e-6 if name in ("ASGD", "NAdam") else far(parts, whole) < 1e-12


def test_keys_of_groups_that_nobody_knows_are_kept():
    params = parameters()
    before = torch.optim.Adam([{"params": params, "name": "all", "initial_lr": 0.5}])
    after = ot.Adam(params)
    after.load_state_dict(before.state_dict())
    assert after.param_groups[0]["name"] == "all" and after.param_groups[0]["initial_lr"] == 0.5
    walked(params, after, 1)


@pytest.mark.parametrize(
    ("saved", "loaded", "words"),
    [
        (lambda p: torch.optim.Adam(p, amsgrad=True), ot.RMSprop, "has no amsgrad"),
        (lambda p: torch.optim.Adam(p), ot.Lion, "needs m"),
        (lambda p: torch.optim.SGD(p, momentum=0.9), ot.AdamW, "needs exp_avg"),
        (lambda p: ot.Lion(p), ot.Yogi, "holds step, m, and yogi needs v"),
    ],
)
def test_a_checkpoint_of_another_rule_is_refused_and_nothing_is_lost(saved, loaded, words):
    params = parameters()
    other = saved(params)
    walked(params, other, 2)
    optimizer = loaded(params)
    walked(params, optimizer, 1)
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(UsageError, match=words):
        optimizer.load_state_dict(other.state_dict())
    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    for place, entry in before["state"].items():
        for key, tensor in entry.items():
            assert torch.equal(after["state"][place][key], tensor)
    walked(params, optimizer, 1)


def test_a_state_of_another_shape_is_refused():
    small, large = parameters(shapes=((3,),)), parameters(shapes=((4,),))
    optimizer = ot.Adam(small)
    walked(small, optimizer, 1)
    with pytest.raises(UsageError, match=r"is \(4,\) float32 on cpu, and exp_avg of its state \(3,\)"):
        ot.Adam(large).load_state_dict(optimizer.state_dict())


@pytest.mark.parametrize("made", [lambda p: ot.NAdam(p, lr=0.1), lambda p: ot.optimizer("lookahead(adamw, k=2)", p)])
def test_copies_and_pickles_go_on_alike(made):
    params = parameters()
    optimizer = made(params)
    walked(params, optimizer, 3)
    whole = [x.detach().clone() for x in walked(*copy.deepcopy((params, optimizer)), 3, first=3)]
    again = walked(*pickle.loads(pickle.dumps((params, optimizer))), 3, first=3)
    assert all(map(torch.equal, again, whole))
    assert all(map(torch.equal, walked(params, optimizer, 3, first=3), whole))


def test_a_step_that_is_no_tensor_is_loaded():
    params = parameters()
    optimizer = ot.Adam(params)
    walked(params, optimizer, 2)
    state = copy.deepcopy(optimizer.state_dict())
    for entry in state["state"].values():
        entry["step"] = 2
    optimizer.load_state_dict(state)
    walked(params, optimizer, 1)
    assert optimizer.state[params[0]]["step"] == 3


def test_states_are_made_alike():
    states = []
    for _ in range(2):
        params = parameters()
        optimizer = ot.AdamW(params)
        walked(params, optimizer, 2)
        states.append(optimizer.state_dict())
    assert [*states[0]["state"][0]] == [*states[1]["state"][0]] == ["step", "exp_avg", "exp_avg_sq"]
    assert all(torch.equal(states[0]["state"][1][key], states[1]["state"][1][key]) for key in states[0]["state"][1])


# ---------------------------------------------------------------------------------------------------------------------
# What a loop does


@pytest.mark.parametrize("name", ["Adam", "SGD", "Lion", "LAMB"])
def test_without_gradients_nothing_moves(name):
    params = parameters()
    before = [x.detach().clone() for x in params]
    optimizer = getattr(ot, name)(params, weight_decay=0.5)
    optimizer.step()
    assert all(map(torch.equal, params, before)) and not optimizer.state
    params[1].grad = torch.zeros_like(params[1])
    optimizer.step()
    assert torch.equal(params[0], before[0]) and not torch.equal(params[1], before[1])
    assert [*optimizer.state] == [params[1]]


@pytest.mark.parametrize("name", [one.name for one in WRAPPERS])
def test_every_wrapper_can_be_put_around(name):
    params = parameters()
    optimizer = ot.optimizer(f"{name}(sgd)", params, lr=0.1)
    before = [x.detach().clone() for x in params]
    for rate in (0.1, 0.1, 0.1, 0.05):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step(lambda: give(params, 1) or torch.tensor(1.0))
    assert all(torch.isfinite(x).all() for x in params) and not any(map(torch.equal, params, before))
    optimizer.step(lambda: optimizer.zero_grad() or torch.tensor(1.0))  # nothing has a gradient


def test_groups_have_numbers_of_their_own():
    ours, theirs = parameters(), parameters()
    for module, params in ((ot, ours), (torch.optim, theirs)):
        groups = [{"params": params[:1], "weight_decay": 0}, {"params": params[1:], "lr": 0.3, "betas": (0.5, 0.6)}]
        walked(params, module.AdamW(groups, weight_decay=0.3), 4)
    assert far(ours, theirs) < 1e-6


def test_a_group_that_comes_later():
    params = parameters()
    optimizer = ot.SGD(params[:1], lr=0.5)
    walked(params, optimizer, 1)
    with pytest.raises(UsageError, match="lr is -1"):
        optimizer.add_param_group({"params": params[1:], "lr": -1})
    assert len(optimizer.param_groups) == 1
    optimizer.add_param_group({"params": params[1:]})
    before = params[1].detach().clone()
    walked(params, optimizer, 1)
    assert not torch.equal(params[1], before)


def test_sums_over_all_groups():
    """A limit on the length of the whole gradient."""
    params = parameters()
    groups = [{"params": params[:1], "weight_decay": 0.0}, {"params": params[1:], "weight_decay": 0.1}]
    optimizer = ot.optimizer("clip_global_norm(sgd(weight_decay=0.1), limit=0.1)", groups, lr=1.0)
    for parameter in params:
        parameter.data.zero_()
    walked(params, optimizer, 1)
    assert sum(float(x.detach().square().sum()) for x in params) == pytest.approx(0.01, rel=1e-5)


@pytest.mark.parametrize("uphill", [False, True])
def test_losses_go_where_they_should(uphill):
    x = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizer = ot.Adan([x], lr=0.01, maximize=uphill)
    losses = []
    for _ in range(20):
        losses.append(optimizer.step(lambda: backward(x, optimizer)).item())
    assert (losses[-1] > losses[0]) == uphill


def backward(x, optimizer):
    optimizer.zero_grad()
    loss = x.square().sum()
    loss.backward()
    return loss


def test_second_gradients_are_asked_of_the_closure():
    x = torch.nn.Parameter(torch.tensor([3.0, -4.0]))
    optimizer = ot.optimizer("sam(sgd)", [x], lr=0.25, rho=0.5)
    calls = []
    optimizer.step(lambda: calls.append(x.tolist()) or backward(x, optimizer))
    np.testing.assert_allclose(calls, [[3.0, -4.0], [3.3, -4.4]], rtol=1e-6)
    np.testing.assert_allclose(x.tolist(), [1.35, -1.8], rtol=1e-6)
    with pytest.raises(UsageError, match="closure"):
        optimizer.step()


def test_rules_that_ask_for_the_loss():
    x = torch.nn.Parameter(torch.tensor([3.0, -4.0]))
    optimizer = ot.PolyakStep([x], lr=10.0)
    optimizer.step(lambda: backward(x, optimizer))
    assert x.tolist() == [0.0, 0.0]
    x.data.fill_(1.0)
    backward(x, optimizer)
    optimizer.step(value=2.0)
    with pytest.raises(UsageError, match="needs the value"):
        optimizer.step()


def schedulers():
    lr = torch.optim.lr_scheduler
    return {
        "LambdaLR": lambda o: lr.LambdaLR(o, lambda t: 0.9**t),
        "MultiplicativeLR": lambda o: lr.MultiplicativeLR(o, lambda t: 0.9),
        "StepLR": lambda o: lr.StepLR(o, 3),
        "MultiStepLR": lambda o: lr.MultiStepLR(o, [2, 5]),
        "ConstantLR": lambda o: lr.ConstantLR(o, 0.5, 3),
        "LinearLR": lambda o: lr.LinearLR(o, 0.0001, total_iters=4),
        "ExponentialLR": lambda o: lr.ExponentialLR(o, 0.8),
        "PolynomialLR": lambda o: lr.PolynomialLR(o, 6, 2.0),
        "CosineAnnealingLR": lambda o: lr.CosineAnnealingLR(o, 5),  # down to 0
        "CosineAnnealingWarmRestarts": lambda o: lr.CosineAnnealingWarmRestarts(o, 3),
        "CyclicLR": lambda o: lr.CyclicLR(
            o, 0.001, 0.1, 3, cycle_momentum="betas" in o.defaults or "momentum" in o.defaults
        ),
        "OneCycleLR": lambda o: lr.OneCycleLR(o, 0.1, total_steps=9),
        "ReduceLROnPlateau": lambda o: lr.ReduceLROnPlateau(o, patience=1),
        "SequentialLR": lambda o: lr.SequentialLR(o, [lr.ConstantLR(o, 0.1), lr.ExponentialLR(o, 0.9)], [3]),
        "ChainedScheduler": lambda o: lr.ChainedScheduler([lr.ConstantLR(o, 0.1), lr.ExponentialLR(o, 0.9)], o),
        "SWALR": lambda o: torch.optim.swa_utils.SWALR(o, 0.01, 3),
    }


@pytest.mark.parametrize("optimizer", ["Adam", "SGD"])
@pytest.mark.parametrize("scheduler", schedulers())
def test_every_scheduler(scheduler, optimizer):
    ends = []
    for module in (ot, torch.optim):
        params = parameters(torch.float64)
        made = getattr(module, optimizer)(params, lr=0.1, **({"momentum": 0.9} if optimizer == "SGD" else {}))
        plan = schedulers()[scheduler](made)
        for step in range(8):
            walked(params, made, 1, first=step)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                plan.step(*([1.0] if scheduler == "ReduceLROnPlateau" else []))
        ends.append((params, [group["lr"] for group in made.param_groups]))
    assert ends[0][1] == ends[1][1]
    assert far(ends[0][0], ends[1][0]) < 1e-12


def test_every_scheduler_of_torch_is_among_them():
    lr = torch.optim.lr_scheduler
    named = {name for name in lr.__all__ if name not in ("LRScheduler",)}
    assert named <= {*schedulers(), "LRScheduler"}


def test_a_rate_may_be_a_tensor():
    ours, theirs = parameters(), parameters()
    rates = [torch.tensor(0.1), torch.tensor(0.1)]
    made = [ot.Adam(ours, lr=rates[0]), torch.optim.Adam(theirs, lr=rates[1], foreach=False)]
    for step in range(4):
        for optimizer, params, rate in zip(made, (ours, theirs), rates, strict=True):
            walked(params, optimizer, 1, first=step)
            rate.mul_(0.5)
    assert far(ours, theirs) < 1e-6


def test_hooks_are_called():
    params, seen = parameters(), []
    optimizer = ot.Lion(params)
    optimizer.register_step_pre_hook(lambda *given: seen.append("before"))
    optimizer.register_step_post_hook(lambda *given: seen.append("after"))
    optimizer.register_state_dict_pre_hook(lambda *given: seen.append("saving"))
    optimizer.register_state_dict_post_hook(lambda *given: seen.append("saved"))
    optimizer.register_load_state_dict_pre_hook(lambda *given: seen.append("loading"))
    optimizer.register_load_state_dict_post_hook(lambda *given: seen.append("loaded"))
    walked(params, optimizer, 1)
    optimizer.load_state_dict(optimizer.state_dict())
    assert seen == ["before", "after", "saving", "saved", "loading", "loaded"]


# ---------------------------------------------------------------------------------------------------------------------
# Tensors of every kind


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.complex64, torch.complex128])
@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop", "Rprop", "Adagrad"])
def test_other_dtypes_move_as_in_torch(name, dtype):
    ours, theirs = parameters(dtype), parameters(dtype)
    walked(theirs, getattr(torch.optim, name)(theirs), 10)
    walked(ours, getattr(ot, name)(ours), 10)
    assert far(ours, theirs) <= (1e-6 if dtype.is_complex else 2e-2)


@pytest.mark.parametrize("name", ["Lion", "LAMB", "ScheduleFreeAdamW", "AdaPNM", "TripleMomentum"])
def test_half_precision_follows_the_formula(name):
    half, whole = parameters(torch.bfloat16), parameters()
    for x, y in zip(whole, half, strict=True):
        x.data.copy_(y.data)
    for params in (half, whole):
        optimizer = getattr(ot, name)(params)
        for step in range(4):
            give(params, step)
            optimizer.step()
    assert far([x.float() for x in half], whole) < 0.05


@pytest.mark.parametrize("name", ["Adam", "LAMB"])
def test_every_layout(name):
    """Channels last, transposed, expanded gradients, and parts of other tensors."""

    def layouts():
        whole = torch.randn(6, 8, generator=torch.Generator().manual_seed(1))
        channels = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(2))
        return [channels.to(memory_format=torch.channels_last), whole.t(), whole.clone()[:, ::2]]

    strange, plain = ([torch.nn.Parameter(x) for x in xs] for xs in (layouts(), [x.contiguous() for x in layouts()]))
    made = [getattr(ot, name)(params) for params in (strange, plain)]
    for step in range(3):
        for x, y in zip(strange, plain, strict=True):
            y.grad = torch.randn(y.shape, generator=torch.Generator().manual_seed(step))
            x.grad = torch.empty_like(x).copy_(y.grad)
        strange[1].grad, plain[1].grad = torch.ones(1).expand(8, 6), torch.ones(8, 6)
        for optimizer in made:
            optimizer.step()
    assert far(strange, plain) < 1e-6


def test_what_a_kind_cannot_move_is_refused():
    with pytest.raises(UsageTypeError, match="bfloat16 on cpu, and sam.sgd. moves float32"):
        ot.optimizer("sam(sgd)", parameters(torch.bfloat16))
    with pytest.raises(UsageTypeError, match="complex64, and lamb moves real numbers"):
        ot.LAMB(parameters(torch.complex64))
    x = torch.nn.Parameter(torch.ones(3, 2))
    optimizer = ot.Adam([x])
    x.grad = torch.ones(3, 2).to_sparse()
    with pytest.raises(RuntimeError, match="a gradient is sparse"):
        optimizer.step()
    assert torch.equal(x, torch.ones(3, 2))


def test_memory_that_goes_elsewhere_is_followed():
    ours, theirs = parameters(), parameters()
    made = [ot.Adam(ours), torch.optim.Adam(theirs)]
    for step in range(5):
        for params, optimizer in zip((ours, theirs), made, strict=True):
            for parameter in params:
                parameter.data = parameter.data.clone()
            for entry in optimizer.state.values():
                entry["exp_avg"].data = entry["exp_avg"].data.clone()
                entry["exp_avg_sq"] = entry["exp_avg_sq"].clone()
            walked(params, optimizer, 1, first=step)
    assert far(ours, theirs) < 1e-6


def test_autograd_sees_the_step():
    x = torch.nn.Parameter(torch.ones(3))
    optimizer = ot.SGD([x], lr=0.1)
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


# ---------------------------------------------------------------------------------------------------------------------
# What is refused


@pytest.mark.parametrize(
    ("name", "given", "error", "words"),
    [
        ("Adam", {"lr": -0.1}, ValueError, "lr is -0.1"),
        ("Adam", {"betas": (1.0, 0.0)}, ValueError, "beta1 is 1"),
        ("Adam", {"betas": 0.9}, TypeError, "betas is 0.9"),
        ("Adam", {"lr": torch.tensor([0.1, 0.1])}, ValueError, "1 element"),
        ("Adam", {"capturable": True}, ValueError, "capturable is True"),
        ("AdamW", {"differentiable": True}, ValueError, "differentiable is True"),
        ("SGD", {"nesterov": True}, ValueError, "momentum is not"),
        ("SGD", {"momentum": -0.5}, ValueError, "momentum is -0.5"),
        ("Rprop", {"etas": (1.0, 0.5)}, ValueError, "eta_minus is 1"),
        ("Lion", {"lr": "fast"}, TypeError, "lr is 'fast'"),
    ],
)
def test_numbers_that_cannot_be_are_refused(name, given, error, words):
    with pytest.raises(error, match=words):
        getattr(ot, name)(parameters(), **given)


def test_params_that_cannot_be_are_refused():
    x = parameters(shapes=((3,),))[0]
    with pytest.raises(TypeError, match="should be an iterable"):
        ot.Adam(x)
    with pytest.raises(ValueError, match="empty parameter list"):
        ot.Adam([])
    with pytest.raises(ValueError, match="more than one parameter group"):
        ot.Adam([{"params": [x]}, {"params": [x]}])


def test_names_that_nobody_has():
    with pytest.raises(AttributeError, match="no class Adom"):
        ot.Adom  # noqa: B018
    with pytest.raises(UsageError, match="lbfgs asks for values"):
        ot.LBFGS  # noqa: B018
    with pytest.raises(UsageError, match="schedule"):
        ot.optimizer("adam(lr=cosine(0.1, steps=10))", parameters())
    assert {"Adam", "Lion", "ScheduleFreeAdamW", "Rule", "optimizer"} <= {*dir(ot)} and "LBFGS" not in dir(ot)
