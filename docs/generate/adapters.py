"""A page for each door to another library, read from its text: a page says the same where the library is missing."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import optviz
from generate.markdown import code, page
from generate.snippets import doors
from generate.sources import assigned
from optviz.optimizers import REGISTRY, UpdateRule, class_name

INSTALL = {
    "torch": "pip install torch",
    "optax": "pip install jax optax",
    "keras": "pip install keras torch",
    "scipy": "pip install scipy",
    "sklearn": 'pip install ".[sklearn]"',
}
CLASSES = ("torch", "keras")  # whose names of rules are those of classes
HEADED = re.compile(r"^([A-Z]\w+)\n-+\n", re.MULTILINE)

Definition = ast.ClassDef | ast.FunctionDef


def pages() -> Iterator[tuple[str, str]]:
    """The pages of all doors."""
    for door in INSTALL:
        yield f"interface/{door}.md", page(_page(door))


def rows() -> Iterator[tuple[str, str]]:
    """The doors, as the table of all public names lists them."""
    for door in INSTALL:
        yield f"[optviz.{door}]({door}.md)", (ast.get_docstring(_texts(door)[0]) or "").partition("\n")[0]


@functools.cache
def _texts(door: str) -> list[ast.Module]:
    """The files of a door, the one that is imported first."""
    home = Path(optviz.__file__).parent
    files = sorted(home.glob(f"{door}/*.py"), key=lambda file: file.stem != "__init__") or [home / f"{door}.py"]
    return [_with_values(ast.parse(file.read_text("utf-8"))) for file in files]


def _with_values(text: ast.Module) -> ast.Module:
    """A file in which defaults that have a name stand as what the name means."""
    given = [one for one in text.body if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)]
    values = {one.targets[0].id: one.value for one in given if isinstance(one.targets[0], ast.Name)}
    for node in ast.walk(text):
        if isinstance(node, ast.arguments):
            for defaults in (node.defaults, node.kw_defaults):
                defaults[:] = [values.get(one.id, one) if isinstance(one, ast.Name) else one for one in defaults]
    return text


def _definitions(door: str) -> dict[str, Definition]:
    return {node.name: node for text in _texts(door) for node in text.body if isinstance(node, Definition)}


def names(door: str) -> list[str]:
    """What ``__all__`` of a door names."""
    return assigned(_texts(door)[0], "__all__")


def _page(door: str) -> Iterator[str]:
    yield from (f"# optviz.{door}", "")
    yield from _words(ast.get_docstring(_texts(door)[0]) or "")
    yield from code(INSTALL[door], "sh")
    known = _definitions(door)
    for name in names(door):
        yield from _definition(name, known[name], known)
    if rules := [rule for rule in REGISTRY if door in doors(rule)]:
        yield from ("## Rules", "", f"`dir(optviz.{door})` lists them.", "")
        found = (f"[`{_name(door, rule)}`](../rules/{rule.name}.md)" for rule in rules)
        yield from (", ".join(found) + ".", "")
    yield "[All names](index.md)"


def _name(door: str, rule: UpdateRule) -> str:
    return class_name(rule) if door in CLASSES else rule.name


def _definition(name: str, node: Definition, known: dict[str, Definition]) -> Iterator[str]:
    """A function or a class, with what the bases say that stand beside it."""
    yield from (f"## {name}", "")
    lineage = [node]
    if isinstance(node, ast.ClassDef):
        lineage += [known[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in known]
    inner = {part.name: part for one in reversed(lineage) for part in one.body if isinstance(part, ast.FunctionDef)}
    if made := node if isinstance(node, ast.FunctionDef) else inner.get("__init__"):
        yield from code(_called(name, made), "python")
    yield from _words("\n\n".join([ast.get_docstring(node) or "", *map(_sections, lineage[1:])]))
    methods = [part for own, part in inner.items() if not own.startswith("_") and ast.get_docstring(part)]
    for method in methods if isinstance(node, ast.ClassDef) else ():
        text = ast.get_docstring(method) or ""
        yield from (f"### {method.name}", "", *code(_called(method.name, method), "python"), *_words(text))


def _sections(node: Definition) -> str:
    """What a docstring lists, without the paragraphs before."""
    text = ast.get_docstring(node) or ""
    found = HEADED.search(text)
    return text[found.start() :] if found else ""


def _called(name: str, node: ast.FunctionDef) -> str:
    """How it is called, an argument a line where they do not fit on one; types are in the words."""
    given = node.args
    plain = [*given.posonlyargs, *given.args]
    values = [None] * (len(plain) - len(given.defaults)) + given.defaults
    parts = [_written(one.arg, value) for one, value in zip(plain, values, strict=True) if one.arg != "self"]
    if given.vararg or given.kwonlyargs:
        parts.append(f"*{given.vararg.arg if given.vararg else ''}")
    parts += [_written(one.arg, value) for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    parts += [f"**{given.kwarg.arg}"] if given.kwarg else []
    flat = f"{name}({', '.join(parts)})"
    return flat if len(flat) < 80 else f"{name}(\n" + "".join(f"    {one},\n" for one in parts) + ")"


def _written(name: str, value: ast.expr | None) -> str:
    return name if value is None else f"{name}={ast.unparse(value)}"


def _words(text: str) -> Iterator[str]:
    """A numpydoc docstring: paragraphs and examples as they are, what sections list as definitions."""
    first, *rest = HEADED.split(text)
    yield from _paragraphs(first)
    for heading, body in zip(rest[::2], rest[1::2], strict=True):
        yield from (f"**{heading}**", "")
        listed = heading in ("Parameters", "Returns", "Raises", "Attributes")
        yield from _listed(body) if listed else _paragraphs(body)


def _listed(body: str) -> Iterator[str]:
    """Names with their types, and what each means."""
    for entry in re.split(r"\n(?=\S)", body.replace("\\\n", "").strip()):
        head, _, words = entry.partition("\n")
        yield head if "`" in head else f"`{head}`"
        if words:
            yield f": {' '.join(words.split())}"
        yield ""


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
        if paragraph.startswith(">>> "):
            yield from code(paragraph, "pycon")
        else:
            yield from (paragraph, "")
