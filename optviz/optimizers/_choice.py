"""Which optimizers somebody means: sets of them, and one of several that run."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optviz.errors import UnknownNameError, UsageError
from optviz.optimizers._reach import refusal
from optviz.optimizers._rule import REGISTRY, UpdateRule
from optviz.optimizers._setting import Setting, configure
from optviz.registry import suggestion

EVERYWHERE = ("element-wise",)  # kinds of rule that can run wherever there is a loop for rules
CLASSIC, MODERN = 2014, 2020  # the last year of the one, that of Adam, and the first of the other


@dataclass(frozen=True)
class Selection:
    """A set of optimizers, as a sentence and as what it asks of a rule."""

    text: str
    holds: Callable[[UpdateRule], bool]


def _is_classic(rule: UpdateRule) -> bool:
    return rule.kind == "element-wise" and rule.year <= CLASSIC


SETS = {
    "@adam-family": Selection("All whose family is adam.", lambda rule: rule.family == "adam"),
    "@curvature": Selection("All that use second derivatives.", lambda rule: rule.family == "curvature"),
    "@classic": Selection(f"All element-wise rules published up to {CLASSIC}, the year of Adam.", _is_classic),
    "@modern": Selection(f"All published since {MODERN}.", lambda rule: rule.year >= MODERN),
    "@sums": Selection("All that sum over arrays.", lambda rule: rule.kind == "sums"),
    "@matrices": Selection("All that move whole matrices.", lambda rule: rule.kind == "matrices"),
    "@looks": Selection("All that take gradients elsewhere.", lambda rule: rule.kind == "looks"),
    "@products": Selection("All that need Hessian products.", lambda rule: rule.kind == "products"),
    "@solvers": Selection("All that choose their own evaluations.", lambda rule: rule.kind == "solver"),
    "@all": Selection("All.", lambda rule: True),
}


class Member(str):
    """The name of a rule that nobody has named: it belongs to a set, and is left out where it cannot run."""


def members(name: str) -> list[str]:
    """The names of a set's optimizers, in the registry's order; UnknownNameError where there is no such set."""
    if name not in SETS:
        hint = suggestion(name, [*SETS])
        raise UnknownNameError(f"unknown set of optimizers '{name}'", f"{hint}Choose from: {', '.join(SETS)}")
    return [Member(rule.name) for rule in REGISTRY if SETS[name].holds(rule)]


def expanded(optimizers: Iterable[Any]) -> list[Any]:
    """Optimizers with the members of sets in place of these, but for members that are named too or stand before.

    Raises
    ------
    UnknownNameError
        If there is no such set.
    """
    optimizers = list(optimizers)
    kept = {_name(one) for one in optimizers}
    chosen: list[Any] = []
    for one in optimizers:
        if not is_set(one):
            chosen.append(one)
            continue
        added = [name for name in members(one.strip()) if name not in kept]
        kept.update(added)
        chosen += added
    return chosen


def able(optimizers: Iterable[Any], places: Sequence[str], functions: Iterable[Any] = ()) -> list[Any]:
    """Optimizers without those members of sets that cannot run in some places, with a warning that names these.

    Parameters
    ----------
    optimizers : sequence
        From `expanded`.
    places : sequence of str
        As for `optviz.optimizers.check_runs`.
    functions : sequence of Function, optional
        On all of which they are to run.

    Raises
    ------
    UsageError
        If none is left.
    """
    optimizers, functions = list(optimizers), list(functions) or [None]
    words: dict[str, str] = {}
    for one in optimizers:
        if isinstance(one, Member) and REGISTRY[one].kind not in EVERYWHERE:
            setting = configure(one)
            refusals = (refusal(setting, where, function) for where in places for function in functions)
            found = next(filter(None, refusals), None)
            words |= {one: found[0]} if found else {}
    kept = [one for one in optimizers if not (isinstance(one, Member) and one in words)]
    if words and not kept:
        raise UsageError(f"none of these optimizers can run here: {next(iter(words.values()))}", "Name others.")
    if words:
        warnings.warn(f"left out, as they cannot run here: {', '.join(words)}", stacklevel=3)
    return kept


def is_set(optimizer: Any) -> bool:
    """Whether somebody means a set: ``"@classic"``."""
    return isinstance(optimizer, str) and optimizer.lstrip().startswith("@")


def _name(optimizer: Any) -> Any:
    """The registered name of a rule that is given as it is; otherwise nothing."""
    if isinstance(optimizer, str) and optimizer in REGISTRY:
        return REGISTRY[optimizer].name
    return optimizer.name if isinstance(optimizer, UpdateRule) else None


def meant(text: str, settings: Mapping[str, Setting], defaults: str | None, what: str) -> str:
    """The name of the one of several settings that a text means: ``"Adam"``, ``"adam(beta1=0.5)"``.

    Parameters
    ----------
    text : str
    settings : dict of str to Setting
        By name.
    defaults : str or None
        With which they are configured.
    what : str
        What a message calls that which is given for one of them.

    Raises
    ------
    UnknownNameError
        If the text names no optimizer.
    UsageError
        If that one is not among them.
    """
    if text in settings:
        return text
    asked = configure(text, defaults=defaults)
    for name, setting in settings.items():
        if asked.short_text in (setting.short_text, name):
            return name
    raise UsageError(f"{what}: {asked.short_text} does not run here", f"These run: {', '.join(settings)}")
