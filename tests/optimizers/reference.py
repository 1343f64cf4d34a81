"""Every rule once more, slow and obvious, in NumPy, from its paper or its library's documentation.

Nothing here is updated in place and nothing is shared with the formulas: an average is written out as the weighted sum
over all gradients so far, a sum as a sum, a momentum as the difference of two iterates. Each function takes the
gradient as ``gradient(x, t)`` with t from 1 and returns the iterates, start first: (steps + 1, n) float64.
"""

import numpy as np

REFERENCE = {}


def reference(rule, *variants):
    def add(function):
        for variant in variants:
            REFERENCE[rule, variant] = function
        return function

    return add


def average(history, decay):
    """The exponential average from 0, uncorrected: (1 - decay) times the sum of decay^age times each entry."""
    return (1 - decay) * discounted(history, decay)


def discounted(history, decay):
    ages = np.arange(len(history) - 1, -1, -1.0)
    return np.sum(decay ** ages[:, None] * np.array(history), axis=0)


def walk(gradient, start, steps, following):
    """Iterate ``following(t, x, g)``: the next iterate from all iterates and all gradients so far."""
    x, g = [np.array(start)], []
    for t in range(1, steps + 1):
        g.append(gradient(x[-1], t))
        x.append(following(t, x, g))
    return np.array(x)


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
