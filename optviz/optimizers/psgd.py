"""PSGD-Kron: triangular factors of a preconditioner, learned from random probes. Li 2015, arXiv:1512.04202."""

from math import e

from optviz.formulas.matrix_words import (
    cols,
    largest,
    matmul,
    norm,
    norm_bound,
    random_signs,
    rows,
    solve,
    sqrt,
    transpose,
    upper,
)
from optviz.optimizers import Vectors, optimizer

LONGEST = 1.1  # the root mean square of a step over lr, at most


def ever_rarer(t, before, momentum, flat_start, prob_decay, min_prob):
    """The factors learn at a share of all steps that falls from 1; `waited` counts the steps since they did."""
    waited = before.get("waited", 0.0) * (1 - before.get("refresh", 0.0)) + 1
    late = (t - 1 - flat_start) * (t - 1 > flat_start)
    share = e ** -(prob_decay * late)
    share = share * (share >= min_prob) + min_prob * (share < min_prob)
    return {"probe": 1.0 * t, "waited": waited, "refresh": 1.0 * (waited * share >= 1), "unbias": 1 / (1 - momentum**t)}


def psgd_vectors(X, G, M, L, probe, waited, refresh, unbias, lr, momentum, preconditioner_lr):
    M = momentum * M + (1 - momentum) * G
    U = unbias * M
    if refresh:
        A, B = (L * U) ** 2, (random_signs(U, probe) / L) ** 2
        L = L - preconditioner_lr * (A - B) * L / largest(A + B)
    step = L**2 * U
    size = norm(step) / sqrt(len(step) if X.ndim else 1)
    return X - lr * step * min(LONGEST / (size + 1e-6), 1.0), M, L


@optimizer(
    title="PSGD-Kron",
    year=2015,
    family="matrix",
    reference="Li 2015, arXiv:1512.04202, and 2018, arXiv:1803.09383, section 4; numbers of kron_torch",
    url="https://arxiv.org/abs/1512.04202",
    equation="x ← x − lr LᵀL m̂ RᵀR;  L ← L − η triu(AAᵀ − BBᵀ) L / ‖AAᵀ + BBᵀ‖,  A = L m̂ Rᵀ,  B = L⁻ᵀ V R⁻¹",
    variants=("authors",),
    scalars=ever_rarer,
    vectors=Vectors(formula=psgd_vectors),
    shapes={"L": "rows", "R": "cols"},
    initial={"L": 1.0, "R": 1.0},
    names=("kron", "psgd"),
    ranges={
        "preconditioner_lr": (0, 1, True, False),
        "flat_start": (0, float("inf"), True, False),
        "prob_decay": (0, float("inf"), True, False),
        "min_prob": (0, 1, False, True),
    },
    aliases={"b1": "momentum", "precondition_lr": "preconditioner_lr", "precond_lr": "preconditioner_lr"},
    defaults={
        "paper": {
            **{"lr": 0.001, "momentum": 0.9, "weight_decay": 0.0, "preconditioner_lr": 0.1},
            **{"flat_start": 500, "prob_decay": 0.001, "min_prob": 0.03},
        },
    },
    oracles={"authors": "pytorch_optimizer.Kron"},
)
def psgd_kron(X, G, M, L, R, probe, waited, refresh, unbias, lr, momentum, weight_decay, preconditioner_lr):
    """Learn two triangular matrices that make the gradient, turned by them, as large in all directions.

    The preconditioner is LᵀL from the left and RᵀR from the right. Where it is the inverse of the root of squared
    gradients, on average, turned gradients A are spread as random probes are that are turned back, B: the
    factors go by what the two differ. They learn at each of the first 500 steps (``flat_start``), then ever more
    rarely, at last at 3 of 100 (``min_prob``). Probes are random signs, where the authors draw normal numbers; they are
    the same in every run. A step is at most 1.1 lr in the root mean square. Arrays of more than two axes are matrices
    of the first axis and the others, where the authors have a factor for each axis; vectors have a diagonal factor and
    no weight decay.
    """
    M = momentum * M + (1 - momentum) * G
    U = unbias * M
    if refresh:
        share = sqrt(largest(R) / largest(L))  # which leaves their product as it is
        L, R = share * L, R / share
        A = matmul(matmul(L, U), transpose(R))
        B = solve(transpose(L), random_signs(U, probe))
        B = transpose(solve(transpose(R), transpose(B)))
        L, R = learned(L, A, B, preconditioner_lr), learned(R, transpose(A), transpose(B), preconditioner_lr)
    step = matmul(matmul(transpose(L), matmul(matmul(L, U), transpose(R))), R)
    size = norm(step) / sqrt(rows(step) * cols(step))
    step = step * min(LONGEST / (size + 1e-6), 1.0)
    return X - lr * (step + weight_decay * X), M, L, R


def learned(L, A, B, preconditioner_lr):
    """A factor after a step against the difference of turned gradients and probes."""
    turned, probed = matmul(A, transpose(A)), matmul(B, transpose(B))
    return L - preconditioner_lr * matmul(upper(turned - probed), L) / norm_bound(turned + probed)
