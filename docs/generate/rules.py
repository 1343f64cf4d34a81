"""The passport of every rule, and the table of all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generate.markdown import block, code, explorer, page, paragraphs, plain, signed, table, toctree
from generate.pictures import TUNED, Rows, race_of_rule, shown
from generate.snippets import tabs
from generate.sources import of_rules
from optviz.formulas.solver import Solver
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY, SETS, UpdateRule, refusal
from optviz.passport import MEASURED, passport
from optviz.units import TABLES


def pages(told: Mapping[str, Rows]) -> Iterator[tuple[str, str]]:
    """The pages of all rules; `told` are the numbers of their races."""
    rules = list(REGISTRY)
    yield "rules/index.md", page(_index(rules))
    for rule in rules:
        yield f"rules/{rule.name}.md", page(_passport(rule, rules, told))


def _index(rules: Sequence[UpdateRule]) -> Iterator[str]:
    yield from ("# Rules", "")
    yield (
        f"{len(rules)} rules and solvers, in the order of their years. Each page is a passport: the formula, the "
        "numbers of each library, whose code agrees to how many digits, what was measured, and how to use the rule "
        "elsewhere. `optviz list optimizers` and `optviz show NAME` say it in a terminal. "
        "[Where libraries disagree](../../disagree.md) has what differs, side by side."
    )
    yield ""
    rows = [
        (
            f"[{plain(rule.title)}]({rule.name}.md)",
            f"`{rule.name}`",
            rule.kind,
            rule.family,
            str(rule.year),
            plain(rule.equation),
        )
        for rule in rules
    ]
    yield from block("filtered wide", table(("rule", "name", "kind", "family", "year", "update"), rows))
    yield from (
        "Sets that `--optimizers` takes: " + ", ".join(f"`@{name.removeprefix('@')}`" for name in SETS) + ".",
        "",
    )
    yield from toctree(rule.name for rule in rules)


def _passport(rule: UpdateRule, rules: Sequence[UpdateRule], told: Mapping[str, Rows]) -> Iterator[str]:
    yield from (f"# {plain(rule.title)}", "")
    link = f"[{plain(rule.reference)}]({rule.url})" if rule.url else plain(rule.reference)
    yield from block("facts", [f"`{rule.name}` · {rule.kind} · family {rule.family} · {link}"])
    yield from block("equation", [plain(rule.equation)])
    yield from paragraphs(rule.text)
    if race := race_of_rule(rule):
        where = FUNCTIONS[race[0]].title
        yield from shown(f"rule-{rule.name}", f"{plain(rule.title)} on {where}", told.get(f"rule-{rule.name}", ()))
        who = "Both start at one point of" if len(race[1]) > 1 else "On"
        text = f"{who} [{where}](../functions/{race[0]}.md); {TUNED}."
        play = explorer("Play with it in the explorer", *race) + "." if not refusal(rule, "page") else ""
        yield f"{text} {play}"
        yield ""
    yield from ("## Use it", "", *tabs(rule))
    yield from ("## Numbers", "", *_numbers(rule))
    yield from ("## Variants", "", *_variants(rule))
    yield from ("## Formula", "", *_sources(rule))
    yield from _others(rule, rules)


def _numbers(rule: UpdateRule) -> Iterator[str]:
    """Defaults by library, other names, what a state begins with."""
    tables = sorted(rule.defaults, key=(*TABLES, *rule.defaults).index)
    cells = [
        (f"`{name}`", *(signed(rule.defaults[one][name]) if name in rule.defaults[one] else "–" for one in tables))
        for name in rule.hyperparameters
    ]
    if cells:
        yield from table(("default", *tables), cells)
    else:
        yield from ("It has no hyperparameters.", "")
    facts = {
        "also called": ", ".join(f"`{name}`" for name in rule.names),
        "also understood": ", ".join(f"`{theirs}` for `{ours}`" for theirs, ours in rule.aliases.items()),
        "slots that do not begin with 0": ", ".join(
            f"`{name}` with {signed(one)}" for name, one in rule.initial.items()
        ),
        "in torch's checkpoints": ", ".join(
            f"`{ours}` is `{theirs}`" for ours, theirs in rule.keys.get("torch", {}).items()
        ),
        "biases and other vectors": f"move by `{rule.vectors.text}`" if rule.vectors else "",
    }
    for words, value in facts.items():
        if value:
            yield f"- {words}: {value}"
    yield ""


def _variants(rule: UpdateRule) -> Iterator[str]:
    """State, weight decay, whose code agrees, and invariances, for each variant."""
    known = passport(rule)
    heads = ("variant", "state", "weight decay", "checked against", "agrees to")
    yield from block("cards", table(heads, [(f"`{name}`", *_cells(facts)) for name, facts in known.items()]))
    yield from _invariances(known)


def _cells(facts: Mapping[str, Any]) -> tuple[str, ...]:
    state, most = facts["state"], [one for one in facts["largest_state"] if one not in facts["state"]]
    text = ", ".join(f"`{one}`" for one in state) or "none"
    text += f"; with every option {', '.join(f'`{one}`' for one in most)} too" if most else ""
    digits = ", ".join(f"{peer} {count} digits" for peer, count in facts["digits"].items())
    return text, facts["decay"], plain(facts["agrees_with"]) or "its paper", plain(digits) or "–"


def _invariances(known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    changes = [*dict.fromkeys(change for facts in known.values() for change in facts["invariances"])]
    if not changes:
        return
    words = {True: "yes", False: "no", None: "–"}
    yield from (MEASURED, "")
    rows = [(change, *(words[facts["invariances"].get(change)] for facts in known.values())) for change in changes]
    yield from table(("change", *known), rows)


def _sources(rule: UpdateRule) -> Iterator[str]:
    """The text of each formula once, with the variants that it stands for."""
    texts: dict[str, list[str]] = {}
    for variant, formulas in rule.variants.items():
        for formula in formulas:
            parts = [formula.update] + [one for one in (formula.scalars, formula.probe, formula.reported) if one]
            if formula.matrices:
                parts.append(formula.matrices.update)
            texts.setdefault(of_rules(*parts), []).append(variant)
    for text, variants in texts.items():
        if len(texts) > 1:
            yield from (f"Of {', '.join(f'`{name}`' for name in dict.fromkeys(variants))}:", "")
        yield from code(text, "python")
    if isinstance(next(iter(rule.variants.values()))[0], Solver):
        yield from ("It compiles as it is written; `evaluate` is counted.", "")


def _others(rule: UpdateRule, rules: Sequence[UpdateRule]) -> Iterator[str]:
    """The others of its family, and the neighbours in the table."""
    alike = [one for one in rules if one.family == rule.family and one is not rule]
    if alike:
        yield f"The family {rule.family}: " + ", ".join(f"[{plain(one.title)}]({one.name}.md)" for one in alike) + "."
        yield ""
    yield "[All rules](index.md)"
