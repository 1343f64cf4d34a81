"""AMSGrad: Adam whose denominator never shrinks."""

from math import sqrt

from optviz.optimizers import optimizer
from optviz.optimizers._formulas import greater
from optviz.optimizers.adam import corrected_rate, unbias


@optimizer(
    title="AMSGrad",
    year=2018,
    reference="Reddi, Kale & Kumar 2018, On the Convergence of Adam and Beyond, ICLR, Algorithm 2",
    url="https://openreview.net/forum?id=ryQu7f-RZ",
    equation="m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  h ← max(h, v),  x ← x − lr m / √h",
    family="adam",
    variants=("paper",),
    defaults={
        "torch": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "keras": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7},
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    },
    keys={"torch": {"m": "exp_avg", "v": "exp_avg_sq", "h": "max_exp_avg_sq"}},
    oracles={"torch": "torch.optim.Adam(amsgrad=True)", "keras": "keras.optimizers.Adam(amsgrad=True)",
             "optax": "optax.amsgrad"},
)  # fmt: skip
def amsgrad(x, g, m, v, h, lr, beta1, beta2, eps):
    """Divide the average gradient by the root of the largest average square so far.

    The paper corrects neither average for its start at 0 and has no eps (eps=0 gives it to the letter; torch's 1e-8
    fills in). torch takes the maximum of the uncorrected average and corrects the result, by a factor that falls with
    time, so that its denominator may shrink after all; optax takes the maximum of the corrected average; Keras is
    torch with both corrections in the step size and eps beside the uncorrected root.

    Where rare large gradients carry the information, Adam forgets them and may end at the worst point; AMSGrad does
    not. The price is that one outlier shortens every step that follows.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - lr * m / (sqrt(h) + eps), m, v, h


@amsgrad.formula("torch", scalars=unbias)
def amsgrad_torch(x, g, m, v, h, unbias_m, unbias_v, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - lr * (m * unbias_m) / (sqrt(h * unbias_v) + eps), m, v, h


@amsgrad.formula("keras", scalars=corrected_rate)
def amsgrad_keras(x, g, m, v, h, rate, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v)
    return x - rate * m / (sqrt(h) + eps), m, v, h


@amsgrad.formula("optax", scalars=unbias)
def amsgrad_optax(x, g, m, v, h, unbias_m, unbias_v, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    h = greater(h, v * unbias_v)
    return x - lr * (m * unbias_m) / (sqrt(h) + eps), m, v, h
