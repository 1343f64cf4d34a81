"""Every rule as an optimizer of Keras, in the arithmetic of its backend: torch, JAX or TensorFlow.

>>> import keras, numpy as np, optviz.keras
>>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
>>> model.compile(optviz.keras.Lion(learning_rate=1e-3, weight_decay=0.1), "mse")
>>> history = model.fit(np.ones((8, 3)), np.ones((8, 1)), verbose=0)

A class for each rule of sums or single numbers, plug-ins too; schedules, clipping, averages and saving are Keras' own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from optviz.errors import MissingError, UnknownNameError, UsageError
from optviz.formulas.formula import ITERATE
from optviz.formulas.rebinding import Engine
from optviz.formulas.stepping import Input, stepped
from optviz.optimizers import REGISTRY, Setting, UpdateRule, class_name, configure
from optviz.registry import suggestion

try:
    import keras
    from keras import ops
except ImportError as error:
    raise MissingError("Keras or its backend is not installed", "Install them: pip install keras torch") from error


EAGER = keras.backend.backend() == "torch"  # whose steps are made one by one, with numbers that Python knows


def _modules() -> tuple[Any, ...]:
    """Where functions are looked for: first in torch, where some of Keras' round to float32."""
    if EAGER:
        import torch

        return torch, torch.special
    return (ops,)


KERAS = Engine("Keras", ops.is_tensor, _modules(), lambda value, like: ops.convert_to_tensor(value, like.dtype))
KINDS = ("element-wise", "sums")
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
        The rule's, by any name that they have, and what every optimizer of Keras takes: ``clipnorm``, ``use_ema``.

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
        self._setting: Setting = setting
        self._given, self._decay = hyperparameters, weight_decay

    def build(self, variables: Any) -> None:
        """Make the state of variables."""
        if self.built:
            return
        super().build(variables)
        self._slots: list[list[Any]] = []
        for variable in variables:
            formula, slots = self._formula(variable), []
            for slot in formula.slots:
                begin, shape = self._setting.initial(slot), formula.own_shape(slot, tuple(variable.shape))
                if begin == ITERATE:
                    made = self.add_variable_from_reference(variable, slot)
                    made.assign(ops.copy(variable))
                else:
                    shape = tuple(variable.shape) if shape is None else shape
                    constant = keras.initializers.Constant(begin)
                    made = self.add_variable(shape, constant, dtype=variable.dtype, name=f"{variable.name}_{slot}")
                slots.append(made)
            self._slots.append(slots)
        recursive = self._setting.formula.table_names if self._setting.formula.recursive else ()
        self._before = {name: self.add_variable((), "zeros", name=name) for name in recursive}

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable."""
        self._backend_update_step([gradient], [variable], learning_rate)

    def _backend_update_step(
        self, grads: Sequence[Any], trainable_variables: Sequence[Any], learning_rate: Any
    ) -> None:
        """Move variables together, since sums may be over all of them."""
        setting = self._setting
        inputs: list[Input] = []
        rate = float(learning_rate) if EAGER else ops.convert_to_tensor(learning_rate)
        known = setting.hyperparameters | {"lr": rate}
        scalars = self._scalars(known)
        kept = [self._slots[self._get_variable_index(variable)] for variable in trainable_variables]
        for variable, gradient, slots in zip(trainable_variables, grads, kept, strict=True):
            formula, cast = self._formula(variable), _to(variable.dtype)
            given = [cast(scalars[name]) for name in formula.table_names]
            hyper = [cast(known[name]) for name in formula.hyperparameters]
            values = [ops.stop_gradient(ops.convert_to_tensor(one)) for one in (variable, *slots)]
            inputs.append(Input(formula, values[0], ops.cast(gradient, variable.dtype), values[1:], given, hyper))
        after = stepped(inputs, KERAS)
        for variable, slots, one, results in zip(trainable_variables, kept, inputs, after, strict=True):
            # A rule may give one slot to another as it is, which is to be read before it is written.
            read = (one.x, *one.slots)
            values = [ops.copy(value) if any(value is each for each in read) else value for value in results]
            for target, value in zip((variable, *slots), values, strict=True):
                self.assign(target, ops.cast(value, target.dtype))
        for name, one in self._before.items():
            self.assign(one, ops.cast(scalars[name], one.dtype))

    def _formula(self, variable: Any) -> Any:
        return self._setting.moving(len(variable.shape)).formula

    def _scalars(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """The step scalars of the next step."""
        formula, done = self._setting.formula, ops.convert_to_tensor(self.iterations)
        if EAGER:
            before = {name: float(one) for name, one in self._before.items()} if int(done) else {}
            return formula.step_scalars(float(done) + 1, known, before)
        t = ops.cast(done + 1, keras.config.floatx())
        now = formula.step_scalars(t, known, {})
        if not formula.recursive:
            return now
        later = formula.step_scalars(t, known, {name: ops.convert_to_tensor(one) for name, one in self._before.items()})
        return {name: KERAS.where(done == 0, now[name], later[name], t) for name in now}

    def get_config(self) -> dict[str, Any]:
        """What the optimizer can be made of again."""
        words = {"defaults": self._setting.defaults, "variant": self._setting.variant}
        return super().get_config() | {"weight_decay": self._decay} | words | self._given


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
        raise UsageError(problem, f"Take one of the kinds {' and '.join(KINDS)}: dir(optviz.keras)")
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
