"""``explain``: what is typed reaches the run, and what it gives is told and written."""

import json

import pytest
from PIL import Image

import optviz
from tests.cli.batch_results import RESULTS
from tests.cli.test_bad_input import refused

USUAL = {"optimizer": "adam", "start": None, "bounds": None, "first": 1, "steps": 5, "lr": None, "seed": 0}
RULE = """
def mine(x, g, m, lr=0.1):
    m = 0.5 * m + g
    return x - lr * m, m
"""


def test_what_is_typed_reaches_the_run(inside, undrawn):
    assert inside("explain", "adam").code == 0
    assert undrawn["explain"] == ((), USUAL | {"function": "rosenbrock", "defaults": None})
    typed = "--function sphere --start 1,2 --steps 2 --first 7 --lr 0.5 --defaults keras --seed 3 --bounds=-1:1,-1:1"
    assert inside("explain", "lookahead(adam(beta1=0.5), k=2)", *typed.split()).code == 0
    assert undrawn["explain"][1] == {
        "optimizer": "lookahead(adam(beta1=0.5), k=2)",
        "function": "sphere",
        "start": (1.0, 2.0),
        "bounds": ((-1.0, 1.0), (-1.0, 1.0)),
        "first": 7,
        "steps": 2,
        "lr": 0.5,
        "defaults": "keras",
        "seed": 3,
    }


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("adam", "adam-explain.png"),
        ("Adam", "adam-explain.png"),
        ("lookahead(adam, k=5)", "lookahead-adam-k-5-explain.png"),
    ],
)
def test_the_file_is_named_for_the_rule(inside, undrawn, rule, name):
    assert inside("explain", rule).out == f"{name}\n"


def test_the_steps_are_told_in_numbers(inside, asked):
    done = inside("explain", "adam", "-o", "a.npz")
    assert done.out == "a.npz\n"
    heading, first, second, *_ = done.err.splitlines()
    assert heading.split()[:2] == ["step", "gradient"] and first.split()[:2] == ["1", "x"] and second.split()[0] == "y"
    assert f"{RESULTS['explain'].columns[0].values[0, 0]:.4g}" in first


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("adma", "RULE: unknown optimizer 'adma'. Did you mean 'adam'?"),
        ("adam(beta7=1)", "RULE: "),
        ("adam --steps 0", "--steps: '0' cannot be used. Give a whole number from 1 to 5."),
        ("adam --steps 6", "--steps: '6' cannot be used"),
        ("adam --first 0", "--first: '0' cannot be used"),
        ("adam --lr fast", "--lr: 'fast'"),
        ("adam --lr sgd=0.1", "--lr"),
        ("adam --function rosenbrok", "rosenbrock"),
        ("adam --size 10x10", "--size"),
        ("adam -o a.csv", "a .csv file holds"),
        ("adam --fps 2", "--fps stands without a moving picture"),
        ("missing.py:rule", "RULE: there is no file 'missing.py'"),
    ],
)
def test_bad_input_is_refused(inside, here, undrawn, line, said):
    done = inside("explain", *line.split())
    refused(done)
    assert said in done.err and not undrawn and not list(here.iterdir())


def test_a_rule_in_a_file(inside, here, undrawn, monkeypatch):
    monkeypatch.setattr(optviz.optimizers.REGISTRY, "_units", dict(optviz.optimizers.REGISTRY._units))
    (here / "my.py").write_text(RULE)
    assert inside("explain", "my.py:mine(lr=0.5)").out == "mine-lr-0-5-explain.png\n"
    assert undrawn["explain"][1]["optimizer"] == "mine(lr=0.5)"
    assert inside("explain", "lookahead(clip(my.py:mine(lr=0.5)), k=2)").code == 0
    assert undrawn["explain"][1]["optimizer"] == "lookahead(clip(mine(lr=0.5)), k=2)"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_theme_and_size_are_heard(inside, asked, here, theme):
    assert inside("explain", "adam", "-o", "a.png", "--size", "1200x1200", "--theme", theme).code == 0
    with Image.open(here / "a.png") as picture:
        assert picture.size == (1200, 1200)
        assert (picture.convert("L").getpixel((2, 2)) > 128) == (theme == "light")


def test_too_small_a_size_leaves_no_file(inside, asked, here):
    done = inside("explain", "adam", "-o", "a.png", "--size", "480x360")
    assert done.code == 2 and "have no room at 480x360" in done.err and not list(here.iterdir())


@pytest.mark.slow
def test_every_ending_is_written_the_same_twice_and_drawn_again(inside, asked, here):
    contents = []
    for stem in ("one", "two"):
        names = [f"{stem}.{ending}" for ending in ("gif", "svg", "pdf", "json", "npz")]
        done = inside("explain", "adam", "-q", *(part for name in names for part in ("-o", name)))
        assert done.out.split() == [f"{stem}.gif", f"{stem}.png", *names[1:]]
        contents.append({name.removeprefix(stem): (here / name).read_bytes() for name in done.out.split()})
    assert contents[0] == contents[1]
    assert inside("draw", "one.npz", "-o", "again.svg", "-o", "again.gif").code == 0
    for ending in (".svg", ".gif", ".png"):
        assert (here / f"again{ending}").read_bytes() == contents[0][ending]
    told = json.loads((here / "one.json").read_text())
    assert told.pop("made")["command"] == ["explain", "adam"]
    assert told == json.loads(json.dumps(RESULTS["explain"].to_dict()))


@pytest.mark.slow
def test_for_real(outside, here):
    (here / "my.py").write_text(RULE)
    for rule in ("adam", "my.py:mine", "lookahead(sgd, k=2)"):
        done = outside("explain", rule, "--json", "-q", "--steps", "2")
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert document["schema"] == 1 and len(document["columns"][0]["values"]) == 2
