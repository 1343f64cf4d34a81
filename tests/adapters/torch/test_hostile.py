"""What goes wrong with tensors between two steps: refused before anything moves, or followed as torch follows it."""

import copy
import pickle

import numpy as np
import pytest

from optviz.errors import OptvizError, UsageError

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")


def one(*numbers, dtype=torch.float32):
    x = torch.nn.Parameter(torch.tensor(numbers, dtype=dtype))
    x.grad = torch.ones_like(x)
    return x


def refused(optimizer, *params, words=""):
    before = [x.detach().clone() for x in params]
    with pytest.raises(OptvizError, match=words):
        optimizer.step()
    assert all(torch.equal(x, y) for x, y in zip(params, before, strict=True))


def test_a_gradient_of_another_size():
    for made in (ot.SGD, ot.Adam, ot.LAMB):
        x = one(1.0, 2.0)
        optimizer = made([x], lr=1.0)
        x.data = torch.zeros(1000)
        refused(optimizer, x, words=r"a gradient has shape \(2,\), its parameter \(1000,\)")


def test_a_state_that_was_resized_or_turned():
    x = one(*range(20))
    optimizer = ot.SGD([x], lr=0.1, momentum=0.9)
    optimizer.step()
    optimizer.state[x]["momentum_buffer"].resize_(10)
    refused(optimizer, x, words=r"momentum_buffer of its state \(10,\)")
    square = torch.nn.Parameter(torch.arange(9.0).reshape(3, 3))
    ends = []
    for module in (ot, torch.optim):
        y = torch.nn.Parameter(square.detach().clone())
        made = module.Adam([y], lr=0.1)
        for k in range(3):
            y.grad = torch.arange(9.0).reshape(3, 3) - k
            made.step()
            entry = made.state[y]["exp_avg"]
            entry.data = entry.data.t()
        ends.append(y.detach())
    torch.testing.assert_close(*ends)


@pytest.mark.parametrize("count", [torch.tensor([]), torch.tensor([1.0, 2.0]), None, "abc"])
def test_counts_that_are_none(count):
    x = one(1.0)
    optimizer = ot.Adam([x])
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    state["state"][0]["step"] = count
    with pytest.raises(UsageError, match="counts"):
        optimizer.load_state_dict(state)
    assert optimizer.state[x]["step"] == 1
    optimizer.step()


@pytest.mark.parametrize("count", [-1.0, float("nan"), float("inf"), 1e30])
def test_counts_that_cannot_be(count):
    x = one(1.0)
    optimizer = ot.Adam([x])
    optimizer.step()
    optimizer.state[x]["step"].fill_(count)
    refused(optimizer, x, words="counts")


def test_memory_that_was_freed():
    x = one(*range(100))
    optimizer = ot.SGD([x], lr=0.1)
    optimizer.step()
    x.grad.untyped_storage().resize_(0)
    with pytest.raises(UsageError, match="no memory"):
        optimizer.step()


def test_conjugates_and_negatives_are_what_they_stand_for():
    for module in (ot, torch.optim):
        z = torch.nn.Parameter(torch.tensor([1 + 2j, 3 - 1j]))
        optimizer = module.SGD([z], lr=0.1)
        z.conj().backward(torch.tensor([1 + 1j, 2j]))
        assert z.grad.is_conj()
        optimizer.step()
        torch.testing.assert_close(z.detach(), torch.tensor([0.9 + 2.1j, 3 - 0.8j]))
        x = torch.nn.Parameter(torch.tensor(1.0))
        x.grad = torch.tensor(1 + 2j).conj().imag
        assert x.grad.is_neg()
        module.SGD([x], lr=0.1).step()
        assert x.item() == pytest.approx(1.2)


def test_betas_in_tensors_are_followed():
    ends = []
    for module in (ot, torch.optim):
        x, beta = one(1.0), torch.tensor(0.5)
        optimizer = module.Adam([x], lr=0.1, betas=(beta, torch.tensor(0.9)), foreach=False)
        optimizer.step()
        beta.fill_(0.01)
        x.grad = -torch.ones(1)
        optimizer.step()
        ends.append(x.item())
    assert ends[0] == pytest.approx(ends[1], rel=1e-6)


@pytest.mark.filterwarnings("ignore:optimizer contains a parameter group with duplicate")
def test_parameters_that_cannot_be_moved():
    x = one(1.0, 2.0)
    for params, words in (
        ([x, x], "stands twice"),
        ([torch.nn.Parameter(torch.zeros(1).expand(3))], "overlaps itself"),
        ([torch.nn.Parameter(torch.tensor([True]), requires_grad=False)], "floating-point"),
    ):
        with pytest.raises(OptvizError, match=words):
            ot.Adam(params)
    whole = torch.arange(8.0)
    tied = [torch.nn.Parameter(whole[:5]), torch.nn.Parameter(whole[3:])]
    for y in tied:
        y.grad = torch.ones(5)
    refused(ot.SGD(tied, lr=1.0), *tied, words="share memory")


def test_what_a_recursive_rule_lacks():
    x = one(1.0)
    optimizer = ot.NAdam([x])
    optimizer.step()
    del optimizer.state[x]["mu_product"]
    optimizer.state[x] = dict(optimizer.state[x])
    refused(optimizer, x, words="mu_product")


def test_groups_that_were_taken_apart():
    x = one(1.0)
    optimizer = ot.Adam([x])
    optimizer.step()
    optimizer.param_groups[0]["lr"] = torch.tensor([0.1, 0.2])
    refused(optimizer, x, words="1 element")
    del optimizer.param_groups[0]["lr"]
    refused(optimizer, x, words="no lr")
    optimizer.param_groups.clear()
    optimizer.step()


def test_the_reported_point():
    x = one(4.0)
    optimizer = ot.optimizer("ema(sgd, decay=0.5)", [x], lr=1.0)
    for _ in range(3):
        optimizer.step()
    moved = x.item()
    with pytest.raises(ZeroDivisionError), optimizer.reported():
        average = x.item()
        1 / 0  # noqa: B018
    assert x.item() == moved == 1.0 and average > moved
    free = ot.ScheduleFreeSGD([one(4.0)], lr=1.0)
    free.step()
    with free.reported():
        assert np.isfinite(free.param_groups[0]["params"][0].item())


@pytest.mark.parametrize("name", ["SGD", "Adam", "NAdam", "LAMB"])
def test_tensors_of_inference_mode(name):
    """They are moved in that mode alone, as torch's classes do."""
    with torch.inference_mode():
        x = torch.nn.Parameter(torch.ones(3), requires_grad=False)
    x.grad = torch.ones(3)
    optimizer = getattr(ot, name)([x], lr=0.1)
    with pytest.raises(RuntimeError, match="inference mode"):
        optimizer.step()
    assert torch.equal(x, torch.ones(3))
    with torch.inference_mode():
        optimizer.step()
        optimizer.step()
    assert (x < 1).all()
    refused(optimizer, x, words="inference mode")


def test_a_state_of_inference_mode():
    for module in (ot, torch.optim):
        x = one(1.0)
        optimizer = module.Adam([x], lr=0.1)
        with torch.inference_mode():
            optimizer.step()
        with pytest.raises(RuntimeError, match="nference"):
            optimizer.step()


@pytest.mark.parametrize("name", ["SGD", "Adam", "LAMB"])
def test_gradients_that_overlap_their_parameter(name):
    whole = torch.arange(1.0, 9.0)
    x = torch.nn.Parameter(whole[:5])
    optimizer = getattr(ot, name)([x], lr=0.1)
    x.grad = torch.ones(5)
    optimizer.step()  # and now all is known
    x.grad = whole[1:6]
    refused(optimizer, x, words="overlap")
    square = torch.nn.Parameter(torch.arange(1.0, 10.0).reshape(3, 3))
    square.grad = square.detach().t()
    refused(getattr(ot, name)([square], lr=0.1), square, words="overlap")


def test_gradients_between_the_elements_of_their_parameter():
    pairs = torch.arange(8.0).reshape(4, 2)
    x = torch.nn.Parameter(pairs[:, 0])
    x.grad = pairs[:, 1]
    ot.SGD([x], lr=1.0).step()
    assert x.tolist() == [-1.0, -1.0, -1.0, -1.0] and pairs[:, 1].tolist() == [1.0, 3.0, 5.0, 7.0]


def test_a_rule_without_a_learning_rate():
    x = one(1.0)
    optimizer = ot.COCOB([x])
    again, other = copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))
    again.load_state_dict(optimizer.state_dict())
    for made in (optimizer, again, other):
        with pytest.raises(UsageError, match="cocob has no lr, which a scheduler changes"):
            torch.optim.lr_scheduler.StepLR(made, 1)
        with pytest.raises(KeyError):
            made.param_groups[0]["rate"]
        assert "lr" not in made.param_groups[0]
    optimizer.step()
    assert x.item() != 1.0


def test_how_a_step_is_computed_means_nothing_between_steps():
    """As in torch, where any true word is as good as another."""
    ends = []
    for word in (None, "x"):
        x = one(1.0)
        optimizer = ot.Adam([x], lr=0.1)
        optimizer.param_groups[0]["foreach"] = word
        optimizer.step()
        ends.append(x.item())
    assert ends[0] == ends[1]


@pytest.mark.parametrize("thing", [{}, set(), {"a": 1}, ([], {})], ids=str)
@pytest.mark.parametrize(
    ("name", "argument"),
    [("Adam", "betas"), ("Adam", "eps"), ("Adam", "maximize"), ("Adafactor", "eps"), ("Muon", "ns_coefficients")]
    + [("Muon", "adjust_lr_fn"), ("SGD", "nesterov"), ("RMSprop", "alpha"), ("Rprop", "etas"), ("Lion", "betas")],
)
def test_arguments_that_are_no_numbers_are_named(name, argument, thing):
    with pytest.raises(OptvizError, match=f"{argument} is"):
        getattr(ot, name)([torch.nn.Parameter(torch.ones(3, 3))], **{argument: thing})
    optimizer = getattr(ot, name)([torch.nn.Parameter(torch.ones(3, 3))])
    optimizer.param_groups[0][argument] = thing
    optimizer.param_groups[0]["params"][0].grad = torch.ones(3, 3)
    refused(optimizer, *optimizer.param_groups[0]["params"], words=f"{argument} is")


@pytest.mark.parametrize("name", ["adam", "lamb", "muon"])
def test_no_graph_holds_a_step(name, monkeypatch):
    x = torch.nn.Parameter(torch.ones(2, 2))
    optimizer = ot.optimizer(name, [x])
    x.grad = torch.ones(2, 2)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    with pytest.raises(UsageError, match="step is called while a CUDA graph is captured") as caught:
        optimizer.step()
    assert caught.value.remedy and (x == 1).all() and not optimizer.state
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: False)
    optimizer.step()
    assert (x != 1).all()
