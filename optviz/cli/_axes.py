"""What ``--x``, ``--y`` and ``--set`` of ``optviz sweep`` mean."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from optviz.cli import _options
from optviz.errors import UsageError
from optviz.registry import suggestion

if TYPE_CHECKING:
    from optviz.optimizers import UpdateRule

SCALES = ("log", "linear", "log(1-b)")
TELLING = ("momentum", "beta1", "rho", "lr")  # the first that an optimizer has says most about it beside the other axis


class Axis(NamedTuple):
    """A hyperparameter that varies; without ends or scale with its usual ones."""

    name: str
    ends: tuple[float, float] | None = None
    scale: str | None = None

    def over(self, pixels: int) -> tuple[Any, ...]:
        """The axis as `optviz.sweep` takes it."""
        return self.name, *(self.ends or (None, None)), pixels, *([self.scale] if self.scale else [])


def pair(rule: "UpdateRule", x: str, y: str | None) -> tuple[Axis, Axis]:
    """The two axes of a sweep, different hyperparameters that the optimizer has."""
    if len(rule.hyperparameters) < 2:
        raise UsageError(f"{rule.name} has fewer than two hyperparameters", "Choose another: --optimizer momentum")
    across = _axis(rule, "--x", x)
    if y is None:
        telling = [name for name in TELLING if name in rule.hyperparameters and name != across.name]
        if not telling:
            problem = f"{rule.name} has no momentum, beta1 or rho to lie along y"
            raise UsageError(problem, f"Name another with --y. {_has(rule)}")
        return across, Axis(telling[0])
    upwards = _axis(rule, "--y", y)
    if upwards.name == across.name:
        raise UsageError(f"{across.name} lies along both axes", f"Name another. {_has(rule)}")
    return across, upwards


def fixed(rule: "UpdateRule", given: Sequence[str] | None, axes: Sequence[Axis], defaults: str) -> dict[str, Any]:
    """The hyperparameters of ``--set``, each given once, in range and on no axis."""
    values: dict[str, Any] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set: '{text}' has no value", "Give a name and a number: --set beta2=0.99")
        if name in [axis.name for axis in axes]:
            raise UsageError(f"--set: {name} lies along an axis", "Leave it out, or let another vary.")
        if name in values:
            raise UsageError(f"--set names {name} twice", "Name it once.")
        values[name] = _options.number("--set", value)
    from optviz.optimizers import configure

    configure(rule, defaults=defaults, **values)
    return values


def _axis(rule: "UpdateRule", option: str, text: str) -> Axis:
    """An axis from ``NAME``, ``NAME=LOW:HIGH`` or ``NAME=LOW:HIGH:SCALE``."""
    name, equals, rest = text.partition("=")
    if name not in rule.hyperparameters:
        hint = suggestion(name, [*rule.hyperparameters])
        raise UsageError(f"{option}: {rule.name} has no hyperparameter '{name}'", f"{hint}{_has(rule)}")
    if not equals:
        return Axis(name)
    ends, colon, scale = rest.rpartition(":") if rest.count(":") > 1 else (rest, "", "")
    return Axis(
        name, _options.interval(option, ends), _options.choice(f"{option}: scale", scale, SCALES) if colon else None
    )


def _has(rule: "UpdateRule") -> str:
    return f"It has: {', '.join(rule.hyperparameters)}"
