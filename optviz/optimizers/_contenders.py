"""Contenders: optimizers of other libraries, which run as they are beside ours, on test functions.

What is ours, and what theirs. L-BFGS, conjugate gradients, Barzilai and Borwein's steps, backtracking, Nelder and
Mead's simplex, compass, pattern and random search and Newton's family are written here: basins, swarms and studies run
them from tens of thousands of starts at once. Of what scipy has besides, Powell's directions, BFGS with its line
search, TNC, COBYLA, COBYQA, SLSQP and the trust regions, a copy would gain nothing: scipy's own runs, in Python, a
start after the other. CMA-ES is pycma's alone.
"""

from collections.abc import Iterator, Sequence

from optviz.errors import UnknownNameError
from optviz.optimizers._elsewhere import elsewhere
from optviz.optimizers._foreign import Foreign, unwritten
from optviz.optimizers._rule import REGISTRY, UpdateRule
from optviz.registry import folded, suggestion

OWN = {"tol": 0.0}  # 0: the library's own
TOLERANCE = {"tol": (0.0, 1.0, True, False)}
SPREAD = {"sigma": 0.25, "popsize": 0.0}


class Contenders:
    """All contenders, by name in any spelling, as `optviz.registry.Registry` has units."""

    def __init__(self, rules: Sequence[UpdateRule]):
        self._rules = {rule.name: rule for rule in rules}
        self._spelled = {folded(name): rule for rule in rules for name in (rule.name, *rule.names)}

    def names(self) -> list[str]:
        """Every name, those that need least of a function first."""
        return [*self._rules]

    def __iter__(self) -> Iterator[UpdateRule]:
        return iter(self._rules.values())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and folded(name) in self._spelled

    def __getitem__(self, name: str) -> UpdateRule:
        """The contender of that name or other name; UnknownNameError where there is none."""
        if name not in self:
            known = {one.lower(): one for one in self._rules}
            hint = suggestion(name, [*known])
            for small, one in known.items():
                hint = hint.replace(f"'{small}'", f"'{one}'")
            raise UnknownNameError(f"unknown contender '{name}'", f"{hint}See: optviz list contenders")
        return self._spelled[folded(name)]


def _scipy(method: str, year: int, looks: str, reference: str, does: str) -> UpdateRule:
    text = f"Runs scipy.optimize.minimize with method={method!r}. ``tol`` is handed on; 0 leaves scipy its own."
    numbers = tuple(OWN)
    formula = Foreign(unwritten, None, (), (), numbers, package="scipy", method=method, looks=looks)
    return UpdateRule(
        name=f"scipy:{method}",
        title=f"SciPy {method}",
        year=year,
        reference=reference,
        text=text,
        equation=does,
        variants={"scipy": (formula,)},
        defaults={"scipy": dict(OWN)},
        family="solver",
        ranges=dict(TOLERANCE),
        module=__name__,
    )


def _cma() -> UpdateRule:
    does = "Draws a population from a normal distribution, and fits its mean and covariance to the best of it."
    text = (
        "Runs pycma. Each generation is a step, and the iterate is the best point so far. ``sigma`` is the first "
        "standard deviation as a share of the view, ``popsize`` the population, 0 for pycma's own number."
    )
    formula = Foreign(unwritten, None, (), (), tuple(SPREAD), package="cma", method="CMA-ES")
    return UpdateRule(
        name="cma",
        title="CMA-ES",
        year=2001,
        reference="Hansen and Ostermeier 2001, Evolutionary Computation 9(2); Hansen 2016, arXiv:1604.00772",
        text=text,
        equation=does,
        variants={"cma": (formula,)},
        defaults={"cma": dict(SPREAD)},
        family="solver",
        ranges={"sigma": (0.0, 100.0, False, True), "popsize": (0.0, 10_000.0, True, True)},
        names=("cma-es", "pycma"),
        module=__name__,
    )


TRUST = "Conn, Gould and Toint 2000, Trust-Region Methods"
CONTENDERS = Contenders(
    (
        _scipy("Nelder-Mead", 1965, "value", "Nelder and Mead 1965", "Walks a simplex downhill."),
        _scipy("Powell", 1964, "value", "Powell 1964", "Searches along a set of directions that it renews."),
        _scipy("COBYLA", 1994, "value", "Powell 1994", "Fits planes to values in a trust region."),
        _scipy("COBYQA", 2022, "value", "Ragonneau 2022", "Fits quadratics to values in a trust region."),
        _scipy("CG", 1969, "gradient", "Polak and Ribière 1969", "Searches along conjugate gradients."),
        _scipy("BFGS", 1970, "gradient", "Broyden, Fletcher, Goldfarb, Shanno 1970",
               "Searches along Newton's direction of a matrix that gradients build."),
        _scipy("L-BFGS-B", 1995, "gradient", "Byrd, Lu, Nocedal and Zhu 1995",
               "Searches along BFGS's direction, made of the last ten gradients."),
        _scipy("TNC", 1984, "gradient", "Nash 1984", "Newton's direction by conjugate gradients that stop early."),
        _scipy("SLSQP", 1988, "gradient", "Kraft 1988", "Solves a least-squares problem for each direction."),
        _scipy("Newton-CG", 1982, "hessian", "Dembo, Eisenstat and Steihaug 1982",
               "Newton's direction by conjugate gradients on the exact Hessian."),
        _scipy("trust-constr", 1999, "hessian", "Byrd, Hribar and Nocedal 1999",
               "Trust region by conjugate gradients, made for constraints."),
        _scipy("trust-ncg", 1983, "hessian", "Steihaug 1983", "Trust region by conjugate gradients."),
        _scipy("trust-krylov", 1999, "hessian", "Gould, Lucidi, Roma and Toint 1999",
               "Trust region by Lanczos's method."),
        _scipy("trust-exact", 1983, "hessian", f"Moré and Sorensen 1983; {TRUST}", "Trust region solved exactly."),
        _scipy("dogleg", 1970, "hessian", "Powell 1970", "Trust region along a broken line; convex functions alone."),
        _cma(),
    )
)  # fmt: skip


def rule_named(name: str) -> UpdateRule:
    """The registered rule of a name, or the contender's; UnknownNameError where there is none."""
    if isinstance(name, str) and name.partition(":")[0] in ("torch", "optax") and ":" in name:
        return elsewhere(name)
    foreign = isinstance(name, str) and (":" in name or name in CONTENDERS) and name not in REGISTRY
    return CONTENDERS[name] if foreign else REGISTRY[name]
