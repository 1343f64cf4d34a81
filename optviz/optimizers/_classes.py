"""Rules as classes of other libraries: what they are called there, and the hyperparameters that these take."""

import re
from typing import Any

from optviz.optimizers._numbers import BETAS, default_table
from optviz.optimizers._rule import UpdateRule

OF_TORCH = re.compile(r"torch\.optim\.(\w+)")


def class_name(rule: UpdateRule) -> str:
    """The name of a class that stands for a rule: torch's own where it has one, else the title without its blanks.

    Examples
    --------
    >>> from optviz.optimizers import REGISTRY, class_name
    >>> [class_name(REGISTRY[name]) for name in ("sgd", "nadam", "schedule_free_adamw", "lion")]
    ['SGD', 'NAdam', 'ScheduleFreeAdamW', 'Lion']
    """
    theirs = OF_TORCH.fullmatch(rule.oracles.get("torch", ""))
    if theirs:
        return theirs[1]
    words = re.findall(r"[A-Za-z0-9]+", re.sub("['’]s\\b", "", rule.title))
    return "".join(word[0].upper() + word[1:] for word in words) or rule.name


def class_arguments(rule: UpdateRule, table: str = "") -> dict[str, Any]:
    """The hyperparameters of a rule's class with their defaults: those of a table, and betas together.

    Parameters
    ----------
    rule : UpdateRule
    table : str
        Whose defaults; by default those that everybody else takes.
    """
    chosen = table or default_table(None)
    known: dict[str, Any] = {name: rule.default(name, chosen) for name in rule.hyperparameters}
    betas = [name for name in known if name in BETAS]
    arguments: dict[str, Any] = {}
    for name, value in known.items():
        if len(betas) < 2 or name not in betas:
            arguments[name] = value
        elif name == betas[0]:
            arguments["betas"] = tuple(known[one] for one in betas)
    return arguments | {"weight_decay": known.get("weight_decay", 0.0)}
