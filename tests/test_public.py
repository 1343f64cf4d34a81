"""The public names: what `__all__` promises is there, and nothing is loaded before it is asked for."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import optviz


@pytest.mark.parametrize("name", optviz.__all__)
def test_every_public_name_is_there_and_documented(name):
    value = getattr(optviz, name)
    assert name in dir(optviz)
    if name != "__version__":
        assert value is getattr(import_module(optviz._HOMES[name]), name)
        assert value.__doc__


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(optviz.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.name: line.module for line in block.body for alias in line.names}
    assert seen == optviz._HOMES
    assert optviz.__all__ == ["__version__", *optviz._HOMES]


def test_no_name_is_hidden_by_a_module():
    modules = {path.stem for path in Path(optviz.__file__).parent.iterdir()}
    assert not modules & set(optviz.__all__)


def test_star_import_gives_all_of_it():
    names: dict = {}
    exec("from optviz import *", names)  # the only way to run a star import inside a function
    assert set(optviz.__all__) <= set(names)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'adma'"):
        optviz.adma  # noqa: B018


def test_importing_the_package_loads_nothing():
    code = "import sys, optviz; print([m for m in ('numpy', 'numba', 'matplotlib', 'typer') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
