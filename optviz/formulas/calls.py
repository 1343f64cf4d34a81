"""How units are written with their numbers: ``adam(beta1=0.5)``, ``lookahead(adam, k=5)``, ``cosine(0.1, warmup=5%)``.

A value is a call, a number, a number with a unit, True or False, text in quotes or several values in brackets. A name
alone is a call without arguments, except after a name and "=", where it is text: ``adam(variant=keras)``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from optviz.errors import UsageError, shown

DEEPEST = 20  # brackets in brackets
LONGEST = 300  # digits of a whole number; every such number has a float beside it

NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
WORD = r"[\w.+@%:-]+"
NAME = re.compile(r"(?:[^\W\d]|@)[\w.+@:-]*")
WHOLE = re.compile(rf"[-+]?[0-9]{{1,{LONGEST}}}")
MEASURED = re.compile(rf"({NUMBER})\s*(%|steps?|epochs?)")
TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<measured>{NUMBER}\s*(?:%|(?:steps?|epochs?)(?![\w.+@%:-])))|(?P<word>{WORD})"
    r"|(?P<mark>[(),=])"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<other>.)",
    re.DOTALL,
)
UNITS = {"%": "%", "step": "steps", "steps": "steps", "epoch": "epochs", "epochs": "epochs"}
CONSTANTS = {"true": True, "false": False, "inf": float("inf"), "+inf": float("inf"), "-inf": float("-inf")}

Value: TypeAlias = "Call | Duration | float | bool | str | tuple"


@dataclass(frozen=True)
class Duration:
    """A number with its unit: so many steps or epochs, or a share of all steps in per cent."""

    number: float
    unit: str

    @property
    def text(self) -> str:
        """The duration as it is written: ``"5%"``, ``"2epochs"``."""
        return f"{written(self.number)}{self.unit}"


@dataclass(frozen=True)
class Call:
    """The name of a unit with what it is given.

    Attributes
    ----------
    name : str
    positional : tuple
        The values without names, in order.
    named : tuple of (str, value)
        The values with names, in the order in which they are written.
    """

    name: str
    positional: tuple = ()
    named: tuple[tuple[str, Value], ...] = ()

    @property
    def text(self) -> str:
        """The call as it is written, in one way: ``"lookahead(adam, k=5)"``."""
        parts = [written(value) for value in self.positional]
        parts += [f"{name}={_after_name(value)}" for name, value in self.named]
        return f"{self.name}({', '.join(parts)})" if parts else self.name


def written(value: Value) -> str:
    """The text of which `parse` makes the value again; text stands in quotes."""
    if isinstance(value, Call | Duration):
        return value.text
    if isinstance(value, tuple):
        parts = [written(part) for part in value]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "0" if value == 0 and value is not False else repr(value).removesuffix(".0")  # -0.0 is 0


def _after_name(value: Value) -> str:
    """A value as it is written after a name and "=", where text needs no quotes and a call alone needs brackets."""
    if isinstance(value, Call):
        return value.text if value.positional or value.named else f"{value.name}()"
    bare = isinstance(value, str) and NAME.fullmatch(value) and value.lower() not in (*CONSTANTS, "nan")
    return str(value) if bare else written(value)


def split(text: str) -> list[str]:
    """The parts of a comma list, without the space around them; commas in brackets or quotes part nothing.

    Empty parts are kept, and brackets that do not match are left to who reads the parts.
    """
    parts, depth = [""], 0
    for token in TOKEN.finditer(text):
        depth = max(0, depth + {"(": 1, ")": -1}.get(token[0], 0))
        if token[0] == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token[0]
    return [part.strip() for part in parts]


def assigned(text: str) -> tuple[str | None, str]:
    """What stands before the last "=" that is in no brackets or quotes, and what after it; None where none is."""
    depth, place = 0, -1
    for token in TOKEN.finditer(text):
        depth = max(0, depth + {"(": 1, ")": -1}.get(token[0], 0))
        if token[0] == "=" and depth == 0:
            place = token.start()
    return (None, text.strip()) if place < 0 else (text[:place].strip(), text[place + 1 :].strip())


def parse(text: str, what: str) -> Value:
    """The value that a text stands for.

    Parameters
    ----------
    text : str
        ``"adam"``, ``"sgd(momentum=0.9, nesterov=True)"``, ``"1e-3"``, ``"5%"``, ``"(30, 80)"``.
    what : str
        What a message calls it: ``"optimizer"``.

    Returns
    -------
    Call, Duration, int, float, bool, str or tuple

    Raises
    ------
    UsageError
        If the text is not one value; the message says where it stops to be one.
    """
    reader = _Reader(text, what)
    value = reader.value(0, named=False)
    if reader.token:
        reader.fail(f"has {shown(reader.token)} at letter {reader.place}, after its end", "Take it away.")
    return value


class _Reader:
    """One token of a text after the other, by recursive descent."""

    def __init__(self, text: str, what: str):
        self.text, self.what = text, what
        self.tokens: Iterator[re.Match] = TOKEN.finditer(text)
        self.advance()

    def advance(self) -> str:
        """Go on to the next token; returns the present one, "" at the end."""
        before = getattr(self, "token", "")
        match = next((match for match in self.tokens if match.lastgroup != "space"), None)
        self.kind, self.token, self.place = "", "", len(self.text) + 1
        if match:
            self.kind, self.token, self.place = match.lastgroup or "", match[0], match.start() + 1
        if self.kind == "other":
            part = "a quotation mark without its other one" if self.token in "\"'" else shown(self.token)
            self.fail(
                f"has {part} at letter {self.place}, which nothing is written with",
                "Write it of names, numbers, text in quotes, brackets, commas and =.",
            )
        return before

    def fail(self, problem: str, remedy: str) -> NoReturn:
        raise UsageError(f"the {self.what} {shown(self.text)} {problem}", remedy)

    def unexpected(self, expected: str, remedy: str) -> NoReturn:
        found = f"has {shown(self.token)} at letter {self.place}" if self.token else "ends"
        self.fail(f"{found} where {expected} should stand", remedy)

    def value(self, depth: int, named: bool) -> Value:
        if depth > DEEPEST:
            self.fail(f"has too many brackets in brackets at letter {self.place}", f"At most {DEEPEST} can be read.")
        kind, place = self.kind, self.place
        if self.token == "(":
            return tuple(self.items(place, depth))
        if kind not in ("word", "measured", "text"):
            self.unexpected("a value", "Write one there: a number, a name, or a name with values, adam(beta1=0.5).")
        token = self.advance()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)
        if kind == "word" and self.token == "(" and NAME.fullmatch(token):
            return self.call(token, self.place, depth)
        return self.word(token, place, named)

    def word(self, token: str, place: int, named: bool) -> Value:
        """A number, a constant or a name."""
        if token.lower() in CONSTANTS:
            return CONSTANTS[token.lower()]
        if measured := MEASURED.fullmatch(token):
            return Duration(_number(measured[1]), UNITS[measured[2]])
        if re.fullmatch(NUMBER, token):
            return _number(token)
        if NAME.fullmatch(token) and token.lower() != "nan":
            return token if named else Call(token)
        remedy = "Write a number as 0.1, 1e-3, 5%, 100steps or 2epochs; names begin with a letter."
        self.fail(f"has {shown(token)} at letter {place}, which is neither a number nor a name", remedy)

    def items(self, opened: int, depth: int) -> Iterator[Value]:
        """The values of a bracket, whose last comma may stand before its end."""
        self.advance()
        while self.token != ")":
            yield self.value(depth + 1, named=False)
            self.comma(opened)
        self.advance()

    def call(self, name: str, opened: int, depth: int) -> Call:
        positional: list[Value] = []
        named: dict[str, Value] = {}
        self.advance()
        while self.token != ")":
            place, value = self.place, self.value(depth + 1, named=False)
            if self.token == "=" and isinstance(value, Call) and value == Call(value.name):
                if value.name in named:
                    self.fail(f"gives {value.name} a second time at letter {place}", "Give it once.")
                self.advance()
                named[value.name] = self.value(depth + 1, named=True)
            elif named:
                self.fail(
                    f"has a value without a name at letter {place}, after {list(named)[-1]}=",
                    "Put values without names before those with names.",
                )
            else:
                positional.append(value)
            self.comma(opened)
        self.advance()
        return Call(name, tuple(positional), tuple(named.items()))

    def comma(self, opened: int) -> None:
        """Pass by the comma after a value, which none has before the end of the bracket."""
        if self.token not in (",", ")"):
            remedy = "Part values by commas." if self.token else f"Close the bracket of letter {opened}."
            self.unexpected("a comma or )", remedy)
        if self.token == ",":
            self.advance()


def _number(text: str) -> float:
    return int(text) if WHOLE.fullmatch(text) else float(text)
