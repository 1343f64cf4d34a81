"""What is done to the gradient of a whole array before a rule sees it: clipping by its norm, and projection."""

from math import sqrt
from typing import Any

from optviz.formulas.words import column_total, grand_total, total
from optviz.wrappers import wrapper

RULE: Any = None

ABOVE = (0, float("inf"), False, False)


@wrapper(
    title="Norm-clipped",
    year=2012,
    reference="Pascanu et al. 2012, arXiv:1211.5063, Algorithm 1; for each array as Keras's clipnorm",
    url="https://arxiv.org/abs/1211.5063",
    equation="g ← g min(1, limit / ‖g‖), for each array",
    defaults={"limit": 1.0},
    ranges={"limit": ABOVE},
    names=("clipnorm", "clip_by_block_norm"),
)
def clip_norm(x, g, limit):
    """Shorten the gradient of each array to at most `limit`; its direction stays."""
    length = sqrt(total(g**2))
    return RULE(x, g * (limit / length) if length > limit else g)


@wrapper(
    title="Globally clipped",
    year=2012,
    reference="Pascanu et al. 2012, arXiv:1211.5063, Algorithm 1; torch's clip_grad_norm_",
    url="https://arxiv.org/abs/1211.5063",
    equation="g ← g min(1, limit / ‖g‖), for all arrays together",
    defaults={"limit": 1.0},
    ranges={"limit": ABOVE},
    names=("clip_by_global_norm", "global_clipnorm", "clip_grad_norm"),
)
def clip_global_norm(x, g, limit):
    """Shorten the gradient of all arrays together to at most `limit`; its direction stays.

    torch adds 1e-6 to the length that it divides by.
    """
    length = sqrt(grand_total(g**2))
    return RULE(x, g * (limit / length) if length > limit else g)


def agc_of_columns(x, g, limit, eps):
    most = limit * max(sqrt(column_total(x**2)), eps)
    length = sqrt(column_total(g**2))
    return RULE(x, g * (most / length) if length > most else g)


@wrapper(
    title="AGC",
    year=2021,
    reference="Brock et al. 2021, arXiv:2102.06171, equation 3: adaptive gradient clipping",
    url="https://arxiv.org/abs/2102.06171",
    equation="g ← g min(1, λ max(‖x‖, ε) / ‖g‖), for each column of a matrix; a vector is one",
    matrices=agc_of_columns,
    defaults={"limit": 0.01, "eps": 1e-3},
    ranges={"limit": ABOVE, "eps": ABOVE},
    names=("adaptive_grad_clip", "adaptive_gradient_clipping"),
)
def agc(x, g, limit, eps):
    """Shorten the gradient of each unit to `limit` times the length of its weights, or `eps` if that is more.

    A unit of a layer is a column of its weights: the last axis counts units, and the others lead to them. A vector is
    one unit: all biases of a layer, or the point on a test function.
    """
    most = limit * max(sqrt(total(x**2)), eps)
    length = sqrt(total(g**2))
    return RULE(x, g * (most / length) if length > most else g)


def warming(t, warmup):
    return {"begins": 1.0 * (t == 1), "warms": 1.0 * (t < warmup)}


@wrapper(
    title="AdaGC",
    year=2025,
    reference="Wang et al. 2025, arXiv:2502.11034, Algorithm 1",
    url="https://arxiv.org/abs/2502.11034",
    equation="g ← g min(1, λ γ / ‖g‖),  γ ← β γ + (1 − β) ‖g‖, for each array",
    slots=("gamma",),
    shared=("gamma",),
    scalars=warming,
    defaults={"lam": 1.05, "decay": 0.98, "limit": 1.0, "warmup": 100},
    ranges={"lam": ABOVE, "decay": (0, 1, True, False), "limit": ABOVE, "warmup": (1, float("inf"), True, False)},
    whole=("warmup",),
)
def adagc(x, g, gamma, begins, warms, lam, decay, limit):
    """Shorten the gradient of each array to at most `lam` times the average of the lengths that it was let have.

    In the steps before step `warmup`, and in the first one, all arrays are clipped together to `limit`, and the average
    is the least length so far.
    """
    length, all_of_them = sqrt(total(g**2)), sqrt(grand_total(g**2))
    early = max(warms, begins)
    most = limit / all_of_them if early > 0 else lam * gamma / length
    share = min(1.0, most) if min(all_of_them, length) > 0 else 1.0
    kept = share * length
    least = kept if begins > 0 else min(kept, gamma)
    gamma = least if early > 0 else decay * gamma + (1 - decay) * kept
    return RULE(x, g * share), gamma


@wrapper(
    title="Orthogonal",
    year=2025,
    reference="Prieto et al. 2025, arXiv:2501.04697, equation 8 (⊥Grad), at the gradient's length",
    url="https://arxiv.org/abs/2501.04697",
    equation="h = g − ⟨x, g⟩ / ⟨x, x⟩ x,  g ← h ‖g‖ / ‖h‖, for each array",
    names=("orthogonal_grad",),
)
def orthograd(x, g):
    """Take out of each array's gradient what would only make the array longer or shorter; its length stays.

    Where nothing else is in the gradient, as on an array of one element, nothing is left.
    """
    size = total(x**2)
    h = g - total(x * g) / size * x if size > 0 else g
    length, rest = sqrt(total(g**2)), sqrt(total(h**2))
    return RULE(x, h * (length / rest) if rest > 1e-15 * length else 0 * h)
