"""What an optimizer is to the rest of optviz: an update rule with its variants, defaults and reference."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from optviz.formulas.formula import Formula, Initial, Scalars, arguments_of, formula_of
from optviz.formulas.looking import completed
from optviz.formulas.matrices import MATRIX, Vectors, matrix_formula_of
from optviz.registry import Registry

FAMILIES = (
    *("plain", "momentum", "adaptive", "adam", "sign", "averaging", "free"),
    *("layerwise", "matrix", "curvature", "solver"),  # of the kinds whose loops see more than one element
)


@dataclass(frozen=True)
class UpdateRule:
    """An optimizer: how it moves one coordinate, with everything needed to name, choose and cite it.

    Attributes
    ----------
    name, title : str
        The registered name (``"adam"``) and the name in pictures (``"Adam"``).
    year : int
        Year of publication; optimizers are listed in this order, solvers behind the others.
    reference : str
        Authors, year, identifier and equation or algorithm.
    url : str
        Where the reference can be read.
    text : str
        The unit's docstring: what the rule does and where libraries disagree.
    equation : str
        The update on one line, for tables.
    family : str
        One of `FAMILIES`.
    variants : dict of str to tuple of Formula
        For each variant its formulas, the smallest first. A formula that lacks a hyperparameter is used only when
        that hyperparameter is off (0 or False).
    defaults : dict of str to dict
        Default hyperparameters as ``paper``, ``torch``, ``keras`` and ``optax`` give them.
    initial : dict of str to float or str
        What state slots of these names begin with in any of the formulas, see `Formula`.
    decay : dict of str to str
        For a variant the form that ``weight_decay`` takes, one of
        `optviz.wrappers.DECAYS`; for others see `decay_of`.
    ranges : dict
        Bounds of hyperparameters that differ from the common vocabulary.
    whole : tuple of str
        Hyperparameters that count something.
    aliases : dict of str to str
        Other libraries' names for this rule's hyperparameters.
    names : tuple of str
        Other names of the rule, in any case.
    becomes : function or None
        ``becomes(given)``: the name of the rule that a library means by this one's name with some hyperparameters, and
        what is left of these.
    oracles : dict of str to str
        Whose code agrees with which variant, as the tests show: ``{"torch": "torch.optim.NAdam"}``.
    keys : dict of str to dict
        What a library's checkpoints call state slots, and step scalars that go on from step to step:
        ``{"torch": {"m": "exp_avg"}}``.
    shapes : dict of str to str
        Of a rule for matrices: the state slots that are square, each with the side of the matrix that it belongs to,
        ``"rows"`` or ``"cols"``. What such a slot begins with is a multiple of the identity.
    vectors : Vectors or None
        Of a rule for matrices: what moves arrays of fewer axes.
    inputs_first : tuple of str
        Of a rule for matrices: the variants whose rows are a layer's inputs, as in Keras; else they are its outputs.
    module : str
        The module that defined it.

    Examples
    --------
    >>> from optviz.optimizers import REGISTRY
    >>> REGISTRY["adam"].kind, REGISTRY["adam"].default("eps", "keras")
    ('element-wise', 1e-07)
    """

    name: str
    title: str
    year: int
    reference: str
    text: str
    equation: str
    variants: dict[str, tuple[Formula, ...]]
    defaults: dict[str, dict[str, float | bool]]
    url: str = ""
    family: str = "plain"
    initial: dict[str, Initial] = field(default_factory=dict)
    decay: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, tuple] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    becomes: Callable | None = None
    oracles: dict[str, str] = field(default_factory=dict)
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    vectors: Vectors | None = None
    inputs_first: tuple[str, ...] = ()
    module: str = ""

    @property
    def kind(self) -> str:
        """Which kind of rule it is, see `Formula.kind`."""
        return next(iter(self.variants.values()))[0].kind

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Every hyperparameter of the rule, in the order of the first default table that names it."""
        return tuple(dict.fromkeys(name for table in self.defaults.values() for name in table))

    def default(self, name: str, table: str) -> float | bool:
        """A default of a table, else of the first of ``paper``, ``torch``, ``keras`` and others that has one."""
        tables = (self.defaults.get(each, {}) for each in (table, "paper", "torch", "keras", *self.defaults))
        return next(known[name] for known in tables if name in known)

    def table_for(self, asked: str) -> str:
        """The first table in which numbers are looked for: the one asked for, where the rule has it."""
        return next(name for name in (asked, "paper", "torch", "keras", *self.defaults) if name in self.defaults)

    def decay_of(self, variant: str) -> str:
        """The form of ``weight_decay``: the rule's own, else Keras's and optax's decoupled one, else torch's L2."""
        return self.decay.get(variant) or ("decoupled" if variant in ("keras", "optax") else "l2")

    def formula(
        self,
        *variants: str,
        scalars: Scalars | None = None,
        reported: Callable | None = None,
        shared: Sequence[str] = (),
        probe: Callable | None = None,
    ) -> Callable[[Callable], Callable]:
        """Decorator: add a formula to each of the named variants, after the smaller ones.

        One whose first arguments are ``X`` and ``G`` is for matrices, see `optviz.formulas.matrices`.
        """

        def add(update: Callable) -> Callable:
            for variant in variants:
                formula: Formula
                if arguments_of(update)[:2] == MATRIX:
                    first = variant in self.inputs_first
                    formula = matrix_formula_of(
                        update, scalars, self.hyperparameters, self.initial, self.shapes, self.vectors, first
                    )
                else:
                    plain = formula_of(update, scalars, self.hyperparameters, self.initial, reported, shared)
                    formula = completed(plain, probe)
                self.variants[variant] = (*self.variants.get(variant, ()), formula)
            return update

        return add

    def for_matrices(
        self, *variants: str, rows: Sequence[str] = (), columns: Sequence[str] = (), shared: Sequence[str] = ()
    ) -> Callable[[Callable], Callable]:
        """Decorator: the formula that moves arrays of two and more axes in the named variants, by default in all.

        Parameters
        ----------
        *variants : str
        rows, columns, shared : sequence of str
            See `Formula`.
        """

        def add(update: Callable) -> Callable:
            for variant in variants or tuple(self.variants):
                self.variants[variant] = tuple(
                    _with_matrices(one, update, rows, columns, shared, self) for one in self.variants[variant]
                )
            return update

        return add

    def derived(self, name: str, *, defaults: Mapping[str, Mapping[str, float | bool]], **facts: Any) -> "UpdateRule":
        """Register a rule with this one's formulas under another name: AdamW is Adam with a weight decay of its own.

        Parameters
        ----------
        name : str
        defaults : dict of str to dict
            What is added to this rule's tables, or takes its place.
        **facts
            Attributes that differ; `text`, `title`, `year`, `reference` and `equation` have to be given.
        """
        tables = {table: self.defaults.get(table, {}) | dict(defaults.get(table, {})) for table in defaults}
        caller = facts.pop("module", self.module)
        own = {"names": (), "becomes": None, "oracles": {}, "module": caller} | facts
        return REGISTRY.add(replace(self, name=name, defaults=tables, variants=dict(self.variants), **own))


def _with_matrices(
    formula: Formula,
    update: Callable,
    rows: Sequence[str],
    columns: Sequence[str],
    shared: Sequence[str],
    rule: UpdateRule,
) -> Formula:
    """A formula, with another one for matrices."""
    known = {*rule.hyperparameters}
    other = formula_of(update, formula.scalars, [*known], rule.initial, None, shared)
    for slot in (*rows, *columns):
        if slot not in other.slots or slot in rule.initial:
            raise TypeError(f"{update.__name__}: {slot} must be a slot that begins with 0")
    if (other.scalar_names, other.hyperparameters) != (formula.scalar_names, formula.hyperparameters):
        raise TypeError(f"{update.__name__}: the step scalars and the hyperparameters must be those of the rule")
    return replace(formula, matrices=replace(other, rows=tuple(rows), columns=tuple(columns), for_matrices=True))


REGISTRY: Registry[UpdateRule] = Registry(
    "optimizer", "optviz.optimizers", order=lambda rule: (rule.kind == "solver", rule.year, rule.name)
)


def optimizer(
    update: Callable | None = None,
    *,
    title: str | None = None,
    year: int = 9999,
    variants: Sequence[str] = ("paper",),
    scalars: Scalars | None = None,
    defaults: Mapping[str, Mapping[str, float | bool]] | None = None,
    reported: Callable | None = None,
    shared: Sequence[str] = (),
    probe: Callable | None = None,
    **facts: Any,
):
    """Decorator: make an update rule of a formula and register it under the function's name.

    The decorated name becomes the `UpdateRule`; further formulas are added with its ``formula`` decorator. Without
    `defaults` the defaults in the formula's signature are taken, so that ``@optimizer`` alone is enough.

    Parameters
    ----------
    update : function
        ``update(x, g, *slots, *scalars, *hyperparameters)``, see `Formula`.
    title, year, defaults
        See `UpdateRule`.
    variants : sequence of str
        The variants that this formula stands for.
    scalars, reported, shared
        See `Formula`.
    probe : function, optional
        The point at which the gradient is taken, where that is not the iterate, of any of the update's arguments but
        the value: ``probe(x, g, lr)``, or ``probe(x, v, momentum)`` where no gradient at the iterate is needed.
    **facts
        ``reference``, ``equation``, ``url``, ``family``, ``initial``, ``decay``, ``ranges``, ``aliases``, ``names``,
        ``becomes``, ``oracles``, ``keys``, ``whole`` and what a rule for matrices has besides, see `UpdateRule`.

    Returns
    -------
    UpdateRule
    """

    def register(update: Callable) -> UpdateRule:
        if defaults is None:
            parameters = inspect.signature(update).parameters.values()
            usual = {one.name: one.default for one in parameters if one.default is not one.empty}
        rule = UpdateRule(
            name=update.__name__,
            title=title or update.__name__,
            year=year,
            text=inspect.cleandoc(update.__doc__ or ""),
            variants={},
            defaults={name: dict(table) for name, table in (defaults or {"paper": usual}).items()},
            module=update.__module__,
            **{"reference": "", "equation": ""} | facts,
        )
        rule.formula(*variants, scalars=scalars, reported=reported, shared=shared, probe=probe)(update)
        return REGISTRY.add(rule)

    return register if update is None else register(update)
