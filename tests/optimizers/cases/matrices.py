"""Rules for matrices: Shampoo, SOAP, Muon, Scion, AdaMuon, PSGD-Kron."""

import math
from importlib import import_module

import numpy as np

from optviz.kernels.random import random_signs
from tests.optimizers.reference import average, discounted, reference, walk

CASES = {
    "muon": [
        {"lr": 0.05},
        {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.2},
        {"lr": 0.05, "ns_steps": 2, "rms": 0.2},
        {"lr": 0.05, "momentum": 0, "ns_steps": 7},
    ],
    "shampoo": [
        {"lr": 0.5},
        {"lr": 0.5, "eps": 0.1, "weight_decay": 0.1},
        {"lr": 0.5, "eps": 0.01, "refresh_every": 7},
    ],
    "soap": [
        {"lr": 0.05, "weight_decay": 0},
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.99, "shampoo_beta": 0.8, "refresh_every": 3},
    ],
    "scion": [
        {"lr": 0.05, "radius": 2},
        {"lr": 0.05, "radius": 2, "momentum": 0.5, "constraint": False, "ns_steps": 3},
        {"lr": 0.05, "radius": 2, "sign": True},
    ],
    "adamuon": [{"lr": 0.05}, {"lr": 0.05, "momentum": 0.5, "beta": 0.8, "floor": 1e-4}, {"lr": 0.1, "ns_steps": 2}],
    "psgd_kron": [
        {"lr": 0.05},
        {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1},
        {"lr": 0.02, "preconditioner_lr": 0.5, "flat_start": 3, "prob_decay": 0.1, "min_prob": 0.1},
    ],
}
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def unrounded(optimizer):
    """A torch optimizer that does not round to bfloat16, as its Muon does before it multiplies."""
    import torch

    step, known = optimizer.step, torch.Tensor.bfloat16

    def exact():
        torch.Tensor.bfloat16 = torch.Tensor.clone
        try:
            step()
        finally:
            torch.Tensor.bfloat16 = known

    optimizer.step = exact
    return optimizer


def torch_muon(optim, x, h):
    if h["rms"] not in (0, 0.2):
        return None
    known = {name: h[name] for name in ("lr", "momentum", "weight_decay")} | {"ns_steps": int(h["ns_steps"])}
    return unrounded(optim.Muon(x, adjust_lr_fn="match_rms_adamw" if h["rms"] else "original", **known))


class Exact:
    """Keras's operations for its Muon, two of which round float64 to float32: the norm, and the root of a length."""

    def __getattr__(self, name):
        from keras import ops

        return getattr(ops, name)

    def norm(self, x, axis, keepdims):
        import torch

        return torch.linalg.norm(x, dim=axis, keepdim=keepdims)

    def sqrt(self, x):
        return math.sqrt(x)


def keras_muon(optimizers, h):
    import_module(optimizers.Muon.__module__).ops = Exact()
    known = {name: h[name] for name in ("momentum", "weight_decay")} | {"ns_steps": int(h["ns_steps"])}
    return optimizers.Muon(learning_rate=h["lr"], rms_rate=h["rms"] or None, **known)


def optax_muon(optax, h):
    known = {"beta": h["momentum"], "weight_decay": h["weight_decay"], "ns_steps": int(h["ns_steps"])}
    return optax.contrib.muon(h["lr"], consistent_rms=h["rms"] or None, **known)


def exactly(library):
    """A collection whose Newton-Schulz iterations and QR decompositions keep float64."""
    import torch

    iterate = import_module("pytorch_optimizer.optimizer.utils.matrix").zero_power_via_newton_schulz_5
    iterate.__defaults__ = (*iterate.__defaults__[:-1], torch.float64)
    import_module("pytorch_optimizer.optimizer.soap").torch = Wide(torch)
    return library


class Wide:
    """torch, with float64 where somebody says float32."""

    def __init__(self, torch):
        self._torch = torch

    def __getattr__(self, name):
        return getattr(self._torch, "float64" if name == "float32" else name)


class Signed(Wide):
    """torch, with our random signs where an optimizer draws normal numbers."""

    optimizer = None

    def randn_like(self, x, dtype):
        signs = random_signs(0, self.optimizer.param_groups[0]["step"], x.numel())
        return self._torch.tensor(signs.reshape(x.shape), dtype=dtype)


def kozistr_shampoo(library, x, h):
    if h["refresh_every"] > 1:
        return None  # its roots are 0 until then, see tests/optimizers/test_matrices.py
    known = {"lr": h["lr"], "matrix_eps": h["eps"], "weight_decay": h["weight_decay"]}
    return library.Shampoo(x, weight_decouple=True, **known)


def kozistr_soap(library, x, h):
    known = {"betas": (h["beta1"], h["beta2"]), "precondition_frequency": int(h["refresh_every"])}
    known |= {name: h[name] for name in ("lr", "shampoo_beta", "weight_decay", "eps")}
    return exactly(library).SOAP(x, **known)


def kozistr_scion(library, x, h):
    if h["ns_steps"] != 5:
        return None
    known = {"momentum": 1 - h["momentum"], "constraint": bool(h["constraint"]), "scale": h["radius"]}
    return exactly(library).SCION(x, lr=h["lr"], norm_type=4 if h["sign"] else 2, foreach=False, **known)


def kozistr_adamuon(library, x, h):
    known = {"lr": h["lr"], "betas": (h["momentum"], h["beta"]), "weight_decay": h["weight_decay"], "eps": h["floor"]}
    group = {"params": x, "use_muon": True, "ns_steps": int(h["ns_steps"])}
    return exactly(library).AdaMuon([group], **known)


def kozistr_kron(library, x, h):
    """Its factors are balanced whenever they learn, which leaves their product as it is, and not at random."""
    import torch

    if h["preconditioner_lr"] != 0.1:
        return None
    module = import_module("pytorch_optimizer.optimizer.psgd")
    module.torch = Signed(torch)
    known = {name: h[name] for name in ("lr", "momentum", "weight_decay")}
    optimizer = library.Kron(x, balance_prob=1.0, precondition_dtype=torch.float64, **known)
    module.torch.optimizer = optimizer
    return optimizer


TORCH = {"muon": torch_muon}
KERAS = {"muon": keras_muon}
OPTAX = {"muon": optax_muon}
PEERS = {
    ("shampoo", "paper", "pytorch_optimizer"): kozistr_shampoo,
    ("soap", "authors", "pytorch_optimizer"): kozistr_soap,
    ("scion", "paper", "pytorch_optimizer"): kozistr_scion,
    ("adamuon", "kozistr", "pytorch_optimizer"): kozistr_adamuon,
    ("psgd_kron", "authors", "pytorch_optimizer"): kozistr_kron,
}


def orthogonal(m, length, steps):
    """Newton and Schulz by what they do to each singular value of m / length."""
    u, values, vt = np.linalg.svd(m, full_matrices=False)
    values, (a, b, c) = values / length, COEFFICIENTS
    for _ in range(int(steps)):
        values = a * values + b * values**3 + c * values**5
    return u @ np.diag(values) @ vt


def lengthened(x, rms, plain):
    return rms * math.sqrt(max(x.shape)) if rms else plain


def outputs_over_inputs(x):
    return math.sqrt(max(1, x.shape[0] / x.shape[1]))


@reference("muon", "authors")
def muon(gradient, start, steps, lr, momentum, weight_decay, ns_steps, rms):
    def follow(t, x, g):
        ahead = momentum * average(g, momentum) + (1 - momentum) * g[-1]
        step = orthogonal(ahead, np.linalg.norm(ahead) + 1e-7, ns_steps)
        return x[-1] - lr * weight_decay * x[-1] - lr * lengthened(x[-1], rms, outputs_over_inputs(x[-1])) * step

    return walk(gradient, start, steps, follow)


@reference("muon", "torch")
def muon_of_torch(gradient, start, steps, lr, momentum, weight_decay, ns_steps, rms):
    def follow(t, x, g):
        ahead = momentum * average(g, momentum) + (1 - momentum) * g[-1]
        step = orthogonal(ahead, max(np.linalg.norm(ahead), 1e-7), ns_steps)
        return x[-1] - lr * weight_decay * x[-1] - lr * lengthened(x[-1], rms, outputs_over_inputs(x[-1])) * step

    return walk(gradient, start, steps, follow)


@reference("muon", "keras")
def muon_of_keras(gradient, start, steps, lr, momentum, weight_decay, ns_steps, rms):
    def follow(t, x, g):
        ahead = g[-1] + momentum * discounted(g, momentum)
        step = orthogonal(ahead, np.linalg.norm(ahead) + 1e-7, ns_steps)
        return x[-1] - lr * weight_decay * x[-1] - lr * lengthened(x[-1], rms, 1) * step

    return walk(gradient, start, steps, follow)


@reference("muon", "optax")
def muon_of_optax(gradient, start, steps, lr, momentum, weight_decay, ns_steps, rms):
    def follow(t, x, g):
        ahead = momentum * average(g, momentum) / (1 - momentum ** (t + 1))
        ahead = ahead + (1 - momentum) * g[-1] / (1 - momentum**t)
        step = orthogonal(ahead, np.linalg.norm(ahead) + 1e-8, ns_steps)
        scale = lengthened(x[-1], rms, outputs_over_inputs(x[-1].T))
        return x[-1] - lr * weight_decay * x[-1] - lr * scale * step

    return walk(gradient, start, steps, follow)


def power(a, exponent):
    """A symmetric matrix to some power, by its singular values."""
    u, values, vt = np.linalg.svd(a)
    return u @ np.diag(values**exponent) @ vt


@reference("shampoo", "paper")
def shampoo(gradient, start, steps, lr, eps, weight_decay, refresh_every):
    def follow(t, x, g):
        known = g[: 1 + int((t - 1) // refresh_every * refresh_every)]
        left = eps * np.eye(len(start)) + sum(one @ one.T for one in known)
        right = eps * np.eye(start.shape[1]) + sum(one.T @ one for one in known)
        return x[-1] - lr * weight_decay * x[-1] - lr * power(left, -1 / 4) @ g[-1] @ power(right, -1 / 4)

    return walk(gradient, start, steps, follow)


@reference("soap", "authors")
def soap(gradient, start, steps, lr, beta1, beta2, shampoo_beta, eps, weight_decay, refresh_every):
    axes, squares = [], np.zeros_like(start)

    def follow(t, x, g):
        nonlocal squares
        sides = [average([one @ one.T for one in g], shampoo_beta), average([one.T @ one for one in g], shampoo_beta)]
        if t == 1:
            axes[:] = [np.linalg.eigh(side)[1][:, ::-1] for side in sides]
            return x[-1]
        into = lambda a: axes[0].T @ a @ axes[1]
        squares = beta2 * squares + (1 - beta2) * into(g[-1]) ** 2
        mean = into(average(g[1:], beta1)) / (1 - beta1 ** (t - 1))
        scaled = mean / ((np.sqrt(squares) + eps) / math.sqrt(1 - beta2 ** (t - 1)))
        after = (x[-1] - lr * axes[0] @ scaled @ axes[1].T) * (1 - lr * weight_decay)
        if (t - 1) % refresh_every == 0:
            for axis, side in enumerate(sides):
                falling = np.argsort(-np.diag(axes[axis].T @ side @ axes[axis]))
                squares = np.take(squares, falling, axis)
                axes[axis] = np.linalg.qr(side @ axes[axis][:, falling])[0]
        return after

    return walk(gradient, start, steps, follow)


@reference("scion", "paper")
def scion(gradient, start, steps, lr, momentum, radius, ns_steps, constraint, sign):
    def follow(t, x, g):
        mean = average(g, momentum)
        outputs, inputs = start.shape
        corner = math.sqrt(outputs / inputs) * orthogonal(mean, max(np.linalg.norm(mean), 1e-7), ns_steps)
        if sign:
            corner = np.sign(mean) / inputs
        return x[-1] - lr * (x[-1] if constraint else 0) - lr * radius * corner

    return walk(gradient, start, steps, follow)


def adaptive_muon(gradient, start, steps, lr, beta, floor, weight_decay, ns_steps, gathered, corrected):
    directions = []

    def follow(t, x, g):
        m = gathered(g)
        directions.append(orthogonal(m, max(np.linalg.norm(m), 1e-7), ns_steps))
        squares = average([one**2 for one in directions], beta) / ((1 - beta**t) if corrected else 1)
        scaled = directions[-1] / (np.sqrt(squares) + floor)
        scaled *= 0.2 * math.sqrt(scaled.size) / (np.linalg.norm(scaled) + floor)
        return (1 - lr * weight_decay) * x[-1] - lr * scaled

    return walk(gradient, start, steps, follow)


@reference("adamuon", "paper")
def adamuon(gradient, start, steps, lr, momentum, beta, floor, weight_decay, ns_steps):
    gathered = lambda g: np.sign(discounted(g, momentum))
    return adaptive_muon(gradient, start, steps, lr, beta, floor, weight_decay, ns_steps, gathered, False)


@reference("adamuon", "kozistr")
def adamuon_corrected(gradient, start, steps, lr, momentum, beta, floor, weight_decay, ns_steps):
    gathered = lambda g: average(g, momentum)
    return adaptive_muon(gradient, start, steps, lr, beta, floor, weight_decay, ns_steps, gathered, True)


@reference("psgd_kron", "authors")
def psgd_kron(gradient, start, steps, lr, momentum, weight_decay, preconditioner_lr, flat_start, prob_decay, min_prob):
    """With Kronecker's product of the factors written out; they are not balanced."""
    factors, waited = [np.eye(side) for side in start.shape], 0

    def follow(t, x, g):
        nonlocal waited
        mean = average(g, momentum) / (1 - momentum**t)
        waited += 1
        if waited >= 1 / min(1, max(min_prob, math.exp(-prob_decay * (t - 1 - flat_start)))):
            waited, whole = 0, np.kron(*factors)
            signs = random_signs(0, t, start.size).astype(np.float64)
            a, b = ((whole @ mean.ravel()), np.linalg.inv(whole).T @ signs)
            a, b = a.reshape(start.shape), b.reshape(start.shape)
            for k, (p, q) in enumerate(((a, b), (a.T, b.T))):
                both = p @ p.T + q @ q.T
                row = both[np.argmax(np.linalg.norm(both, axis=1))]
                bound = np.linalg.norm(both @ (both @ row)) / np.linalg.norm(both @ row)
                factors[k] = factors[k] - preconditioner_lr * np.triu(p @ p.T - q @ q.T) @ factors[k] / bound
        whole = np.kron(*factors)
        step = (whole.T @ whole @ mean.ravel()).reshape(start.shape)
        step = step * min(1, 1.1 / (np.sqrt(np.mean(step**2)) + 1e-6))
        return x[-1] - lr * (step + weight_decay * x[-1])

    return walk(gradient, start, steps, follow)
