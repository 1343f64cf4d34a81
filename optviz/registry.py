"""Names to units: registration, discovery, plug-ins and "did you mean".

A registry knows one kind of unit (optimizers, test functions, networks, data sets). Built-in units live in one
package and register themselves when their module is imported; the registry imports every public module of that
package the first time somebody asks. Other distributions add units through entry points, which are listed without
being loaded; in a notebook the same decorator registers a unit on the spot.
"""

import difflib
import pkgutil
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from typing import Any, Generic, Protocol, TypeVar

from optviz.errors import UnknownNameError, UsageError


class Unit(Protocol):
    """What a registry asks of its units."""

    @property
    def name(self) -> str: ...


U = TypeVar("U", bound=Unit)


def suggestion(name: object, known: list[str]) -> str:
    """The clause "Did you mean 'adam'? " for a name close to a known one, else ""."""
    near = difflib.get_close_matches(str(name).lower(), known, n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'? " if near else ""


class Registry(Generic[U]):
    """All units of one kind, by name.

    Parameters
    ----------
    kind : str
        The word for one unit, used in messages: ``"optimizer"``.
    package : str
        The package whose modules hold the built-in units: ``"optviz.optimizers"``. It is also the name of the
        entry-point group for plug-ins.
    order : callable
        Sort key that puts units in the order of increasing complexity.
    """

    def __init__(self, kind: str, package: str, order: Callable[[U], Any]):
        self.kind = kind
        self.package = package
        self._order = order
        self._units: dict[str, U] = {}
        self._discovered = False
        self._plugins: dict[str, metadata.EntryPoint] = {}

    def add(self, unit: U) -> U:
        """Register a unit under its name; a name that is taken by another unit is refused."""
        known = self._units.get(unit.name)
        if known is not None and _source(known) != _source(unit):
            raise UsageError(f"the {self.kind} name '{unit.name}' is already taken", "Give the new one another name.")
        self._units[unit.name] = unit
        return unit

    def names(self) -> list[str]:
        """Every name, built-in units first, in order of increasing complexity."""
        self._discover()
        loaded = sorted(self._units.values(), key=self._order)
        return [unit.name for unit in loaded] + sorted(set(self._plugins) - set(self._units))

    def __iter__(self) -> Iterator[U]:
        """Every unit that loads; a broken plug-in is warned about and left out."""
        for name in self.names():
            try:
                yield self[name]
            except ImportError as error:
                warnings.warn(str(error), stacklevel=2)

    def __getitem__(self, name: str) -> U:
        """The unit of that name.

        Raises
        ------
        UnknownNameError
            If there is none; the message suggests the nearest name.
        ImportError
            If a plug-in provides the name and cannot be loaded.
        """
        self._discover()
        if name in self._plugins and name not in self._units:
            self._load(name)
        if name not in self._units:
            plural = self.package.rpartition(".")[2]
            hint = suggestion(name, self.names())
            raise UnknownNameError(f"unknown {self.kind} '{name}'", f"{hint}See: optviz list {plural}")
        return self._units[name]

    def _discover(self) -> None:
        if self._discovered:
            return
        self._discovered = True
        for module in pkgutil.iter_modules(import_module(self.package).__path__):
            if not module.name.startswith("_"):
                import_module(f"{self.package}.{module.name}")
        self._plugins = {point.name: point for point in metadata.entry_points(group=self.package)}

    def _load(self, name: str) -> None:
        point = self._plugins[name]
        try:
            unit = point.load()
        except Exception as error:
            package = point.dist.name if point.dist else "?"
            message = f"the {self.kind} '{name}' of the package '{package}' does not load: {type(error).__name__}: {error}"
            raise ImportError(message) from error
        if unit.name not in self._units:
            self.add(unit)


def _source(unit: object) -> tuple[str, str]:
    """Where a unit was defined, so that a reloaded module or a re-run notebook cell may register it again."""
    return getattr(unit, "module", ""), getattr(unit, "name", "")
