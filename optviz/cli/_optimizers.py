"""Optimizers and learning rates as they are typed: ``adam(beta1=0.5)``, ``@classic``, ``adam=cosine(0.1)``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from optviz.cli._groups import option
from optviz.cli._read import number, split
from optviz.cli._scripts import from_script, is_script
from optviz.errors import OptvizError, UsageError
from optviz.registry import suggestion
from optviz.units import registry

if TYPE_CHECKING:
    from optviz.optimizers import Setting
    from optviz.schedules import Schedule

SEVERAL = "all|@SET|A,B,C"
AROUND = re.compile(r"(\w+\(\s*)+")  # wrappers, of which the innermost may stand around a rule in a file
MOST = 8  # optimizers in colour, as `optviz.figures.engine.style.MOST`


def optimizers(help: str, default: tuple[str, ...]) -> Any:
    """An option whose value is comma lists of optimizers; it may be repeated."""
    return option(SEVERAL, help, default, read=some, complete=complete_some)


def optimizer(help: str, default: str) -> Any:
    """An option whose value is one optimizer."""
    return option("NAME", help, default, read=one, complete=complete_one)


@contextmanager
def naming(flag: str) -> Iterator[None]:
    """Let what is refused name the option."""
    try:
        yield
    except OptvizError as error:
        if error.problem.startswith(flag):
            raise
        raise type(error)(f"{flag}: {error.problem}", error.remedy) from error


def one(flag: str, text: str) -> str:
    """One optimizer, as it is written; a name alone as it is registered."""
    from optviz.optimizers import configure

    known = registry("optimizers")
    wrappers = AROUND.match(text)
    inside = text[wrappers.end() :] if wrappers else text
    text = text.removesuffix(inside) + from_file(flag, inside) if is_script(inside) else text
    with naming(flag):
        configure(text)
    return known[text].name if text in known else text


def from_file(flag: str, text: str) -> str:
    """The rule in a file, ``my.py:rule(lr=0.1)``, registered, as it is written from now on: ``rule(lr=0.1)``."""
    from optviz.optimizers import UpdateRule, optimizer

    rule, rest = from_script(flag, text)
    if not isinstance(rule, UpdateRule):
        if not callable(rule):
            raise UsageError(f"{flag}: {text} is no optimizer", "Write an update: def rule(x, g, lr=0.1): ...")
        try:
            with naming(flag):
                rule = optimizer(rule)
        except OptvizError:
            raise
        except (TypeError, ValueError) as error:
            problem = f"{flag}: {text} is no optimizer: {error}"
            raise UsageError(problem, "Write an update: def rule(x, g, lr=0.1): return x - lr * g") from error
    return rule.name + rest


def some(flag: str, given: Sequence[str]) -> list[str]:
    """The optimizers of repeated comma lists, with the members of sets; all for ``all``."""
    from optviz.optimizers import expanded, is_set, members

    if [text.strip() for text in given] == ["all"]:
        return members("@all")
    texts = split(flag, given)
    with naming(flag):
        return expanded(text if is_set(text) else one(flag, text) for text in texts)


def settings(flag: str, texts: Sequence[str], defaults: str | None) -> "dict[str, Setting]":
    """The optimizers by the names that they have among each other, with all their numbers."""
    from optviz.optimizers import configure, labelled

    with naming(flag):
        return {one.name: one for one in labelled([configure(text, defaults=defaults) for text in texts])}


def rates(
    given: Sequence[str] | None, chosen: "Mapping[str, Setting]", defaults: str | None
) -> "dict[str, float | Schedule] | float | Schedule | str | None":
    """What ``--lr`` asks for: rates by optimizer, one for all, ``"defaults"``, or None where nothing was given."""
    if not given:
        return None
    if "defaults" in given:
        if len(given) > 1:
            raise UsageError("--lr defaults stands beside another --lr", "Give defaults alone, or learning rates.")
        return "defaults"
    from optviz.formulas.calls import assigned
    from optviz.optimizers import meant

    for_all: float | Schedule | None = None
    by_name: dict[str, float | Schedule] = {}
    for text in given:
        who, value = assigned(text)
        if who is None:
            if for_all is not None:
                raise UsageError("--lr gives a learning rate for all twice", "Give one: --lr 0.05")
            for_all = _rate(value)
            continue
        with naming("--lr"):
            name = meant(who, chosen, defaults, "--lr")
        if name in by_name:
            raise UsageError(f"--lr names '{name}' twice", "Name it once.")
        by_name[name] = _rate(value)
    if for_all is None or not by_name:
        return by_name or for_all
    return {name: for_all for name, one in chosen.items() if "lr" in one.hyperparameters} | by_name


def highlighted(look: dict[str, Any], texts: Sequence[str], defaults: str | None) -> None:
    """Bring the optimizers of ``--highlight`` among a look's options under the names that they run with."""
    from optviz.optimizers import meant

    if "highlight" in look:
        chosen = settings("--optimizers", texts, defaults)
        with naming("--highlight"):
            look["highlight"] = [meant(text, chosen, defaults, "--highlight") for text in look["highlight"]]
            if len(look["highlight"]) > MOST:
                raise UsageError(f"{len(look['highlight'])} optimizers", f"At most {MOST} can be told apart by colour.")


def _rate(text: str) -> "float | Schedule":
    """A learning rate, or a schedule of it."""
    if "(" in text or text in registry("schedules"):
        from optviz import schedules

        with naming("--lr"):
            return schedules.configure(text)
    if hint := suggestion(text, ["defaults"]):
        raise UsageError(f"--lr: '{text}' cannot be used", f"{hint}Give 0.05, adam=0.05 or defaults.")
    value = number("--lr", text)
    if value < 0:
        raise UsageError(f"--lr: '{text}' is below 0", "Example: --lr 0.05")
    return value


def complete_one(incomplete: str) -> list[str]:
    """Optimizers, and wrappers around them, that begin as the last word does."""
    start = incomplete.rpartition("(")[2]
    before = incomplete.removesuffix(start)
    known = [
        *registry("optimizers").names(),
        *registry("contenders").names(),
        *(f"{name}(" for name in registry("wrappers").names()),
    ]
    return [before + name for name in known if name.startswith(start)]


def complete_some(incomplete: str) -> list[str]:
    """Optimizers, wrappers and sets that begin as the last of a comma list does."""
    from optviz.optimizers import SETS

    before, comma, start = incomplete.rpartition(",")
    named = [name for name in ("all", *SETS) if name.startswith(start)]
    return [f"{before}{comma}{name}" for name in (*complete_one(start), *named)]
