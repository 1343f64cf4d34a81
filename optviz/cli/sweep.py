"""``optviz sweep``: one optimizer with other hyperparameters at each pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from optviz.cli import _functions, _optimizers, _read
from optviz.cli._groups import command, option
from optviz.cli._options import RunOptions
from optviz.cli._output import PAGE, Look, Output, writes
from optviz.errors import UsageError
from optviz.registry import suggestion
from optviz.units import registry

if TYPE_CHECKING:
    from optviz.optimizers import Setting

SCALES = ("log", "linear", "log(1-b)")
TELLING = ("momentum", "beta1", "rho", "lr")  # the first that an optimizer has says most about it beside the other axis


def _known() -> list[str]:
    return [*dict.fromkeys(name for rule in registry("optimizers") for name in rule.hyperparameters)]


def _hyperparameter(metavar: str, help: str, default: str | None = None) -> Any:
    """An option whose value begins with the name of a hyperparameter of any optimizer."""
    return option(metavar, help, default, complete=_read.completion(_known))


class Axis(NamedTuple):
    """A hyperparameter that varies; without ends or scale with its usual ones."""

    name: str
    ends: tuple[float, float] | None = None
    scale: str | None = None

    def over(self, pixels: int) -> tuple[Any, ...]:
        """The axis as `optviz.sweep` takes it."""
        return self.name, *(self.ends or (None, None)), pixels, *([self.scale] if self.scale else [])


@dataclass
class SweepOptions(RunOptions):
    """What runs in a sweep."""

    optimizer: str = _optimizers.optimizer(
        "Which optimizer, with numbers of its own if need be: adam(variant=keras). optviz list optimizers names them.",
        "momentum",
    )
    x: str = _hyperparameter(
        "NAME[=LOW:HIGH[:SCALE]]",
        "The hyperparameter across, or a number of a wrapper or schedule (lr_warmup), its ends and its scale: log, "
        "linear or log(1-b). Without these: usual ones.",
        "lr",
    )
    y: str | None = _hyperparameter(
        "NAME[=LOW:HIGH[:SCALE]]",
        "The hyperparameter upwards, likewise. Without it: momentum, beta1 or rho, whichever the optimizer has.",
    )
    set: list[str] | None = _hyperparameter(
        "NAME=VALUE",
        "Another hyperparameter, the same everywhere: beta2=0.99, or its schedule: lr=cosine(0.1). Of a formula also a "
        "constant that the optimizer has no hyperparameter of: a=3. May be repeated.",
    )

    def read(self, output: Output) -> dict[str, Any]:  # type: ignore[override]
        """The arguments of the run, ``x`` and ``y`` as `Axis`, hyperparameters of ``--set`` by their names."""
        self.read_one("function")
        asked, defaults = self.read_one("optimizer"), self.read_one("defaults")
        (setting,) = _optimizers.settings("--optimizer", [asked], defaults).values()
        given = _given(self.set)
        constants = {name: given.pop(name) for name in [*given] if self._is_constant(name, setting)}
        with _optimizers.naming("--set"):
            setting = setting.replace(**given)
        axes = _axes(setting, self.x, self.y)
        for axis in axes:
            if axis.name in given and axis.name not in setting.schedules:
                raise UsageError(f"--set: {axis.name} lies along an axis", "Leave it out, or let another vary.")
        typed, self.set = self.set, constants or None  # type: ignore[assignment]
        values = super().read(output) | dict(zip(("x", "y"), axes, strict=True))
        self.set = typed
        return {name: value for name, value in values.items() if name != "bounds"} | given

    def _is_constant(self, name: str, setting: "Setting") -> bool:
        """Whether ``--set`` gives a formula a constant by that name, and the optimizer no hyperparameter."""
        return name not in setting.varying and _functions.is_own(self.function)


@command(
    "Which hyperparameters arrive, how soon, and which diverge.",
    """
    Learning rate and momentum on Rosenbrock; leaves rosenbrock-momentum-sweep.png
        sweep rosenbrock
    The edge of divergence on a quadratic function, with the line that theory draws
        sweep quadratic --x lr=0.001:0.1:log --y momentum=0:0.99:linear -o edge.svg
    Adam's learning rate against beta2, beta1 held at 0.5, with noisy gradients, as numbers
        sweep beale --optimizer adam --y beta2 --set beta1=0.5 --noise gaussian:0.1 -o beale.npz
    """,
    "function optimizer x y set start bounds minimum instance resolution steps tolerance noise defaults seed threads "
    "device",
    "theme size",
    steps={"default": "1000"},
    output=writes(
        "FUNCTION-OPTIMIZER-sweep.png", f".png .svg .pdf .webp .avif, a picture; {PAGE}; .json .npz, the numbers."
    ),
)
def sweep(run: SweepOptions, look: Look, output: Output) -> None:
    """Run one optimizer from one start with other hyperparameters at each pixel.

    The picture shows how many steps each pair of hyperparameters takes to the minimum, which pairs do not arrive and
    which diverge, and the lines that theory draws where it has any. Marked is the best robust pair: that whose slowest
    neighbour is fastest, not the luckiest pixel.

    Prints the paths of the files, one a line; and on standard error that pair with its steps, the shares that arrive
    and diverge, and what theory says.
    """
    arguments = run.read(output)
    x, y, resolution = (arguments.pop(name) for name in ("x", "y", "resolution"))
    from optviz.results import Sweep

    plan = output.plan(Sweep, look, [(f"{run.subject.stem}-{_file_name(arguments['optimizer'])}-sweep.png", None)])
    with output.working("running") as watcher:
        from optviz import drawing
        from optviz.runs.points import sweep as runs
        from optviz.runs.points.needed import sweep_kernels

        wide, high = resolution or drawing.sweep_pixels(plan.look.get("size"))
        subject = run.subject.make(), arguments.pop("optimizer")
        watcher.begin("running")
        with watcher.compiling(sweep_kernels(run.optimizer, run.defaults)):
            result = runs.sweep(*subject, x.over(wide), y.over(high), **arguments, progress=watcher)
    from optviz.results.batch_tables import sweep_rows

    output.deliver(result, plan, lambda: output.note_rows(sweep_rows(result)))


def _file_name(optimizer: str) -> str:
    """An optimizer as part of a file's name: ``"lookahead-adam"``."""
    from optviz.optimizers import configure

    return configure(optimizer).plain_name.replace("(", "-").replace(")", "")


def _axes(setting: "Setting", x: str, y: str | None) -> tuple[Axis, Axis]:
    """The two axes of a sweep, different hyperparameters that the optimizer has."""
    across = _axis(setting, "--x", x)
    if y is None:
        telling = [name for name in TELLING if name in setting.hyperparameters and name != across.name]
        if not telling:
            problem = f"{setting.plain_name} has no momentum, beta1 or rho to lie along y"
            raise UsageError(problem, f"Name another with --y. {_has(setting)}")
        return across, Axis(telling[0])
    upwards = _axis(setting, "--y", y)
    if upwards.name == across.name:
        raise UsageError(f"{across.name} lies along both axes", f"Name another. {_has(setting)}")
    return across, upwards


def _axis(setting: "Setting", flag: str, text: str) -> Axis:
    """An axis from ``NAME``, ``NAME=LOW:HIGH`` or ``NAME=LOW:HIGH:SCALE``."""
    name, equals, rest = text.partition("=")
    if name not in setting.varying:
        hint = suggestion(name, [*setting.varying])
        raise UsageError(f"{flag}: {setting.plain_name} has no hyperparameter '{name}'", f"{hint}{_has(setting)}")
    if not equals:
        return Axis(name)
    ends, colon, scale = rest.rpartition(":") if rest.count(":") > 1 else (rest, "", "")
    interval = _read.interval(flag, ends)
    return Axis(name, interval, _read.choice(SCALES, f"{flag}: scale", scale) if colon else None)


def _given(given: Sequence[str] | None) -> dict[str, Any]:
    """The hyperparameters of ``--set``, numbers and schedules, each given once."""
    values: dict[str, Any] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set: '{text}' has no value", "Give a name and a number: --set beta2=0.99")
        if name in values:
            raise UsageError(f"--set names {name} twice", "Name it once.")
        values[name] = value if "(" in value or value in registry("schedules") else _read.number("--set", value)
    return values


def _has(setting: "Setting") -> str:
    return f"It has: {', '.join(setting.varying)}"
