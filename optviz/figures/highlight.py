"""A theme in which the optimizers that somebody wants to see have colours, and all others are grey."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from optviz.errors import UsageError
from optviz.figures.engine.style import MOST
from optviz.figures.engine.theme import Theme, find
from optviz.registry import folded, suggestion
from optviz.results import Comparison, Race, Study


def themed(result: Any, theme: str, highlight: Sequence[str]) -> Theme:
    """The theme of that name with the highlighted optimizers of a result.

    Raises
    ------
    UnknownNameError
        If there is no such theme.
    UsageError
        If the result has no colours of optimizers, an optimizer is not in it, or too many are named.
    """
    known = _names(result)
    if not known:
        raise UsageError(f"a {type(result).__name__.lower()} has no colours of optimizers", "Leave highlight out.")
    asked = [highlight] if isinstance(highlight, str) else [*highlight]
    spelled = {folded(name): name for name in known}
    chosen = []
    for name in asked:
        if name not in known and folded(name) not in spelled:
            hint = suggestion(name, known)
            raise UsageError(f"highlight names '{name}', which is not in it", f"{hint}In it are: {', '.join(known)}")
        chosen.append(name if name in known else spelled[folded(name)])
    if len(chosen) > MOST:
        raise UsageError(f"highlight names {len(chosen)} optimizers", f"At most {MOST} can be told apart by colour.")
    return replace(find(theme), highlight=tuple(chosen))


def _names(result: Any) -> list[str]:
    """The optimizers that have a colour in a result's pictures."""
    if isinstance(result, Race):
        return [run.optimizer for run in result.trajectories]
    if isinstance(result, Comparison):
        return [*dict.fromkeys(run.optimizer for run in result.runs)]
    return [one.optimizer for one in result.contenders] if isinstance(result, Study) else []
