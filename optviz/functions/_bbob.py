"""A BBOB function made of its parts, in every instance and dimension."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from optviz.functions import _bbob_forms as forms
from optviz.functions import _bbob_parts as parts
from optviz.functions._bbob_draws import Draw
from optviz.functions._function import Function, function
from optviz.functions._general import General, Point, bound

MOST = 40  # dimensions, as in the benchmark
REFERENCE = "Hansen, Finck, Ros & Auger 2009, INRIA RR-6829, function {}; its instances as in COCO 2.8"

LETTERS = (
    "d is the distance from the optimum, R and Q are rotations, Λ stretches coordinates, T bends them, p is the "
    "squared distance from the bounds, and fₒₚₜ the minimum. Optimum, rotations and minimum belong to the instance."
)

Minimizers = Callable[[dict[str, Any]], Sequence[Point]]


@dataclass(frozen=True)
class Recipe:
    """What a function is made of: parts of `_bbob_parts`, and the numbers of an instance."""

    number: int
    numbers: Callable[[Draw], dict[str, Any]]  # those that are not as usual
    formulas: tuple[tuple[str, Callable], ...]
    core: str  # terms, links or peaks
    aside: str  # fence or funnels
    like: int | None
    minimizers: Minimizers

    @cache  # noqa: B019  recipes live as long as the program
    def names(self, instance: int, n: int) -> dict[str, Any]:
        """What its formulas name in an instance and `n` dimensions."""
        draw = Draw(self.number, instance, n, self.like)
        usual = {
            "N": n,
            "BEST": draw.optimum(),
            "SCALE": 1.0,
            "OFFSET": 0.0,
            "SKEW": (0.0,) * n,
            "WEIGHT": (1.0,) * n,
            "FENCE": 0.0,
            "MINIMUM": draw.minimum,
            "COUNT": float(n),
            "LINKS": n - 1.0,
        }
        slopes = {f"{name}_SLOPE": getattr(parts, f"{part.__name__}_slope") for name, part in self.formulas}
        return usual | dict(self.formulas) | slopes | self.numbers(draw)

    def general_names(self, instance: int, n: int) -> dict[str, Any]:
        names = self.names(instance, n)
        turned, again = "FIRST" in names, "SECOND" in names
        return names | {
            "ENTER": forms.turned if turned else forms.shifted,
            "ENTER_BACK": forms.turned_back if turned else forms.shifted_back,
            "TURN": forms.turned_again if again else forms.kept,
            "TURN_BACK": forms.turned_again_back if again else forms.kept,
            "CORE": getattr(forms, self.core),
            "CORE_SLOPE": getattr(forms, f"{self.core}_slope"),
            "ASIDE": getattr(forms, self.aside),
            "ASIDE_SLOPE": getattr(forms, f"{self.aside}_slope"),
        }

    def plane_names(self, instance: int) -> dict[str, Any]:
        names = self.names(instance, 2)
        plane = {"CORE": getattr(forms, f"plane_{self.core}"), "ASIDE": getattr(forms, f"plane_{self.aside}")}
        same = (1.0, 0.0, 0.0, 1.0)
        return {"FIRST": same, "SECOND": same} | names | plane

    def fields(self, instance: int, general_formula: str) -> dict[str, Any]:
        """What is different in another instance."""
        names = self.plane_names(instance)
        return {
            "minimizers": tuple(self.minimizers(names)),
            "minimum": names["MINIMUM"],
            "general": General(
                formula=general_formula,
                value=forms.value,
                gradient=forms.gradient,
                scratch=2,
                constants=lambda n: self.general_names(instance, n),
                most=MOST,
                # f7, f16 and f23 have more, and their number grows exponentially with n.
                minimizers=lambda n: [self.names(instance, n)["BEST"]],
                minimum=lambda n: names["MINIMUM"],
                reference=REFERENCE.format(self.number),
            ),
        }

    def value(self, instance: int, text: str) -> Callable:
        value = bound(forms.plane, self.plane_names(instance))
        value.__name__, value.__doc__ = f"bbob_f{self.number}", f"{text}\n\n{LETTERS}"
        return value


def the_optimum(names: dict[str, Any]) -> list[Point]:
    return [names["BEST"]]


def bbob(
    number: int,
    title: str,
    text: str,
    *,
    formula: str,
    general: str,
    start: Point,
    hazards: str,
    numbers: Callable[[Draw], dict[str, Any]] = lambda draw: {},
    term: Callable | None = None,
    link: Callable | None = None,
    warp: Callable = parts.straight,
    finish: Callable = parts.plain,
    aside: str = "fence",
    like: int | None = None,
    minimizers: Minimizers = the_optimum,
    traits: Sequence[str] = (),
    continuum: str = "",
    steps: int = 300,
) -> Function:
    """Register function `number` of the benchmark, in its first instance.

    Parameters
    ----------
    number, title, text
        1 to 24, its name without BBOB, and what one sees.
    formula, general : str
        In two variables and in n dimensions, without ``f(x, y) =``; see `LETTERS`.
    start, hazards, traits, continuum, steps
        As for `optviz.functions.function`.
    numbers : function
        ``numbers(draw)``: constants of `_bbob_forms`.
    term, link : function
        What each coordinate or each pair of neighbours adds; without both there are peaks.
    warp, finish : function
        See `_bbob_parts`.
    aside : {"fence", "funnels"}
        What is added at the end.
    like : int
        The function whose random numbers it has, if not its own.
    minimizers : function
        ``minimizers(names)`` in two variables, if there are others than the optimum.
    """
    core = ("TERM", term) if term else ("LINK", link) if link else None
    formulas = (("WARP", warp), ("FINISH", finish), *([core] if core else []))
    kind = "terms" if term else "links" if link else "peaks"
    recipe = Recipe(number, numbers, formulas, kind, aside, like, minimizers)

    @cache
    def instances(k: int) -> Function:
        if k == 1:
            return unit
        fields = recipe.fields(k, f"f(x) = {general}")
        return replace(unit, title=f"{unit.title}, instance {k}", value=recipe.value(k, text), instance=k, **fields)

    unit = function(
        title=f"BBOB f{number}, {title}",
        family="bbob",
        formula=f"f(x, y) = {formula}",
        bounds=((-5.0, 5.0), (-5.0, 5.0)),
        start=start,
        hazards=hazards,
        steps=steps,
        reference=REFERENCE.format(number),
        traits=traits,
        continuum=continuum,
        instances=instances,
        **recipe.fields(1, f"f(x) = {general}"),
    )(recipe.value(1, text))
    return unit
