"""The documentation: a page for everything, links that lead somewhere, code that runs, and nothing from elsewhere."""

import doctest
import inspect
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

import optviz
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as RULES
from optviz.units import KINDS, registry
from tests.optimizers.peers import library
from tests.test_readme import PACKAGES
from tests.test_readme import test_every_documented_command_is_understood as understood

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.append(str(DOCS))  # where Sphinx finds what it writes pages with

import generate  # noqa: E402
from generate import (  # noqa: E402
    adapters,
    commands,
    disagreements,
    installation,
    interface,
    markdown,
    pictures,
    rules,
    snippets,
    sources,
)

TEXTS = {path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}
GUIDES = {path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in sorted(DOCS.glob("guides/*.md"))}
WRITTEN = TEXTS | GUIDES
ELSEWHERE = ("design.md", "loggers.md")  # a formula without its surroundings, and what tests/test_loggers.py runs


@pytest.fixture(scope="module")
def pages():
    """Every generated page by its place."""
    return dict(generate.pages({}, {}))


def test_every_unit_command_and_name_has_a_page(pages):
    places = [f"rules/{rule.name}.md" for rule in RULES] + [f"functions/{unit.name}.md" for unit in FUNCTIONS]
    places += [f"commands/{name.replace(' ', '-')}.md" for name in commands.tree()]
    places += [f"interface/{interface.place(name)}.rst" for name in optviz.__all__ if name != "__version__"]
    assert {*places} <= {*pages}
    for index in ("rules", "functions", "commands", "interface"):  # and can be found
        listed = {place for place in places if place.startswith(f"{index}/")}
        assert {f"{index}/{target}" for target in re.findall(r"\]\((\S+?)\)", pages[f"{index}/index.md"])} >= listed
    units = [unit for kind in KINDS if kind not in interface.OWN_PAGES for unit in registry(kind)]
    assert all(f"| `{unit.name}` |" in pages["interface/units.md"] for unit in units)


@pytest.mark.parametrize("name", interface.names())
def test_every_public_name_has_an_example(name):
    assert ">>> " in getattr(optviz, name).__doc__
    assert interface.heading(name) in interface.ORDER


@pytest.mark.parametrize("name", adapters.INSTALL)
def test_a_door_s_page_says_what_the_door_has(name, pages):
    page = pages[f"interface/{name}.md"]
    needed(name)
    door = library(f"optviz.{name}")
    assert adapters.names(name) == door.__all__
    assert {*re.findall(r"^## (\w+)$", page, flags=re.MULTILINE)} == {*door.__all__} | (
        {"Rules"} if name != "sklearn" else set()
    )
    assert all(f"[`{one}`](../rules/" in page for one in {*dir(door)} - {*door.__all__} if name != "sklearn")
    if name == "sklearn":
        taken = inspect.signature(door.OptvizMLPClassifier).parameters
        assert all(page.count(f"    {one.name}={one.default!r},\n") == 2 for one in taken.values())


def test_every_extra_has_a_purpose(pages):
    assert [*installation.PURPOSES] == [*installation.extras()]
    assert "| `video` | `.mp4` and `.webm` files | av\\>=16 |" in pages["installation/extras.txt"]


def test_a_result_s_page_has_what_it_shares_with_others(pages):
    assert ":inherited-members:" in pages["interface/Race-class.rst"]
    assert ":inherited-members:" not in pages["interface/UsageError-class.rst"]
    rows = dict(
        re.findall(r"^\| \[(\w+)\].*?\| ([^|]*) \|(?: \S+ \|){3}$", pages["interface/tables.txt"], re.MULTILINE)
    )
    assert rows["Race"] == "each step of each optimizer" and rows["Swarm"] == "–"


def test_a_command_s_page_has_all_of_its_help(pages):
    for name, command in commands.tree().items():
        page = pages[f"commands/{name.replace(' ', '-')}.md"]
        for option in command.params:
            if not getattr(option, "hidden", False):
                assert all(flag in page for flag in option.opts if flag.startswith("-"))
                assert markdown.plain(option.help or "") in page
        assert (command.epilog or "") in page
    assert "--former" not in pages["commands/study.md"] and "commands/race.md" not in pages  # what is hidden


def test_a_passport_says_what_is_known(pages):
    page = pages["rules/adamw.md"]
    assert "torch 13 digits" in page and "keras.optimizers.AdamW" in page
    assert "| rotation | no | no | no | no |" in page
    assert "def adam_keras(" in page and "def corrected_rate(" in page and "@optimizer" not in page
    assert "| `weight_decay` | 0.01 | 0.004 | 1e−05 | 0.0001 |" in page
    assert "https://arxiv.org/abs/1711.05101" in page
    assert "(−2.805118087, 3.131312518)" in pages["functions/himmelblau.md"]
    assert "Gradient, written by hand" in pages["functions/himmelblau.md"]


def test_a_unit_from_outside_has_a_passport_without_an_edit(tmp_path, monkeypatch):
    RULES.names()
    monkeypatch.setattr(RULES, "_units", dict(RULES._units))
    (tmp_path / "outside_rule.py").write_text(
        dedent('''
            from optviz.optimizers import optimizer


            @optimizer(title="Out|side", reference="Nobody <2026>", equation="x ← x − lr g_t*2")
            def outside(x, g, lr=0.1):
                """Move, *twice*."""
                return x - lr * g * 2
        ''')
    )
    monkeypatch.syspath_prepend(tmp_path)
    import outside_rule  # noqa: F401

    known = dict(rules.pages({}))
    page = known["rules/outside.md"]
    assert r"# Out\|side" in page and r"Nobody \<2026\>" in page and r"g\_t\*2" in page and r"\*twice\*" in page
    assert "optviz.torch.OutSide(model.parameters(), lr=0.1)" in page and "return x - lr * g * 2" in page
    assert "(outside.md)" in known["rules/index.md"]
    assert dict(pictures.races())["rule-outside"] == ("rosenbrock", ("sgd", "outside"))


def test_a_race_on_a_page_is_drawn_once_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "races", lambda: iter([("rule-sgd", ("sphere", ("sgd",)))]))
    told = pictures.draw(tmp_path)
    assert [row["title"] for row in told["rule-sgd"]] == ["SGD"] and "tuned" in told["rule-sgd"][0]["lr"]
    files = [tmp_path / f"rule-sgd-{theme}.webp" for theme in pictures.THEMES]
    assert all(0 < file.stat().st_size < 40_000 for file in files)
    monkeypatch.setattr(pictures, "_draw", lambda *given: pytest.fail("it is there"))
    assert pictures.draw(tmp_path) == told
    shown = "\n".join(pictures.shown("rule-sgd", "SGD on Sphere", told["rule-sgd"]))
    assert shown.count("![SGD on Sphere]") == 2 and "[SGD](../rules/sgd.md)" in shown


def test_pages_that_have_not_changed_are_left_alone_and_old_ones_go(tmp_path, monkeypatch):
    monkeypatch.setattr(generate, "draw", lambda folder: {})
    monkeypatch.setattr(generate.notebooks, "run", lambda folder: {})
    monkeypatch.setattr(generate, "pages", lambda *known: iter([("a/one.md", "one\n"), ("two.md", "two\n")]))
    generate.write(tmp_path)
    os.utime(tmp_path / "two.md", (0, 0))
    (tmp_path / "a" / "gone.md").write_text("gone")
    generate.write(tmp_path)
    assert (tmp_path / "two.md").stat().st_mtime == 0
    assert sorted(path.name for path in tmp_path.rglob("*.md")) == ["one.md", "two.md"]


def test_disagreements_are_those_of_the_registry(pages):
    table = pages["disagree/defaults.txt"]
    assert "[Adadelta](_generated/rules/adadelta.md) | `lr` | 1 | 1 | 0.001 | 1 |" in table
    assert "[Lion](_generated/rules/lion.md) | `beta1`" not in table  # of which all have one number
    assert ["keras"] in disagreements.groups(RULES["adam"])
    assert len(disagreements.groups(RULES["signsgd"])) == 1
    assert "l2: `paper`, `torch` · decoupled: `optax`, `keras`" in pages["disagree/decay.txt"]


def test_words_keep_their_letters():
    assert markdown.plain("a*b_c < |d| `e_f*` [g]") == r"a\*b\_c \< \|d\| `e_f*` \[g\]"
    assert markdown.signed(-1e-7) == "−1e−07" and markdown.signed(True) == "on" and markdown.signed(3) == "3"


def test_sources_have_no_decorators_and_no_words():
    text = sources.of_rules(RULES["lion"].variants["paper"][0].update)
    assert text.startswith("def ") and "@" not in text and '"""' not in text and "def lion(" in text
    assert sources._bare("numbers = [1, 2...") == "numbers = [1, 2..."  # cut short


def links(text):
    """What a page links to or shows, outside of blocks of code."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"^:::\{include\} (\S+)$", prose, flags=re.MULTILINE)


def test_the_explorer_knows_what_links_ask_it_for(pages):
    known = (ROOT / "gallery" / "explorer.html").read_text("utf-8")
    asked = {
        link for text in (*pages.values(), *GUIDES.values()) for link in re.findall(r"explorer\.html#([^\"]+)", text)
    }
    assert len(asked) > 250
    for link in asked:
        told = dict(part.split("=") for part in link.split("&amp;"))
        assert re.search(rf'"{told["f"]}": ?\(\) ?=>', known), link
        assert all(f'"name":"{rule}"' in known for rule in told.get("o", "sgd").split(",")), link


@pytest.mark.parametrize("name", WRITTEN)
def test_links_and_pictures_lead_somewhere(name, pages):
    for link in links(WRITTEN[name]):
        if link.startswith("https://"):
            continue
        target = (DOCS / name).parent.joinpath(link.partition("#")[0]).resolve()
        generated = target.relative_to(ROOT).as_posix().removeprefix("docs/_generated/")
        assert target.exists() or generated in pages or link == "explorer.html", link


def test_generated_links_lead_somewhere(pages):
    for place, text in pages.items():
        for link in re.findall(r"\]\(([^)\s]+\.md)\)", text) if place.endswith(".md") else []:
            target = (DOCS / "_generated" / place).parent.joinpath(link).resolve()
            inside = target.relative_to(DOCS).as_posix()
            assert target.exists() or inside.removeprefix("_generated/") in pages, (place, link)


def test_every_page_is_in_the_contents():
    listed = {name for text in WRITTEN.values() for block in toctrees(text) for name in block}
    names = {Path(name).stem for name in WRITTEN} - {"index"}
    assert names <= {Path(name).stem for name in listed}


def toctrees(text):
    blocks = re.findall(r"^```\{toctree\}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    lines = [[line for line in block.splitlines() if line and not line.startswith(":")] for block in blocks]
    return [[re.sub(r".*<(.*)>", r"\1", line) for line in block] for block in lines]


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def shown_commands():
    lines = [line for text in WRITTEN.values() for block in blocks(text, "sh") for line in block.splitlines()]
    lines = [line.partition("   #")[0].strip() for line in lines if "--device cuda" not in line]  # none may be here
    return [*dict.fromkeys(line for line in lines if line.startswith("optviz "))]


@pytest.mark.parametrize("line", shown_commands())
def test_every_command_is_understood(line, tmp_path, monkeypatch, capsys):
    understood(line, tmp_path, monkeypatch, capsys)


def programs():
    """The Python of each section of the pages: its blocks one after the other."""
    for name, text in WRITTEN.items():
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            if found := blocks(section, "python"):
                if name not in ELSEWHERE:
                    yield pytest.param("\n\n".join(found), id=f"{name}-{section.splitlines()[0][:20]}")


@pytest.mark.parametrize("program", [*programs()])
def test_python_can_be_read(program):
    compile(program, "page", "exec")


def needed(name):
    """Skip a test where a library is not to be had."""
    try:
        library(name)
    except ImportError:
        pytest.skip(f"could not import {name!r}")


@pytest.mark.slow
@pytest.mark.parametrize("program", [*programs()])
def test_python_runs(program, tmp_path):
    for name in (*PACKAGES, "polars", "xarray"):
        if re.search(rf"import {name}\b|optviz\.{name}\b|\.to_{name}\(", program):
            needed(name)
    (tmp_path / "page.py").write_text(program)  # kernels read a formula's source
    command = [sys.executable, "-W", "error", str(tmp_path / "page.py")]
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, text in WRITTEN.items() if blocks(text, "pycon")])
def test_what_a_page_computes_comes_out(name):
    text = "\n".join(blocks(WRITTEN[name], "pycon"))
    example = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    result = doctest.DocTestRunner(verbose=False).run(example)
    assert result.attempted > 4 and not result.failed


@pytest.mark.slow
def test_the_table_of_turned_valleys_is_what_races_give():
    rows = re.findall(r"^\| (\w+) \| ([\d.e-]+) \| ([\d.e-]+) \|$", GUIDES["guides/learn.md"], flags=re.MULTILINE)
    assert len(rows) == 6
    races = [optviz.race(function) for function in ("quadratic", "tilted(quadratic, 45)")]
    ends = [{run.title: f"{run.gap[-1]:.2g}" for run in race.trajectories} for race in races]
    assert rows == [(title, *(end[title] for end in ends)) for title, _, _ in rows]


@pytest.mark.parametrize("name", snippets.WORDS)
def test_a_passport_names_the_doors_that_there_are(name, pages):
    needed(name)
    known = {*dir(library(f"optviz.{name}"))}
    written = snippets.class_name if name in ("torch", "keras") else lambda rule: rule.name
    for rule in RULES:
        there = written(rule) in known
        assert (name in snippets.doors(rule)) == there, rule.name
        missing = re.search(r"^Not in ([\w, ]+):", pages[f"rules/{rule.name}.md"], flags=re.MULTILINE)
        assert (snippets.WORDS[name] in missing[1].split(", ") if missing else False) != there, rule.name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["torch", "optax"])  # the others run or are made alike, and take long
def test_what_a_passport_says_of_a_door_runs(name):
    needed(name)
    for rule in RULES:
        for heading, _, text in snippets.snippets(rule):
            if heading == snippets.WORDS[name]:
                exec(compile(text, rule.name, "exec"), {})


def test_wheels_have_no_documentation():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["optviz"]}
