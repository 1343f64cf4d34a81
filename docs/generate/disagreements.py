"""Tables of what libraries do differently, from the rules' variants, defaults and forms of weight decay.

``docs/disagree.md`` includes them.
"""

from collections.abc import Iterator

from generate.markdown import page, plain, signed, table
from generate.sources import of_rules
from optviz.optimizers import REGISTRY, UpdateRule

LIBRARIES = ("paper", "torch", "keras", "optax")


def pages() -> Iterator[tuple[str, str]]:
    """The three tables."""
    yield "disagree/defaults.txt", page(table(("rule", "default", *LIBRARIES), _defaults()))
    yield "disagree/formulas.txt", page(table(("rule", "formulas that differ"), _formulas()))
    yield "disagree/decay.txt", page(table(("rule", "form of `weight_decay`"), _decay()))


def _link(rule: UpdateRule) -> str:
    return f"[{plain(rule.title)}](_generated/rules/{rule.name}.md)"


def _defaults() -> Iterator[tuple[str, ...]]:
    """Numbers of which two libraries have different ones."""
    for rule in REGISTRY:
        for name in rule.hyperparameters:
            values = [rule.defaults.get(library, {}).get(name) for library in LIBRARIES]
            if len({value for value in values if value is not None}) > 1:
                cells = ("–" if value is None else signed(value) for value in values)
                yield _link(rule), f"`{name}`", *cells


def groups(rule: UpdateRule) -> list[list[str]]:
    """The variants of a rule, together where their formulas are the same text."""
    texts: dict[str, list[str]] = {}
    for variant, formulas in rule.variants.items():
        parts = [part for formula in formulas for part in (formula.update, formula.scalars, formula.probe) if part]
        matrices = [formula.matrices.update for formula in formulas if formula.matrices]
        texts.setdefault(of_rules(*parts, *matrices), []).append(variant)
    return [*texts.values()]


def _formulas() -> Iterator[tuple[str, str]]:
    for rule in REGISTRY:
        if len(known := groups(rule)) > 1:
            yield _link(rule), " · ".join(" = ".join(f"`{name}`" for name in one) for one in known)


def _decay() -> Iterator[tuple[str, str]]:
    """Rules whose libraries shrink weights in different ways."""
    from optviz.passport import passport

    for rule in REGISTRY:
        forms: dict[str, list[str]] = {}
        for variant, facts in passport(rule).items():
            forms.setdefault(facts["decay"], []).append(variant)
        if len(forms) > 1:
            yield (
                _link(rule),
                " · ".join(f"{form}: {', '.join(f'`{one}`' for one in who)}" for form, who in forms.items()),
            )
