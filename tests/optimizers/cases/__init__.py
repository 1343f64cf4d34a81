"""What is known of rules outside optviz, family by family: a module has any of these names, each by rule.

- ``CASES``: hyperparameters that switch on everything a rule has, one by one and together, for its first table;
- ``TORCH``: ``(torch.optim, parameters, hyperparameters)`` to an optimizer; ``KERAS``: ``(keras.optimizers,
  hyperparameters)``; ``OPTAX``: ``(optax, hyperparameters)`` to a transformation. They belong to the variants of their
  names;
- ``OTHERS``: by rule and variant, for each collection of optimizers for torch that computes it: ``(library, parameters,
  hyperparameters)`` to an optimizer. Any of all these gives None where the library lacks one of the numbers;
- functions decorated by `tests.optimizers.reference.reference`.
"""

import pkgutil
from importlib import import_module

CASES: dict = {}
TORCH: dict = {}
KERAS: dict = {}
OPTAX: dict = {}
OTHERS: dict = {}

for _module in pkgutil.iter_modules(__path__):
    _family = import_module(f"{__name__}.{_module.name}")
    for _name in ("CASES", "TORCH", "KERAS", "OPTAX", "OTHERS"):
        globals()[_name] |= getattr(_family, _name, {})
