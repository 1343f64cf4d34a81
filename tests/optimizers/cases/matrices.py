"""Rules for matrices: Muon."""

import math
from importlib import import_module

import numpy as np

from tests.optimizers.reference import average, discounted, reference, walk

CASES = {
    "muon": [
        {"lr": 0.05},
        {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.2},
        {"lr": 0.05, "ns_steps": 2, "rms": 0.2},
        {"lr": 0.05, "momentum": 0, "ns_steps": 7},
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


TORCH = {"muon": torch_muon}
KERAS = {"muon": keras_muon}
OPTAX = {"muon": optax_muon}


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
