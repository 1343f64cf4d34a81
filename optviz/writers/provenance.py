"""The provenance of a file: one JSON document in plain ASCII that says what made it.

``{"optviz": VERSION, "schema": 1, "command": [WORD, ...] or null, ...}``: the command as it can be typed after
``optviz``, without what says where results go and how much is said; null where the file was written from Python.
Besides, where there are any, ``"beside"``, the ending of the file that this one was written beside, and ``"facts"``,
what was run. Nothing in it tells the machine, the day or a folder, so that the same command gives the same bytes.
`optviz.writers.reading` reads it back.
"""

import html
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import optviz

SCHEMA = 1

_command: ContextVar[tuple[str, ...] | None] = ContextVar("command", default=None)


@contextmanager
def commanded(words: Sequence[str]) -> Iterator[None]:
    """Say in files that are written inside the block that this command made them, ``["animate", "saddle"]``."""
    before = _command.set(tuple(words))
    try:
        yield
    finally:
        _command.reset(before)


def made(picture: str = "", beside: str = "") -> dict[str, Any]:
    """What makes a file, without the facts of what was run.

    Parameters
    ----------
    picture : str
        Which picture of the command's result the file shows, if not the usual one.
    beside : str
        The ending of the file that it is written beside, ``"gif"``, if it is.
    """
    command = _command.get()
    words = None if command is None else [*command, *(["--picture", picture] if picture else [])]
    document = {"optviz": optviz.__version__, "schema": SCHEMA, "command": words}
    return document | ({"beside": beside} if beside else {})


def document(facts: str = "", picture: str = "", beside: str = "") -> str:
    """The document of a file; `facts` are what was run, JSON where it is JSON, else text; others as for `made`."""
    told = made(picture, beside)
    if facts:
        try:
            told["facts"] = json.loads(facts)
        except ValueError:
            told["facts"] = facts
    return json.dumps(told)


def in_page(page: str, document: str) -> str:
    """A page with the document as an element at the end of its head."""
    element = f'<meta name="optviz" content="{html.escape(document)}">'
    return page.replace("</head>", f"{element}\n</head>", 1)


def markdown(document: str) -> str:
    """The document as a comment in Markdown and HTML, which two dashes would end."""
    text = document.replace("-", "\\u002d").replace(">", "\\u003e")
    return f"<!-- optviz {text} -->"
