"""Every rule as an optimizer of Keras, in the arithmetic of its backend: torch, JAX or TensorFlow.

>>> import keras, numpy as np, optviz.keras
>>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
>>> model.compile(optviz.keras.Lion(learning_rate=1e-3, weight_decay=0.1), "mse")
>>> history = model.fit(np.ones((8, 3)), np.ones((8, 1)), verbose=0)

A class for each rule of single numbers, sums or matrices, plug-ins too; schedules, clipping, averages and saving are
Keras' own.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from optviz.errors import MissingError, UnknownNameError, UsageError, UsageTypeError, shown
from optviz.formulas.formula import ITERATE
from optviz.formulas.matrices import MatrixFormula
from optviz.formulas.philox import bits
from optviz.formulas.rebinding import Engine
from optviz.formulas.stepping import Input, stepped
from optviz.optimizers import REGISTRY, Setting, StepNumbers, UpdateRule, class_name, configure
from optviz.registry import suggestion

try:
    import keras
    from keras import ops
except ImportError as error:
    if find_spec("keras") is None:
        raise MissingError("Keras is not installed", "Install it with a backend: pip install keras torch") from error
    raise MissingError(
        f"Keras' backend is not installed: {error}",
        "Install it, or name another in the variable KERAS_BACKEND before Keras is imported: torch or jax.",
    ) from error


EAGER = keras.backend.backend() == "torch"  # whose steps are made one by one, with numbers that Python knows


def _modules() -> tuple[Any, ...]:
    """Where functions are looked for: first in torch, where some of Keras' round to float32."""
    if EAGER:
        import torch

        return torch.linalg, torch, torch.special
    return (ops,)


def _signs(count: int, t: Any) -> Any:
    """1 or -1 for each of so many elements at a step."""
    if EAGER:
        return 2.0 * bits(np.arange(count, dtype=np.uint32), np.uint32(t), np.uint32) - 1.0
    word = lambda number: ops.convert_to_tensor(number, "uint32")
    return 2.0 * ops.cast(bits(ops.arange(count, dtype="uint32"), ops.cast(t, "uint32"), word), "float32") - 1.0


KERAS = Engine(
    "Keras",
    ops.is_tensor,
    _modules(),
    lambda value, like: ops.convert_to_tensor(value, like.dtype),
    lambda condition, then, other: ops.cond(condition != 0, then, other),
    _signs,
)
KINDS = ("element-wise", "sums", "matrices")
# What the base class of Keras is told beside a rule's hyperparameters.
BASE: tuple[str, ...] = (
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
)
BASE += ("loss_scale_factor", "gradient_accumulation_steps", "name")

# Of the matrices of a model, those that a rule for matrices moves as vectors, in Keras' words.
EXCLUDED: dict[str, Any] = {"exclude_layers": None, "exclude_embeddings": True}

__all__ = ["Rule"]


class Rule(keras.optimizers.Optimizer):
    """What the classes of all rules have in common; they are attributes of this module: ``optviz.keras.Lion``.

    Parameters
    ----------
    learning_rate : float or schedule of Keras, optional
        By default the rule's own.
    weight_decay : float, optional
        Where the rule has no form of its own, Keras' decoupled one.
    defaults, variant : str, optional
        See `optviz.optimizers.configure`: by default Keras' formula and numbers where the rule has them.
    **hyperparameters
        The rule's, by any name that they have, and what every optimizer of Keras takes: ``clipnorm``, ``use_ema``. A
        rule for matrices moves variables of two axes, but for embeddings, unless ``exclude_embeddings=False``, and for
        those whose path holds one of the patterns ``exclude_layers``; all others are moved as it moves vectors.

    Raises
    ------
    UsageError, UsageTypeError
        If a hyperparameter is unknown, out of range or of the wrong type.
    """

    rule: UpdateRule

    def __init__(
        self,
        learning_rate: Any = None,
        weight_decay: float | None = None,
        *,
        defaults: str | None = None,
        variant: str | None = None,
        **hyperparameters: Any,
    ):
        base = {name: hyperparameters.pop(name) for name in BASE if name in hyperparameters}
        matrices = self.rule.kind == "matrices"
        excluded = {name: hyperparameters.pop(name, usual) for name, usual in EXCLUDED.items() if matrices}
        if matrices:
            excluded["exclude_layers"] = _patterns(self.rule.name, excluded["exclude_layers"])
            if not isinstance(excluded["exclude_embeddings"], bool):
                given = shown(excluded["exclude_embeddings"])
                raise UsageTypeError(f"{self.rule.name}: exclude_embeddings is {given}", "Give True or False.")
        if defaults is None and variant is None and "keras" in self.rule.defaults:
            defaults = "keras"
        setting = configure(self.rule, defaults=defaults, variant=variant, **hyperparameters)
        has_own = _has_own_decay(setting)
        if weight_decay is None and "weight_decay" in setting.hyperparameters:
            weight_decay = setting.hyperparameters["weight_decay"]
        if "weight_decay" in setting.hyperparameters or has_own:
            setting = setting.replace(weight_decay=(weight_decay or 0) if has_own else 0)
        rate = setting.hyperparameters.get("lr", 1.0) if learning_rate is None else learning_rate
        if isinstance(rate, int | float) and "lr" in setting.hyperparameters:
            setting = setting.replace(lr=rate)
        super().__init__(learning_rate=rate, weight_decay=None if has_own else weight_decay, **base)
        self._setting, self._course = setting, StepNumbers(setting)
        self._given, self._decay, self._excluded = hyperparameters, weight_decay, excluded

    def build(self, variables: Any) -> None:
        """Make the state of variables."""
        if self.built:
            return
        super().build(variables)
        self._ways = [self._way(variable) for variable in variables]
        self._slots = [
            [self._begun(way, slot, variable) for slot in way.setting.formula.slots]
            for way, variable in zip(self._ways, variables, strict=True)
        ]
        self._before = {name: self.add_variable((), "zeros", name=name) for name in self._course.kept}

    def _begun(self, way: "_Way", slot: str, variable: Any) -> Any:
        """A state slot before the first step."""
        begin, formula = way.setting.initial(slot), way.setting.formula
        shape = formula.own_shape(slot, way.shape)
        if begin == ITERATE:
            made = self.add_variable(way.shape, "zeros", dtype=variable.dtype, name=f"{variable.name}_{slot}")
            made.assign(way.to_rule(ops.convert_to_tensor(variable)))
            return made
        initial = (keras.initializers.Identity if formula.is_square(slot) else keras.initializers.Constant)(begin)
        shape = way.shape if shape is None else shape
        return self.add_variable(shape, initial, dtype=variable.dtype, name=f"{variable.name}_{slot}")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable."""
        self._backend_update_step([gradient], [variable], learning_rate)

    def _backend_update_step(
        self, grads: Sequence[Any], trainable_variables: Sequence[Any], learning_rate: Any
    ) -> None:
        """Move variables together, since sums may be over all of them."""
        inputs: list[Input] = []
        rate = float(learning_rate) if EAGER else ops.convert_to_tensor(learning_rate)
        numbers = self._numbers({"lr": rate})
        places = [self._get_variable_index(variable) for variable in trainable_variables]
        ways, kept = [self._ways[place] for place in places], [self._slots[place] for place in places]
        for way, variable, gradient, slots in zip(ways, trainable_variables, grads, kept, strict=True):
            # Nothing can be decomposed in half precision.
            narrow = way.setting.kind == "matrices" and "16" in variable.dtype
            cast = _to("float32" if narrow else variable.dtype)
            arrays = (variable, gradient, *slots)
            x, g, *state = (cast(ops.stop_gradient(ops.convert_to_tensor(one))) for one in arrays)
            own = numbers[way.setting.beside is not None]
            inputs.append(Input.of(way.setting.formula, way.to_rule(x), way.to_rule(g), state, own, cast=cast))
        after = stepped(inputs, KERAS)
        for way, variable, slots, one, (x, *state) in zip(ways, trainable_variables, kept, inputs, after, strict=True):
            # A rule may give one slot to another as it is, which is to be read before it is written.
            read = (one.x, *one.slots)
            values = [ops.copy(value) if any(value is each for each in read) else value for value in (x, *state)]
            values[0] = way.from_rule(values[0], tuple(variable.shape))
            for target, value in zip((variable, *slots), values, strict=True):
                self.assign(target, ops.cast(value, target.dtype))
        after_it = self._course.after(numbers)
        for name, kept_one in self._before.items():
            self.assign(kept_one, ops.cast(after_it[name], kept_one.dtype))

    def _way(self, variable: Any) -> "_Way":
        """By what a variable is moved, and in which shape."""
        setting, shape = self._setting, tuple(variable.shape)
        if setting.kind != "matrices":
            return _Way(setting.moving(len(shape)), shape, False)
        path = variable.path.lower()
        out = self._excluded["exclude_embeddings"] and "embedding" in path
        out = out or any(re.search(word, variable.path) for word in self._excluded["exclude_layers"] or ())
        if len(shape) == 2 and not out:
            assert isinstance(setting.formula, MatrixFormula)
            turned = not setting.formula.inputs_first
            return _Way(setting, shape[::-1] if turned else shape, turned)
        vectors = setting.moving(1)
        return _Way(vectors, (math.prod(shape),) if vectors.kind == "matrices" and shape else shape, False)

    def _numbers(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What each setting takes at the next step."""
        course, done = self._course, ops.convert_to_tensor(self.iterations)
        if EAGER:
            before = {name: float(one) for name, one in self._before.items()} if int(done) else {}
            return course.at(float(done) + 1, values, before)
        t = ops.cast(done + 1, keras.config.floatx())
        before = {name: ops.convert_to_tensor(one) for name, one in self._before.items()}
        return course.traced(t, values, before, lambda a, b: KERAS.where(done == 0, a, b, t))

    def get_config(self) -> dict[str, Any]:
        """What the optimizer can be made of again."""
        words = {"defaults": self._setting.defaults, "variant": self._setting.variant}
        return super().get_config() | {"weight_decay": self._decay} | words | self._given | self._excluded


def _patterns(rule: str, given: Any) -> list[str] | None:
    """What ``exclude_layers`` holds."""
    if given is None:
        return None
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise UsageTypeError(f"{rule}: exclude_layers is {shown(given)}", 'Give a list of patterns: ["head"].')
    patterns = [*given]
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise UsageTypeError(f"{rule}: exclude_layers holds {shown(pattern)}", "Give patterns as texts.")
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(f"{rule}: exclude_layers holds {shown(pattern)}: {error}", "Mend the pattern.") from error
    return patterns


class _Way(NamedTuple):
    """How a variable is given to a formula: its setting, the shape that it has for it, and whether that is turned."""

    setting: Setting
    shape: tuple[int, ...]
    turned: bool

    def to_rule(self, x: Any) -> Any:
        """A layer's inputs × outputs as the rule has them."""
        return ops.transpose(x) if self.turned else ops.reshape(x, self.shape)

    def from_rule(self, x: Any, shape: tuple[int, ...]) -> Any:
        """And back."""
        return ops.transpose(x) if self.turned else ops.reshape(x, shape)


def _has_own_decay(setting: Setting) -> bool:
    """Whether the formulas of a setting's variant have a weight decay of their own form."""
    formulas = setting.rule.variants[setting.variant]
    return any("weight_decay" in (*one.hyperparameters, *one.scalar_arguments) for one in formulas)


def _to(dtype: str) -> Any:
    """To a variable's precision, where something is a tensor."""
    return lambda given: ops.cast(given, dtype) if ops.is_tensor(given) else given


def _class_of(rule: UpdateRule) -> type[Rule]:
    name = class_name(rule)
    text = f"{rule.title}. {rule.reference}\n\n{rule.text}\n\nSee `optviz.keras.Rule`, and ``optviz show {rule.name}``."
    made = type(name, (Rule,), {"rule": rule, "__doc__": text, "__module__": __name__, "__qualname__": name})
    return keras.saving.register_keras_serializable("optviz")(made)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    rules = {class_name(rule): rule for rule in REGISTRY}
    rule = rules.get(name)
    if rule is None:
        raise _Unknown(f"optviz.keras has no class {name}", f"{suggestion(name, [*rules])}See: dir(optviz.keras)")
    if rule.kind not in KINDS or rule.variants[next(iter(rule.variants))][0].takes_value:
        problem = f"{rule.name} needs more than the gradients that Keras gives an optimizer"
        raise UsageError(problem, "Take one of those that do not: dir(optviz.keras)")
    made = globals()[name] = _class_of(rule)
    return made


class _Unknown(UnknownNameError, AttributeError):
    """A class of no rule."""


def _able() -> list[str]:
    """The names of the classes that there are."""
    return [
        class_name(rule)
        for rule in REGISTRY
        if rule.kind in KINDS and not rule.variants[next(iter(rule.variants))][0].takes_value
    ]


def __dir__() -> list[str]:
    return sorted([*__all__, *_able()])


for _name in _able():  # now, so that a saved model finds them
    __getattr__(_name)
