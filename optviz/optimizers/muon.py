"""Muon: momentum made orthogonal. Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/"""

from optviz.formulas.matrix_words import cols, newton_schulz, norm, rows, sqrt
from optviz.optimizers import Vectors, optimizer

A, B, C = 3.4445, -4.7750, 2.0315  # of the quintic iteration that the authors tuned

ADAMW = Vectors(
    "adamw",
    (
        ("lr", ("lr", "adam_lr_ratio")),
        ("beta1", ("beta1",)),
        ("beta2", ("beta2",)),
        ("eps", ("eps",)),
        ("weight_decay", ("adam_weight_decay",)),
    ),
)


def looks_ahead(t, momentum):
    """optax's bias corrections: of the average one step ahead, and of the gradient as if it were an average."""
    return {"unbias_next": 1 / (1 - momentum ** (t + 1)), "unbias": 1 / (1 - momentum**t)}


@optimizer(
    title="Muon",
    year=2024,
    family="matrix",
    variants=("authors",),
    reference="Jordan, Jin, Boza, You, Cesista, Newhouse & Bernstein 2024, Muon: An optimizer for hidden layers",
    url="https://kellerjordan.github.io/posts/muon/",
    equation="M ← μ M + (1 − μ) G,  x ← (1 − lr λ) x − lr √max(1, rows/cols) NS₅((1 − μ) G + μ M)",
    vectors=ADAMW,
    inputs_first=("keras", "optax"),
    whole=("ns_steps",),
    ranges={"ns_steps": (0, 99, True, True), "adam_lr_ratio": (0, 1e6, True, True), "rms": (0, 1e6, True, True)},
    aliases={"adam_beta_1": "beta1", "adam_beta_2": "beta2", "rms_rate": "rms", "beta": "momentum"},
    defaults={
        "paper": {
            **{"lr": 0.02, "momentum": 0.95, "weight_decay": 0.0, "ns_steps": 5, "rms": 0.0},
            **{"adam_lr_ratio": 0.015, "beta1": 0.9, "beta2": 0.95, "eps": 1e-10, "adam_weight_decay": 0.0},
        },
        "torch": {
            **{"lr": 0.001, "momentum": 0.95, "weight_decay": 0.1, "ns_steps": 5, "rms": 0.0},
            **{"adam_lr_ratio": 1.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "adam_weight_decay": 0.01},
        },
        "keras": {
            **{"lr": 0.001, "momentum": 0.95, "weight_decay": 0.004, "ns_steps": 5, "rms": 0.2},
            **{"adam_lr_ratio": 1.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7, "adam_weight_decay": 0.004},
        },
        "optax": {
            **{"momentum": 0.95, "weight_decay": 0.0, "ns_steps": 5, "rms": 0.0},
            **{"adam_lr_ratio": 1.0, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "adam_weight_decay": 0.0},
        },
    },
    oracles={"torch": "torch.optim.Muon", "keras": "keras.optimizers.Muon", "optax": "optax.contrib.muon"},
    keys={"torch": {"M": "momentum_buffer"}},
)
def muon(X, G, M, lr, momentum, weight_decay, ns_steps, rms):
    """Take a step in which all directions of the momentum are equally long.

    Five Newton-Schulz iterations move the singular values of the momentum to between 0.7 and 1.2: what a few large
    ones would hide counts as much as they do. **The authors and torch keep an average of gradients, Keras a sum, optax
    an average with bias corrections**, which the iterations' first step, the division by the norm, makes nearly alike.
    Steps are scaled by the shape: √max(1, outputs / inputs) by the authors, torch and optax; Keras takes
    0.2 √max(rows, cols) (Liu et al. 2025), as long as Adam's, and so do the others with an ``rms`` of 0.2. Vectors, as
    biases, are moved by AdamW with the learning rate lr times ``adam_lr_ratio``. torch computes the iterations in
    bfloat16; here they have the precision of the arrays.
    """
    M = momentum * M + (1 - momentum) * G
    U = (1 - momentum) * G + momentum * M
    step = newton_schulz(U / (norm(U) + 1e-7), ns_steps, A, B, C)
    scale = sized(X) if rms == 0 else rms * sqrt(max(rows(X), cols(X)))
    return (1 - lr * weight_decay) * X - lr * scale * step, M


def sized(X):
    """The authors' scale of a step of outputs × inputs."""
    return sqrt(max(1.0, rows(X) / cols(X)))


@muon.formula("torch")
def torch_muon(X, G, M, lr, momentum, weight_decay, ns_steps, rms):
    M = momentum * M + (1 - momentum) * G
    U = (1 - momentum) * G + momentum * M
    step = newton_schulz(U / max(norm(U), 1e-7), ns_steps, A, B, C)
    scale = sized(X) if rms == 0 else rms * sqrt(max(rows(X), cols(X)))
    return (1 - lr * weight_decay) * X - lr * scale * step, M


@muon.formula("keras")
def keras_muon(X, G, M, lr, momentum, weight_decay, ns_steps, rms):
    M = momentum * M + G
    U = G + momentum * M
    step = newton_schulz(U / (norm(U) + 1e-7), ns_steps, A, B, C)
    scale = 1.0 if rms == 0 else rms * sqrt(max(rows(X), cols(X)))
    return (1 - lr * weight_decay) * X - lr * scale * step, M


@muon.formula("optax", scalars=looks_ahead)
def optax_muon(X, G, M, unbias_next, unbias, lr, momentum, weight_decay, ns_steps, rms):
    M = momentum * M + (1 - momentum) * G
    U = (1 - momentum) * unbias * G + momentum * unbias_next * M
    step = newton_schulz(U / (norm(U) + 1e-8), ns_steps, A, B, C)
    scale = sqrt(max(1.0, cols(X) / rows(X))) if rms == 0 else rms * sqrt(max(rows(X), cols(X)))
    return (1 - lr * weight_decay) * X - lr * scale * step, M
