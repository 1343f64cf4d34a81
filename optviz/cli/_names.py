"""The kinds of units that can be listed and shown, and shell completion for their names.

Nothing here loads more than formulas, so that a completion takes a moment and not a second.
"""

from collections.abc import Callable, Iterable
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
    "study": ("study", "functions"),
}


def registry(kind: str) -> Registry[Any]:
    """The registry of a kind; an unknown one is a UsageError that suggests the nearest."""
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise UsageError(f"unknown kind '{kind}'", f"{suggestion(kind, list(KINDS))}Choose from: {known}")
    module, attribute = KINDS[kind]
    return getattr(import_module(module), attribute)


def find(name: str, kind: str | None = None) -> list[tuple[str, Any]]:
    """Every unit of that name with its kind, or that of one kind; UnknownNameError where there is none."""
    if kind is not None:
        return [(kind, registry(kind)[name])]
    units = [(kind, registry(kind)[name]) for kind in KINDS if name in registry(kind).names()]
    if not units:
        hint = suggestion(name, every_name())
        raise UnknownNameError(f"nothing is called '{name}'", f"{hint}See: optviz list {'|'.join(KINDS)}")
    return units


def every_name() -> list[str]:
    """The names of all units of all kinds."""
    return [name for kind in KINDS for name in registry(kind).names()]


def completion(known: Callable[[], Iterable[str]], several: bool = False) -> Callable[[str], list[str]]:
    """A completion that offers what is known, or a comma list of it."""

    def complete(incomplete: str) -> list[str]:
        before, comma, start = incomplete.rpartition(",") if several else ("", "", incomplete)
        return [f"{before}{comma}{name}" for name in known() if name.startswith(start)]

    return complete
