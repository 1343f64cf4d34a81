"""What is known of rules outside optviz, family by family: a module has any of these names, each by rule.

- ``CASES``: hyperparameters that switch on everything a rule has, one by one and together, for its first table;
- ``TORCH``: ``(torch.optim, parameters, hyperparameters)`` to an optimizer; ``KERAS``: ``(keras.optimizers,
  hyperparameters)``; ``OPTAX``: ``(optax, hyperparameters)`` to a transformation. They belong to the variants of their
  names; a mode of optax's that is another variant stands as ``"rule/variant"``;
- ``PEERS``: for ``(rule, variant, library)``, a collection of optimizers for torch, ``(library, parameters,
  hyperparameters)`` to an optimizer. Any of all these gives None where the library lacks one of the numbers;
- functions decorated by `tests.optimizers.reference.reference`.
"""

import pkgutil
from importlib import import_module

CASES: dict = {}
TORCH: dict = {}
KERAS: dict = {}
OPTAX: dict = {}
PEERS: dict = {}

for _module in pkgutil.iter_modules(__path__):
    _family = import_module(f"{__name__}.{_module.name}")
    for _name in ("CASES", "TORCH", "KERAS", "OPTAX", "PEERS"):
        globals()[_name] |= getattr(_family, _name, {})
