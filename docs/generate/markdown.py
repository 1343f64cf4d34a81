"""Small parts of pages in Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

CODE = re.compile(r"(``.+?``|`.+?`)", re.DOTALL)
SPECIAL = re.compile(r"([\\*_<>\[\]|#$~{}])")


def plain(text: str) -> str:
    """Words as they stand, without a meaning to Markdown; what is between backticks stays code."""
    parts = CODE.split(str(text))
    return "".join(part if number % 2 else SPECIAL.sub(r"\\\1", part) for number, part in enumerate(parts))


def paragraphs(text: str) -> Iterator[str]:
    """Paragraphs of a docstring, each with an empty line behind it."""
    for paragraph in filter(None, text.split("\n\n")):
        yield from (plain(" ".join(paragraph.replace("**", "").split())), "")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already, with an empty line behind it."""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def code(text: str, language: str) -> Iterator[str]:
    """A block of code, with an empty line behind it."""
    yield from (f"```{language}", text.strip("\n"), "```", "")


def block(kind: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines inside a ``div`` of that class."""
    yield from (f":::::{{div}} {kind}", *lines, ":::::", "")


def explorer(words: str, function: str, rules: Iterable[str] = (), place: str = "../../") -> str:
    """A link into the explorer, which shows a function with some rules on it."""
    chosen = ",".join(rules)
    return f'<a href="{place}explorer.html#f={function}{f"&amp;o={chosen}" * bool(chosen)}">{words}</a>'


def signed(number: object) -> str:
    """A number as it is read: a true minus, ten digits."""
    text = f"{number:.10g}" if isinstance(number, float) else {True: "on", False: "off"}.get(number, str(number))
    return text.replace("-", "−")


def toctree(names: Iterable[str]) -> Iterator[str]:
    """Pages that belong below this one, without a list of them."""
    yield from ("```{toctree}", ":hidden:", "", *names, "```", "")


def page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
