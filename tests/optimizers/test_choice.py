"""Sets of optimizers against what their sentences say, and one of several settings by what somebody calls it."""

import pytest

from optviz.errors import UnknownNameError, UsageError
from optviz.optimizers import REGISTRY, SETS, SEVEN, configure, expanded, labelled, meant, members


def test_sets_are_what_their_sentences_say():
    said = {
        "All whose family is adam.": lambda rule: rule.family in {"adam"},
        "All element-wise rules published up to 2014, the year of Adam.": lambda rule: (
            rule.kind == "element-wise" and not rule.year > REGISTRY["adam"].year
        ),
        "All that use second derivatives.": lambda rule: rule.family in {"curvature"},
        "All that choose their own evaluations.": lambda rule: rule.kind in {"solver"},
        "All published since 2020.": lambda rule: rule.year + 1 > 2020,
        "All that sum over arrays.": lambda rule: rule.kind in {"sums"},
        "All that move whole matrices.": lambda rule: rule.kind in {"matrices"},
        "All that take gradients elsewhere.": lambda rule: rule.kind in {"looks"},
        "All that need Hessian products.": lambda rule: rule.kind in {"products"},
        "All.": lambda rule: rule is not None,
    }
    families, kinds = (
        ["@adam-family", "@curvature", "@classic", "@modern"],
        ["@sums", "@matrices", "@looks", "@products"],
    )
    assert [*SETS] == [*families, *kinds, "@solvers", "@all"]
    for name, selection in SETS.items():
        holds = said[selection.text]
        assert members(name) == [rule.name for rule in REGISTRY if holds(rule)] == expanded([name])
    assert {*SEVEN} <= {*members("@classic")}
    assert {"adam", "adamw", "nadam", "radam", "amsgrad"} <= {*members("@adam-family")}
    assert {"lion", "adabelief"} <= {*members("@modern")}


def test_sets_add_what_is_not_there():
    classic = members("@classic")
    assert expanded(["Adam", "@classic"]) == ["Adam", *(name for name in classic if name != "adam")]
    assert expanded(["@classic", REGISTRY["sgd"]]) == [*classic[1:], REGISTRY["sgd"]]
    both = expanded(["@classic", "@adam-family", " @all"])
    assert sorted(both) == sorted(REGISTRY.names()) and both[: len(classic)] == classic
    assert expanded(["adam(beta1=0.5)", "@classic"]) == ["adam(beta1=0.5)", *classic]
    assert expanded(["sgd", "sgd"]) == ["sgd", "sgd"]  # for others to refuse


def test_an_unknown_set_is_refused():
    with pytest.raises(UnknownNameError) as refusal:
        expanded(["@clasic"])
    assert str(refusal.value) == (
        "unknown set of optimizers '@clasic'\n"
        "Did you mean '@classic'? Choose from: "
        "@adam-family, @curvature, @classic, @modern, @sums, @matrices, @looks, @products, @solvers, @all"
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("adam", "adam"), ("ADAM", "adam"), ("adam(beta1=0.5)", "adam(beta1=0.5)"),
        ("Adam(beta1=.5)", "adam(beta1=0.5)"),
        ("adam(variant=keras)", "adam(variant=keras)"), ("nag", "nesterov"), ("nesterov(lr=0.1)", "nesterov"),
        ("sgd(momentum=0.9, nesterov=True, lr=0.1)", "nesterov"),
    ],
)  # fmt: skip
def test_one_of_several_by_what_somebody_calls_it(text, name):
    texts = ["adam", "adam(beta1=0.5)", "adam(variant=keras)", "nesterov(lr=0.1)"]
    settings = {one.name: one for one in labelled([configure(one, defaults="torch") for one in texts])}
    assert meant(text, settings, "torch", "lr") == name


@pytest.mark.parametrize("text", ["sgd", "adam", "adam(beta1=0.7)"])
def test_what_does_not_run_is_refused(text):
    settings = {one.name: one for one in labelled([configure("adam", beta1=beta) for beta in (0.5, 0.6)])}
    with pytest.raises(UsageError) as refusal:
        meant(text, settings, None, "lr")
    assert refusal.value.problem == f"lr: {text} does not run here"
    assert refusal.value.remedy == "These run: adam(beta1=0.5), adam(beta1=0.6)"
