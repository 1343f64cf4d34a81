"""AdaMuon: Muon's step divided by the root of its own past squares. Si et al. 2025, arXiv:2507.11005."""

from optviz.formulas.matrix_words import cols, newton_schulz, norm, rows, sign, sqrt
from optviz.optimizers import optimizer
from optviz.optimizers.muon import ADAMW, A, B, C


@optimizer(
    title="AdaMuon",
    year=2025,
    family="matrix",
    reference="Si, Zhang & Shen 2025, arXiv:2507.11005, Algorithm 1",
    url="https://arxiv.org/abs/2507.11005",
    equation="O = NS₅(sgn M),  V ← β V + (1 − β) O²,  U = O / (√V + ε),  x ← (1 − lr λ) x − .2 lr √(rows cols) U / ‖U‖",
    variants=("paper",),
    vectors=ADAMW,
    ranges={"ns_steps": (0, 99, True, True), "adam_lr_ratio": (0, 1e6, True, True), "beta": (0, 1, True, False)},
    whole=("ns_steps",),
    defaults={
        "paper": {
            **{"lr": 0.001, "momentum": 0.95, "beta": 0.95, "floor": 1e-8, "weight_decay": 0.1, "ns_steps": 5},
            **{"adam_lr_ratio": 1.0, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "adam_weight_decay": 0.1},
        },
        "kozistr": {
            **{"lr": 0.02, "momentum": 0.9, "beta": 0.95, "floor": 1e-10, "weight_decay": 0.0, "ns_steps": 5},
            **{"adam_lr_ratio": 0.015, "beta1": 0.9, "beta2": 0.999, "eps": 1e-10, "adam_weight_decay": 0.0},
        },
    },
    oracles={"kozistr": "pytorch_optimizer.AdaMuon"},
)
def adamuon(X, G, M, V, lr, momentum, beta, floor, weight_decay, ns_steps):
    """Divide the orthogonal step, entry by entry, by the root of its own averaged squares, as Adam does with gradients.

    The paper makes signs orthogonal, which do not know how large entries were, and gives every step the root mean
    square 0.2 of Adam's. kozistr's makes the averaged gradient itself orthogonal and corrects the average of squares.
    Vectors are moved by AdamW with the learning rate lr times ``adam_lr_ratio``.
    """
    M = momentum * M + G
    step = newton_schulz(normed(sign(M)), ns_steps, A, B, C)
    V = beta * V + (1 - beta) * step**2
    step = step / (sqrt(V) + floor)
    return (1 - lr * weight_decay) * X - 0.2 * lr * sqrt(rows(X) * cols(X)) / (norm(step) + floor) * step, M, V


def normed(M):
    """A matrix whose singular values are at most 1."""
    return M / max(norm(M), 1e-7)


def corrections(t, beta):
    """Adam's, of the average of squares."""
    return {"unbias": 1 / (1 - beta**t)}


@adamuon.formula("kozistr", scalars=corrections)
def corrected_adamuon(X, G, M, V, unbias, lr, momentum, beta, floor, weight_decay, ns_steps):
    M = momentum * M + (1 - momentum) * G
    step = newton_schulz(normed(M), ns_steps, A, B, C)
    V = beta * V + (1 - beta) * step**2
    step = step / (sqrt(V * unbias) + floor)
    return (1 - lr * weight_decay) * X - 0.2 * lr * sqrt(rows(X) * cols(X)) / (norm(step) + floor) * step, M, V
