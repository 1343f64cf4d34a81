"""Where rules of each kind can run, and the words that refuse them elsewhere."""

from typing import Any

from optviz.errors import UsageError
from optviz.optimizers._lacking import lacking

# Kind of rule and place -> what is wrong, and what to do instead. A pair that is not here runs. Places: "points" (test
# functions), "noise" (on their gradients), "float32", "sweep", "cuda points", "arrays", "cuda arrays", "networks",
# "fleet" (many networks in one kernel call), "explain", "page" (computed by the reader's browser),
# "around" (wrappers and forms of weight decay), "uphill" (maximize) and "schedules". In the words, {name} is the
# optimizer and {function} the test function.
REFUSED: dict[tuple[str, str], tuple[str, str]] = {
    ("sums", "fleet"): ("{name} sums over arrays, for which a network has a device for itself", "Train one at a time."),
    ("matrices", "points"): (
        "{name} moves matrices, and {function} is a function of single numbers",
        "Try it on matrix_regression, on arrays of two axes, or train a network with it.",
    ),
    ("matrices", "cuda points"): ("{name} multiplies matrices on the processor", "Compute on the device cpu."),
    ("matrices", "fleet"): (
        "{name} multiplies matrices, for which a network has a device for itself",
        "Train one at a time.",
    ),
    ("matrices", "explain"): (
        "{name} has no numbers of one coordinate to explain: all of a matrix make each",
        "Explain a rule of single numbers, adam, or see the formula: optviz show {name}",
    ),
    ("matrices", "page"): ("{name} is computed with matrices, which pages do not", "Its path is kept instead."),
    ("matrices", "uphill"): ("{name} goes downhill", "Leave out maximize, or turn the function over."),
    ("matrices", "around"): (
        "{name} moves whole matrices, and wrappers and forms of weight decay are for single numbers",
        "Leave them out; a weight decay of its own it has where optviz show {name} lists one.",
    ),
    ("solver", "cuda points"): ("{name} chooses its own evaluations, one run after the other", "Compute on the CPU."),
    ("solver", "arrays"): (
        "{name} asks for values wherever it likes, and a step of arrays is given one gradient",
        "Give it the function: optviz.minimize or optviz.minimize_many.",
    ),
    ("solver", "networks"): (
        "{name} needs the same function at every evaluation, and the images of a step change",
        "Train with an update rule. What lbfgs finds on all images at once is the optimum of --network logreg --gap.",
    ),
    ("solver", "explain"): (
        "{name} moves the whole point at once, by evaluations of its own choice, and has no columns by coordinate",
        "See its evaluations instead: optviz animate {slug} --optimizers {name}",
    ),
    ("solver", "page"): ("{name} asks for evaluations that the page does not make", "Its stored path is drawn."),
    ("solver", "around"): (
        "{name} chooses its own steps: nothing can be put around it",
        "Leave wrappers and decay out.",
    ),
    ("solver", "schedules"): ("{name} chooses its own steps: a schedule has nothing to scale", "Give numbers."),
    ("solver", "noise"): (
        "{name} needs the same function at every evaluation, and noise changes it",
        "Leave noise out.",
    ),
    ("solver", "float32"): ("{name} computes in float64", "Leave dtype out."),
    ("looks", "fleet"): (
        "{name} takes its gradient at a point of its own, for which a network has a device for itself",
        "Train one at a time.",
    ),
    ("looks", "explain"): (
        "{name} takes its gradient at a point of its own, for which there is no column",
        "Explain a rule of one gradient, adam, or see the formula: optviz show {name}",
    ),
    ("looks", "page"): ("{name} takes its gradient where pages do not look", "Its path is kept instead."),
    ("products", "arrays"): (
        "{name} needs the product of the Hessian and random signs, and a step on arrays is given a gradient",
        "Minimize a function with it, or train a network.",
    ),
    ("products", "fleet"): (
        "{name} needs products with the Hessian, for which a network has a device for itself",
        "Train one at a time.",
    ),
    ("products", "explain"): (
        "{name} needs products with the Hessian, for which there is no column",
        "Explain a rule of gradients alone, or see the formula: optviz show {name}",
    ),
    ("products", "page"): ("{name} needs products with the Hessian", "Its path is kept instead."),
    ("contender", "cuda points"): ("{name} runs in Python, and not on the device cuda", "Compute on the CPU."),
    ("contender", "float32"): ("{name} computes in float64", "Leave out dtype."),
    ("contender", "noise"): ("{name} needs the same function at every look, and noise changes it", "Leave out noise."),
    ("contender", "uphill"): ("{name} goes downhill", "Leave out maximize, or turn the function over."),
    ("contender", "sweep"): ("{name} makes a run after the other, and a sweep is of many thousands",
                             "Sweep one of ours: optviz list optimizers"),
    ("contender", "arrays"): ("{name} asks for evaluations, and a step on arrays is given a gradient",
                              "Use optviz.minimize."),
    ("contender", "networks"): ("{name} needs the same function at every look, and batches change it",
                                "Train with one of ours: optviz list optimizers"),
    ("contender", "explain"): ("{name} is another library's, of which there is no formula",
                               "Explain one of ours: optviz list optimizers"),
    ("contender", "page"): ("{name} runs in Python, and not in a browser", "Its path is drawn as it is."),
    ("contender", "around"): ("{name} chooses its own steps: nothing can be put around it",
                              "Leave out wrappers and weight decay."),
    ("contender", "schedules"): ("{name} chooses its own steps: a schedule has nothing to scale", "Give a number."),
}  # fmt: skip

MATRIX = "matrix points"  # what "points" are on a function of a matrix


def refusal(setting: Any, where: str, function: Any = None) -> tuple[str, str] | None:
    """Why a setting or rule cannot run somewhere and what to do instead, or None where it can."""
    if where == "points" and getattr(function, "matrix", None):
        where = MATRIX
    words = REFUSED.get((setting.kind, where))
    if words is None:
        return lacking(setting, function) if where in ("points", MATRIX) and function is not None else None
    named = {"name": getattr(setting, "plain_name", setting.name), "function": getattr(function, "title", "")}
    named["slug"] = getattr(function, "name", "FUNCTION")
    problem, remedy = (text.format(**named) for text in words)
    return problem, remedy


def check_runs(setting: Any, where: str, function: Any = None) -> None:
    """Refuse a setting, or a rule whatever its numbers, where its kind of rule cannot run.

    Parameters
    ----------
    setting : Setting or UpdateRule
    where : str
        One of the places of `REFUSED`.
    function : Function, optional
        On which it is to run.

    Raises
    ------
    UsageError
    MissingError
        If the library that runs it on test functions is not installed.
    """
    if words := refusal(setting, where, function):
        raise UsageError(*words)
    if where == "points" and setting.kind == "contender":
        setting.formula.check_runs(function)
