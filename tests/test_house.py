"""The house stands: floors without cycles, few rooms at the top, files that fit on a few screens."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import optviz

ROOT = Path(optviz.__file__).parent
LONGEST = 350  # lines of a file
TOP = 13  # modules beside the packages: four are doors to notebooks and other libraries


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    names = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def is_for_types(node: ast.AST) -> bool:
    """Whether a statement is ``if TYPE_CHECKING:``, which no run enters."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imported(node: ast.AST, known: dict[str, Path]) -> Iterator[str]:
    """The modules that a statement or anything inside it imports, at once or when it is called."""
    for child in ast.iter_child_nodes(node):
        if is_for_types(child):
            continue
        if isinstance(child, ast.Import):
            yield from (name.name for name in child.names if name.name in known)
        elif isinstance(child, ast.ImportFrom) and child.module in known:
            inner = [f"{child.module}.{name.name}" for name in child.names]
            yield from (name if name in known else child.module for name in inner)
        else:
            yield from imported(child, known)


def graph() -> dict[str, set[str]]:
    """For each module those that it imports."""
    known = modules()
    return {name: set(imported(ast.parse(path.read_text("utf-8")), known)) for name, path in known.items()}


def cycles(edges: dict[str, set[str]]) -> list[set[str]]:
    """The groups of modules that import each other round in a circle, by Tarjan's algorithm (1972)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in edges[name]:
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            group = set(stack[stack.index(name) :])
            del stack[stack.index(name) :]
            if len(group) > 1 or name in edges[name]:
                groups.append(group)

    for name in edges:
        if name not in order:
            visit(name)
    return groups


def test_no_module_imports_itself_round_a_circle():
    assert cycles(graph()) == []


def test_a_circle_is_seen():
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}}
    assert cycles(edges) == [{"b", "c"}, {"d"}]


def test_few_modules_stand_at_the_top():
    assert len(list(ROOT.glob("*.py"))) <= TOP


def test_no_docstring_leaves_its_subject_to_the_one_before():
    """A docstring that begins with "The same" says what a thing is by another one, which a reader has not seen."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    nodes = ((name, node) for name, path in modules().items() for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    texts = ((name, ast.get_docstring(node) or "") for name, node in nodes if isinstance(node, kinds))
    assert [(name, text) for name, text in texts if text.startswith("The same")] == []


@pytest.mark.parametrize("name", modules())
def test_files_fit_on_a_few_screens(name):
    assert len(modules()[name].read_text("utf-8").splitlines()) <= LONGEST
