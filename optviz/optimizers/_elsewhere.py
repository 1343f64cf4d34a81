"""Contenders made of what somebody has: torch's optimizer classes, optax's factories, functions that make a step."""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from optviz.errors import MissingError, UsageError, UsageTypeError, shown
from optviz.optimizers._foreign import Foreign, unwritten
from optviz.optimizers._numbers import MEANINGLESS
from optviz.optimizers._rule import UpdateRule

LR = 1e-3  # where a class or factory has no default of its own
EXAMPLE = 'Give a name, "scipy:BFGS" or "torch:torch.optim.NAdam"; a class, a factory, or step(x, g, state)'
PACKAGES = ("torch", "optax")
OPTIONAL = re.compile(r"\b(float|int|ArrayLike|Scalar|Numeric)\b")  # in the annotation of a number that may be None
ANY = (float("-inf"), float("inf"), False, False)


def elsewhere(target: Any) -> UpdateRule:
    """The rule that stands for a class, a factory, a function, or a path to a class or factory.

    Parameters
    ----------
    target : str, class or function
        ``"torch:package.Class"``, ``"optax:package.factory"``, or what such a path leads to; a function
        ``step(x, g, state, **hyperparameters)`` that gives the next x and the next state, None before the first step.

    Raises
    ------
    MissingError
        If a package cannot be imported.
    UsageError, UsageTypeError
        If there is nothing of that name, or it is none of these.
    """
    if isinstance(target, str):
        package, _, path = target.partition(":")
        return _rule(package, _found(package, path), target)
    if inspect.isclass(target) and _is_torchs(target):
        return _rule("torch", target, f"torch:{_path(target)}")
    if not callable(target) or inspect.isclass(target):
        raise UsageTypeError(f"{shown(target)} is no contender", EXAMPLE)
    first = [*inspect.signature(target).parameters.values()][:3]
    needs = [one.default is one.empty for one in first]
    if len(first) == 3 and all(needs[:2]) and (needs[2] or first[2].default is None) and not _is_optaxs(target):
        return _rule("", target, f"step:{getattr(target, '__name__', 'step')}")
    return _rule("optax", target, f"optax:{_path(target)}")


def _found(package: str, path: str) -> Any:
    """What a path leads to."""
    if package not in PACKAGES:
        raise UsageError(f"'{package}:{path}' is no contender", "See: optviz list contenders")
    home, _, name = path.rpartition(".")
    try:
        importlib.import_module(package)
        module = importlib.import_module(home or package)
    except ImportError as error:
        missing = (error.name or package).partition(".")[0]
        if missing != package and missing != home.partition(".")[0]:
            raise
        what = package if missing == package else home
        raise MissingError(
            f"{what} cannot be imported, for {package}:{path}", f"Install it: pip install {missing}"
        ) from error
    target = getattr(module, name, None)
    if not callable(target) or (package == "torch" and not (inspect.isclass(target) and _is_torchs(target))):
        kind = "optimizer class" if package == "torch" else "factory"
        raise UsageError(f"{home or package} has no {kind} {name}", f"Write {package}:package.Name, as it is imported.")
    return target


def _is_torchs(target: type) -> bool:
    optim = sys.modules.get("torch.optim")
    return optim is not None and issubclass(target, optim.Optimizer)


def _is_optaxs(target: Any) -> bool:
    return (getattr(target, "__module__", "") or "").partition(".")[0] == "optax"


def _path(target: Any) -> str:
    """Where something is imported from, as shortly as possible."""
    parts, name = target.__module__.split("."), target.__qualname__
    homes = (".".join(parts[:count]) for count in range(1, len(parts)))
    home = next((one for one in homes if getattr(sys.modules.get(one), name, None) is target), target.__module__)
    return f"{home}.{name}"


def _rule(package: str, target: Callable, name: str) -> UpdateRule:
    numbers, kinds, groups = _hyperparameters(package, target)
    ranges: dict[str, Any] = {key: bool if kind is bool else ANY for key, kind in kinds.items() if key != "lr"}
    short = name.rpartition(".")[2].rpartition(":")[2]
    title = f"{name.partition(':')[2].partition('.')[0]} {short}" if package else short
    formula = Foreign(
        unwritten, None, (), (), tuple(numbers), package=package, method=name, looks="gradient",
        target=target, kinds=tuple(kinds.items()), groups=tuple(groups.items()),
    )  # fmt: skip
    return UpdateRule(
        name=name,
        title=title,
        year=9999,
        reference=f"{target.__module__}.{target.__qualname__}",
        text=f"Makes the steps of {target.__module__}.{target.__qualname__}.",
        equation="",
        variants={"theirs": (formula,)},
        defaults={"theirs": numbers},
        family="solver",
        ranges=ranges,
        whole=tuple(key for key, kind in kinds.items() if kind is int),
        aliases={"learning_rate": "lr"},
        module=__name__,
    )


def _hyperparameters(package: str, target: Callable) -> tuple[dict[str, Any], dict[str, type], Mapping[str, tuple]]:
    """The numbers that a target takes with their defaults, their types, and which of them it takes as one tuple."""
    parameters = [*inspect.signature(target).parameters.values()]
    parameters = parameters[{"torch": 1, "": 3}.get(package, 0) :]
    numbers: dict[str, Any] = {}
    kinds: dict[str, type] = {}
    groups: dict[str, tuple] = {}
    for one in parameters:
        name = "lr" if one.name == "learning_rate" else one.name
        if name in MEANINGLESS or (name == "lr" and one.default is None):  # what finds its own rate is left to do so
            continue
        default = LR if name == "lr" and not isinstance(one.default, int | float) else one.default
        if isinstance(default, bool | int | float):
            # A whole number of an lr, a decay or a bound is a number as any other.
            is_count = type(default) is int and default > 1
            numbers[name], kinds[name] = default, bool if isinstance(default, bool) else int if is_count else float
        elif default is None and OPTIONAL.search(str(one.annotation)):
            numbers[name], kinds[name] = 0.0, type(None)
        elif isinstance(default, tuple) and all(isinstance(each, int | float) for each in default):
            stem = "beta" if name == "betas" else f"{name}_"
            groups[name] = tuple(f"{stem}{k}" for k in range(1, 1 + len(default)))
            numbers |= dict(zip(groups[name], map(float, default), strict=True))
            kinds |= dict.fromkeys(groups[name], float)
    return numbers, kinds, groups
