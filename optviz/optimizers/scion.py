"""Scion: steps to the edge of a norm's ball. Pethick et al. 2025, arXiv:2502.07529."""

from optviz.formulas.matrix_words import cols, newton_schulz, norm, rows, sqrt
from optviz.formulas.matrix_words import sign as signs
from optviz.optimizers import Vectors, optimizer

A, B, C = 3.4445, -4.7750, 2.0315  # Muon's quintic iteration


def scion_vectors(X, G, D, lr, momentum, radius, constraint):
    D = momentum * D + (1 - momentum) * G
    size = norm(D) / sqrt(len(D) if X.ndim else 1)
    return (1 - lr if constraint else 1) * X - lr * radius * D / (size + 1e-8), D


@optimizer(
    title="Scion",
    year=2025,
    family="matrix",
    reference="Pethick et al. 2025, arXiv:2502.07529, Algorithms 1 and 2 with the norms of table 2",
    url="https://arxiv.org/abs/2502.07529",
    equation="D ← μ D + (1 − μ) G,  x ← (1 − lr) x − lr ρ √(rows/cols) NS₅(D)",
    vectors=Vectors(formula=scion_vectors),
    ranges={"sign": bool, "constraint": bool, "ns_steps": (0, 99, True, True)},
    whole=("ns_steps",),
    aliases={"scale": "radius"},
    defaults={
        "paper": {"lr": 2**-12, "momentum": 0.9, "radius": 50, "ns_steps": 5, "constraint": True, "sign": False},
        "kozistr": {"lr": 0.001, "momentum": 0.9, "radius": 1, "ns_steps": 5, "constraint": False, "sign": False},
    },
    oracles={"paper": "pytorch_optimizer.SCION"},
)
def scion(X, G, D, lr, momentum, radius, ns_steps, constraint, sign):
    """Go towards the point of a ball that lies farthest down the averaged slope, with a norm for each sort of array.

    Of outputs × inputs the ball of the spectral norm: a step of Muon's, √(outputs / inputs) long in all directions.
    With ``sign``, for a last layer, that of the largest entry: each entry moves as far, 1 / inputs. Vectors have the
    ball of the root mean square. With ``constraint`` weights shrink by lr, so that they stay in the ball of the
    ``radius``; without it is unconstrained Scion. The authors' momentum is the share of the new gradient, here that of
    what was before.
    """
    D = momentum * D + (1 - momentum) * G
    step = (
        signs(D) / cols(D)
        if sign
        else sqrt(rows(D) / cols(D)) * newton_schulz(D / max(norm(D), 1e-7), ns_steps, A, B, C)
    )
    return (1 - lr if constraint else 1) * X - lr * radius * step, D
