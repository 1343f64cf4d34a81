"""The modules that define the units of a run, for processes that have to find them."""

import inspect
import secrets
from dataclasses import replace
from importlib import import_module
from typing import Any

from optviz.errors import UsageError
from optviz.networks import Network
from optviz.registry import Registry
from optviz.runs.networks.specification import digest_of


def modules_of(engine: str, *units: tuple[Registry, Any]) -> tuple[tuple[str, ...], str]:
    """The modules outside optviz that another process must import to know some units, and a digest of their sources.

    Raises
    ------
    UsageError
        If a unit is not registered, or was defined where no other process can import it.
    """
    modules = set()
    for registry, unit in units:
        if unit.name not in registry or not _same(registry[unit.name], unit):
            raise UsageError(
                f"the {registry.kind} '{unit.name}' is not registered, so no other process finds it by that name",
                f"Register it with the decorator of {registry.package}, or run on threads without a journal.",
            )
        if unit.module == "__main__" and engine != "threads":
            raise UsageError(
                f"the {registry.kind} '{unit.name}' is defined in the program itself, which workers cannot import",
                "Move it to a module of its own.",
            )
        if not unit.module.startswith("optviz."):
            modules.add(unit.module)
    sources = digest_of([_source(module) for module in sorted(modules)]) if modules else ""
    return tuple(sorted(modules - {"__main__"})), sources


def _source(module: str) -> str:
    try:
        return inspect.getsource(import_module(module))
    except (OSError, TypeError):  # a notebook: nothing tells its formulas of today from those of yesterday
        return secrets.token_hex()


def _same(registered: Any, unit: Any) -> bool:
    """Whether a unit is the registered one, apart from a network's options."""
    if isinstance(unit, Network) and isinstance(registered, Network):
        unit = replace(unit, options=registered.options, published=registered.published)
    return registered == unit
