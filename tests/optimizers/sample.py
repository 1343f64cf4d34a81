"""A few settings that have everything a kernel's template has to care for, each for one reason.

Templates are the same for every rule: they are tested with these. What differs from rule to rule is the step of an
element, which `tests/cuda/test_elements.py`, `tests/ptx/kernels_elements.py` and
`tests/runs/arrays/test_contract.py` test for every formula.
"""

from collections.abc import Callable

from optviz.optimizers import Setting, configure
from tests.optimizers.driving import PAIRS


def first(wanted: Callable[[Setting], object]) -> Setting:
    """The first rule and variant, in the order of the registry, with what is wanted."""
    element_wise = (
        one for one in (configure(name, variant=variant) for name, variant in PAIRS) if one.kind == "element-wise"
    )
    return next(one for one in element_wise if wanted(one))


SAMPLE = {
    "no slots": first(lambda one: not one.formula.slots),
    "step scalars": first(lambda one: one.formula.table_names and not (one.formula.recursive or one.formula.reported)),
    "recursive scalars": first(lambda one: one.formula.recursive and one.formula.reported is None),
    "begins at x": first(lambda one: "x" in dict(one.formula.initial).values() and one.formula.reported is None),
    "reported": first(lambda one: one.formula.reported is not None),
    "the value": first(lambda one: one.formula.takes_value),
    "wrapped": configure("lookahead(adam, k=2)"),
    "sums": configure("lamb"),
    "sums that are shared": configure("novograd"),
    "decayed": configure("sgd", weight_decay=0.1, decay="cautious"),
    "scheduled": configure("momentum", lr="cosine(0.01, warmup=2)", momentum="linear(0.5, final=0.9)"),
}
WITHOUT_VALUE = {
    label: one for label, one in SAMPLE.items() if not one.formula.takes_value and one.kind == "element-wise"
}
ELEMENT_WISE = {label: one for label, one in SAMPLE.items() if one.kind == "element-wise"}
# The names of their formulas that nothing is put around.
PLAIN = tuple(
    dict.fromkeys(
        one.formula.update.__name__ for one in SAMPLE.values() if one.formula in one.rule.variants[one.variant]
    )
)
