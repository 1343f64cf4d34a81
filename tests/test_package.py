"""What stands about the package in more than one place says the same, and what it links to is there."""

import importlib.util
import re
import sys
import tomllib
import types
from pathlib import Path

import pytest

import optviz

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAMES = {"matplotlib": "matplotlib-base"}  # what conda-forge calls it


def test_the_version_is_the_same_everywhere():
    assert f"\nversion: {optviz.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n  version: {optviz.__version__}\n" in (ROOT / ".ci/recipe.yaml").read_text()


def test_the_recipe_needs_what_the_package_needs():
    asked = {re.match(r"[\w-]+", line)[0]: line for line in PROJECT["dependencies"]}
    expected = {f"{NAMES.get(name, name)} {line[len(name) :]}" for name, line in asked.items()}
    run = (ROOT / ".ci/recipe.yaml").read_text().partition("  run:\n")[2].partition("tests:")[0]
    found = {line.removeprefix("    - ") for line in run.splitlines() if line}
    assert found == {*expected, f"python {PROJECT['requires-python']}"}


def test_types_are_told():
    assert Path(optviz.__file__).with_name("py.typed").exists()


@pytest.fixture
def absolute(monkeypatch):
    """`absolute` of ``.ci/metadata.py``, which is made for a build with hatchling."""
    interface = types.ModuleType("hatchling.metadata.plugin.interface")
    interface.MetadataHookInterface = object
    for name in ("hatchling", "hatchling.metadata", "hatchling.metadata.plugin"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    spec = importlib.util.spec_from_file_location("metadata", ROOT / ".ci/metadata.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.absolute


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md)", "[a](R/blob/main/b.md)"),
        ("[a](<b.md>) [`c`](./d#e)", "[a](<R/blob/main/b.md>) [`c`](R/blob/main/./d#e)"),
        ("[![a [b]](c.png)](/d.html)", "[![a [b]](R/raw/main/c.png)](R/blob/main/d.html)"),
        ("[a]: b.md 'c'\n", "[a]: R/blob/main/b.md 'c'\n"),
        ("<IMG SRC=a.png alt=b><a href='c'>", "<IMG SRC=R/raw/main/a.png alt=b><a href='R/blob/main/c'>"),
        ('<source srcset="a.png 1x, b.png 2x">', '<source srcset="R/raw/main/a.png 1x, R/raw/main/b.png 2x">'),
        ('<img data-src="a" src = "b">', '<img data-src="a" src = "R/raw/main/b">'),
        ("1. a\n\n    [b](c)\n", "1. a\n\n    [b](R/blob/main/c)\n"),
        ("`a [b](c)", "`a [b](R/blob/main/c)"),
        ("```a``` [b](c)\n", "```a``` [b](R/blob/main/c)\n"),
        ("- ```\n  [a](b)\n  ```\n[c](d)\n", "- ```\n  [a](b)\n  ```\n[c](R/blob/main/d)\n"),
        ("```\n[a](b)\n```\n[c](d)\n", "```\n[a](b)\n```\n[c](R/blob/main/d)\n"),
    ],
)
def test_relative_addresses_become_whole(absolute, text, expected):
    for repository in ("https://host/project", r"https://host/\1\g<0>"):
        assert absolute(text, repository) == expected.replace("R/", f"{repository}/")


@pytest.mark.parametrize(
    "text",
    [
        "[a](HTTPS://b) ![c](//d/e.png) <img src='//f'> [g](Mailto:h) [i](#j)",
        "```md\n[a](b)\n<img src='c'>\n````\n",
        "> ~~~\n> [a](b)\n```\n[a](b)\n~~~\n",
        "text\n\n    [a](b)\n\n    [c](d)\n",
        "`[a](b)` and `` `<img src=c>` \n [d](e) `` <!-- [f](g) -->",
        "src=a.png, the words of it",
    ],
)
def test_code_and_whole_addresses_stay(absolute, text):
    assert absolute(text, "https://host/project") == text


def test_a_page_elsewhere_has_whole_addresses(absolute):
    text = (ROOT / "README.md").read_text()
    assert absolute(text, "") == text
    whole = absolute(text, "https://host/project")
    prose = re.sub(r"```.*?```", "", whole, flags=re.S)
    addresses = re.findall(r"""\]\(([^)]*)\)|(?:src|href)=["']([^"']*)["']""", prose)
    found = [one or other for one, other in addresses]
    assert len(found) > 20 and all(re.match("https?://|#", one) for one in found)
    own = [one.removeprefix("https://host/project/").partition("#")[0] for one in found if "//host/" in one]
    assert {one.partition("/")[0] for one in own} == {"raw", "blob"}
    missing = [one for one in own if not (ROOT / one.split("/", 2)[2]).exists()]
    assert not missing
    assert all(one.startswith("raw") == (Path(one).suffix in (".gif", ".png", ".webp", ".svg")) for one in own)
