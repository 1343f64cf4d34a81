"""RMSprop: the gradient over the root of a running average of its square."""

from math import sqrt

from optviz.optimizers import optimizer


@optimizer(
    title="RMSprop",
    year=2012,
    reference=(
        "Hinton 2012, Neural Networks for Machine Learning, lecture 6e; "
        "with momentum and centered: Graves 2013, arXiv:1308.0850, equations 38-41"
    ),
    equation="v ← ρ v + (1 − ρ) g²,  x ← x − lr g / √(v + ε)",
    family="adaptive",
    variants=("paper", "keras", "optax"),
    aliases={"alpha": "rho"},
    keys={"torch": {"v": "square_avg", "b": "momentum_buffer", "q": "grad_avg"}},
    defaults={
        "torch": {"lr": 0.01, "rho": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": False},
        "keras": {"lr": 1e-3, "rho": 0.9, "eps": 1e-7, "momentum": 0.0, "centered": False},
        "paper": {"lr": 1e-3, "rho": 0.9},
        "optax": {"rho": 0.9, "eps": 1e-8, "momentum": 0.0, "centered": False},
    },
)
def rmsprop(x, g, v, lr, rho, eps):
    """Divide the gradient by the root of the average of its recent squares.

    Hinton's lecture has no eps and neither momentum nor centering (eps=0 gives it to the letter; torch's 1e-8 fills
    in). Graves added all three, with eps inside the root and the learning rate inside the momentum slot b; Keras and
    optax follow him.
    torch adds eps to the root and multiplies b by the learning rate afterwards. Inside the root eps
    is a floor of √eps under the average (3e-4 for Keras), outside it one of eps.

    ``centered`` subtracts the squared average gradient q, which leaves the variance. While a gradient stays constant
    that falls to zero, and rounding may take it below: torch's form then gives NaN where eps inside the root prevents
    it. All averages start at 0 uncorrected, so that the first step is lr / √(1 − rho): 10 lr with torch's numbers,
    3.2 lr with Keras's. TensorFlow 1 started v at 1.
    """
    v = rho * v + (1 - rho) * g**2
    return x - lr * g / sqrt(v + eps), v


@rmsprop.formula("paper", "keras", "optax")
def rmsprop_graves(x, g, v, b, q, lr, rho, eps, momentum, centered):
    v = rho * v + (1 - rho) * g**2
    q = rho * q + (1 - rho) * g
    b = momentum * b + lr * g / sqrt(v - centered * q**2 + eps)
    return x - b, v, b, q


@rmsprop.formula("torch")
def rmsprop_torch(x, g, v, lr, rho, eps):
    v = rho * v + (1 - rho) * g**2
    return x - lr * g / (sqrt(v) + eps), v


@rmsprop.formula("torch")
def rmsprop_torch_full(x, g, v, b, q, lr, rho, eps, momentum, centered):
    v = rho * v + (1 - rho) * g**2
    q = rho * q + (1 - rho) * g
    b = momentum * b + g / (sqrt(v - centered * q**2) + eps)
    return x - lr * b, v, b, q
