"""The explorer in a real browser: functions, rules, formulas of one's own, commands, links."""

import json
import math
import random
import re
import shlex
import subprocess
import sys

import pytest

from optviz import race
from optviz.formulas.derive import gradient_of
from optviz.formulas.typed_formula import read_formula
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.kernels.cache import COMPILES
from optviz.optimizers import REGISTRY as RULES
from optviz.page.explorer import Explorer
from tests.page.conftest import PHONE

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

READY = "return document.documentElement.dataset.ready !== undefined"
TUNED = "return !document.getElementById('said').textContent.startsWith('Tuning')"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    path.write_text(Explorer().to_html(), "utf-8")
    return path


@pytest.fixture
def opened(browser, page):
    def open_(fragment="", **facts):
        browser.open(page, fragment, **facts)
        browser.until(READY)
        return browser

    yield open_
    assert browser.complaints() == []
    assert browser.requests() == []


def data_of(page):
    text = page.read_text("utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_it_holds_everything_and_is_small(page):
    assert page.stat().st_size <= 600_000
    data = data_of(page)
    plane = {unit.name for unit in FUNCTIONS if unit.dimension is None and len(unit.bounds) == 2}
    assert {one["name"] for one in data["functions"]} == plane
    assert {one["name"] for one in data["optimizers"]} == {
        rule.name for rule in RULES if rule.kind not in ("solver", "matrices", "looks", "products")
    }
    for one in data["optimizers"]:
        shown = {option["variant"] for option in one["options"]}
        assert shown == set(RULES[one["name"]].variants)


def test_rates_are_those_that_the_kernels_find(opened):
    browser = opened("step=300")
    browser.until(TUNED, 60)
    wanted = race("rosenbrock").trajectories
    got = browser.run("return optviz.app.entrants.map((one) => [one.name, one.own.hyper.lr])")
    assert dict(got) == {run.optimizer: run.hyperparameters["lr"] for run in wanted}
    ends = browser.run("return [...optviz.first().results.values()].map((run) => run.values[300])")
    assert ends == pytest.approx([run.values[-1] for run in wanted], rel=1e-9)


def test_another_function_is_chosen(opened):
    browser = opened("step=0")
    browser.find("#pick").click()
    browser.run(
        "const field = document.querySelector('#functions input[placeholder^=search]');"
        "field.value = 'himmel'; field.dispatchEvent(new Event('input'))"
    )
    (cell,) = browser.all("#functions .cell")
    cell.click()
    assert browser.find("#picked").text.startswith("Himmelblau")
    browser.until(TUNED, 60)
    assert len(browser.run("return [...optviz.first().results.keys()]")) == 7
    assert "f=himmelblau" in browser.run("return optviz.app.link")


def test_switching_is_quick(opened):
    browser = opened("step=0")
    browser.until(TUNED, 60)
    took = [
        browser.run(
            "const t = performance.now(); optviz.showFunctions(arguments[0], null); return performance.now() - t", name
        )
        for name in ("ackley", "rastrigin", "booth", "bbob_f10", "langermann")
    ]
    assert sorted(took)[2] < 1500  # far above what is promised, so that a busy machine does not decide


@pytest.mark.parametrize("name", ["adam", "adamw", "schedule_free_sgd", "lion"])
def test_an_optimizer_enters_and_leaves(opened, name):
    browser = opened("step=0&o=sgd")
    browser.find("#pick-rules").click()
    title = RULES[name].title
    cells = "[...document.querySelectorAll('#optimizers .cell')]"
    script = f"return {cells}.find((one) => one.firstChild.textContent === arguments[0])"
    browser.run(script, title).click()
    browser.until(TUNED, 60)
    assert browser.run("return optviz.app.entrants.map((one) => one.name)") == ["sgd", name]
    browser.run(script, title).click()
    assert browser.run("return optviz.app.entrants.map((one) => one.name)") == ["sgd"]


def test_two_functions_side_by_side_share_everything(opened):
    browser = opened("step=100&g=ackley")
    browser.until(TUNED, 60)
    assert browser.run("return optviz.app.scenes.length") == 2
    assert browser.run("return optviz.app.scenes.map((scene) => scene.results.size)") == [7, 7]
    browser.find("#single").click()
    assert browser.run("return optviz.app.scenes.length") == 1


def test_a_formula_of_ones_own(opened):
    browser = opened("step=0")
    browser.find("#pick").click()
    browser.run(
        "document.getElementById('own').value = arguments[0];"
        "document.getElementById('own-bounds').value = '-3,3,-2,2'; document.getElementById('own-draw').click()",
        "(x - 1)**2 + 3*(y + 0.5)**2",
    )
    browser.until(TUNED, 60)
    minimizers = browser.run("return optviz.first().world.global")
    assert minimizers[0] == pytest.approx([1, -0.5], abs=1e-6)
    assert browser.run("return optviz.command()").startswith(
        'optviz animate "(x - 1)**2 + 3*(y + 0.5)**2" --bounds=-3,3,-2,2'
    )


WRONG = [
    "",
    "1",
    "x +",
    "(x",
    "x)",
    "sin x",
    "2x",
    "foo(x)",
    "x.y",
    "x[0]",
    "__import__('os')",
    "x; y",
    "x^2",
    "alert(1)",
    "x = 1",
    "constructor",
    "x**",
    "neg(x)",
    "⁠x",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_formula_is_refused_with_its_place(opened, text):
    browser = opened("step=0&o=sgd")
    told = browser.run(
        "try { optviz.typedFunction(arguments[0]); return null } catch (error) { return [error.message, error.at] }",
        text,
    )
    assert told is not None
    assert 0 <= told[1] <= len(text)


EXPRESSIONS = [
    "(1 - x)**2 + 100*(y - x**2)**2",
    "sin(x)*cos(y) + 0.1*(x**2 + y**2)",
    "exp(-x**2) * y - log(1 + y**2)",
    "sqrt(x**2 + y**2 + 1)",
    "abs(x - y) + max(x, y) - min(2*x, y)",
    "hypot(x, y) ** 3 / (1 + atan2(y, x + 5))",
    "-x**2 + tanh(y)**-2",
    "2**x - x**0.5 * pi",
    "x**y + e",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_typed_formulas_are_those_of_the_package(opened, text):
    browser = opened("step=0&o=sgd")
    value = read_formula(text, {})
    slopes = gradient_of(value)
    draw = random.Random(text)
    points = [(draw.uniform(0.3, 3), draw.uniform(0.3, 3)) for _ in range(50)]
    got = browser.run(
        "const f = optviz.typedFunction(arguments[0]);"
        "return arguments[1].map(([x, y]) => [f.value(x, y), ...f.gradient(x, y)])",
        text,
        points,
    )
    for point, numbers in zip(points, got, strict=True):
        assert numbers == pytest.approx([value(*point), *slopes(*point)], rel=1e-11, abs=1e-12)


def typed(words, folder):
    """The last values of the runs of a command."""
    line = [sys.executable, "-m", "optviz", *words[1 : words.index("-o")], "-q", "-o", "typed.json"]
    subprocess.run(line, cwd=folder, check=True)
    return [run["final_value"] for run in json.loads((folder / "typed.json").read_text())["runs"]]


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("f=beale&o=sgd,adam&adam=lr:0.05,beta1:0.8&sgd=lr:0.01&start=1,1.5", "adam(beta1=0.8, lr=0.05)"),
        ("f=himmelblau&o=rmsprop:keras,adamw", "rmsprop(variant=keras, defaults=keras)"),
        ("f=booth&o=nesterov:keras,adam:paper&adam=schedule:cosine", "cosine("),
        ("f=rosenbrock", "rosenbrock"),
        ("f=%3D(1-x)**2%2B20*abs(y-x*x)%2Bsin(3*x)%40-5,5,-5,5&o=sgd,adam", "--start="),
        ("f=sphere&noise=0.5&seed=3&o=sgd,momentum", "--noise gaussian:0.5"),
    ],
)
def test_the_command_makes_the_same_runs(opened, tmp_path, fragment, said):
    """Typed, it ends where the page's runs end: what the page tunes is tuned alike."""
    browser = opened(f"step=300&{fragment}")
    browser.until(TUNED, 60)
    words = shlex.split(browser.run("return optviz.command()"))
    assert words[:2] == ["optviz", "animate"] and said in " ".join(words)
    ends = browser.run("return [...optviz.first().results.values()].map((run) => [...run.values].slice(-1)[0])")
    assert ends == pytest.approx(typed(words, tmp_path), rel=1e-9)


def test_each_of_two_maps_has_its_command(opened, tmp_path):
    """With the rates of the left one, since they share them."""
    browser = opened("step=300&f=himmelblau&g=beale&o=sgd,adam")
    browser.until(TUNED, 60)
    left, right = (shlex.split(line) for line in browser.run("return optviz.command()").split("\n"))
    assert (left[2], right[2]) == ("himmelblau", "beale") and "lr=" in " ".join(right) and "lr=" not in " ".join(left)
    ends = browser.run("return [...optviz.app.scenes[1].results.values()].map((run) => [...run.values].slice(-1)[0])")
    kept = [(a, b) for a, b in zip(ends, typed(right, tmp_path), strict=True) if a is not None and b is not None]
    assert kept and all(a == pytest.approx(b, rel=1e-6) for a, b in kept)


def test_another_form_of_the_same_rule_takes_its_place(opened):
    browser = opened("step=0&f=beale&o=rmsprop")
    browser.until(TUNED, 60)
    browser.run("document.getElementById('more').click()")
    chooser = browser.find("select[aria-label^='variant and defaults']")
    chooser.find_element("xpath", "option[contains(., 'keras')]").click()
    browser.until(TUNED, 60)
    assert browser.run("return optviz.app.entrants.map((one) => one.hyper.rho)") == [0.9]
    assert "defaults=keras" in browser.run("return optviz.command()")


@pytest.mark.parametrize("fragment", ["f=nonsense", "o=sgd,nonsense", "g=nonsense"])
def test_what_a_link_asks_in_vain_is_named(opened, fragment):
    browser = opened(f"step=0&{fragment}")
    browser.until(TUNED, 60)
    assert "Unknown here: nonsense." in browser.find("#said").text


def test_fragments_of_any_kind_are_survived(opened):
    """A thousand fragments: no error, and no state outside its range."""
    browser = opened("step=0&o=sgd,adam")
    draw = random.Random(14)
    keys = [
        "start",
        "step",
        "off",
        "view",
        "theme",
        "3d",
        "noise",
        "seed",
        "speed",
        "basins",
        "f",
        "g",
        "o",
        "adam",
        "sgd",
        "__proto__",
        "constructor",
        "",
        "%",
        "%E0%A4",
    ]
    values = [
        "",
        "1",
        "-1",
        "NaN",
        "Infinity",
        "1e999",
        "1,2",
        "1,2,3,4",
        "4,3,2,1",
        "dark",
        "x" * 3000,
        "\u2028",
        "%00",
    ]
    values += [
        "lr:1",
        "lr:-1",
        "lr:1e400",
        "beta1:2",
        "schedule:cosine",
        "schedule:x",
        "<script>",
        "a:1,b:2",
        "adam,adam",
    ]
    values += ["adam,adam", "x" * 3000, "=x", "=x**2+y@0,0,0,0"]
    fragments = [
        "&".join(f"{draw.choice(keys)}={draw.choice(values)}" for _ in range(draw.randint(1, 5))) for _ in range(1000)
    ]
    states = browser.run(
        "return arguments[0].map((one) => optviz.readState(one, { ...optviz.limits(), functions: ['rosenbrock'] }))",
        fragments,
    )
    for state in states:
        assert 0 <= (state.get("step") or 0) <= 300
        assert all(math.isfinite(number) for number in (state.get("start") or []) + (state.get("view") or []))
        assert state.get("theme") in (None, "dark", "light")
        assert 0 <= (state.get("noise") or 0) <= 1e6
        for own in state["own"].values():
            assert 0 <= own.get("lr", 0) < 1e301
            assert 0 <= own.get("beta1", 0) < 1
    for fragment in fragments[:40]:
        browser.run("location.hash = arguments[0]", fragment)
    assert browser.run("return optviz.app.entrants.length") >= 1


@pytest.mark.parametrize("size", [(1200, 800), PHONE, (360, 740)])
def test_nothing_overflows(opened, size):
    browser = opened("step=300&g=ackley", size=size, touch=size[0] < 800)
    assert browser.run("return document.documentElement.scrollWidth") <= size[0]
    browser.find("#pick").click()
    assert browser.run("return document.getElementById('functions').getBoundingClientRect().right") <= size[0]
