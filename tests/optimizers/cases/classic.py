"""The classic seven: cases, slow references, and how libraries make them."""

import numpy as np

from tests.optimizers.cases.names import in_keras, in_optax, paired, renamed
from tests.optimizers.reference import average, discounted, reference, walk

# Hyperparameters that switch on everything a rule has, one by one and together.
CASES = {
    "sgd": [{}, {"lr": 0.1}, {"lr": 1e-4}, {"lr": 0.4}],
    "momentum": [
        {},
        {"lr": 0.05},
        {"lr": 0.1, "momentum": 0.5},
        {"lr": 0.1, "momentum": 0},
        {"lr": 0.02, "momentum": 0.97},
        {"lr": 0.05, "dampening": 0.4},
        {"lr": 0.05, "momentum": 0.8, "dampening": 1},
        {"lr": 0.05, "momentum": 0, "dampening": 0.4},
    ],
    "nesterov": [{}, {"lr": 0.05}, {"lr": 0.1, "momentum": 0.5}, {"lr": 0.02, "momentum": 0.97}],
    "adagrad": [
        {},
        {"lr": 0.5},
        {"lr": 0.5, "eps": 0.01},
        {"lr": 0.3, "initial_accumulator_value": 2},
        {"lr": 0.5, "lr_decay": 0.1},
        {"lr": 1, "lr_decay": 0.02, "initial_accumulator_value": 0.5, "eps": 1e-3},
    ],
    "adadelta": [{}, {"lr": 0.3}, {"rho": 0.5}, {"lr": 5, "rho": 0.99, "eps": 1e-4}, {"rho": 0}],
    "rmsprop": [
        {},
        {"lr": 0.05, "rho": 0.8, "eps": 1e-3},
        {"lr": 0.02, "momentum": 0.9},
        {"lr": 0.02, "rho": 0.9, "centered": True},
        {"lr": 0.01, "rho": 0.9, "eps": 1e-4, "momentum": 0.8, "centered": True},
    ],
    "adam": [
        {},
        {"lr": 0.1},
        {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
        {"lr": 0.02, "beta1": 0},
        {"lr": 0.02, "beta1": 0.95, "beta2": 0.99},
    ],
}

TORCH = {
    "sgd": lambda optim, x, h: optim.SGD(x, lr=h["lr"]),
    "momentum": lambda optim, x, h: optim.SGD(x, **h),
    "nesterov": lambda optim, x, h: optim.SGD(x, nesterov=True, **h),
    "adagrad": lambda optim, x, h: optim.Adagrad(x, **h),
    "adadelta": lambda optim, x, h: optim.Adadelta(x, **h),
    "rmsprop": lambda optim, x, h: optim.RMSprop(x, **renamed(h, rho="alpha") | {"centered": bool(h["centered"])}),
    "adam": lambda optim, x, h: optim.Adam(x, **paired(h)),
}
KERAS = {
    "sgd": lambda optimizers, h: optimizers.SGD(h["lr"]),
    "momentum": lambda optimizers, h: optimizers.SGD(h["lr"], momentum=h["momentum"]),
    "nesterov": lambda optimizers, h: optimizers.SGD(h["lr"], momentum=h["momentum"], nesterov=True),
    "adagrad": lambda optimizers, h: optimizers.Adagrad(**in_keras(h, "lr_decay")),
    "adadelta": lambda optimizers, h: optimizers.Adadelta(**in_keras(h)),
    "rmsprop": lambda optimizers, h: optimizers.RMSprop(**in_keras(h) | {"centered": bool(h["centered"])}),
    "adam": lambda optimizers, h: optimizers.Adam(**in_keras(h)),
}
OPTAX = {
    "sgd": lambda optax, h: optax.sgd(h["lr"]),
    "momentum": lambda optax, h: optax.sgd(h["lr"], momentum=h["momentum"]),
    "nesterov": lambda optax, h: optax.sgd(h["lr"], momentum=h["momentum"], nesterov=True),
    "adagrad": lambda optax, h: optax.adagrad(**in_optax(h, "lr_decay")),
    "adadelta": lambda optax, h: optax.adadelta(h["lr"], rho=h["rho"], eps=h["eps"]),
    "rmsprop": lambda optax, h: optax.rmsprop(**in_optax(renamed(h, rho="decay")) | {"centered": bool(h["centered"])}),
    "adam": lambda optax, h: optax.adam(**in_optax(h)),
}


@reference("sgd", "paper", "torch", "keras", "optax")
def sgd(gradient, start, steps, lr):
    return walk(gradient, start, steps, lambda t, x, g: x[-1] - lr * g[-1])


@reference("momentum", "paper", "keras")
def heavy_ball(gradient, start, steps, lr, momentum):
    """Polyak's two-step form: x_{t+1} = x_t - lr g_t + momentum (x_t - x_{t-1})."""

    def following(t, x, g):
        previous = x[-2] if t > 1 else x[-1]
        return x[-1] - lr * g[-1] + momentum * (x[-1] - previous)

    return walk(gradient, start, steps, following)


@reference("momentum", "optax")
def momentum_trace(gradient, start, steps, lr, momentum):
    return walk(gradient, start, steps, lambda t, x, g: x[-1] - lr * discounted(g, momentum))


@reference("momentum", "torch")
def momentum_torch(gradient, start, steps, lr, momentum, dampening):
    def following(t, x, g):
        if momentum == 0:
            return x[-1] - lr * g[-1]
        damped = [g[0]] + [(1 - dampening) * later for later in g[1:]]
        return x[-1] - lr * discounted(damped, momentum)

    return walk(gradient, start, steps, following)


@reference("nesterov", "keras")
def nesterov_look_ahead(gradient, start, steps, lr, momentum):
    """Sutskever et al., equations 3-4, at their look-ahead points y + momentum v, where the gradients are taken."""
    y, v = np.array(start), np.zeros_like(start)
    path = [y]
    for t in range(1, steps + 1):
        v = momentum * v - lr * gradient(y + momentum * v, t)
        y = y + v
        path.append(y + momentum * v)
    return np.array(path)


@reference("nesterov", "torch", "optax")
def nesterov_torch(gradient, start, steps, lr, momentum):
    return walk(gradient, start, steps, lambda t, x, g: x[-1] - lr * (g[-1] + momentum * discounted(g, momentum)))


@reference("adagrad", "paper", "torch")
def adagrad(gradient, start, steps, lr, eps, initial_accumulator_value, lr_decay=0.0):
    def following(t, x, g):
        norm = np.sqrt(initial_accumulator_value + np.sum(np.array(g) ** 2, axis=0))
        return x[-1] - lr / (1 + (t - 1) * lr_decay) * g[-1] / (eps + norm)

    return walk(gradient, start, steps, following)


@reference("adagrad", "keras", "optax")
def adagrad_eps_inside(gradient, start, steps, lr, eps, initial_accumulator_value):
    def following(t, x, g):
        squares = initial_accumulator_value + np.sum(np.array(g) ** 2, axis=0)
        return x[-1] - lr * g[-1] / np.sqrt(squares + eps)

    return walk(gradient, start, steps, following)


@reference("adadelta", "paper", "torch", "keras", "optax")
def adadelta(gradient, start, steps, lr, rho, eps):
    updates = [np.zeros_like(start)]

    def following(t, x, g):
        rms_g = np.sqrt(average(np.array(g) ** 2, rho) + eps)
        rms_dx = np.sqrt(average(np.array(updates) ** 2, rho) + eps)
        updates.append(-rms_dx / rms_g * g[-1])
        return x[-1] + lr * updates[-1]

    return walk(gradient, start, steps, following)


@reference("rmsprop", "paper", "keras", "optax")
def rmsprop_graves(gradient, start, steps, lr, rho, eps, momentum, centered):
    """Graves, equations 38-41; Hinton's lecture with eps, momentum and centered 0."""
    moves = []

    def following(t, x, g):
        n = average(np.array(g) ** 2, rho)
        mean = average(g, rho) if centered else 0.0
        moves.append(-lr * g[-1] / np.sqrt(n - mean**2 + eps))
        return x[-1] + discounted(moves, momentum)

    return walk(gradient, start, steps, following)


@reference("rmsprop", "torch")
def rmsprop_torch(gradient, start, steps, lr, rho, eps, momentum, centered):
    ratios = []

    def following(t, x, g):
        n = average(np.array(g) ** 2, rho)
        mean = average(g, rho) if centered else 0.0
        ratios.append(g[-1] / (np.sqrt(n - mean**2) + eps))
        return x[-1] - lr * discounted(ratios, momentum)

    return walk(gradient, start, steps, following)


@reference("adam", "paper", "torch", "optax")
def adam(gradient, start, steps, lr, beta1, beta2, eps):
    """Algorithm 1."""

    def following(t, x, g):
        m_hat = average(g, beta1) / (1 - beta1**t)
        v_hat = average(np.array(g) ** 2, beta2) / (1 - beta2**t)
        return x[-1] - lr * m_hat / (np.sqrt(v_hat) + eps)

    return walk(gradient, start, steps, following)


@reference("adam", "keras")
def adam_eps_hat(gradient, start, steps, lr, beta1, beta2, eps):
    """The more efficient order at the end of the paper's section 2, with its epsilon-hat."""

    def following(t, x, g):
        rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        return x[-1] - rate * average(g, beta1) / (np.sqrt(average(np.array(g) ** 2, beta2)) + eps)

    return walk(gradient, start, steps, following)
