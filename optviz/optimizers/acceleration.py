"""Acceleration with proofs: momentum by the clock for convex functions, and the fastest for strongly convex ones.

Each takes gradients at one point and promises something of another one, which is the one reported. Their learning rate
is 1 / L, the inverse of the largest curvature.
"""

from optviz.optimizers import optimizer


def growing(before):
    """θ of this step and of the next: θ' = (1 + √(1 + 4 θ²)) / 2, from 1."""
    now = before.get("theta", 1.0)
    return now, (1 + (1 + 4 * now**2) ** 0.5) / 2


def last_gradient_step(y):
    return y


def push(t, before):
    now, coming = growing(before)
    return {"push": (now - 1) / coming, "theta": coming}


@optimizer(
    title="Nesterov's convex method",
    year=1983,
    reference=(
        "Nesterov 1983, Soviet Mathematics Doklady 27(2), 372-376; "
        "as Beck & Teboulle 2009, SIAM J. Imaging Sciences 2(1), 183-202, equations 4.1-4.3 (FISTA without a prox)"
    ),
    url="https://doi.org/10.1137/080716542",
    equation="y' = x − lr g,  x ← y' + (θ − 1) / θ' (y' − y),  θ' = (1 + √(1 + 4 θ²)) / 2",
    family="momentum",
    scalars=push,
    initial={"y": "x"},
    reported=last_gradient_step,
    names=("fista", "agd"),
    defaults={"paper": {"lr": 0.01}},
)
def nesterov_convex(x, g, y, push, theta, lr):
    """Step down the gradient, then go on beyond by a share of the way since the last step that grows towards 1.

    On a convex function with lr = 1 / L the value at y after t steps is within 2 L |x₀ − x*|² / (t + 1)² of the
    minimum. The variant "ratio" takes the share (t − 1) / (t + 2), which is nearly the same and has no memory (Su, Boyd
    & Candès 2014, arXiv:1503.01243).

    Momentum that goes on growing overshoots in the end: on a strongly convex function values go up and down, and a
    constant momentum is faster. The papers take 1 / L for lr; the number here is ours.
    """
    step = x - lr * g
    return step + push * (step - y), step


def ratio(t):
    return {"push": (t - 1) / (t + 2)}


@nesterov_convex.formula("ratio", scalars=ratio, reported=last_gradient_step)
def nesterov_ratio(x, g, y, push, lr):
    step = x - lr * g
    return step + push * (step - y), step


def optimised(t, before):
    now, coming = growing(before)
    return {"push": (now - 1) / coming, "extra": now / coming, "theta": coming}


@optimizer(
    title="Optimized gradient method",
    year=2014,
    reference="Kim & Fessler 2014, arXiv:1406.5468, Algorithm OGM1 without its last step",
    url="https://arxiv.org/abs/1406.5468",
    equation="y' = x − lr g,  x ← y' + (θ − 1) / θ' (y' − y) + θ / θ' (y' − x)",
    family="momentum",
    scalars=optimised,
    initial={"y": "x"},
    reported=last_gradient_step,
    names=("optimized-gradient-method",),
    defaults={"paper": {"lr": 0.01}},
)
def ogm(x, g, y, push, extra, theta, lr):
    """Go beyond the gradient step by Nesterov's share and by a share of the step itself.

    The promise is twice as good as that of Nesterov's convex method: L |x₀ − x*|² / (4 θ²), θ above (t + 1) / 2. The
    paper's θ is another one in the last step, which has to be known beforehand; here no step is the last.
    """
    step = x - lr * g
    return step + push * (step - y) + extra * (step - x), step


def triple(t, lr, kappa):
    rho = 1 - 1 / kappa**0.5
    return {
        "rate": (1 + rho) * lr,
        "push": rho**2 / (2 - rho),
        "ahead": rho**2 / ((1 + rho) * (2 - rho)),
    }


def third_point(s, p, kappa):
    rho = 1 - 1 / kappa**0.5
    return s + rho**2 / (1 - rho**2) * (s - p)


@optimizer(
    title="Triple momentum",
    year=2018,
    reference="Van Scoy, Freeman & Lynch 2018, IEEE Control Systems Letters 2(1), 49-54",
    url="https://doi.org/10.1109/LCSYS.2017.2722406",
    equation="s' = s + β (s − p) − α g,  x ← s' + γ (s' − s),  p ← s,  of lr = 1 / L and κ = L / m",
    family="momentum",
    scalars=triple,
    initial={"s": "x", "p": "x"},
    reported=third_point,
    ranges={"kappa": (1, float("inf"), False, False)},
    names=("tmm",),
    defaults={"paper": {"lr": 0.01, "kappa": 100.0}},
)
def triple_momentum(x, g, s, p, rate, push, ahead):
    """Keep three points, with momenta made for the ratio of the largest curvature to the least.

    On every strongly convex function with curvatures between m and L, lr = 1 / L and kappa = L / m, errors shrink by
    1 − √(m / L) a step: no method with gradients alone promises more. Nesterov's constant momentum promises the root
    of that. The numbers here are ours: they have to be those of the function.
    """
    new = s + push * (s - p) - rate * g
    return new + ahead * (new - s), new, s
