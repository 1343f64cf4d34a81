"""Adam's family with a weight decay of its own: AdamW, AMSGradW, NadamW, AdamaxW."""

import inspect
from inspect import Parameter

import numpy as np

from tests.optimizers.cases import adam_family, classic  # noqa: F401 - whose references are shrunk here
from tests.optimizers.cases.adam_family import BETAS
from tests.optimizers.cases.names import in_keras, in_optax, paired
from tests.optimizers.reference import REFERENCE, reference

DECAYED = [*BETAS, {"lr": 0.05, "weight_decay": 0.1}, {"lr": 0.05, "beta1": 0.5, "weight_decay": 0.3}]
CASES = {
    "adamw": [*DECAYED, {"lr": 0.05, "weight_decay": 0}],
    "amsgradw": DECAYED,
    "nadamw": [*DECAYED, {"lr": 0.05, "momentum_decay": 0}, {"lr": 0.05, "momentum_decay": 1, "weight_decay": 0.1}],
    "adamaxw": DECAYED,
}
TORCH = {
    "adamw": lambda optim, x, h: optim.AdamW(x, **paired(h)),
    "amsgradw": lambda optim, x, h: optim.AdamW(x, amsgrad=True, **paired(h)),
    "nadamw": lambda optim, x, h: optim.NAdam(x, decoupled_weight_decay=True, **paired(h)),
}
KERAS = {
    "adamw": lambda optimizers, h: optimizers.AdamW(**in_keras(h)),
    "amsgradw": lambda optimizers, h: optimizers.AdamW(amsgrad=True, **in_keras(h)),
    "nadamw": adam_family.KERAS["nadam"],
    "adamaxw": adam_family.KERAS["adamax"],
}
OPTAX = {
    "adamw": lambda optax, h: optax.adamw(**in_optax(h)),
    "nadamw": lambda optax, h: optax.nadamw(**in_optax(h, "momentum_decay")),
    "adamaxw": lambda optax, h: optax.adamaxw(**in_optax(h)),
}


def shrinking(base, share):
    """The base rule's reference around which x shrinks by ``share(lr, weight_decay)`` before every step.

    The steps of these rules depend on gradients alone, so that the base may walk from 0 and is given the gradients at
    the points that shrink.
    """

    def decayed(gradient, start, steps, lr, weight_decay, **rest):
        x, walked = [np.array(start)], [np.zeros_like(start)]

        def follow(now):
            x.append((1 - share(lr, weight_decay)) * x[-1] + now - walked[-1])
            walked.append(now)

        def gradient_there(now, t):
            if t > 1:
                follow(now)
            return gradient(x[-1], t)

        follow(base(gradient_there, walked[0], steps, lr=lr, **rest)[-1])
        return np.array(x)

    named = {**inspect.signature(base).parameters, "weight_decay": Parameter("weight_decay", Parameter.KEYWORD_ONLY)}
    decayed.__signature__ = inspect.Signature(list(named.values()))
    return decayed


def decoupled(lr, weight_decay):
    return lr * weight_decay


def scheduled(lr, weight_decay):
    """Line 12 of the paper's Algorithm 2 while the schedule is 1."""
    return weight_decay


for _name, _base, _paper in (
    ("adamw", "adam", scheduled),
    ("amsgradw", "amsgrad", scheduled),
    ("nadamw", "nadam", decoupled),
    ("adamaxw", "adamax", decoupled),
):
    for _variant in ("paper", "torch", "keras", "optax"):
        _share = _paper if _variant == "paper" else decoupled
        reference(_name, _variant)(shrinking(REFERENCE[_base, _variant], _share))
