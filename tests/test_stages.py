"""What is left out of the fast stage is in the second one."""

import ast
from pathlib import Path

import pytest

from tests.conftest import pytest_collection_modifyitems

TESTS = Path(__file__).parent


class Item:
    """A case of a test as pytest collects it."""

    path = Path(__file__)

    def __init__(self, name, *marks):
        self.originalname, self.marks = name, {mark.name: mark for mark in marks}
        self.get_closest_marker = self.marks.get

    def add_marker(self, mark):
        self.marks[mark.name] = mark


def test_every_third_case_of_a_thin_test_is_fast():
    thin = pytest.mark.thin(3).mark
    items = [Item(name, *marks) for _ in range(7) for name, marks in (("one", [thin]), ("two", [thin]), ("three", []))]
    pytest_collection_modifyitems(items)
    fast = [(item.originalname, at // 3) for at, item in enumerate(items) if "slow" not in item.marks]
    for name, cases in (("one", [0, 3, 6]), ("two", [0, 3, 6]), ("three", [*range(7)])):
        assert [at for test, at in fast if test == name] == cases


def skipped_whole(module):
    """Whether pytest may leave the module before it has defined all its names."""
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.importorskip", "pytest.skip")
        for statement in module.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
    )


def test_no_test_takes_names_from_a_module_that_is_skipped_without_its_packages():
    modules = {
        ".".join(path.relative_to(TESTS.parent).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in TESTS.rglob("*.py")
    }
    skipped = {name for name, module in modules.items() if skipped_whole(module)}
    assert "tests.adapters.torch.test_classes" in skipped
    for name, module in modules.items():
        taken = {node.module for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
        assert not taken & skipped, f"{name} fails without the packages of {taken & skipped}"
