"""Transforms of test functions on the command line."""

import json
import re

from optviz.transforms import REGISTRY


def test_a_run_takes_a_transform_and_names_its_file_after_it(inside):
    run = inside("plot", "tilted( Rosenbrock, 30)", "--optimizers", "sgd", "--lr", "1e-4", "--steps", "5")
    assert run.out.split()[0] == "tilted-rosenbrock-degrees-30.png"


def test_a_study_takes_transforms_between_names(inside):
    words = ("--functions", "booth,shifted(booth, 1, 2)", "--optimizers", "sgd", "--lr", "0.01")
    document = json.loads(inside("study", *words, "--starts", "3", "--steps", "5", "--json").out)
    assert document["functions"] == ["booth", "shifted(booth, dx=1, dy=2)"]


def test_what_is_wrong_inside_is_said(inside):
    assert "unknown function 'rosenbrok'. Did you mean 'rosenbrock'?" in inside("plot", "tilted(rosenbrok)").err
    assert "degrees is 1000" in inside("plot", "tilted(rosenbrock, 1000)").err


def test_show_and_list(inside):
    assert "tilted(FUNCTION, degrees=30)" in inside("show", "tilted").out
    shown = json.loads(inside("show", "logged(shifted(rosenbrock, 1, 1))", "--json").out)
    assert shown["name"] == "logged(shifted(rosenbrock, dx=1, dy=1))" and shown["kind"] == "functions"
    assert shown["inner"] == "shifted(rosenbrock, dx=1, dy=1)" and shown["dimensions"]["most"] == 1000
    assert inside("list", "transforms", "--quiet").out.split() == REGISTRY.names()


def test_the_source_of_a_transform_is_shown(inside):
    source = inside("show", 'logged(tilted("x**2 + y**2", 90))', "--source").out
    assert "log1p(tilted_formula(x, y))" in source and "_gradient(x, y)" in source and "_hessian(x, y)" in source
    names = re.findall(r"(?m)^def (\w+)\(", inside("show", "logged(beale)", "--source").out)
    assert len(names) == len({*names})


def test_a_formula_is_turned_with_and_without_quotes(inside):
    for text in ('tilted("x**2 + 2*y**2", 30)', "tilted(x**2 + 2*y**2, 30)"):
        out = inside("plot", text, "--optimizers", "sgd", "--lr", "0.01", "--steps", "5", "-o", "a.png").out
        assert out.split()[0] == "a.png"
