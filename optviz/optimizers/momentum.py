"""Momentum: steps that remember the steps before them. Polyak's heavy ball and Nesterov's look-ahead."""

from optviz.optimizers import optimizer

# torch and Keras have no number for `momentum`: both rules are their SGD class with momentum switched on (it is 0, off,
# by default), so the 0.9 of the literature fills in.


@optimizer(
    title="Momentum",
    year=1964,
    reference=(
        "Polyak 1964, USSR Computational Mathematics and Mathematical Physics 4(5), 1-17; "
        "as written by Sutskever et al. 2013, PMLR 28(3), 1139-1147, equations 1-2"
    ),
    equation="v ← μ v − lr g,  x ← x + v",
    family="momentum",
    variants=("paper", "keras"),
    defaults={
        "keras": {"lr": 0.01},
        "paper": {"momentum": 0.9},
        "torch": {"lr": 1e-3, "dampening": 0.0},
    },
    names=("heavy-ball", "sgdm"),
    keys={"torch": {"b": "momentum_buffer"}},
)
def momentum(x, g, v, lr, momentum):
    """Add a fraction of the last step to the next: the heavy ball.

    Polyak's slot is the last step itself, learning rate included, and so is Keras's. torch and optax keep a sum of
    gradients and multiply it by the learning rate afterwards: the same path while that is constant, another one under
    a schedule. Only torch has dampening; it weighs every gradient but the first by 1 - dampening. An average in place
    of the sum, as in Signum or QHM, is torch's form with lr (1 - momentum).

    In torch and Keras the rule is SGD with momentum switched on. Their default is 0, which is plain SGD; here 0.9 is
    taken instead.
    """
    v = momentum * v - lr * g
    return x + v, v


@momentum.formula("torch", "optax")
def momentum_sum(x, g, b, lr, momentum):
    b = momentum * b + g
    return x - lr * b, b


def damped(t, momentum, dampening):
    # torch starts its sum with the whole first gradient and, without momentum, keeps no sum that it could dampen.
    return {"intake": 1 - dampening * (t > 1) * (momentum > 0)}


@momentum.formula("torch", scalars=damped)
def momentum_damped(x, g, b, intake, lr, momentum):
    b = momentum * b + intake * g
    return x - lr * b, b


@optimizer(
    title="Nesterov",
    year=1983,
    reference=(
        "Nesterov 1983, Soviet Mathematics Doklady 27(2), 372-376; "
        "as written by Sutskever et al. 2013, PMLR 28(3), 1139-1147, equations 3-4"
    ),
    equation="v ← μ v − lr g,  x ← x + μ v − lr g",
    family="momentum",
    variants=("keras",),
    defaults={
        "keras": {"lr": 0.01},
        "torch": {"lr": 1e-3},
        "paper": {"momentum": 0.9},
    },
    names=("nag", "nesterov-momentum"),
    keys={"torch": {"b": "momentum_buffer"}},
)
def nesterov(x, g, v, lr, momentum):
    """Momentum whose gradient is taken where the momentum is about to lead.

    Sutskever et al. move y by v = μ v − lr g(y + μ v). The libraries store the point x = y + μ v in place of y, so that
    the gradient is taken at x: Keras's form is exactly that rule for x, under any schedule, and serves the paper's
    numbers too. The paper's own iterate is x − μ v. torch and optax keep a sum of gradients without the learning
    rate: the same path while that is constant.

    Nesterov's 1983 method lets μ grow with the step, for convex functions as (t − 1) / (t + 2); all libraries keep it
    constant. In torch and Keras the rule is a flag of SGD whose momentum defaults to 0; here 0.9 is taken instead.
    """
    v = momentum * v - lr * g
    return x + momentum * v - lr * g, v


@nesterov.formula("torch", "optax")
def nesterov_sum(x, g, b, lr, momentum):
    b = momentum * b + g
    return x - lr * (g + momentum * b), b
