"""Shampoo and SOAP: preconditioners from the left and from the right of a matrix."""

from optviz.formulas.matrix_words import diagonal, eigenvectors, inverse_root, matmul, ordered, qr, sqrt, transpose
from optviz.optimizers import Vectors, optimizer

RANGES = {"refresh_every": (1, 1e9, True, True), "shampoo_beta": (0, 1, True, False)}


def refreshing(t, refresh_every):
    """Whether the roots are made anew: at the first step and then at every so many."""
    return {"refresh": 1.0 * ((t - 1) % refresh_every == 0)}


@optimizer(
    title="Shampoo",
    year=2018,
    family="matrix",
    reference="Gupta, Koren & Singer 2018, arXiv:1802.09568, Algorithm 1",
    url="https://arxiv.org/abs/1802.09568",
    equation="L ← L + G Gᵀ,  R ← R + Gᵀ G,  x ← x − lr L^(−1/4) G R^(−1/4)",
    variants=("paper",),
    scalars=refreshing,
    vectors=Vectors("adagrad", (("lr", ("lr",)), ("eps", ("eps",)), ("weight_decay", ("weight_decay",)))),
    shapes={"L": "rows", "R": "cols", "P": "rows", "Q": "cols"},
    initial={"L": "eps", "R": "eps"},
    whole=("refresh_every",),
    ranges=RANGES,
    aliases={"matrix_eps": "eps", "preconditioning_compute_steps": "refresh_every", "update_freq": "refresh_every"},
    defaults={
        "paper": {"lr": 0.1, "eps": 1e-4, "weight_decay": 0.0, "refresh_every": 1},
        "kozistr": {"lr": 0.001, "eps": 1e-6, "weight_decay": 0.0, "refresh_every": 1},
    },
    oracles={"paper": "pytorch_optimizer.Shampoo"},
)
def shampoo(X, G, L, R, P, Q, refresh, lr, weight_decay):
    """Divide the gradient by its past, as Adagrad does, but along rows and along columns as wholes.

    L gathers how rows of the gradient go together, R how columns do: what is learned in one entry of the matrix serves
    its row and its column. On gradients of one entry it is Adagrad. The roots take all eigenvectors of L and R, by far
    the dearest part; ``refresh_every`` makes them anew at every so many steps. jettify's takes the second root instead
    of the fourth, and gathers R from a gradient that L has divided already; kozistr's does not move until its
    ``preconditioning_compute_steps`` are over. Vectors are moved by Adagrad.
    """
    L, R = L + matmul(G, transpose(G)), R + matmul(transpose(G), G)
    if refresh:
        P, Q = inverse_root(L, 4), inverse_root(R, 4)
    return (1 - lr * weight_decay) * X - lr * matmul(matmul(P, G), Q), L, R, P, Q


def begun_later(t, beta1, beta2, refresh_every):
    """Steps are counted from the second on: the first only makes the bases."""
    done = t - 1
    begins = 1.0 * (done == 0)
    due = 1.0 * (done % refresh_every == 0) - begins
    unbias = (1 - beta2**done + begins) ** 0.5 / (1 - beta1**done + begins)
    return {"begins": begins, "refresh": due, "unbias": unbias}


@optimizer(
    title="SOAP",
    year=2024,
    family="matrix",
    reference="Vyas et al. 2024, arXiv:2409.11321, Algorithm 3",
    url="https://arxiv.org/abs/2409.11321",
    equation="L ← β L + (1 − β) G Gᵀ,  R likewise;  x ← x − lr P Adam(Pᵀ G Q) Qᵀ in their eigenvectors P, Q",
    variants=("authors",),
    scalars=begun_later,
    vectors=Vectors(
        "adamw",
        tuple((name, (name,)) for name in ("lr", "beta1", "beta2", "eps", "weight_decay")),
    ),
    shapes={"L": "rows", "R": "cols", "P": "rows", "Q": "cols"},
    whole=("refresh_every",),
    ranges=RANGES,
    aliases={"precondition_frequency": "refresh_every"},
    defaults={
        "paper": {
            **{"lr": 0.003, "beta1": 0.95, "beta2": 0.95, "shampoo_beta": 0.95, "eps": 1e-8},
            **{"weight_decay": 0.01, "refresh_every": 10},
        },
    },
    oracles={"authors": "pytorch_optimizer.SOAP"},
)
def soap(X, G, M, V, L, R, P, Q, begins, refresh, unbias, lr, beta1, beta2, shampoo_beta, eps, weight_decay):
    """Run Adam in the axes along which Shampoo would divide.

    P and Q are the eigenvectors of the averages of G Gᵀ and Gᵀ G. Adam's average of gradients is turned into these axes
    at each step; its average of squares lives there. At every ``refresh_every``-th step a round of power iteration and
    a QR decomposition turn the axes after L and R. The authors' first step moves nothing: it only finds the axes. Their
    decay comes after the step and shrinks what that has made. Vectors are moved by AdamW.
    """
    if not begins:
        M = beta1 * M + (1 - beta1) * G
        V = beta2 * V + (1 - beta2) * turned(G, P, Q) ** 2
        step = turned(M, P, Q) / (sqrt(V) + eps) * unbias
        X = (1 - lr * weight_decay) * (X - lr * matmul(matmul(P, step), transpose(Q)))
    L = shampoo_beta * L + (1 - shampoo_beta) * matmul(G, transpose(G))
    R = shampoo_beta * R + (1 - shampoo_beta) * matmul(transpose(G), G)
    if begins:
        P, Q = eigenvectors(L), eigenvectors(R)
    if refresh:
        left, right = matmul(L, P), matmul(R, Q)
        rows, columns = diagonal(matmul(transpose(P), left)), diagonal(matmul(transpose(Q), right))
        V = ordered(ordered(V, rows, 0), columns, 1)
        P, Q = qr(ordered(left, rows, 1)), qr(ordered(right, columns, 1))
    return X, M, V, L, R, P, Q


def turned(A, P, Q):
    """A matrix in other axes."""
    return matmul(matmul(transpose(P), A), Q)
