"""How to use a rule at each door of the package: the command line, Python, torch, optax, Keras, SciPy."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import optviz
from generate.markdown import code
from generate.pictures import race_of_rule
from generate.sources import assigned
from optviz.optimizers import UpdateRule, class_name, configure, refusal

WORDS = {"torch": "torch", "optax": "optax", "keras": "Keras", "scipy": "SciPy"}  # of each door


@functools.cache
def kinds(door: str) -> tuple[str, ...]:
    """The kinds of rules that a door lets through, read from its text: its library may not be installed."""
    text = Path(optviz.__file__).with_name(f"{door}.py").read_text("utf-8")
    return assigned(ast.parse(text), "KINDS")


def doors(rule: UpdateRule) -> set[str]:
    """Which of torch, optax, Keras and SciPy a rule has a door to, as ``dir(optviz.torch)`` and so on list it."""
    known = {door for door in ("optax", "keras", "scipy") if rule.kind in kinds(door)}
    if needs_value(rule):
        known.discard("keras")
    return known if refusal(rule, "arrays") else known | {"torch"}


def needs_value(rule: UpdateRule) -> bool:
    """Whether a formula is given the value at the iterate too; solvers ask for it themselves."""
    return getattr(rule.variants[next(iter(rule.variants))][0], "takes_value", False)


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
        # torch's own class of a rule for matrices takes nothing else, and a model has biases.
        made = f'optimizer("{name}", ' if rule.kind == "matrices" else f"{class_name(rule)}("
        yield (
            "torch",
            "python",
            (
                "import torch\nimport optviz.torch\n\nmodel = torch.nn.Linear(784, 10)\n"
                f"optimizer = optviz.torch.{made}model.parameters(){named})"
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
    if missing := [words for door, words in WORDS.items() if door not in doors(rule)]:
        what = (
            "the loss" if missing == ["Keras"] and needs_value(rule) else f"what a rule of the kind {rule.kind} needs"
        )
        yield f"Not in {', '.join(missing)}: {what} is not to be had there."
        yield ""
