"""``list``, ``show``, ``help`` and ``cache``."""

import json
import re
import subprocess
import sys

import pytest

from optviz import __version__, units
from tests.functions.classics import OF_EACH_KIND

KINDS = list(units.KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_list_names_every_unit_in_the_registry_s_order(inside, kind):
    names = units.registry(kind).names()
    units_alone = inside("list", kind).out.partition("\n\n")[0]
    assert [line.split()[0] for line in units_alone.splitlines()] == names
    assert inside("list", kind, "--quiet").out.split() == names
    document = json.loads(inside("list", kind, "--json").out)
    assert document["schema"] == 1
    assert [unit["name"] for unit in document[kind]] == names
    assert all(unit["title"] and unit["summary"] for unit in document[kind])


@pytest.mark.thin(8)
@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in units.registry(kind).names()])
def test_show_prints_every_unit(inside, kind, name):
    shown = inside("show", name, "--kind", kind)
    assert shown.code == 0
    assert not shown.err
    assert units.registry(kind)[name].title in shown.out.splitlines()[0]
    document = json.loads(inside("show", name, "--kind", kind, "--json").out)
    assert (document["schema"], document["kind"], document["name"]) == (1, kind, name)


def test_show_tells_an_optimizer_s_formula_defaults_variants_and_reference(inside):
    shown = inside("show", "adam").out
    assert "m̂ / (√v̂ + ε)" in shown
    assert "arXiv:1412.6980" in shown
    variants = re.findall(r"^(\w+) +2: m, v +(l2|decoupled)", shown, re.MULTILINE)
    assert variants == [("paper", "l2"), ("torch", "l2"), ("optax", "decoupled"), ("keras", "decoupled")]
    (header,) = [line for line in shown.splitlines() if line.startswith("hyperparameter")]
    (eps,) = [line for line in shown.splitlines() if line.startswith("eps")]
    assert dict(zip(header.split()[1:], eps.split()[1:], strict=True)) == {
        "torch": "1e-08",
        "keras": "1e-07",
        "paper": "1e-08",
        "optax": "1e-08",
    }


RULE = """
from optviz.optimizers import optimizer

@optimizer(title="Shown from a file", year=2026, defaults={"paper": {"lr": 0.1}})
def shown_from_a_file(x, g, lr):
    return x - lr * g
"""


def test_a_rule_in_a_file_has_its_passport(tmp_path):
    (tmp_path / "mine.py").write_text(RULE)
    for name, words in (("shown_from_a_file", "hyperparameter  paper"), ("shown_from_a_file(lr=0.2)", "lr  0.2")):
        command = [sys.executable, "-m", "optviz", "show", f"mine.py:{name}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
        assert done.stdout.startswith("Shown from a file (optimizer ") and words in done.stdout


def test_optimizers_are_listed_with_their_sets(inside):
    from optviz.optimizers import SETS, members

    _, below, last = inside("list", "optimizers").out.split("\n\n")
    rows = [re.split("  +", line) for line in below.splitlines()]
    assert rows == [[name, str(len(members(name))), one.text] for name, one in SETS.items()]
    assert last == "Optimizers of other libraries run beside these: optviz list contenders\n"
    sets = json.loads(inside("list", "optimizers", "--json").out)["sets"]
    assert sets == {name: {"text": one.text, "optimizers": members(name)} for name, one in SETS.items()}
    functions = json.loads(inside("list", "functions", "--json").out)["sets"]
    assert "booth" in functions["@classic"]["functions"] and functions["@valley"]["text"]
    assert "sets" not in json.loads(inside("list", "schedules", "--json").out)


def test_an_optimizer_shows_its_passport(inside):
    shown = inside("show", "AdamW").out
    for fact in ("https://arxiv.org/abs/1711.05101", "torch.optim.AdamW", "family     adam", "2: m, v  decoupled"):
        assert fact in shown
    table = shown.partition("(measured over 20 steps")[2].partition("\n\n")[0].splitlines()[1:]
    header, *rows = (re.split("  +", line) for line in table)
    document = json.loads(inside("show", "adamw", "--json").out)
    assert header == ["change", *document["passport"]] == ["change", "paper", "torch", "optax", "keras"]
    for change, *words in rows:
        measured = [facts["invariances"][change] for facts in document["passport"].values()]
        assert words == ["yes" if one else "no" for one in measured]
    assert "with every option 3: v, b, q" in inside("show", "rmsprop").out
    assert "other names  heavy-ball, sgdm\n" in inside("show", "heavy_ball").out


def test_show_takes_an_optimizer_with_numbers_apart(inside):
    text = "lookahead(adam(lr=cosine(0.1), weight_decay=0.1), k=6)"
    shown = inside("show", text)
    assert shown.code == 0
    for fact in (
        f"Lookahead Adam, cosine lr (optimizer {text})\n",
        "Lookahead (wrapper lookahead): every k steps: s",
        "  k      6\n  alpha  0.5\n",
        "Adam (optimizer adam, variant torch): m ",
        "  lr            cosine(0.1)\n",
        "Cosine (schedule cosine) of lr: final",
        "state         3: m, v, slow\nweight decay  l2\n",
    ):
        assert fact in shown.out
    document = json.loads(inside("show", text, "--json").out)
    assert (document["kind"], document["rule"], document["wrappers"]) == ("optimizers", "adam", ["lookahead"])
    assert document["hyperparameters"]["k"] == 6 and document["schedules"] == {"lr": "cosine(0.1)"}
    assert document["state"] == ["m", "v", "slow"] and document["invariances"]["sign of a coordinate"]


def test_show_takes_a_schedule_with_numbers(inside):
    assert inside("show", "Cosine(0.1, warmup=5%)").out.startswith("cosine(0.1, warmup=5%)\n\nCosine (schedule cosine)")
    document = json.loads(inside("show", "cosine(0.1)", "--json").out)
    assert (document["kind"], document["written"], document["parameters"]["final"]) == ("schedules", "cosine(0.1)", 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["adam("], "the optimizer 'adam(' ends where a value should stand."),
        (["adam(beta1=2)"], "adam: beta1 is 2. It must be a number in [0, 1)."),
        (["adma(beta1=0.5)"], "unknown optimizer 'adma'. Did you mean 'adam'?"),
        (["sphere(2)", "--kind", "functions"], "functions are not written with numbers in brackets."),
    ],
)
def test_show_refuses_what_is_half_written(inside, words, said):
    shown = inside("show", *words)
    assert (shown.code, shown.out) == (2, "") and shown.err.startswith(f"error: {said}")


def test_show_tells_a_function_s_formula_bounds_and_minimizers(inside):
    shown = inside("show", "rosenbrock").out
    for fact in ("(1 − x)²", "bounds", "(-2.048, 2.048)", "minimizers", "(1, 1)", "hazards", "1960"):
        assert fact in shown


def test_functions_say_in_how_many_dimensions_they_exist(inside):
    lines = [re.split("  +", line) for line in inside("list", "functions").out.splitlines()]
    listed = {line[0]: line[2:] for line in lines}
    assert listed["sphere"] == ["any dimension (2 to 1,000)", "f(x) = Σᵢ xᵢ²"]
    assert listed["booth"] == ["two variables", "f(x, y) = (x + 2y − 7)² + (2x + y − 5)²"]
    for unit in json.loads(inside("list", "functions", "--json").out)["functions"]:
        known = units.registry("functions")[unit["name"]]
        if known.dimension is None and known.name not in OF_EACH_KIND:
            continue
        shown = json.loads(inside("show", unit["name"], "--kind", "functions", "--json").out)
        general = known.general
        assert unit["dimensions"] == shown["dimensions"]
        assert shown["dimensions"]["least"] == (known.dimension or 2)
        assert shown["dimensions"]["most"] == (known.dimension or (general.most if general else 2))
        assert shown["dimensions"].get("formula") == (general and general.formula)
        assert not {"general", "dimension"} & {*shown}
        said = inside("show", unit["name"], "--kind", "functions").out
        assert said.count("dimension  ") == 1 and "None" not in said
        assert (general is not None) == (f"(2 to {general.most if general else 0:,})\n" in said)
        assert ("two variables\n" in said) == (general is None and known.dimension is None)
        assert known.dimension is None or f"{known.dimension} dimensions\n" in said
        assert not general or all(f"  {part}\n" in said for part in (general.formula, general.reference))
    assert not any(
        "dimensions" in unit for unit in json.loads(inside("list", "optimizers", "--json").out)["optimizers"]
    )


def test_show_suggests_over_all_kinds(inside):
    assert inside("show", "adma").err == (
        "error: nothing is called 'adma'. Did you mean 'adam'? "
        "See: optviz list optimizers|contenders|functions|transforms|schedules|wrappers|networks|datasets|noise"
        "|formats\n"
    )
    assert "Did you mean 'rosenbrock'?" in inside("show", "rosenbrok").err


def test_show_asks_which_where_two_kinds_share_a_name(inside, monkeypatch):
    adam = units.registry("optimizers")["adam"]
    monkeypatch.setitem(units.registry("functions")._units, "adam", adam)
    monkeypatch.setattr(units.registry("functions"), "names", lambda: ["adam"])
    shown = inside("show", "adam")
    assert shown.code == 2
    assert shown.err == "error: 'adam' is one of the optimizers and of the functions. Say which: --kind optimizers\n"


def test_version(inside):
    assert inside("--version").out == f"optviz {__version__}\n"


def test_no_arguments_print_the_help_and_exit_with_2(inside):
    shown = inside()
    assert shown.code == 2
    assert "optviz animate rosenbrock" in shown.out


@pytest.mark.parametrize("command", ["animate", "plot", "basins", "sweep", "swarm", "study", "train", "gallery"])
def test_help_reads_like_a_manual_page(inside, command):
    shown = inside(command, "--help").out
    assert shown == inside("help", command).out
    assert shown.count(f"$ optviz {command}") >= 3
    for heading in ("What runs:", "How it looks:", "Where it goes:", "Examples:"):
        assert f"\n{heading}\n" in shown
    assert "[bold]" not in shown


def test_help_names_every_exit_code(inside):
    shown = inside("help", "exit-codes").out
    assert [int(line.split()[0]) for line in shown.splitlines()] == [0, 1, 2, 3, 101, 129, 130, 143]


def test_cache_commands(inside, monkeypatch):
    from pathlib import Path

    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(Path.cwd() / "kept"))
    folder = Path(inside("cache", "path").out.strip())
    assert folder == Path.cwd() / "kept" / "kernels"
    assert json.loads(inside("cache", "path", "--json").out) == {"schema": 1, "path": str(folder)}
    folder.mkdir(parents=True, mode=0o700)
    (folder / "damaged.kernel").write_bytes(b"not a kernel")
    assert inside("cache", "verify").out == f"0 sound, 1 damaged\n{folder / 'damaged.kernel'}\n"
    assert inside("cache", "clear").out == "removed 1 compiled kernel\n"
    assert json.loads(inside("cache", "verify", "--json").out) == {
        "schema": 1,
        "sound": 0,
        "damaged": [],
        "exposed": [],
    }


def test_a_network_shows_its_options_and_what_is_published_for_it(inside):
    assert "options    hidden = 128, activation = relu, dropout = 0\n" in inside("show", "mlp").out
    shown = inside("show", "cnn").out
    assert "optimizer  epoch 1  epoch 5  epoch 10\n" in shown
    assert "adadelta   46.12%   77.76%   83.75%\n" in shown
    assert "published" not in inside("show", "logreg").out


@pytest.mark.parametrize("words", ["cache", "cache clear", "cache path", "study"])
def test_help_on_every_command_is_the_commands_own(inside, words):
    shown = inside("help", *words.split())
    assert shown.code == 0 and shown.out == inside(*words.split(), "--help").out == inside(*words.split(), "-h").out
    assert f"Usage: optviz {words}" in shown.out


def test_h_is_help_everywhere(inside):
    from optviz.cli._app import COMMANDS

    assert inside("-h").out == inside("--help").out
    for command in COMMANDS:
        assert inside(command, "-h").out == inside(command, "--help").out != ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("animat", "no such command 'animat'. Did you mean 'animate'? See: optviz --help"),
        ("animate saddle --thme dark", "no such option '--thme'. Did you mean '--theme'? See: optviz animate --help"),
        ("cache pth", "no such command 'pth'. Did you mean 'path'? See: optviz cache --help"),
        ("cache path --jsn", "no such option '--jsn'. Did you mean '--json'? See: optviz cache path --help"),
        ("animate saddle --theme drk", "--theme: unknown value 'drk'. Did you mean 'dark'? Choose from: dark, light"),
        ("help cahce", "no help on 'cahce'. Did you mean 'cache'? There is: exit-codes, "),
    ],
)
def test_suggestions_have_one_dialect(inside, line, said):
    done = inside(*line.split())
    assert done.code == 2 and done.err.startswith(f"error: {said}")


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize(
    "line", ["list functions", "list optimizers", "show adam", "show rosenbrock", "help exit-codes"]
)
def test_lines_break_between_words(inside, monkeypatch, line, width):
    whole = inside(*line.split()).out
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    fitted = inside(*line.split()).out
    assert fitted.split() == whole.split()
    assert all(len(row) <= width for row in fitted.splitlines())
