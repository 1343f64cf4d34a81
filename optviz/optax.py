"""Every rule as a gradient transformation of optax, in JAX's own arithmetic: under ``jit``, ``vmap`` and ``scan``.

>>> import jax, jax.numpy as jnp, optax, optviz.optax
>>> rule = optviz.optax.lion(lr=0.25)
>>> weights = jnp.array([3.0, -2.0])
>>> state = rule.init(weights)
>>> changes, state = rule.update(2 * weights, state, weights)
>>> optax.apply_updates(weights, changes).tolist()
[2.75, -1.75]

A function for each rule by its registered name; `transformation` takes texts, ``"lookahead(adam, k=5)"``. A learning
rate, as any other hyperparameter, may be a schedule of optax's: a function of the number of steps made.
"""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from optviz.errors import MissingError, UnknownNameError, UsageError, UsageTypeError, shown
from optviz.formulas.formula import ITERATE
from optviz.formulas.philox import bits
from optviz.formulas.rebinding import Engine
from optviz.formulas.stepping import Input, stepped
from optviz.optimizers import REGISTRY, Setting, StepNumbers, UpdateRule, configure
from optviz.registry import suggestion

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError as error:
    raise MissingError(f"{error.name} is not installed", "Install both: pip install jax optax") from error

JAX = Engine(
    "JAX",
    lambda given: isinstance(given, jax.Array),
    (jnp, jax.scipy.special, jnp.linalg),
    lambda value, like: jnp.asarray(value, like.dtype),
    lambda condition, then, other: jax.lax.cond(condition != 0, then, other),
    lambda count, t: 2.0 * bits(jnp.arange(count, dtype=jnp.uint32), jnp.uint32(t), jnp.uint32) - 1.0,
)
KINDS = ("element-wise", "sums", "matrices")
REMEDY = "Take a rule that is given a gradient, and no more: dir(optviz.optax)"

__all__ = ["State", "transformation"]


class State(NamedTuple):
    """What a rule keeps from step to step, a tree of arrays.

    Attributes
    ----------
    count : () int32 array
        The steps that have been made.
    slots : dict of str to tree
        The state slots by their names in the formula, each a tree like the parameters; of arrays that have none of that
        name empty.
    scalars : dict of str to () array
        The step scalars of the step before, where the next one needs them; of the rule that moves vectors beside one
        for matrices as ``"vectors_..."``.
    """

    count: Any
    slots: dict[str, Any]
    scalars: dict[str, Any]


def transformation(
    rule: str | UpdateRule | Setting, *, defaults: str | None = None, variant: str | None = None, **hyperparameters: Any
) -> "optax.GradientTransformationExtraArgs":
    """A rule as a gradient transformation.

    Parameters
    ----------
    rule : str, UpdateRule or Setting
        As `optviz.optimizer` takes it, without schedules in its text.
    defaults, variant : str, optional
        See `optviz.optimizers.configure`; by default the rule's own, not optax's.
    **hyperparameters
        Numbers by any name that they have, or schedules: functions of the number of steps made, as optax makes them.
        Counts and switches are numbers of Python's.

    Returns
    -------
    optax.GradientTransformationExtraArgs
        ``update(gradients, state, params, value=loss)``; only some rules need `value`.

    Raises
    ------
    UsageError, UsageTypeError
        As `optviz.optimizers.configure`; or rules of this kind need more than a gradient.
    """
    schedules = {name: given for name, given in hyperparameters.items() if callable(given)}
    # What is being traced, or differentiated, has no value that could be looked at.
    arrays = {name: given for name, given in hyperparameters.items() if isinstance(given, jax.Array)}
    schedules |= {name: (lambda count, given=given: given) for name, given in arrays.items()}
    numbers = {name: given for name, given in hyperparameters.items() if name not in schedules}
    setting = configure(rule, defaults=defaults, variant=variant, **numbers)
    if setting.kind not in KINDS:
        raise UsageError(f"{setting.plain_name} is a rule of {setting.kind}, which needs more than a gradient", REMEDY)
    if setting.schedules:
        name, schedule = next(iter(setting.schedules.items()))
        raise UsageError(
            f"{name} has a schedule, {schedule.text}", "Give one of optax's: lr=optax.cosine_decay_schedule(...)"
        )
    bent = {_own_name(setting, name): schedule for name, schedule in schedules.items()}
    for name in bent:
        if _is_choice(setting, name):
            problem = f"{setting.plain_name}: {name} is the same at every step, and no schedule or traced array"
            raise UsageTypeError(problem, "Give a number of Python's.")
        setting = _switched_on(setting, name)
    return optax.GradientTransformationExtraArgs(
        lambda params: _init(setting, params),
        lambda updates, state, params=None, **more: _update(setting, bent, updates, state, params, more),
    )


def _own_name(setting: Setting, name: str) -> str:
    """Our name of a hyperparameter that a formula has."""
    aliases = {"learning_rate": "lr"} | {key: own for key, own in setting.rule.aliases.items() if isinstance(own, str)}
    own = name if name in setting.varying else aliases.get(name, name)
    if own not in setting.varying:
        hint = suggestion(name, [*setting.varying])
        raise UsageError(
            f"{setting.plain_name} has no hyperparameter '{name}'", f"{hint}It has: {', '.join(setting.varying)}"
        )
    return own


def _is_choice(setting: Setting, name: str) -> bool:
    """Whether a hyperparameter counts something or is a switch, on which the program that is traced depends."""
    _, ranges, whole, own = setting.owner_of(name)
    kind: Any = ranges.get(own)
    return own in whole or kind is bool


def _switched_on(setting: Setting, name: str) -> Setting:
    """The setting with the formula that has a place for a hyperparameter."""
    return setting if setting.hyperparameters.get(name) else setting.replace(**{name: 0.5})


def _init(setting: Setting, params: Any) -> State:
    """The state before the first step."""

    for leaf in jax.tree.leaves(params):
        if not jnp.issubdtype(jnp.result_type(leaf), jnp.floating):
            problem = f"a parameter is {jnp.result_type(leaf)}, and {setting.plain_name} moves floating-point numbers"
            raise UsageTypeError(problem, "Leave others out with optax.masked, or give complex ones as their parts.")

    def begin(slot: str) -> Callable[[Any], Any]:
        def of(array: Any) -> Any:
            moving, array = setting.moving(jnp.ndim(array)), jnp.asarray(array)
            if slot not in moving.formula.slots:
                return jnp.zeros((0,), array.dtype)
            value, own = moving.initial(slot), moving.formula.own_shape(slot, array.shape)
            if value == ITERATE:
                return array.copy()  # whoever donates parameters and state gives no buffer twice
            shape = array.shape if own is None else own
            if moving.formula.is_square(slot):
                return jnp.eye(*shape, dtype=array.dtype) * value
            return jnp.full(shape, value, array.dtype)

        return of

    return State(
        jnp.zeros((), jnp.int32),
        {slot: jax.tree.map(begin(slot), params) for slot in _slots(setting)},
        {name: jnp.zeros(()) for name in StepNumbers(setting).kept},
    )


def _update(
    setting: Setting,
    schedules: Mapping[str, Callable[..., Any]],
    gradients: Any,
    state: State,
    params: Any,
    more: Mapping[str, Any],
) -> tuple[Any, State]:
    """What is to be added to the parameters, and the next state."""
    if params is None:
        raise UsageError(f"{setting.plain_name} needs the parameters", "Give them: update(gradients, state, params)")
    value = more.get("value")
    if setting.formula.takes_value and value is None:
        raise UsageError(
            f"{setting.plain_name} needs the loss", "Give it: update(gradients, state, params, value=loss)"
        )
    _check_state(setting, state)
    values = {name: _number(setting, name, one(state.count)) for name, one in schedules.items()}
    course = StepNumbers(setting)
    numbers = _numbers(course, values, state)
    leaves, tree = jax.tree.flatten(params)
    slopes = tree.flatten_up_to(gradients)
    for x, g in zip(leaves, slopes, strict=True):
        if g is None or jnp.shape(g) != jnp.shape(x):
            what = "None" if g is None else f"of shape {jnp.shape(g)}"
            raise UsageError(
                f"a gradient is {what}, its parameter of shape {jnp.shape(x)}", "Give one for each parameter."
            )
        if jnp.iscomplexobj(g):
            raise UsageTypeError("a gradient is complex, its parameter real", "Take its real part.")
    slots = {name: tree.flatten_up_to(slot) for name, slot in state.slots.items()}
    inputs = []
    for k, (x, g) in enumerate(zip(leaves, slopes, strict=True)):
        moving = setting.moving(jnp.ndim(x))
        arrays = [jnp.asarray(x), jnp.asarray(g), *(slots[name][k] for name in moving.formula.slots)]
        inputs.append(_input(moving, arrays, numbers[moving.beside is not None], value))
    changes = []
    for k, (one, (x, *new)) in enumerate(zip(inputs, stepped(inputs, JAX), strict=True)):
        changes.append((x - one.x).astype(jnp.result_type(leaves[k])))
        for name, slot in zip(one.formula.slots, new, strict=True):
            slots[name][k] = jnp.asarray(slot, slots[name][k].dtype)
    after = {name: tree.unflatten(each) for name, each in slots.items()}
    return tree.unflatten(changes), State(state.count + 1, after, course.after(numbers))


def _slots(setting: Setting) -> dict[str, None]:
    """The state slots that vectors or matrices have, each once."""
    return dict.fromkeys(name for axes in (0, 2) for name in setting.moving(axes).formula.slots)


def _check_state(setting: Setting, state: Any) -> None:
    """Refuse what this rule has not made."""
    if not isinstance(state, State) or state.slots.keys() != _slots(setting).keys():
        raise UsageError(f"the state is not one of {setting.plain_name}", "Take what its init(params) or update gave.")


def _number(setting: Setting, name: str, given: Any) -> Any:
    """What a schedule gave, if it is a number."""
    try:
        shape = jnp.asarray(given).shape
    except TypeError:
        shape = None
    if shape != ():
        what = shown(given) if shape is None else f"an array of shape {shape}"
        raise UsageTypeError(f"{setting.plain_name}: {name} is {what} at a step", "Have the schedule give a number.")
    return given


def _input(moving: Setting, arrays: Sequence[Any], numbers: Mapping[str, Any], value: Any) -> Input:
    """What goes into the step of an array; ``arrays`` are itself, its gradient and its slots."""
    if moving.kind != "matrices":
        return Input.of(moving.formula, arrays[0], arrays[1], arrays[2:], numbers, value)
    # Nothing can be decomposed in half precision; and both sides of a choice have to have the same.
    wide = jnp.promote_types(arrays[0].dtype, jnp.float32)
    x, g, *slots = (each.astype(wide) for each in arrays)
    return Input.of(moving.formula, x, g, slots, numbers, value, functools.partial(_in_precision, wide))


def _in_precision(dtype: Any, number: Any) -> Any:
    """A number of the step; those of Python have that of the arrays beside them."""
    return number.astype(dtype) if isinstance(number, jax.Array) else number


def _numbers(course: StepNumbers, values: Mapping[str, Any], state: State) -> list[dict[str, Any]]:
    """What each setting takes at the next step, whose number is known when it runs."""
    t = (state.count + 1).astype(jnp.result_type(float))
    choose = lambda a, b: jnp.where(state.count == 0, jnp.asarray(a, t.dtype), b)
    return course.traced(t, values, state.scalars, choose)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    if name not in REGISTRY:
        raise _Unknown(
            f"optviz.optax has no rule {name}", f"{suggestion(name, [*REGISTRY.names()])}See: dir(optviz.optax)"
        )
    rule = REGISTRY[name]

    def made(lr: Any = None, **hyperparameters: Any) -> "optax.GradientTransformationExtraArgs":
        return transformation(rule, **({} if lr is None else {"lr": lr}), **hyperparameters)

    setting, kind = configure(rule), inspect.Parameter.POSITIONAL_OR_KEYWORD
    places = {*setting.formula.hyperparameters, *setting.formula.scalar_arguments}  # of what is not off
    # Without counts and switches: what reads the signature would have them traced, as `optax.inject_hyperparams` does.
    own = {
        one: value for one, value in setting.hyperparameters.items() if one in places and not _is_choice(setting, one)
    }
    named = [inspect.Parameter(one, kind, default=value) for one, value in ({"lr": None} | own).items()]
    made.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    made.__qualname__, made.__module__ = name, __name__
    made.__name__, made.__doc__ = name, f"{rule.title}: see `optviz.optax.transformation`, and ``optviz show {name}``."
    return made


class _Unknown(UnknownNameError, AttributeError):
    """A rule that nobody has."""


def __dir__() -> list[str]:
    return sorted([*__all__, *(rule.name for rule in REGISTRY if rule.kind in KINDS)])
