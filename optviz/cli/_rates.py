"""What ``--lr`` means."""

from collections.abc import Sequence

from optviz.cli import _names, _options
from optviz.errors import UsageError
from optviz.registry import suggestion


def rates(given: Sequence[str] | None, optimizers: Sequence[str] | None) -> dict[str, float] | float | str | None:
    """What ``--lr`` asks for.

    Parameters
    ----------
    given : sequence of str or None
        ``NAME=LR``, ``LR`` for all, or the word ``defaults``.
    optimizers : sequence of str or None
        The optimizers that run; None for the usual seven.

    Returns
    -------
    dict of str to float, float, "defaults" or None
        Rates by optimizer, one rate for all, or what was asked for; None where nothing was.
    """
    if not given:
        return None
    if "defaults" in given:
        if len(given) > 1:
            raise UsageError("--lr defaults stands beside another --lr", "Give defaults alone, or learning rates.")
        return "defaults"
    for_all: float | None = None
    by_name: dict[str, float] = {}
    for text in given:
        name, equals, value = text.rpartition("=")
        if not equals:
            if for_all is not None:
                raise UsageError("--lr gives a learning rate for all twice", "Give one: --lr 0.05")
            for_all = _rate(text)
            continue
        if name in by_name:
            raise UsageError(f"--lr names '{name}' twice", "Name it once.")
        _names.registry("optimizers")[name]
        if optimizers and name not in optimizers:
            raise UsageError(f"--lr: {name} does not run here", f"These run: {', '.join(optimizers)}")
        by_name[name] = _rate(value)
    if for_all is None or not by_name:
        return by_name or for_all
    from optviz.optimizers import SEVEN

    return dict.fromkeys(optimizers or SEVEN, for_all) | by_name


def _rate(text: str) -> float:
    hint = suggestion(text, ["defaults"])
    if hint:
        raise UsageError(f"--lr: '{text}' cannot be used", f"{hint}Give 0.05, adam=0.05 or defaults.")
    value = _options.number("--lr", text)
    if value < 0:
        raise UsageError(f"--lr: '{text}' is below 0", "Example: --lr 0.05")
    return value
