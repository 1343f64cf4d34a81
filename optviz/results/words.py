"""Words for text that is shown anywhere: JSON without control characters, and numbers of things."""

import json
from collections.abc import Sequence
from typing import Any

from optviz.errors import UNSHOWN


def json_text(document: Any, indent: int | None = None, separators: tuple[str, str] | None = None) -> str:
    """A document of plain values as JSON, which says the same with escapes for what is not to be shown."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, indent=indent, separators=separators)
    return "\n".join(UNSHOWN.sub(lambda character: f"\\u{ord(character[0]):04x}", line) for line in text.split("\n"))


def counted(count: int, noun: str) -> str:
    """A number of things: "1 step", "1,000 steps"."""
    return f"{count:,} {noun}" + "s" * (count != 1)


def not_told_apart(names: Sequence[str], others: int) -> str:
    """What is to be said of a leader behind whom are so many others, of whom some cannot be told from it."""
    if not names:
        return ""
    if len(names) == others > 1:
        return ", but none of the others can be told from it"
    who = " and ".join(names) if len(names) < 3 else f"{len(names)} others"
    return f", but {who} cannot be told from it"
