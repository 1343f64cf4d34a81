"""Dual averaging: the iterate is made anew at every step, from the sum of all gradients and the start."""

from math import pow, sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import clip, greater
from optviz.optimizers._signs import sign


def growing(t, lr):
    return {"weight": lr * t**0.5}


@optimizer(
    title="MADGRAD",
    year=2021,
    reference="Defazio & Jelassi 2021, arXiv:2101.11075, Algorithm 1",
    url="https://arxiv.org/abs/2101.11075",
    equation="s ← s + lr √t g,  v ← v + lr √t g²,  z = x₀ − s / (∛v + ε),  x ← μ x + (1 − μ) z",
    family="adaptive",
    scalars=growing,
    initial={"x0": "x"},
    decay={"optax": "l2"},
    oracles={
        "authors": "torch_optimizer.MADGRAD",
        "optax": "optax.contrib.madgrad",
        "kozistr": "pytorch_optimizer.MADGRAD",
    },
    defaults={
        "authors": {"lr": 0.01, "momentum": 0.9, "eps": 1e-6},
        "paper": {"momentum": 0.9, "eps": 1e-6},
        "optax": {"momentum": 0.9, "eps": 1e-6},
        "kozistr": {"lr": 1e-3, "momentum": 0.9, "eps": 1e-6},
    },
)
def madgrad(x, g, s, v, x0, weight, momentum, eps):
    """Sum gradients and their squares with growing weights, and divide one by the cube root of the other.

    All codes, the authors' own first, add eps to the learning rate, and so move a little with lr = 0; the paper does
    not. optax takes the root of the step in float32.

    Because the iterate is made from the start x₀ and sums, what happened first is never forgotten, and weight decay
    has to be small. The learning rate is of another size than SGD's or Adam's.
    """
    s = s + weight * g
    v = v + weight * g**2
    z = x0 - s / (pow(v, 1 / 3) + eps)
    return x + (1 - momentum) * (z - x), s, v, x0


def growing_from_eps(t, lr, eps):
    return {"weight": (lr + eps) * t**0.5}


madgrad.formula("authors", "optax", "kozistr", scalars=growing_from_eps)(madgrad.variants["paper"][0].update)


def root_of(n, lr_power):
    # The usual power apart: loops with roots are vectorised, those with other powers are not.
    return sqrt(n) if lr_power == -0.5 else (pow(n, -lr_power) if n != 0 else 0.0)


@optimizer(
    title="FTRL-Proximal",
    year=2013,
    reference="McMahan et al. 2013, Ad Click Prediction, KDD, Algorithm 1",
    url="https://research.google/pubs/pub41159/",
    equation="n' = n + g²,  z ← z + g − (√n' − √n) x / lr,  x ← (clip(z, ±l1) − z) / ((β + √n') / lr + l2)",
    family="adaptive",
    variants=("paper",),
    initial={"n": "initial_accumulator_value"},
    decay={"paper": "l2"},
    ranges={
        "lr": (0, float("inf"), False, False),
        "lr_power": (-float("inf"), 0, False, False),
        **{name: (0, float("inf"), True, False) for name in ("l1", "l2", "l2_shrinkage", "beta")},
    },
    aliases={
        "learning_rate_power": "lr_power",
        "l1_regularization_strength": "l1",
        "l2_regularization_strength": "l2",
        "l2_shrinkage_regularization_strength": "l2_shrinkage",
        "lambda_1": "l1",
        "lambda_2": "l2",
    },
    names=("ftrl-proximal", "ftrlp"),
    oracles={"keras": "keras.optimizers.Ftrl", "kozistr": "pytorch_optimizer.FTRL"},
    defaults={
        "keras": {
            "lr": 1e-3, "lr_power": -0.5, "initial_accumulator_value": 0.1, "l1": 0.0, "l2": 0.0, "l2_shrinkage": 0.0,
            "beta": 0.0,
        },
        "paper": {"lr_power": -0.5, "initial_accumulator_value": 0.0, "beta": 1.0},
        "kozistr": {"lr": 1e-3, "lr_power": -0.5, "initial_accumulator_value": 0.0, "l1": 0.0, "l2": 0.0, "beta": 0.0},
    },
)  # fmt: skip
def ftrl(x, g, z, n, lr, lr_power, l1, l2, beta):
    """Go to the minimum of all linearised losses so far, with penalties l1 and l2 and a pull that grows as Adagrad's.

    Without penalties, with beta = 0 and a sum that starts at 0, the path is Adagrad's. Keras starts the sum at 0.1,
    counts l2 twice (its penalty is l2 x², the paper's l2 x² / 2) and has a further l2_shrinkage that acts on gradients
    alone; pytorch_optimizer starts at 0 and takes the square root in the denominator whatever lr_power is. The paper
    advises beta = 1.

    **The rule sets out from 0, wherever the iterate starts**: with beta or a starting sum above 0, the first step
    shrinks the iterate, to nothing where there is no gradient. l1 makes coordinates exactly 0, which is what the rule
    is for.
    """
    sum_of_squares = n + g**2
    root, old_root = root_of(sum_of_squares, lr_power), root_of(n, lr_power)
    z = z + g - (root - old_root) / lr * x
    curvature = (beta + root) / lr + l2
    return ((clip(z, -l1, l1) - z) / curvature if curvature != 0 else x), z, sum_of_squares


@ftrl.formula("keras")
def ftrl_keras(x, g, z, n, lr, lr_power, l1, l2, l2_shrinkage, beta):
    sum_of_squares = n + g**2
    root, old_root = root_of(sum_of_squares, lr_power), root_of(n, lr_power)
    z = z + g + 2 * l2_shrinkage * x - (root - old_root) / lr * x
    curvature = (beta + root) / lr + 2 * l2
    return ((clip(z, -l1, l1) - z) / curvature if curvature != 0 else x), z, sum_of_squares


@ftrl.formula("kozistr")
def ftrl_kozistr(x, g, z, n, lr, lr_power, l1, l2, beta):
    sum_of_squares = n + g**2
    z = z + g - (root_of(sum_of_squares, lr_power) - root_of(n, lr_power)) / lr * x
    curvature = (beta + sqrt(sum_of_squares)) / lr + l2
    beyond = 0.0 if abs(z) <= l1 else l1 * sign(z) - z
    return (beyond / curvature if curvature != 0 else x), z, sum_of_squares


@optimizer(
    title="COCOB",
    year=2017,
    reference="Orabona & Tommasi 2017, arXiv:1705.07795, Algorithm 2",
    url="https://arxiv.org/abs/1705.07795",
    equation="L ← max(L, |g|),  G ← G + |g|,  R ← max(R − g (x − x₀), 0),  T ← T − g,  "
    "x ← x₀ + T (L + R) / (L max(G + L, α L))",
    family="free",
    variants=("paper", "optax"),
    initial={"x0": "x", "largest": "eps"},
    decay={"paper": "l2", "optax": "l2"},
    ranges={"alpha": (0, float("inf"), False, False)},
    names=("cocob-backprop",),
    oracles={"optax": "optax.contrib.cocob"},
    defaults={"optax": {"alpha": 100.0, "eps": 1e-8}, "paper": {"alpha": 100.0}},
)
def cocob(x, g, x0, largest, absolute, reward, total, alpha):
    """Bet on the direction of the next gradient with the reward of the bets so far: there is no learning rate.

    The paper begins L, the largest gradient, at 0, which is 0 / 0 for a coordinate without a gradient; here as in
    optax it begins at eps = 1e-8. With eps = 0 such a coordinate stays where it is.

    The first steps are 1 / alpha long in total, whatever the scale of the gradient, and grow exponentially while bets
    are won: distances far from 1 take their time, but nothing has to be tuned.
    """
    largest = greater(largest, abs(g))
    absolute = absolute + abs(g)
    reward = greater(0.0, reward - g * (x - x0))
    total = total - g
    scale = largest * greater(absolute + largest, alpha * largest)
    bet = total / scale if scale != 0 else 0.0
    return x0 + bet * (largest + reward), x0, largest, absolute, reward, total
