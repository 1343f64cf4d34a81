"""Second looks against other libraries, and what theory says of them."""

import numpy as np
import pytest

from optviz.formulas.adding import probed
from optviz.optimizers import configure
from tests.optimizers.driving import START, disturbed, drive, relative

BASES = [("sgd", {"lr": 0.05}), ("adam", {"lr": 0.05})]


@pytest.mark.slow
@pytest.mark.parametrize(("base", "numbers"), BASES)
def test_sam_is_that_of_optax(base, numbers):
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    with jax.enable_x64(True):
        outer = getattr(optax, base)(numbers["lr"])
        inner = optax.chain(optax.contrib.normalize(), optax.sgd(0.3))
        optimizer = optax.contrib.sam(outer, inner, opaque_mode=True)
        x, path = jax.numpy.asarray(START), [START]
        state = optimizer.init(x)
        for t in range(1, 201):
            gradient = lambda x, _: jax.numpy.asarray(disturbed(np.asarray(x), t))  # noqa: B023
            change, state = optimizer.update(gradient(x, 0), state, x, grad_fn=gradient)
            x = optax.apply_updates(x, change)
            path.append(np.asarray(x))
    ours = drive(configure(f"sam({base}, rho=0.3)", **numbers), disturbed, START, 200)
    assert relative(ours, np.array(path)) < 1e-11  # optax adds nothing to the length of the gradient


@pytest.mark.slow
@pytest.mark.parametrize(("text", "adaptive"), [("sam({}, rho=0.3)", False), ("asam({}, rho=0.3, eta=0)", True)])
@pytest.mark.parametrize(("base", "numbers"), BASES)
def test_both_are_those_of_pytorch_optimizer(base, numbers, text, adaptive):
    torch, library = pytest.importorskip("torch"), pytest.importorskip("pytorch_optimizer")
    x = torch.nn.Parameter(torch.tensor(START))
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[base]
    optimizer, path = library.SAM([x], base_optimizer=kind, rho=0.3, adaptive=adaptive, **numbers), [START]
    for t in range(1, 201):
        look = lambda: setattr(x, "grad", torch.from_numpy(disturbed(x.detach().numpy(), t)))  # noqa: B023
        look()
        optimizer.first_step(zero_grad=True)
        look()
        optimizer.second_step(zero_grad=True)
        path.append(x.detach().numpy().copy())
    ours = drive(configure(text.format(base), **numbers), disturbed, START, 200)
    assert relative(ours, np.array(path)) < 1e-7  # it takes the length of the gradient in float32


def test_scaling_a_layer_changes_nothing_of_asam():
    """A function of the product of two numbers: where one is larger, and the other smaller, the climb is as high."""
    rise = []
    for scale in (1.0, 10.0):
        x = np.array([scale * 2.0, 3.0 / scale])
        slope = lambda x: np.array([x[1], x[0]]) * (x[0] * x[1] - 1)
        look = configure("asam(sgd, rho=0.1, eta=0)").formula
        assert look.hyperparameters == ("lr", "rho", "eta")
        point = probed(look, x, slope(x), [(), ()], (), (0.0, 0.1, 0.0))
        rise.append(point[0] * point[1])
    assert rise[0] == pytest.approx(rise[1], rel=1e-9) and rise[0] > 6.0


@pytest.mark.parametrize("name", ["extragradient", "past_extragradient"])
def test_a_game_is_solved_where_gradient_descent_leaves(name):
    """min over x and max over y of x y: the gradients of the players turn around the solution."""
    turning = lambda x, t: np.array([x[1], -x[0]])
    away = lambda text: np.linalg.norm(drive(configure(text, lr=0.3), turning, [1.0, 1.0], 200)[-1])
    assert away(name) < 1e-2 < 1e3 < away("sgd")


def test_extragradient_is_the_implicit_step_to_first_order():
    matrix = np.array([[0.5, 1.0], [-1.0, 2.0]])
    missed = []
    for lr in (0.02, 0.01):
        step = drive(configure("extragradient", lr=lr), lambda x, t: matrix @ x, [1.0, -2.0], 1)[-1]
        missed.append(np.linalg.norm(step - np.linalg.solve(np.eye(2) + lr * matrix, [1.0, -2.0])))
    assert 7 < missed[0] / missed[1] < 9  # of third order in lr


def test_nesterov_ahead_is_that_of_keras_seen_from_its_iterates():
    lr, momentum = 0.05, 0.8
    keras = drive(configure("nesterov", variant="keras", lr=lr, momentum=momentum), disturbed, START, 100)
    ahead = drive(configure("nesterov_ahead", lr=lr, momentum=momentum), disturbed, START, 100)
    points = ahead[1:] + momentum * np.diff(ahead, axis=0)
    assert relative(points, keras[1:]) < 1e-12


def test_the_first_step_of_adahessian_divides_by_the_curvature():
    """It is lr g / |d|, whatever the signs are: with a diagonal Hessian z (H z) has none."""
    step = drive(configure("adahessian", lr=0.1, eps=0), disturbed, START, 1)
    assert step[1] - START == pytest.approx(-0.1 * disturbed(START, 1) / (1.5 + 2 * np.sin(1.3)))
