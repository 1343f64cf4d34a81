"""Names to units: discovery, order, suggestions, name clashes and plug-ins."""

import sys
from dataclasses import dataclass
from importlib import metadata

import pytest

from optviz.errors import PluginError, UnknownNameError, UsageError, UsageTypeError
from optviz.registry import Registry, suggestion


@dataclass
class Tool:
    name: str
    weight: float
    module: str = ""
    names: tuple[str, ...] = ()


PACKAGE = """
from optviz.registry import Registry
from tests.test_registry import Tool
REGISTRY = Registry("tool", "toolbox_of_test", order=lambda tool: tool.weight)
"""
MODULE = """
from toolbox_of_test import REGISTRY, Tool
REGISTRY.add(Tool({name!r}, {weight}, __name__))
"""


@pytest.fixture
def toolbox(tmp_path, monkeypatch):
    """A registry whose built-in units are a saw, a hammer and an axe, in the order of their weight."""
    package = tmp_path / "toolbox_of_test"
    package.mkdir()
    (package / "__init__.py").write_text(PACKAGE)
    for name, weight in [("axe", 3), ("hammer", 2), ("saw", 1)]:
        (package / f"{name}.py").write_text(MODULE.format(name=name, weight=weight))
    (package / "_private.py").write_text("raise RuntimeError('private modules hold no units')")
    monkeypatch.syspath_prepend(tmp_path)
    import toolbox_of_test

    yield toolbox_of_test.REGISTRY
    for module in [name for name in sys.modules if name.split(".")[0] in ("toolbox_of_test", "other_tools")]:
        del sys.modules[module]


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """Install a distribution that offers tools: name -> object reference, with the source of its one module."""

    def install(points, source=""):
        (tmp_path / "other_tools.py").write_text("from tests.test_registry import Tool\n" + source)
        info = tmp_path / "other_tools-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-tools\nVersion: 1.0\n")
        lines = [f"{name} = {value}" for name, value in points.items()]
        (info / "entry_points.txt").write_text("\n".join(["[toolbox_of_test]", *lines]))

    return install


def test_units_are_found_and_listed_in_order(toolbox):
    assert toolbox.names() == ["saw", "hammer", "axe"]
    assert [tool.name for tool in toolbox] == ["saw", "hammer", "axe"]
    assert toolbox["axe"].weight == 3
    assert "axe" in toolbox and "lathe" not in toolbox


@pytest.mark.parametrize(
    ("name", "hint"),
    [("hamer", "Did you mean 'hammer'? "), ("SAWS", "Did you mean 'saw'? "), ("quux", ""), ("", "")],
)
def test_unknown_names_are_refused_with_the_nearest(toolbox, name, hint):
    with pytest.raises(UnknownNameError) as error:
        toolbox[name]
    assert error.value.problem == f"unknown tool '{name}'"
    assert error.value.remedy == f"{hint}See: optviz list toolbox_of_test"
    assert error.value.exit_code == 2


@pytest.mark.parametrize("name", ["band_saw", "BandSaw", "BAND-SAW", "bandsaw", "Rip-Saw", "ripsaw", "rip_saw"])
def test_names_are_found_in_any_spelling(toolbox, name):
    unit = toolbox.add(Tool("band_saw", 4, "__main__", ("rip-saw",)))
    assert toolbox[name] is unit and name in toolbox
    assert toolbox.names().count("band_saw") == 1 and "rip-saw" not in toolbox.names()


def test_a_name_as_it_is_written_comes_first(toolbox):
    toolbox._units["SAW"] = other = Tool("SAW", 9)  # nobody can register it
    assert toolbox["SAW"] is other and toolbox["saw"].weight == toolbox["Saw"].weight == 1


@pytest.mark.parametrize("name", ["Saw", "s_aw", "jig-saw", "JIGSAW"])
def test_a_name_that_another_unit_has_otherwise_is_refused(toolbox, name):
    toolbox.add(Tool("jig_saw", 4, "__main__", ("fret-saw",)))
    for taken in (Tool(name, 1, "elsewhere"), Tool("blade", 1, "elsewhere", (name,))):
        with pytest.raises(UsageError, match=f"the tool name '{name}' is already taken"):
            toolbox.add(taken)
    assert toolbox.names() == ["saw", "hammer", "axe", "jig_saw"]
    with pytest.raises(UsageError, match="the tool name 'fretsaw' is already taken"):
        toolbox.add(Tool("fretsaw", 1, "elsewhere"))


def test_plug_ins_are_found_in_any_case_and_do_not_take_other_names(toolbox, plug_in):
    plug_in({"plane": "other_tools:plane", "Saw": "other_tools:saw"}, "plane = Tool('plane', 0.5, __name__)")
    assert toolbox.names() == ["saw", "hammer", "axe", "plane"]
    assert toolbox["PLANE"].weight == 0.5 and toolbox["Saw"].weight == 1


@pytest.mark.parametrize("name", [None, 3, ["saw"], ("saw",), b"saw", Tool("saw", 1)])
def test_names_are_strings(toolbox, name):
    with pytest.raises(UsageTypeError, match="neither the name of a registered tool nor one itself"):
        toolbox[name]


def test_a_taken_name_is_refused(toolbox):
    with pytest.raises(UsageError, match="the tool name 'saw' is already taken"):
        toolbox.add(Tool("saw", 9, "elsewhere"))
    assert toolbox["saw"].weight == 1


def test_a_built_in_name_is_taken_before_anybody_asks(toolbox):
    assert not toolbox._units
    with pytest.raises(UsageError, match="the tool name 'hammer' is already taken"):
        toolbox.add(Tool("hammer", 9, "__main__"))
    assert toolbox.names() == ["saw", "hammer", "axe"]


def test_a_notebook_cell_may_run_again(toolbox):
    toolbox.add(Tool("file", 5, "__main__"))
    toolbox.add(Tool("file", 1.5, "__main__"))
    assert toolbox.names() == ["saw", "file", "hammer", "axe"]


def test_a_built_in_module_that_fails_fails_every_time(toolbox, tmp_path):
    broken = tmp_path / "toolbox_of_test" / "broken.py"
    broken.write_text("1 / 0")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            toolbox.names()
    broken.unlink()
    assert toolbox.names() == ["saw", "hammer", "axe"]


def test_plug_ins_are_listed_without_being_loaded(toolbox, plug_in):
    plug_in({"plane": "other_tools:plane", "anvil": "other_tools:anvil"}, "raise RuntimeError")
    assert toolbox.names() == ["saw", "hammer", "axe", "anvil", "plane"]
    assert toolbox["saw"].weight == 1
    assert "other_tools" not in sys.modules


def test_a_plug_in_is_loaded_when_it_is_asked_for(toolbox, plug_in):
    source = "plane = Tool('plane', 0.5, __name__); anvil = Tool('anvil', 0.1, __name__)"
    plug_in({"plane": "other_tools:plane", "anvil": "other_tools:anvil"}, source)
    assert toolbox["plane"].weight == 0.5
    assert toolbox.names() == ["saw", "hammer", "axe", "anvil", "plane"]  # the same as before it was loaded
    assert [tool.name for tool in toolbox] == toolbox.names()


def test_a_plug_in_may_register_itself_while_it_is_loaded(toolbox, plug_in):
    source = "import toolbox_of_test\nplane = toolbox_of_test.REGISTRY.add(Tool('plane', 0.5, __name__))"
    plug_in({"plane": "other_tools:plane"}, source)
    assert toolbox["plane"] is toolbox["plane"]


def test_a_plug_in_cannot_replace_a_built_in_unit(toolbox, plug_in):
    plug_in({"saw": "other_tools:saw"}, "saw = Tool('saw', 99, __name__)")
    assert toolbox.names() == ["saw", "hammer", "axe"]
    assert toolbox["saw"].weight == 1


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("raise RuntimeError('out of order')", "RuntimeError: out of order"),
        ("import a_package_that_nobody_has", "ModuleNotFoundError: No module named 'a_package_that_nobody_has'"),
        ("", "AttributeError: module 'other_tools' has no attribute 'plane'"),
        ("plane = 3", "TypeError: other_tools:plane is not a unit of that name"),
        ("plane = Tool('jack', 1, __name__)", "TypeError: other_tools:plane is not a unit of that name"),
    ],
)
def test_a_broken_plug_in_is_named_and_breaks_nothing_else(toolbox, plug_in, source, cause):
    plug_in({"plane": "other_tools:plane"}, source)
    assert toolbox.names() == ["saw", "hammer", "axe", "plane"]
    with pytest.raises(PluginError) as error:
        toolbox["plane"]
    assert error.value.problem == f"the tool 'plane' of the package 'other-tools' does not load: {cause}"
    assert error.value.exit_code == 3
    assert isinstance(error.value, ImportError)
    with pytest.warns(UserWarning, match="the tool 'plane' of the package 'other-tools' does not load"):
        assert [tool.name for tool in toolbox] == ["saw", "hammer", "axe"]


def test_a_plug_in_without_a_distribution_is_still_named(toolbox, monkeypatch):
    point = metadata.EntryPoint("plane", "nowhere_at_all:plane", "toolbox_of_test")
    monkeypatch.setattr(metadata, "entry_points", lambda *, group: [point] if group == point.group else [])
    with pytest.raises(PluginError, match="the tool 'plane' of the package '?' does not load".replace("?", r"\?")):
        toolbox["plane"]


def test_suggestions_are_near_or_absent():
    known = ["adam", "adagrad", "sgd"]
    assert suggestion("adm", known) == "Did you mean 'adam'? "
    assert suggestion("Adagrd", known) == "Did you mean 'adagrad'? "
    assert suggestion("rosenbrock", known) == ""
    assert suggestion(None, known) == ""


def test_registries_do_not_share_units(toolbox):
    other = Registry("toy", "toolbox_of_test", order=lambda tool: tool.weight)
    other.add(Tool("saw", 7, "__main__"))
    assert toolbox["saw"].weight == 1
