"""Our hyperparameters under the names of other libraries."""


def renamed(h: dict, **names: str) -> dict:
    """Hyperparameters with other names for some."""
    return {names.get(name, name): value for name, value in h.items()}


def paired(h: dict) -> dict:
    """torch's names: beta1, beta2 and so on together as ``betas``."""
    betas = tuple(value for name, value in h.items() if name.startswith("beta") and name[4:].isdecimal())
    rest = {name: value for name, value in h.items() if not (name.startswith("beta") and name[4:].isdecimal())}
    return rest | ({"betas": betas} if betas else {})


def in_keras(h: dict, *without: str) -> dict:
    """Keras's names, without some that it does not have."""
    names = {"lr": "learning_rate", "eps": "epsilon", "beta1": "beta_1", "beta2": "beta_2"}
    return renamed({name: value for name, value in h.items() if name not in without}, **names)


def in_optax(h: dict, *without: str) -> dict:
    """optax's names, without some that it does not have."""
    names = {"lr": "learning_rate", "beta1": "b1", "beta2": "b2", "beta3": "b3"}
    return renamed({name: value for name, value in h.items() if name not in without}, **names)


def without(h: dict, *names: str) -> dict:
    """torch's names for the rest."""
    return paired({name: value for name, value in h.items() if name not in names})
