"""Where rules of each kind can run, and the words that refuse them elsewhere."""

from typing import Any

from optviz.errors import UsageError

# Kind of rule and place -> what is wrong, and what to do instead. A pair that is not here runs. Places: "points" (test
# functions), "cuda points", "arrays", "cuda arrays", "networks", "cuda networks", "fleet" (many networks in one kernel
# call), "explain", "page" (computed by the reader's browser), "around" (wrappers and forms of weight decay) and
# "schedules". In the words, {name} is the optimizer and {function} the test function.
REFUSED: dict[tuple[str, str], tuple[str, str]] = {}


def refusal(setting: Any, where: str, function: Any = None) -> tuple[str, str] | None:
    """Why a setting or rule cannot run somewhere and what to do instead, or None where it can."""
    words = REFUSED.get((setting.kind, where))
    if words is None:
        return None
    named = {"name": getattr(setting, "plain_name", setting.name), "function": getattr(function, "title", "")}
    problem, remedy = (text.format(**named) for text in words)
    return problem, remedy


def check_runs(setting: Any, where: str, function: Any = None) -> None:
    """Refuse a setting, or a rule whatever its numbers, where its kind of rule cannot run.

    Parameters
    ----------
    setting : Setting or UpdateRule
    where : str
        One of the places of `REFUSED`.
    function : Function, optional
        On which it is to run.

    Raises
    ------
    UsageError
    """
    if words := refusal(setting, where, function):
        raise UsageError(*words)
