"""How to use a rule at each door of the package: the command line, Python, torch, optax, Keras, SciPy."""

from collections.abc import Iterator

from generate.markdown import code
from generate.pictures import race_of_rule
from optviz.optimizers import UpdateRule, class_name, configure, refusal

ARRAYS = ("element-wise", "sums")  # kinds whose formulas run in other libraries' arithmetic


def doors(rule: UpdateRule) -> set[str]:
    """Which of torch, optax, Keras and SciPy a rule has a door to, as ``dir(optviz.torch)`` and so on list it."""
    known = {"torch"} if not refusal(rule, "arrays") else set()
    if rule.kind in ARRAYS:
        known |= {"optax", "scipy"}
        if not rule.variants[next(iter(rule.variants))][0].takes_value:
            known.add("keras")
    return known | ({"scipy"} if rule.kind == "looks" else set())


def snippets(rule: UpdateRule) -> Iterator[tuple[str, str, str]]:
    """The heading, the language and the text of each."""
    name, place = rule.name, race_of_rule(rule)
    function = place[0] if place else "rosenbrock"
    if place:
        rest = "" if name == "sgd" else f"sgd,{name}"
        yield "Command line", "sh", f"optviz animate {function} --optimizers {rest or name}\noptviz show {name}"
        yield (
            "Python",
            "python",
            f'import optviz\n\nrun = optviz.minimize("{function}", "{name}", steps=200)\nrun.headline()',
        )
    known, numbers = doors(rule), configure(rule).hyperparameters
    lr = numbers.get("lr")
    named, bare = (f", lr={lr:g}", f"{lr:g}") if lr is not None else ("", "")
    if "torch" in known:
        yield (
            "torch",
            "python",
            (
                "import torch\nimport optviz.torch\n\nmodel = torch.nn.Linear(784, 10)\n"
                f"optimizer = optviz.torch.{class_name(rule)}(model.parameters(){named})"
            ),
        )
    if "optax" in known:
        yield "optax", "python", f"import optviz.optax\n\ntransformation = optviz.optax.{name}({bare})"
    if "keras" in known:
        rate = f"learning_rate={lr:g}" if lr is not None else ""
        yield "Keras", "python", f"import optviz.keras\n\noptimizer = optviz.keras.{class_name(rule)}({rate})"
    if "scipy" in known:
        options = f', options={{"lr": {lr:g}}}' if lr is not None else ""
        yield (
            "SciPy",
            "python",
            (
                "from scipy.optimize import minimize, rosen, rosen_der\nimport optviz.scipy\n\n"
                f"result = minimize(rosen, [-1, 1], jac=rosen_der, method=optviz.scipy.{name}{options})"
            ),
        )


def tabs(rule: UpdateRule) -> Iterator[str]:
    """All of them in tabs."""
    yield "::::{tab-set}"
    for heading, language, text in snippets(rule):
        yield f":::{{tab-item}} {heading}"
        yield from code(text, language)
        yield ":::"
    yield from ("::::", "")
    missing = [name for name in ("torch", "optax", "keras", "scipy") if name not in doors(rule)]
    if missing:
        words = {"torch": "torch", "optax": "optax", "keras": "Keras", "scipy": "SciPy"}
        where = ", ".join(words[one] for one in missing)
        yield f"Not in {where}: a rule of the kind {rule.kind} needs what is not to be had there."
        yield ""
