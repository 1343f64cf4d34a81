"""Names to units: registration, discovery, plug-ins and "did you mean".

A registry knows one kind of unit (optimizers, test functions, networks, data sets). Built-in units live in one
package and register themselves when their module is imported; the registry imports every public module of that
package the first time somebody asks. Other distributions add units through entry points, which are listed without
being loaded; in a notebook the same decorator registers a unit on the spot.
"""

import difflib
import pkgutil
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from optviz.errors import (
    MissingError,
    OptvizError,
    PluginError,
    UnknownNameError,
    UsageError,
    UsageTypeError,
    said,
    shown,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Unit(Protocol):
    """What a registry asks of its units; they may have other names too, as ``names``."""

    @property
    def name(self) -> str: ...


U = TypeVar("U", bound=Unit)

REGISTRIES: list["Registry[Any]"] = []  # all that are loaded


def suggestion(name: object, known: list[str]) -> str:
    """The clause "Did you mean 'adam'? " for a name close to a known one, else ""."""
    asked = str(name).lower()
    near = difflib.get_close_matches(asked, known, n=5, cutoff=0.6)
    # Of names that are alike one of the same letters or length is meant: 'adma' is 'adam' rather than 'adax', 'adamax'.
    swapped = lambda other: 0.04 * (sorted(other) == sorted(asked)) - 0.04 * abs(len(other) - len(asked))
    alike = lambda other: difflib.SequenceMatcher(None, other, asked).ratio() + swapped(other)
    return f"Did you mean '{max(near, key=alike)}'? " if near else ""


def folded(name: str) -> str:
    """A name as it is compared: without its case, ``-`` and ``_``."""
    return name.lower().replace("_", "").replace("-", "")


class Registry(Generic[U]):
    """All units of one kind, by name.

    A name is found as it is written, else in any case, with ``-`` for ``_`` or without, and so are other names of a
    unit: ``AdamW``, ``heavy-ball``.

    Parameters
    ----------
    kind : str
        The word for one unit, used in messages: ``"optimizer"``.
    package : str
        The package whose modules hold the built-in units: ``"optviz.optimizers"``. It is also the name of the
        entry-point group for plug-ins.
    order : callable
        Sort key that puts units in the order of increasing complexity.
    listed : str, optional
        What ``optviz list`` calls them, by default the last part of `package`.
    """

    def __init__(self, kind: str, package: str, order: Callable[[U], Any], listed: str = ""):
        REGISTRIES.append(self)
        self.kind = kind
        self.package = package
        self.listed = listed or package.rpartition(".")[2]
        self._order = order
        self._units: dict[str, U] = {}
        self._plugins: dict[str, EntryPoint] = {}
        self._spelled: dict[str, str] = {}  # every name and other name, folded -> the registered one
        # Whoever asks while another thread looks for units waits for it. A signal handler that asks in the middle of
        # the search, in the same thread, must not wait for itself: it goes on beside it with what is there.
        self._searching = threading.RLock()
        self._searches = 0
        self._discovered = False

    def add(self, unit: U) -> U:
        """Register a unit under its names; one that is taken by another unit is refused."""
        module = _source(unit)[0]
        if module and not module.startswith(f"{self.package}."):
            self._discover()  # a clash with a built-in name belongs to the newcomer, whoever is imported first
        names = unit.name, *getattr(unit, "names", ())
        for name in names:
            known = self._units.get(self._registered(name), unit)
            if _source(known) != _source(unit):
                raise UsageError(f"the {self.kind} name '{name}' is already taken", "Give the new one another name.")
        self._units[unit.name] = unit
        self._spelled |= {folded(name): unit.name for name in names}
        return unit

    def names(self) -> list[str]:
        """Every name: built-in units in order of increasing complexity, then plug-ins by name."""
        self._discover()
        units, plugins = self._units.copy(), self._plugins  # other threads may add some
        loaded = sorted((unit for name, unit in units.items() if name not in plugins), key=self._order)
        return [unit.name for unit in loaded] + sorted(plugins)

    def loaded(self) -> list[U]:
        """The units that are there without loading any."""
        return list(self._units.values())

    def __contains__(self, name: object) -> bool:
        names = self.names()
        return isinstance(name, str) and self._registered(name) in names

    def __iter__(self) -> Iterator[U]:
        """Every unit that loads; a broken plug-in is warned about and left out."""
        for name in self.names():
            try:
                yield self[name]
            except PluginError as error:
                warnings.warn(str(error), stacklevel=2)

    def __getitem__(self, name: str) -> U:
        """The unit of that name, or of that other name or spelling.

        Raises
        ------
        UnknownNameError
            If there is none; the message suggests the nearest name.
        UsageTypeError
            If `name` is not a string.
        MissingError
            If a signal handler asks while the unit's module is being imported.
        PluginError
            If a plug-in provides the name and cannot be loaded.
        """
        if not isinstance(name, str):
            raise UsageTypeError(
                f"{shown(name)} is neither the name of a registered {self.kind} nor one itself",
                f"A function of your own becomes one by the decorator of {self.package}.",
            )
        self._discover()
        registered = self._registered(name)
        if registered in self._plugins and registered not in self._units:
            self._load(registered)
        if registered not in self._units:
            if not self._discovered:
                raise MissingError(
                    f"the {self.kind} '{name}' is not there yet: its module is still being imported",
                    "Ask again when the import is done, not in a signal handler that interrupts it.",
                )
            hint = suggestion(name, self.names())
            raise UnknownNameError(f"unknown {self.kind} '{name}'", f"{hint}See: optviz list {self.listed}")
        return self._units[registered]

    def _registered(self, name: str) -> str:
        """The registered name that a spelling stands for; one that nothing has is given back."""
        known = name in self._units or name in self._plugins
        return name if known else self._spelled.get(folded(name), name)

    def _discover(self) -> None:
        if self._discovered:
            return
        with self._searching:
            if self._discovered:
                return
            self._searches += 1
            try:
                for module in pkgutil.iter_modules(import_module(self.package).__path__):
                    if not module.name.startswith("_"):
                        import_module(f"{self.package}.{module.name}")
                from importlib.metadata import entry_points  # takes as long as all units of a kind

                points = entry_points(group=self.package)
                self._plugins = {point.name: point for point in points if folded(point.name) not in self._spelled}
                self._spelled |= {folded(name): name for name in self._plugins}
                # Last, so that nobody reads half of the units, not after an error either; and not by a search inside
                # another one, which has passed by the module that the other is importing.
                self._discovered = self._searches == 1
            finally:
                self._searches -= 1

    def _load(self, name: str) -> None:
        point = self._plugins[name]
        try:
            unit = point.load()
            if getattr(unit, "name", None) != name:
                raise TypeError(f"{point.value} is not a unit of that name")
            self.add(unit)
        except (Exception, SystemExit) as error:  # an import may end the program
            package = point.dist.name if point.dist else "?"
            cause = error.problem if isinstance(error, OptvizError) else said(error)
            raise PluginError(
                f"the {self.kind} '{name}' of the package '{package}' does not load: {cause}",
                "Repair or uninstall that package.",
            ) from error


def author_of(error: BaseException) -> tuple[str, str] | None:
    """The package of units whose code raised an error, and the file and line in it; None where it is optviz itself.

    What a library raises that such a package has called is the package's.
    """
    packages = {_source(unit)[0].partition(".")[0] for registry in REGISTRIES for unit in registry.loaded()}
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package == __package__:
            return None
        if package and package in packages:
            return package, f"{frame.f_code.co_filename}, line {line}"
    return None


def _source(unit: object) -> tuple[str, str]:
    """Where a unit was defined, so that a reloaded module or a re-run notebook cell may register it again."""
    return getattr(unit, "module", ""), getattr(unit, "name", "")
