"""How optimizers that make one step from a gradient are called: torch's classes, optax's, and functions of anybody's.

As `optviz.runs.points.libraries` calls them: each makes one run, and ends by `Enough`.
"""

import functools
import inspect
from typing import Any, NoReturn

import numpy as np

from optviz.errors import OptvizError
from optviz.functions import Function
from optviz.optimizers import Setting, foreign
from optviz.runs.points.evaluations import Enough, Evaluations


def numbers_of(setting: Setting) -> dict[str, Any]:
    """The hyperparameters of a contender as it takes them: whole numbers, switches, several in a tuple."""
    formula, known = foreign(setting), setting.hyperparameters
    kinds = dict(formula.kinds)
    together = {name for _, names in formula.groups for name in names}
    given = {name: _as(kinds[name], known[name]) for name in formula.hyperparameters if name not in together}
    return given | {name: tuple(known[one] for one in names) for name, names in formula.groups}


def _as(kind: type, number: float) -> Any:
    """A number as its taker has it; one that is None unless it is given, where it is 0."""
    return (number or None) if kind is type(None) else kind(number)


def by_torch(
    setting: Setting, function: Function, start: np.ndarray, made: Evaluations, budget: int, seeds: tuple[int, int]
) -> NoReturn:
    """Make a run of a class of torch's."""
    import torch

    with torch.random.fork_rng(devices=[]):  # the user's own draws are left as they are
        torch.manual_seed(int(np.random.SeedSequence(seeds).generate_state(1)[0]))
        x = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
        optimizer = foreign(setting).target([x], **numbers_of(setting))

        def closure() -> Any:
            at = x.detach().numpy()
            value = made.value(at)
            x.grad = torch.from_numpy(made.gradient(at).copy())
            return torch.tensor(value, dtype=torch.float64)

        while True:
            closure()  # for those who do not call it; the same evaluation as that of those who do
            optimizer.step(closure)
            _arrived(made, x.detach().numpy())


def by_optax(
    setting: Setting, function: Function, start: np.ndarray, made: Evaluations, budget: int, seeds: tuple[int, int]
) -> NoReturn:
    """Make a run of one of optax's transformations, in float64."""
    import jax
    import optax

    formula, numbers = foreign(setting), numbers_of(setting)
    if "lr" in numbers and "learning_rate" in inspect.signature(formula.target).parameters:
        numbers["learning_rate"] = numbers.pop("lr")
    # Rates alone are left open, since others may choose what is done.
    rate = {name: numbers.pop(name) for name in ("learning_rate", "lr") if name in numbers}
    with jax.enable_x64(True):
        x = jax.numpy.asarray(start)
        slope = made.gradient(start)
        try:
            begin, step = _compiled(formula.target, tuple(numbers.items()), jax)
            state = begin(rate, x)
            step(rate, slope, state, x)
        except Exception:  # what asks for values itself is not compiled as a whole
            _searching(optax.with_extra_args_support(formula.target(**numbers, **rate)), x, made, jax)
        while True:
            x, state = step(rate, made.gradient(np.asarray(x)), state, x)
            _arrived(made, np.asarray(x))


@functools.lru_cache(16)
def _compiled(target: Any, numbers: tuple[tuple[str, Any], ...], jax: Any) -> tuple[Any, Any]:
    """The state before the first step, and a step, compiled once for all rates: tuning asks for hundreds of runs."""

    def begin(rate: dict[str, Any], x: Any) -> Any:
        return target(**dict(numbers), **rate).init(x)

    def step(rate: dict[str, Any], slope: Any, state: Any, x: Any) -> Any:
        change, state = target(**dict(numbers), **rate).update(slope, state, x)
        return x + change, state

    return jax.jit(begin), jax.jit(step)


def _searching(transformation: Any, x: Any, made: Evaluations, jax: Any) -> NoReturn:
    """Make a run of a transformation that is told values, and may ask for more of them."""
    state = transformation.init(x)
    value_of, ended = _asked(made, jax)
    while True:
        at = np.asarray(x)
        value, slope = made.value(at), jax.numpy.asarray(made.gradient(at))
        more = {"value": jax.numpy.asarray(value), "grad": slope, "value_fn": value_of}
        change, state = transformation.update(slope, state, x, **more)
        if ended:
            raise ended[0]
        x = x + change
        _arrived(made, np.asarray(x))


def _asked(made: Evaluations, jax: Any) -> tuple[Any, list[Enough]]:
    """``value_of(x)``, of which JAX may ask value and gradient inside of compiled searches; and why it must end."""
    ended: list[Enough] = []
    number = jax.ShapeDtypeStruct((), np.float64)

    def counted(ask: Any, instead: Any) -> Any:
        def asked(at: Any) -> Any:
            try:
                return np.asarray(ask(np.asarray(at)), np.float64)
            except Enough as end:  # which would not come through JAX
                ended.append(end)
                return instead(np.asarray(at))

        return asked

    value = counted(made.value, lambda at: np.float64(np.inf))
    gradient = counted(made.gradient, lambda at: np.zeros(at.shape))

    @jax.custom_vjp
    def value_of(at: Any) -> Any:
        return jax.pure_callback(value, number, at)

    def forward(at: Any) -> tuple:
        return value_of(at), at

    def backward(at: Any, slope: Any) -> tuple:
        return (slope * jax.pure_callback(gradient, jax.ShapeDtypeStruct(at.shape, np.float64), at),)

    value_of.defvjp(forward, backward)
    return value_of, ended


def by_steps(
    setting: Setting, function: Function, start: np.ndarray, made: Evaluations, budget: int, seeds: tuple[int, int]
) -> NoReturn:
    """Make a run of a function that makes a step."""
    formula, numbers, x, state = foreign(setting), numbers_of(setting), start.copy(), None
    while True:
        given = formula.target(x.copy(), made.gradient(x), state, **numbers)
        if not isinstance(given, tuple) or len(given) != 2:
            raise OptvizError(
                f"{setting.name} gives {type(given).__name__}", "It must give the next x and the next state."
            )
        after, state = np.asarray(given[0], np.float64), given[1]
        if after.shape != x.shape:
            raise OptvizError(
                f"{setting.name} gives an x of shape {after.shape}", f"It must be of shape {x.shape}, as x."
            )
        x = after
        _arrived(made, x)


def _arrived(made: Evaluations, x: np.ndarray) -> None:
    """Take the next iterate, whose value is known when the next gradient is: an evaluation, as in our own runs."""
    if np.isfinite(x).all():
        made.value(x)
    made.moved(x)
