"""Schedule-Free learning: an average of the iterates that needs no falling learning rate.

Three points go together: z, which takes the steps; x, the average of all z, which is evaluated; and y between them,
where gradients are taken. The iterate is y and z is a slot; x is not stored, because both together hold it.
"""

from math import sqrt

from optviz.optimizers import optimizer

BETAS = {"beta1": (0, 1, False, True)}  # x could not be told from y and z with beta1 = 0


def average_of(x, z, beta1):
    return (x - (1 - beta1) * z) / beta1


def weigh(t, before, rate, beta1, r):
    """The scalars of step t: z moves by `rate`; its part in the average is weighed by the largest rate so far.

    c is the part of the newest z in x, and `reach` the part of its step by which y moves along.
    """
    last = before.get("peak", rate)
    peak = rate * (rate > last) + last * (rate <= last)
    weight = t**r * peak**2
    total = before.get("total", 0.0) + weight
    c = weight / (total + (total == 0))  # 0 as long as nothing has moved
    return {"rate": rate, "reach": rate * (1 - beta1 + beta1 * c), "c": c, "peak": peak, "total": total}


def weighed(t, before, lr, beta1, r):
    return weigh(t, before, lr, beta1, r)


@optimizer(
    title="Schedule-Free SGD",
    year=2024,
    reference="Defazio et al. 2024, arXiv:2405.15682, equations 3-5",
    url="https://arxiv.org/abs/2405.15682",
    equation="z ← z − lr g(y),  x ← (1 − c) x + c z,  y ← (1 − β₁) z + β₁ x",
    family="averaging",
    variants=("authors", "kozistr"),
    scalars=weighed,
    reported=average_of,
    initial={"z": "x"},
    decay={"optax": "l2", "kozistr": "l2"},
    ranges=BETAS | {"r": (0, float("inf"), True, False)},
    aliases={"momentum": "beta1"},
    names=("sgd-schedule-free",),
    oracles={
        "authors": "schedulefree.SGDScheduleFree",
        "optax": "optax.contrib.schedule_free_sgd",
        "kozistr": "pytorch_optimizer.ScheduleFreeSGD",
    },
    defaults={
        "authors": {"lr": 1.0, "beta1": 0.9, "r": 0.0},
        "optax": {"lr": 1.0, "beta1": 0.9},
    },
)
def schedule_free_sgd(x, g, z, rate, reach, c, peak, total):
    """Take SGD's steps, evaluate the average of all points, and take gradients between the two.

    The code's iterate is the paper's y, and the reported point its x. A step counts in the average by the square of
    the largest learning rate so far, which matters while that warms up, and by t^r besides. The authors and optax
    agree; beta1 = 1 takes gradients at the average itself, and a small beta1 nearly at z: Polyak-Ruppert averaging.

    A learning rate that suits it is often larger than SGD's, and must not fall.
    """
    return x + c * (z - x) - reach * g, z - rate * g


def weighed_by_rate(t, before, lr, beta1):
    return weigh(t, before, lr, beta1, 0)


sgd_step = schedule_free_sgd.variants["authors"][0].update
schedule_free_sgd.formula("optax", scalars=weighed_by_rate, reported=average_of)(sgd_step)


def adamw_scalars(t, before, lr, beta1, beta2, r):
    return weigh(t, before, lr, beta1, r) | {"unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="Schedule-Free AdamW",
    year=2024,
    reference="Defazio et al. 2024, arXiv:2405.15682, Algorithm 1",
    url="https://arxiv.org/abs/2405.15682",
    equation="v ← β₂ v + (1 − β₂) g²,  z ← z − lr g(y) / (√v̂ + ε),  x ← (1 − c) x + c z,  y ← (1 − β₁) z + β₁ x",
    family="averaging",
    variants=("authors", "kozistr"),
    scalars=adamw_scalars,
    reported=average_of,
    initial={"z": "x"},
    ranges=BETAS | {"r": (0, float("inf"), True, False)},
    names=("schedule-free-adam", "adamw-schedule-free"),
    oracles={
        "authors": "schedulefree.AdamWScheduleFree",
        "optax": "optax.contrib.schedule_free_adamw",
        "keras": "keras.optimizers.ScheduleFreeAdamW",
        "kozistr": "pytorch_optimizer.ScheduleFreeAdamW",
    },
    defaults={
        "authors": {"lr": 2.5e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "r": 0.0, "weight_decay": 0.0},
        "optax": {"lr": 2.5e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "keras": {"lr": 2.5e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "paper": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    },
)
def schedule_free_adamw(x, g, z, v, rate, reach, c, peak, total, unbias_v, beta2, eps, weight_decay):
    """Take Adam's steps without their momentum, evaluate the average of all points, take gradients between the two.

    Who weighs what: the authors, optax and pytorch_optimizer weigh each step of the average by the square of the
    largest learning rate so far, Keras all steps alike; with a constant learning rate that is the same. The authors'
    first releases, here the variant "first", put the correction of v into the learning rate, and so into the weights
    too, and eps beside the uncorrected root: their first hundred steps count for less.

    Weight decay is taken at y and is part of the step of z, so that x and y follow; Keras decays y alone.
    """
    v = beta2 * v + (1 - beta2) * g**2
    u = g / (sqrt(v * unbias_v) + eps) + weight_decay * x
    return x + c * (z - x) - reach * u, z - rate * u, v


def adamw_scalars_by_rate(t, before, lr, beta1, beta2):
    return adamw_scalars(t, before, lr, beta1, beta2, 0)


adamw_step = schedule_free_adamw.variants["authors"][0].update
schedule_free_adamw.formula("optax", scalars=adamw_scalars_by_rate, reported=average_of)(adamw_step)


def first_scalars(t, before, lr, beta1, beta2, r):
    return weigh(t, before, lr * (1 - beta2**t) ** 0.5, beta1, r)


@schedule_free_adamw.formula("first", scalars=first_scalars, reported=average_of)
def schedule_free_adamw_first(x, g, z, v, rate, reach, c, peak, total, beta2, eps, weight_decay):
    v = beta2 * v + (1 - beta2) * g**2
    u = g / (sqrt(v) + eps) + weight_decay * x
    return x + c * (z - x) - reach * u, z - rate * u, v


def even_scalars(t, lr, beta1, beta2):
    c = 1 / t
    return {"rate": lr, "reach": lr * (1 - beta1 + beta1 * c), "c": c, "unbias_v": 1 / (1 - beta2**t)}


@schedule_free_adamw.formula("keras", scalars=even_scalars, reported=average_of)
def schedule_free_adamw_keras(x, g, z, v, rate, reach, c, unbias_v, beta2, eps):
    v = beta2 * v + (1 - beta2) * g**2
    u = g / (sqrt(v * unbias_v) + eps)
    return x + c * (z - x) - reach * u, z - rate * u, v


def rectified(t, before, lr, beta1, beta2, r):
    # RAdam's factor; where it has none, up to step 4 with the usual beta2, nothing moves and nothing is averaged.
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    known = length > 4
    length = length * known + 5 * (1 - known)
    squared = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    factor = abs(squared) ** 0.5 * known
    return weigh(t, before, lr * factor, beta1, r) | {"unbias_v": 1 / (1 - beta2**t)}


@optimizer(
    title="Schedule-Free RAdam",
    year=2024,
    reference=(
        "Defazio et al. 2024, arXiv:2405.15682, Algorithm 1, with the rectification of Liu et al. 2019, "
        "arXiv:1908.03265, as RAdamScheduleFree in github.com/facebookresearch/schedule_free"
    ),
    url="https://github.com/facebookresearch/schedule_free",
    equation="z ← z − lr r g(y) / (√v̂ + ε),  x ← (1 − c) x + c z,  y ← (1 − β₁) z + β₁ x,  r of RAdam",
    family="averaging",
    variants=("authors", "kozistr"),
    scalars=rectified,
    reported=average_of,
    initial={"z": "x"},
    ranges=BETAS | {"r": (0, float("inf"), True, False), "beta2": (0.6, 1, False, False)},
    names=("radam-schedule-free",),
    oracles={"authors": "schedulefree.RAdamScheduleFree", "kozistr": "pytorch_optimizer.ScheduleFreeRAdam"},
    defaults={
        "authors": {"lr": 2.5e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "r": 0.0, "weight_decay": 0.0},
    },
)
def schedule_free_radam(x, g, z, v, rate, reach, c, peak, total, unbias_v, beta2, eps, weight_decay):
    """Let RAdam's rectification warm up Schedule-Free AdamW.

    The authors' class does not move while the rectification is undefined: for four steps with beta2 = 0.999. Their
    switch silent_sgd_phase=False, which takes SGD's steps there, is not offered. beta2 has to be above 0.6, below
    which there is no rectification.
    """
    v = beta2 * v + (1 - beta2) * g**2
    u = g / (sqrt(v * unbias_v) + eps) + weight_decay * x
    return x + c * (z - x) - reach * u, z - rate * u, v
