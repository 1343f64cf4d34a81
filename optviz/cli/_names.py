"""The kinds of units that can be listed and shown, and shell completion for their names.

Everything here stays on the floor of plain formulas, so that a completion takes a moment and not a second.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from optviz.errors import UnknownNameError, UsageError
from optviz.registry import Registry, suggestion

# Kind -> where its registry is. Also the order in which names are looked up and offered.
KINDS = {
    "optimizers": ("optviz.optimizers", "REGISTRY"),
    "functions": ("optviz.functions", "REGISTRY"),
    "networks": ("optviz.networks", "REGISTRY"),
    "datasets": ("optviz.datasets", "REGISTRY"),
    "noise": ("optviz.noise", "REGISTRY"),
    "formats": ("optviz.writers", "FORMATS"),
}
# What the still pictures of a command's result show, as in `optviz.drawing`, which takes too long to load.
PICTURES = {
    "animate": ("race", "convergence"),
    "mnist": ("curves", "plane", "rates", "target", "confusion", "mistakes"),
    "basins": ("basins", "values"),
    "sweep": ("sweep",),
    "swarm": ("swarm",),
    "race": ("study", "functions"),
}


def registry(kind: str) -> Registry[Any]:
    """The registry of a kind.

    Raises
    ------
    UsageError
        If there is no such kind; the message suggests the nearest.
    """
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise UsageError(f"unknown kind '{kind}'", f"{suggestion(kind, list(KINDS))}Choose from: {known}")
    module, attribute = KINDS[kind]
    return getattr(import_module(module), attribute)


def find(name: str, kind: str | None = None) -> list[tuple[str, Any]]:
    """Every unit of that name, with its kind.

    Parameters
    ----------
    name : str
    kind : str, optional
        Where to look; everywhere by default.

    Raises
    ------
    UnknownNameError
        If there is none; the message suggests the nearest name of any kind.
    """
    if kind is not None:
        return [(kind, registry(kind)[name])]
    found = [(kind, registry(kind)[name]) for kind in KINDS if name in registry(kind).names()]
    if not found:
        known = [known for kind in KINDS for known in registry(kind).names()]
        raise UnknownNameError(
            f"nothing is called '{name}'", f"{suggestion(name, known)}See: optviz list {'|'.join(KINDS)}"
        )
    return found


def _listed(names: Sequence[str], incomplete: str) -> list[str]:
    """Completions of a comma list: what stands before the last comma, and each name that fits."""
    before, comma, start = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in names if name.startswith(start)]


def among(*values: str, several: bool = False) -> Callable[[str], list[str]]:
    """A completion that offers some values, or a comma list of them."""

    def complete(incomplete: str) -> list[str]:
        return _listed(values, incomplete) if several else [one for one in values if one.startswith(incomplete)]

    return complete


def optimizers(incomplete: str) -> list[str]:
    """Completions of a comma list of optimizers, or all."""
    return _listed([*registry("optimizers").names(), "all"], incomplete)


def optimizer(incomplete: str) -> list[str]:
    """Optimizers that start so."""
    return [name for name in registry("optimizers").names() if name.startswith(incomplete)]


def functions(incomplete: str) -> list[str]:
    """Test functions that start so."""
    return [name for name in registry("functions").names() if name.startswith(incomplete)]


def several_functions(incomplete: str) -> list[str]:
    """Completions of a comma list of test functions, or all."""
    return _listed([*registry("functions").names(), "all"], incomplete)


def networks(incomplete: str) -> list[str]:
    """Networks that start so."""
    return [name for name in registry("networks").names() if name.startswith(incomplete)]


def datasets(incomplete: str) -> list[str]:
    """Data sets that start so."""
    return [name for name in registry("datasets").names() if name.startswith(incomplete)]


def hyperparameters(incomplete: str) -> list[str]:
    """Hyperparameters of any optimizer that start so."""
    known = dict.fromkeys(name for rule in registry("optimizers") for name in rule.hyperparameters)
    return [name for name in known if name.startswith(incomplete)]


def pictures(incomplete: str) -> list[str]:
    """Completions of a comma list of pictures of the gallery."""
    from optviz.gallery import known

    return _listed(known(), incomplete)


def noises(incomplete: str) -> list[str]:
    """Noise models that start so."""
    return [name for name in registry("noise").names() if name.startswith(incomplete)]


def devices(incomplete: str) -> list[str]:
    """Devices that start so."""
    from optviz.kernels.devices import DEVICES

    return [name for name in DEVICES if name.startswith(incomplete)]


def kinds(incomplete: str) -> list[str]:
    """Kinds that start so."""
    return [kind for kind in KINDS if kind.startswith(incomplete)]


def names(incomplete: str) -> list[str]:
    """Names of any kind that start so."""
    return [name for kind in KINDS for name in registry(kind).names() if name.startswith(incomplete)]
