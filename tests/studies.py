"""Made-up studies that look like real ones."""

import numpy as np

from optviz.results.parts import Contender
from optviz.results.study import Study
from tests.budgets import targets

# name: title, how many times the steps of a typical optimizer it takes, how often it gets stuck, diverges
OPTIMIZERS = {
    "sgd": ("SGD", 2.5, 0.10, 0.12),
    "momentum": ("Momentum", 1.0, 0.06, 0.08),
    "nesterov": ("Nesterov", 0.9, 0.05, 0.08),
    "adagrad": ("Adagrad", 1.6, 0.08, 0.0),
    "adadelta": ("Adadelta", 6.0, 0.30, 0.0),
    "rmsprop": ("RMSprop", 2.2, 0.40, 0.0),
    "adam": ("Adam", 1.1, 0.05, 0.0),
    "lion": ("Lion", 2.0, 0.5, 0.0),
    "adamw": ("AdamW", 1.15, 0.05, 0.0),
    "nadam": ("Nadam", 1.0, 0.06, 0.0),
    "rmsprop_centered": ("RMSprop with momentum, centered", 1.8, 0.3, 0.0),
    "adamax": ("AdaMax", 1.3, 0.05, 0.0),
}
# name: title, steps of a typical optimizer to the last target, share of starts outside of all good basins
FUNCTIONS = {
    "sphere": ("Sphere", 20, 0.0),
    "quadratic": ("Ill-conditioned quadratic", 90, 0.0),
    "booth": ("Booth", 40, 0.0),
    "rosenbrock": ("Rosenbrock", 420, 0.02),
    "beale": ("Beale", 300, 0.25),
    "saddle": ("Saddle", 45, 0.0),
    "himmelblau": ("Himmelblau", 35, 0.0),
    "styblinski_tang": ("Styblinski–Tang", 40, 0.7),
    "three_hump_camel": ("Three-hump camel", 45, 0.3),
    "goldstein_price": ("Goldstein–Price", 150, 0.45),
    "mueller_brown": ("Müller–Brown", 80, 0.5),
    "rastrigin": ("Rastrigin", 60, 0.93),
    "ackley": ("Ackley", 200, 0.9),
    "eggholder": ("Eggholder", 100, 1.0),
}
SEVEN = tuple(OPTIMIZERS)[:7]
TARGETS = (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
TUNING = targets()


def made_of(reached, steps=100, targets=None, optimizers=None, functions=None, rate="given", **fields):
    """The study of these steps, (F, O, K, S); other keywords are fields of `Study`."""
    reached = np.asarray(reached, np.int32)
    count, contenders, goals, starts = reached.shape
    names = optimizers or [*OPTIMIZERS][:contenders]
    titles = {name: OPTIMIZERS.get(name, (name.upper(),))[0] for name in names}
    functions = functions or [*FUNCTIONS][:count]
    defaults = {
        "functions": tuple(functions),
        "function_titles": tuple(FUNCTIONS.get(name, (name,))[0] for name in functions),
        "contenders": tuple(Contender(name, titles[name], "torch", "torch", {"lr": 0.01}, rate) for name in names),
        "rates": np.full((count, contenders), 0.01),
        "targets": np.array(targets or TARGETS[:goals]),
        "reached": reached,
        "gaps": np.where(reached[:, :, -1] < 0, 0.5, 1e-9),
        "diverged": np.zeros((count, contenders, starts), np.int32),
        "steps": steps,
        "seed": 0,
        "noise": "",
    }
    return Study(**defaults | fields)


def study(optimizers=SEVEN, functions=tuple(FUNCTIONS), starts=100, steps=1000, seed=0, **fields):
    """Optimizers as they are on functions as they are, with the luck of starts."""
    random = np.random.default_rng(seed)
    share = np.linspace(0.35, 1.0, len(TARGETS))  # of the way to the last target, in the logarithm of steps
    shape = len(functions), len(optimizers), starts
    lucky = random.random((len(functions), 1, starts))  # the same start is good or bad for all
    reached, diverged, rates = np.empty((*shape[:2], len(TARGETS), starts), np.int32), np.zeros(shape, np.int32), []
    for f, function in enumerate(functions):
        _, typical, lost = FUNCTIONS.get(function, ("", 70, 0.3))
        for o, optimizer in enumerate(optimizers):
            _, factor, stuck, wild = OPTIMIZERS.get(optimizer, ("", 1.7, 0.1, 0.0))
            own = typical * factor * np.exp(random.normal(0, 0.45))
            taken = np.exp(np.log(own) + random.normal(0, 0.35, starts))
            never = (lucky[f, 0] < lost) | (random.random(starts) < stuck * (typical > 50))
            far = np.where(never, random.integers(0, 4, starts), len(TARGETS))
            at = np.ceil(taken ** share[:, None] * 1.1).astype(int)
            at[(at > steps) | (np.arange(len(TARGETS))[:, None] >= far)] = -1
            gone = random.random(starts) < wild * (typical > 100)
            reached[f, o] = np.where(gone, -1, at)
            diverged[f, o] = np.where(gone, random.integers(1, 30, starts), 0)
            rates.append(10 ** random.normal(-1.5, 0.5))
    gaps = np.where(reached[:, :, -1] >= 0, 1e-8, random.random(shape) * 5)
    filled = {"rates": np.array(rates).reshape(shape[:2]), "diverged": diverged, "rate": "tuned", "tuning": TUNING}
    filled["gaps"] = np.where(diverged > 0, np.nan, gaps)
    return made_of(reached, steps, TARGETS, optimizers, functions, **filled | fields)
