"""Formulas in JavaScript: Python functions of numbers, translated from syntax trees, to the bit where it can be."""

import ast
from collections.abc import Callable
from types import FunctionType
from typing import Any

from optviz.errors import FormulaError
from optviz.formulas.complements import COMPLEMENT
from optviz.formulas.formula import Formula
from optviz.optimizers import ScheduledScalars, WrappedScalars
from optviz.page.expressions import Expressions, Untranslatable, array, bare, spelled


class Script:
    """The JavaScript of some Python functions and of all that these call.

    Attributes
    ----------
    texts : list of str
        One definition each; what is called stands before what calls it.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._names: dict[Any, str] = {}
        self._scalars: dict[Any, str] = {}
        self._taken: set[str] = set()
        self._bodies: dict[str, str] = {}

    @property
    def text(self) -> str:
        """All definitions."""
        return "\n".join(self.texts)

    def function(self, formula: Callable[..., Any]) -> str:
        """The name of a formula in JavaScript; it and what it calls are written if they are not yet.

        Parameters
        ----------
        formula : function
            Of numbers, plain Python on ``math``. It returns a number, or a tuple or a dictionary of numbers.

        Raises
        ------
        Untranslatable
            If it holds anything that has no translation.
        """
        if formula in self._names:
            return self._names[formula]
        if not isinstance(formula, FunctionType):
            raise Untranslatable(f"{getattr(formula, '__name__', formula)} is no Python function")
        try:
            body = _Writer(formula, self).text()
        except FormulaError as error:
            raise Untranslatable(error.problem) from error
        if body in self._bodies:  # two functions of one text need one translation
            self._names[formula] = self._bodies[body]
            return self._names[formula]
        name = self._fresh(f"{spelled(formula.__name__)}_f")
        self._names[formula] = self._bodies[body] = name
        self.texts.append(f"const {name} = {body};")
        return name

    def scalars(self, formula: Formula) -> str:
        """The name of a function ``(t, h, before)`` that gives the step scalars of step `t` by name.

        ``h`` holds all hyperparameters by name as they are at this step, ``before`` what this gave the step before.
        """
        made = formula.scalars
        if made in self._scalars:
            return self._scalars[made]
        if made is None:
            text = "(t, h, before) => ({})"
        elif isinstance(made, WrappedScalars):
            text = self._wrapped(made)
        elif isinstance(made, ScheduledScalars):
            moved = [f'"{name}": h["{name}"]' for name in made.moved]
            rest = [f'"{COMPLEMENT.format(name)}": 1 - h["{name}"]' for name in made.complements]
            text = (
                f"(t, h, before) => ({{...{self.scalars(made.formula)}(t, h, before), {', '.join([*moved, *rest])}}})"
            )
        else:
            given = ["t", *["before"] * formula.recursive, *(f'h["{name}"]' for name in formula.scalar_arguments)]
            text = f"(t, h, before) => {self.function(made)}({', '.join(given)})"
        if text not in self._bodies:
            self._bodies[text] = self._fresh("scalars")
            self.texts.append(f"const {self._bodies[text]} = {text};")
        self._scalars[made] = self._bodies[text]
        return self._scalars[made]

    def _wrapped(self, made: WrappedScalars) -> str:
        """The step scalars of a rule inside a wrapper: see `optviz.optimizers.WrappedScalars`."""
        wrapper, names = made.wrapper, dict(made.names)
        inner, outer = self.scalars(made.formula), self.scalars(wrapper.formula)
        asked = (*wrapper.formula.scalar_arguments, *wrapper.clock_arguments)
        own = ", ".join(f'"{name}": h["{names.get(name, name)}"]' for name in dict.fromkeys(asked))
        earlier = ", ".join(f'"{name}": before["{names[name]}"]' for name in wrapper.formula.table_names)
        lines = [f"const own = {{{own}}};", "let values;"]
        if wrapper.clock:
            clock = self.function(wrapper.clock)
            when = "".join(f', own["{name}"]' for name in wrapper.clock_arguments)
            waits = f"before && {clock}(t{when}) === {clock}(t - 1{when})"
            now = f"values = {inner}({clock}(t{when}), h, before);"
            lines.append(f"if ({waits}) values = before; else {now}" if made.formula.recursive else now)
        else:
            lines.append(f"values = {inner}(t, h, before);")
        lines.append(f"const outer = {outer}(t, own, before && {{{earlier}}});")
        renamed = ", ".join(f'"{names[name]}": outer["{name}"]' for name in wrapper.formula.table_names)
        return "\n".join(["(t, h, before) => {", *lines, f"return {{...values, {renamed}}};", "}"])

    def constant(self, name: str, value: tuple[Any, ...]) -> str:
        """The name of a tuple of numbers."""
        text = array(value)
        if text not in self._bodies:
            self._bodies[text] = self._fresh(f"{spelled(name)}_c")
            self.texts.append(f"const {self._bodies[text]} = {text};")
        return self._bodies[text]

    def _fresh(self, name: str) -> str:
        chosen, count = name, 1
        while chosen in self._taken:
            count += 1
            chosen = f"{name}{count}"
        self._taken.add(chosen)
        return chosen


class _Writer(Expressions):
    """Writes one function."""

    def text(self) -> str:
        """The function as an arrow function."""
        stored = [
            node.id
            for node in ast.walk(self.definition)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        local = [spelled(name) for name in dict.fromkeys(stored) if name not in self.arguments]
        defaults = self.definition.args.defaults
        plain = len(self.arguments) - len(defaults)
        written = [spelled(name) for name in self.arguments[:plain]]
        for name, usual in zip(self.arguments[plain:], defaults, strict=True):
            is_open = isinstance(usual, ast.Constant) and usual.value is None  # who calls it gives a number
            written.append(spelled(name) if is_open else f"{spelled(name)} = {self.read(usual)}")
        lines = self.block(self.definition.body)
        if local:
            lines.insert(0, f"let {', '.join(local)};")
        if len(lines) == 1 and lines[0].startswith("return "):
            value = lines[0][len("return ") : -1]
            return f"({', '.join(written)}) => {f'({value})' if value.startswith('{') else value}"
        return "\n".join([f"({', '.join(written)}) => {{", *lines, "}"])

    def block(self, body: list[ast.stmt]) -> list[str]:
        """The lines of some statements."""
        return [line for statement in body for line in self.statement(statement)]

    def statement(self, tree: ast.stmt) -> list[str]:
        """The lines of a statement."""
        if isinstance(tree, ast.Pass) or (isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant)):
            return []
        if isinstance(tree, ast.Return) and tree.value is not None:
            return [f"return {bare(self.read(tree.value))};"]
        if isinstance(tree, ast.Assign):
            value = bare(self.read(tree.value))
            return [f"{' = '.join(map(self.target, tree.targets))} = {value};"]
        if isinstance(tree, ast.AnnAssign) and tree.value is not None:
            return [f"{self.target(tree.target)} = {self.read(tree.value)};"]
        if isinstance(tree, ast.AugAssign):
            loaded = ast.parse(ast.unparse(tree.target), mode="eval").body
            after = ast.copy_location(ast.BinOp(loaded, tree.op, tree.value), tree)
            return [f"{self.target(tree.target)} = {bare(self.read(after))};"]
        if isinstance(tree, ast.If):
            lines = [f"if ({self.test(tree.test)}) {{", *self.block(tree.body)]
            return [*lines, "} else {", *self.block(tree.orelse), "}"] if tree.orelse else [*lines, "}"]
        if isinstance(tree, ast.While) and not tree.orelse:
            return [f"while ({self.test(tree.test)}) {{", *self.block(tree.body), "}"]
        if isinstance(tree, ast.For) and not tree.orelse:
            return [self.loop(tree), *self.block(tree.body), "}"]
        if isinstance(tree, ast.Break | ast.Continue):
            return [f"{type(tree).__name__.lower()};"]
        raise self.refuse(tree, f"{ast.unparse(tree).splitlines()[0]} has no translation")

    def loop(self, tree: ast.For) -> str:
        """The head of a loop over whole numbers."""
        over, step = tree.iter, "1"
        backwards = isinstance(over, ast.Call) and ast.unparse(over.func) == "reversed"
        if backwards:
            over = over.args[0]  # type: ignore[attr-defined]
        is_range = isinstance(over, ast.Call) and ast.unparse(over.func) == "range"
        if not is_range or not isinstance(tree.target, ast.Name):
            raise self.refuse(tree, f"a loop over {ast.unparse(tree.iter)} has no translation")
        bounds = [self.read(part) for part in over.args]  # type: ignore[attr-defined]
        first, last = ("0", bounds[0]) if len(bounds) == 1 else bounds[:2]
        name = spelled(tree.target.id)
        if len(bounds) == 3:
            given = over.args[2]  # type: ignore[attr-defined]
            if backwards or ast.unparse(given) != "-1":
                raise self.refuse(tree, f"a loop over {ast.unparse(tree.iter)} has no translation")
            return f"for ({name} = {first}; {name} > {last}; {name}--) {{"
        if backwards:
            return f"for ({name} = {last} - 1; {name} >= {first}; {name}--) {{"
        return f"for ({name} = {first}; {name} < {last}; {name} += {step}) {{"

    def target(self, tree: ast.expr) -> str:
        """What is given a value."""
        if isinstance(tree, ast.Tuple):
            return f"[{', '.join(map(self.target, tree.elts))}]"
        if isinstance(tree, ast.Subscript):
            return self.read(tree)
        if isinstance(tree, ast.Name):
            return spelled(tree.id)
        raise self.refuse(tree, f"{ast.unparse(tree)} cannot be given a value")
